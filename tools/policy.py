"""The policy pack as the executor asks it: facts from records read now, one decision, no rule of our own."""

from collections.abc import Mapping
from dataclasses import dataclass

from knowledge.decide import Decision
from knowledge.pack import PolicyPack

from tools.ports import Services
from tools.tool import Call, Tool

Facts = Mapping[str, object]
ASK_COLLEAGUE = "I cannot decide this by our rules alone; a colleague has to look at it."


@dataclass(frozen=True, kw_only=True)
class Policy:
    pack: PolicyPack
    services: Services

    async def decide(self, tool: Tool, call: Call) -> Decision:
        if tool.action is None:
            raise LookupError(f"{tool.name} governs no action")
        facts = await self._facts(call)
        return self.pack.decide(tool.action, facts, now=call.turn.now)

    async def eligibility(self, action: str, call: Call) -> Decision:
        return self.pack.decide(action, await self._facts(call), now=call.turn.now)

    async def _facts(self, call: Call) -> Facts:
        return {}


def stated_facts_missing(decision: Decision) -> tuple[str, ...]:
    """The missing facts that the person can state; empty when any other fact is missing too."""
    if decision.missing and all(name.startswith("stated.") for name in decision.missing):
        return tuple(name.removeprefix("stated.").replace("_", " ") for name in decision.missing)
    return ()

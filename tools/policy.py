"""The policy pack as the executor asks it: facts from records read now, one decision, no rule of our own."""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from knowledge.clause import Audience
from knowledge.decide import Decision
from knowledge.facts import booking_facts
from knowledge.pack import PolicyPack
from knowledge.values import Value
from tools.domain.records import Booking, FlightStatus
from tools.ports import Services
from tools.tool import Call, Tool

T = TypeVar("T")
ASK_COLLEAGUE = "I cannot decide this by our rules alone; a colleague has to look at it."


@dataclass(frozen=True, kw_only=True)
class Policy:
    pack: PolicyPack
    services: Services

    async def decide(self, tool: Tool, call: Call) -> Decision:
        if tool.action is None:
            raise LookupError(f"{tool.name} governs no action")
        return await self.eligibility(tool.action, call)

    async def eligibility(self, action: str, call: Call) -> Decision:
        """What the pack says of an action on the call's booking, by its records as they are now."""
        audience: Audience = "staff" if call.turn.speaker.kind == "staff" else "customer"
        return self.pack.decide(action, await self._facts(call), now=call.turn.now, audience=audience)

    async def _facts(self, call: Call) -> Mapping[str, Value]:
        if call.booking is None:
            return {}
        return booking_facts(call.booking, flights=await self._operations(call.booking), now=call.turn.now)

    async def _operations(self, booking: Booking) -> tuple[FlightStatus, ...]:
        """The operation of each flight of the booking, as it is now."""
        status = self.services.booking.flight_status
        found = await _together(status(leg.flight_number, leg.flight_date) for leg in booking.segments)
        return tuple(flight for flights in found for flight in flights[:1])


async def _together(asked: Iterable[Coroutine[None, None, T]]) -> list[T]:
    """All at once; the first fault is raised as itself."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in asked]
    except ExceptionGroup as faults:
        raise faults.exceptions[0] from faults
    return [task.result() for task in tasks]


def stated_facts_missing(decision: Decision) -> tuple[str, ...]:
    """The missing facts that the person can state; empty when any other fact is missing too."""
    if decision.missing and all(name.startswith("stated.") for name in decision.missing):
        return tuple(name.removeprefix("stated.").replace("_", " ") for name in decision.missing)
    return ()

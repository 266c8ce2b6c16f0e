"""Registers our agent with the benchmark's own runner, and starts that: `python -m evals.tau.runner run ...`

tau2 is imported inside functions only; see evals/tau/README.md for what it takes.
"""

import asyncio
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import Any

from evals.prompt import read_prompt
from evals.tau.conversing import Talk, TauAgent
from evals.tau.exam import exam_pack, read_now
from evals.tau.lines import Act, Line

NAME = "concierge"
MISSING = (
    "tau2-bench is not installed here. It needs Python 3.12 or newer, and the package named tau2 on PyPI is another "
    "one: evals/tau/README.md says how."
)


def create(tools: list[Any], domain_policy: str, **kwargs: Any) -> Any:
    """What newer runners call for each simulation, with llm, llm_args and more."""
    return agent_class()(tools, domain_policy, kwargs.get("llm"), kwargs.get("llm_args"))


def register(name: str = NAME) -> None:
    """Raises ImportError without tau2-bench."""
    from tau2.registry import registry  # type: ignore[import-not-found]  # noqa: PLC0415

    if hasattr(registry, "register_agent_factory"):
        registry.register_agent_factory(create, name)
    else:
        registry.register_agent(agent_class(), name)


def agent_class() -> type[Any]:
    """Derived from the runner's own LLMAgent: older runners build no other, and it brings what both bases ask for."""
    from tau2.agent.llm_agent import LLMAgent  # type: ignore[import-not-found]  # noqa: PLC0415

    class ConciergeAgent(LLMAgent):  # type: ignore[misc]
        def __init__(self, tools: list[Any], domain_policy: str, llm: Any = None, llm_args: Any = None) -> None:
            super().__init__(tools=tools, domain_policy=domain_policy, llm=llm, llm_args=llm_args)
            self._cost = 0.0
            self._ours = TauAgent(self._ask, exam_pack(), read_now(domain_policy))

        def get_init_state(self, message_history: Sequence[Any] | None = None) -> Talk:
            return self._ours.begin([line for message in message_history or () for line in lines_of(message)])

        def generate_next_message(self, message: Any, state: Talk) -> tuple[Any, Talk]:
            self._cost = 0.0
            line = asyncio.run(self._ours.reply(state, list(lines_of(message))))
            answer = message_of(line)
            answer.cost = self._cost
            return answer, state

        def _ask(self, lines: Sequence[Line]) -> Line:
            from tau2.data_model.message import SystemMessage  # type: ignore[import-not-found]  # noqa: PLC0415
            from tau2.utils.llm_utils import generate  # type: ignore[import-not-found]  # noqa: PLC0415

            prompt = f"{read_prompt('tau')}\n\n<policy>\n{self.domain_policy}\n</policy>"
            messages = [SystemMessage(role="system", content=prompt), *map(message_of, lines)]
            said = generate(model=self.llm, tools=self.tools, messages=messages, **(self.llm_args or {}))
            self._cost += getattr(said, "cost", None) or 0.0
            return next(lines_of(said))

    return ConciergeAgent


def lines_of(message: Any) -> Iterator[Line]:
    """A message of the runner's, by its role; several results come as one."""
    if message.role == "tool":
        for one in getattr(message, "tool_messages", [message]):
            yield Line(role="tool", id=one.id, text=one.content or "", error=bool(one.error))
        return
    acts = tuple(Act(name=call.name, arguments=call.arguments, id=call.id) for call in message.tool_calls or ())
    yield Line(role="customer" if message.role == "user" else "agent", text=message.content or "", acts=acts)


def message_of(line: Line) -> Any:
    from tau2.data_model.message import AssistantMessage, ToolCall, ToolMessage, UserMessage  # noqa: PLC0415

    if line.role == "customer":
        return UserMessage(role="user", content=line.text)
    if line.role == "tool":
        return ToolMessage(role="tool", id=line.id, content=line.text, requestor="assistant", error=line.error)
    calls = [ToolCall(id=act.id, name=act.name, arguments=dict(act.arguments)) for act in line.acts]
    return AssistantMessage(role="assistant", content=line.text or None, tool_calls=calls or None)


def main() -> None:
    """tau2's own command, with our agent among its choices."""
    if find_spec("tau2.registry" if find_spec("tau2") else "tau2") is None:
        raise SystemExit(MISSING)
    register()
    from tau2.cli import main as tau2_main  # type: ignore[import-not-found]  # noqa: PLC0415

    tau2_main()


if __name__ == "__main__":
    main()

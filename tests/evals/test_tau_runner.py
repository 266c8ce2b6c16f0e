"""The registration, against stand-ins for the runner's modules: their names and fields are as tau2-bench has them.

The real runner is not installable here; what is shown is that both of its generations are served in their own terms.
"""

import sys
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from evals.tau import runner

POLICY = "The current time is 2030-01-01 12:00:00 EST."


@dataclass
class Message:
    role: str
    content: str | None = None
    tool_calls: list[Any] | None = None
    id: str = ""
    error: bool = False
    requestor: str = "assistant"
    cost: float | None = None


@dataclass
class ToolCall:
    id: str
    name: str
    arguments: dict[str, Any]


@dataclass
class LLMAgent:
    tools: list[Any]
    domain_policy: str
    llm: str | None = None
    llm_args: dict[str, Any] | None = None


@dataclass
class Registry:
    """The older generation's."""

    named: dict[str, Any] = field(default_factory=dict)

    def register_agent(self, made: Any, name: str) -> None:
        assert issubclass(made, LLMAgent)
        self.named[name] = made


@dataclass
class NewRegistry:
    named: dict[str, Any] = field(default_factory=dict)

    def register_agent_factory(self, made: Any, name: str) -> None:
        self.named[name] = made


def stand_in(monkeypatch: pytest.MonkeyPatch, registry: object, replies: list[Message]) -> list[dict[str, Any]]:
    """-> what the runner's `generate` was asked."""
    asked: list[dict[str, Any]] = []

    def generate(**given: Any) -> Message:
        asked.append(given)
        return replies.pop(0)

    modules: dict[str, dict[str, Any]] = {
        "tau2": {},
        "tau2.agent": {},
        "tau2.agent.llm_agent": {"LLMAgent": LLMAgent},
        "tau2.registry": {"registry": registry},
        "tau2.data_model": {},
        "tau2.data_model.message": {
            "AssistantMessage": Message,
            "UserMessage": Message,
            "ToolMessage": Message,
            "SystemMessage": Message,
            "ToolCall": ToolCall,
        },
        "tau2.utils": {},
        "tau2.utils.llm_utils": {"generate": generate},
    }
    for name, held in modules.items():
        module = ModuleType(name)
        vars(module).update(held)
        monkeypatch.setitem(sys.modules, name, module)
    return asked


@pytest.mark.parametrize("registry", [Registry(), NewRegistry()])
def test_either_generation_of_the_runner_builds_and_drives_the_agent(
    monkeypatch: pytest.MonkeyPatch, registry: Registry | NewRegistry
) -> None:
    read = ToolCall(id="c1", name="get_user_details", arguments={"user_id": "sam_d"})
    replies = [Message(role="assistant", tool_calls=[read], cost=0.5), Message(role="assistant", content="Hello Sam.")]
    asked = stand_in(monkeypatch, registry, replies)
    runner.register()
    given: dict[str, Any] = {"llm": "any/model", "llm_args": {"temperature": 0.0}}
    more = {"task": None} if isinstance(registry, NewRegistry) else {}
    agent = registry.named["concierge"](tools=["tool"], domain_policy=POLICY, **given, **more)

    state = agent.get_init_state([Message(role="assistant", content="Hi!")])
    called, state = agent.generate_next_message(Message(role="user", content="I am sam_d"), state)
    assert (called.content, called.tool_calls, called.cost) == (None, [read], 0.5)
    results = SimpleNamespace(
        role="tool", tool_messages=[Message(role="tool", id="c1", content='{"user_id": "sam_d"}')]
    )
    answered, state = agent.generate_next_message(results, state)
    assert (answered.content, answered.tool_calls) == ("Hello Sam.", None)
    assert (asked[0]["model"], asked[0]["tools"], asked[0]["temperature"]) == ("any/model", ["tool"], 0.0)
    assert [message.role for message in asked[1]["messages"]] == ["system", "assistant", "user", "assistant", "tool"]
    assert POLICY in asked[0]["messages"][0].content


def test_without_the_benchmark_the_launcher_says_what_is_missing() -> None:
    with pytest.raises(SystemExit, match=r"Python 3\.12"):
        runner.main()

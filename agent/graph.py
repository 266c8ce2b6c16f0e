"""The agent graph: LangChain's create_agent, our one middleware, and tools that only the executor can run."""

import importlib.resources
from collections.abc import Mapping, Sequence

from langchain.agents import create_agent
from langchain.agents.middleware.types import InputAgentState
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AnyMessage
from langchain_core.tools import BaseTool, StructuredTool

from agent.middleware.guard import Guard
from agent.scope import TurnScope
from tools.tool import Tool

RECURSION_LIMIT = 40
"""Graph steps a turn; the limit on model calls is reached long before."""


class Graph:
    def __init__(self, *, model: BaseChatModel, tools: Mapping[str, Tool], guard: Guard) -> None:
        self._compiled = create_agent(
            model=model,
            tools=[_schema(tool) for tool in tools.values() if tool.for_models],
            system_prompt=system_prompt(),
            middleware=[guard],
            context_schema=TurnScope,
        )

    async def run(self, messages: Sequence[AnyMessage], scope: TurnScope) -> list[AnyMessage]:
        """Runs the turn and returns what the model and the tools added to the messages."""
        given: InputAgentState = {"messages": list(messages)}
        state = await self._compiled.ainvoke(given, {"recursion_limit": RECURSION_LIMIT}, context=scope)
        added: list[AnyMessage] = state["messages"][len(messages) :]
        return added


def system_prompt() -> str:
    return (importlib.resources.files("agent") / "prompts" / "system.md").read_text(encoding="utf-8").strip()


def _schema(tool: Tool) -> BaseTool:
    """What the model sees of a tool. Its body never runs: the middleware hands every call to the executor."""

    async def unreachable(**arguments: object) -> str:
        raise RuntimeError(f"{tool.name} was called around the executor")

    return StructuredTool(
        name=tool.name, description=tool.description, args_schema=tool.arguments, coroutine=unreachable
    )

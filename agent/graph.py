"""The agent graph: LangChain's create_agent, our one middleware, and tools that only the executor can run."""

import importlib.resources
from collections.abc import Callable, Mapping, Sequence
from contextvars import Context

import langsmith
from langchain.agents import create_agent
from langchain.agents.middleware.types import InputAgentState
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AnyMessage
from langchain_core.tools import BaseTool, StructuredTool
from langsmith.utils import tracing_is_enabled

from agent.middleware.guard import Guard
from agent.scope import TurnScope
from tools.tool import Tool


class Graph:
    def __init__(self, *, model: BaseChatModel, tools: Mapping[str, Tool], guard: Guard) -> None:
        _trace_in_place()
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
        state = await self._compiled.ainvoke(given, context=scope)
        added: list[AnyMessage] = state["messages"][len(messages) :]
        return added


def _trace_in_place() -> None:
    """LangChain wraps each hook of a middleware for LangSmith, and LangSmith hops to a thread twice a call to find out
    that nobody traces. Where nobody does, it finds out without the hop."""

    async def at_once(
        default: object, context: Context, call: Callable[..., object], *args: object, **kwargs: object
    ) -> object:
        return context.run(call, *args, **kwargs)

    if not tracing_is_enabled():
        langsmith.set_runtime_overrides(aio_to_thread=at_once)


def system_prompt() -> str:
    return (importlib.resources.files("agent") / "prompts" / "system.md").read_text(encoding="utf-8").strip()


def _schema(tool: Tool) -> BaseTool:
    """What the model sees of a tool. Its body never runs: the middleware hands every call to the executor."""

    async def unreachable(**arguments: object) -> str:
        raise RuntimeError(f"{tool.name} was called around the executor")

    return StructuredTool(
        name=tool.name, description=tool.description, args_schema=tool.arguments, coroutine=unreachable
    )

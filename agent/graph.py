"""The same loop as LangChain's create_agent runs it: its graph, our one middleware, tools only the executor can run.

Not used unless a setting asks for it; tests/agent/test_graph.py holds the two to the same messages.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware
from langchain.agents.middleware.types import (
    AgentState,
    InputAgentState,
    ModelRequest,
    ModelResponse,
    ToolCallRequest,
)
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AnyMessage, ToolMessage
from langgraph.types import Command

from agent.loop import Loop
from agent.scope import TurnScope

RECURSION_LIMIT = 40
"""Graph steps a turn; the limit on model calls is reached long before."""


class Graph:
    def __init__(self, *, model: BaseChatModel, loop: Loop) -> None:
        self._compiled = create_agent(
            model=model,
            tools=loop.tools,
            system_prompt=loop.prompt,
            middleware=[_Guard(loop)],
            context_schema=TurnScope,
        )

    async def run(self, messages: Sequence[AnyMessage], scope: TurnScope) -> list[AnyMessage]:
        """Runs the turn and returns what the model and the tools added to the messages."""
        given: InputAgentState = {"messages": list(messages)}
        state = await self._compiled.ainvoke(given, {"recursion_limit": RECURSION_LIMIT}, context=scope)
        added: list[AnyMessage] = state["messages"][len(messages) :]
        return added


class _Guard(AgentMiddleware[AgentState[Any], TurnScope]):
    def __init__(self, loop: Loop) -> None:
        super().__init__()
        self._loop = loop

    async def awrap_model_call(
        self,
        request: ModelRequest[TurnScope],
        handler: Callable[[ModelRequest[TurnScope]], Awaitable[ModelResponse[Any]]],
    ) -> ModelResponse[Any]:
        system = [request.system_message] if request.system_message else []
        reply = await self._loop.reply([*system, *request.messages], request.tools, request.runtime.context)
        return ModelResponse(result=[reply])

    async def awrap_tool_call(
        self,
        request: ToolCallRequest,
        handler: Callable[[ToolCallRequest], Awaitable[ToolMessage | Command[Any]]],
    ) -> ToolMessage:
        return await self._loop.answer(request.tool_call, cast(TurnScope, request.runtime.context))

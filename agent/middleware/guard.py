"""The one middleware: it asks the ladder for the model's reply, and it runs tools through the executor.

It does not decide anything: what a tool call comes to is the executor's, what a sentence may claim is the evidence's.
It does not retry a tool.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

from langchain.agents.middleware import AgentMiddleware
from langchain.agents.middleware.types import AgentState, ModelRequest, ModelResponse, ToolCallRequest
from langchain_core.messages import AIMessage, ToolMessage
from langgraph.types import Command

from agent.history import tool_body
from agent.ladder import Ladder
from agent.scope import TurnScope
from agent.store.conversations import Entry
from agent.store.turns import new_id
from tools.context import TurnContext
from tools.executor import Executor

MODEL_CALLS = 6
_TIRED = "I have looked into this as far as I can. Would you like me to hand you over to a colleague?"


class Guard(AgentMiddleware[AgentState[Any], TurnScope]):
    def __init__(self, *, ladder: Ladder, executor: Executor, refresh: "Refresh") -> None:
        super().__init__()
        self._ladder = ladder
        self._executor = executor
        self._refresh = refresh

    async def awrap_model_call(
        self,
        request: ModelRequest[TurnScope],
        handler: Callable[[ModelRequest[TurnScope]], Awaitable[ModelResponse[Any]]],
    ) -> ModelResponse[Any]:
        scope = request.runtime.context
        if scope.proposal is not None:
            return _spoken("")  # the card is the last thing shown
        if scope.model_calls >= MODEL_CALLS:
            scope.say(_TIRED)
            return _spoken(_TIRED)
        system = [request.system_message] if request.system_message else []
        reply = await self._ladder.reply([*system, *request.messages], request.tools, scope)
        return ModelResponse(result=[reply])

    async def awrap_tool_call(
        self,
        request: ToolCallRequest,
        handler: Callable[[ToolCallRequest], Awaitable[ToolMessage | Command[Any]]],
    ) -> ToolMessage:
        scope = cast(TurnScope, request.runtime.context)
        call = request.tool_call
        told = await run_tool(self._executor, self._refresh, scope, call["name"], call["args"])
        return ToolMessage(content=tool_body(told), tool_call_id=str(call["id"]), name=call["name"])


Refresh = Callable[[TurnContext], Awaitable[TurnContext]]
"""Reads a conversation's grants again, after a tool may have raised them."""


async def run_tool(
    executor: Executor, refresh: Refresh, scope: TurnScope, name: str, arguments: Mapping[str, object]
) -> dict[str, object]:
    """One tool call through the executor, kept in the turn; the same for a model's call and for the reader's."""
    ruling = await executor.call(name, arguments, scope.turn)
    told = scope.keep(name, ruling)
    if name in ("verify_booking", "check_code"):
        scope.learn(await refresh(scope.turn))
    return told


def keep_entry(scope: TurnScope, role: str, text: str, payload: dict[str, object], *, visible: bool = False) -> None:
    entry_id = scope.reply_id if visible else new_id("e")
    scope.entries.append(
        Entry(
            id=entry_id,
            turn_id=scope.turn.message_id,
            role=role,
            text=text,
            payload=payload,
            visible=visible,
            at=scope.turn.now,
        )
    )


def _spoken(text: str) -> ModelResponse[Any]:
    return ModelResponse(result=[AIMessage(content=text)])

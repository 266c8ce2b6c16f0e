"""The work of a turn: the model speaks and the tools answer, until it calls no more.

It does not decide anything: what a tool call comes to is the executor's, what a sentence may claim is the evidence's.
It does not retry a tool. Why it is not LangGraph's loop: docs/decisions/0008-a-turn-is-a-loop-not-a-graph.md.
"""

import asyncio
import importlib.resources
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from langchain_core.messages import AIMessage, AnyMessage, SystemMessage, ToolCall, ToolMessage
from langchain_core.tools import BaseTool, StructuredTool

from agent.history import tool_body
from agent.ladder import MODEL_CALLS, Ladder, Tools
from agent.scope import TurnScope
from agent.store.conversations import Entry
from agent.store.turns import new_id
from tools.context import TurnContext
from tools.executor import Caller, Executor
from tools.tool import Tool

_TIRED = "I have looked into this as far as I can. Would you like me to hand you over to a colleague?"
_NO_TOOL = "unknown"
_NO_JSON = "The arguments were no valid JSON. Send the call again."
_ONE_CARD = "One card at a time: this was not done. Offer it again when the person has answered the card."


class Loop:
    """prompt, tools: what every request of every turn begins with."""

    def __init__(self, *, ladder: Ladder, executor: Executor, refresh: "Refresh") -> None:
        self.prompt = SystemMessage(content=system_prompt())
        self.tools = [_schema(tool) for tool in executor.tools.values() if tool.for_models]
        self._ladder = ladder
        self._executor = executor
        self._refresh = refresh

    async def run(self, messages: Sequence[AnyMessage], scope: TurnScope) -> list[AnyMessage]:
        """Runs the turn and returns what the model and the tools added to the messages."""
        added: list[AnyMessage] = []
        while True:
            reply = await self.reply([self.prompt, *messages, *added], self.tools, scope)
            added.append(reply)
            if not reply.tool_calls:
                return added
            added += await asyncio.gather(*(self.answer(call, scope) for call in reply.tool_calls))

    async def reply(self, messages: Sequence[AnyMessage], tools: Tools, scope: TurnScope) -> AIMessage:
        if scope.proposal is not None or scope.handed_off is not None:
            return AIMessage(content="")  # the card, or the receipt of the hand-off, is the last thing said
        if scope.usage.replies >= MODEL_CALLS:
            scope.say(_TIRED)
            return AIMessage(content=_TIRED)
        return await self._ladder.reply(messages, tools, scope)

    async def answer(self, call: ToolCall, scope: TurnScope) -> ToolMessage:
        told = await self._run(scope, call)
        return ToolMessage(content=tool_body(told), tool_call_id=str(call["id"]), name=call["name"])

    async def _run(self, scope: TurnScope, call: ToolCall) -> dict[str, object]:
        """Calls made side by side: reads run together, everything else one after the other and up to one card."""
        if call["id"] in scope.unreadable:
            return {"outcome": "invalid", "say": _NO_JSON}
        tool = self._executor.tools.get(call["name"])
        if tool is None or tool.kind == "read":
            return await run_tool(self._executor, self._refresh, scope, call["name"], call["args"])
        async with scope.one_at_a_time:
            if scope.proposal is not None:
                return {"outcome": "invalid", "say": _ONE_CARD}
            return await run_tool(self._executor, self._refresh, scope, call["name"], call["args"])


Refresh = Callable[[TurnContext], Awaitable[TurnContext]]
"""Reads a conversation's grants again, after a tool may have raised them."""


async def run_tool(
    executor: Executor,
    refresh: Refresh,
    scope: TurnScope,
    name: str,
    arguments: Mapping[str, object],
    *,
    by: Caller = "model",
) -> dict[str, object]:
    """One tool call through the executor, kept in the turn; the same for a model's call and for the reader's."""
    name = name if name in executor.tools else _NO_TOOL  # a name that a model made up is told to nobody
    ruling = await executor.call(name, arguments, scope.turn, by=by)
    told = scope.keep(name, arguments, ruling)
    if name in ("verify_booking", "check_code"):
        refreshed = await refresh(scope.turn)
        scope.learn(replace(scope.turn, grants=refreshed.grants))  # another call may have shown something meanwhile
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


def system_prompt() -> str:
    return (importlib.resources.files("agent") / "prompts" / "system.md").read_text(encoding="utf-8").strip()


def _schema(tool: Tool) -> BaseTool:
    """What the model sees of a tool. Its body never runs: every call goes to the executor."""

    async def unreachable(**arguments: object) -> str:
        raise RuntimeError(f"{tool.name} was called around the executor")

    return StructuredTool(
        name=tool.name, description=tool.description, args_schema=tool.arguments, coroutine=unreachable
    )

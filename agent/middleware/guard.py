"""The one middleware: it runs the model and releases its sentences, and it runs tools through the executor.

It does not decide anything: what a tool call comes to is the executor's, what a sentence may claim is the evidence's.
It does not retry a tool.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

import openai
from langchain.agents.middleware import AgentMiddleware
from langchain.agents.middleware.types import AgentState, ModelRequest, ModelResponse, ToolCallRequest
from langchain_core.messages import AIMessage, AIMessageChunk, AnyMessage, ToolMessage
from langchain_core.messages.ai import add_ai_message_chunks
from langchain_core.runnables import Runnable
from langgraph.types import Command

from agent.claims import ClaimsCheck
from agent.history import tool_body
from agent.models import Rung
from agent.scope import TurnScope
from agent.sentences import Sentence, SentenceSplitter
from agent.store.conversations import Entry
from agent.store.turns import ClaimTold, new_id
from tools.context import TurnContext
from tools.executor import Executor

MODEL_CALLS = 6
_TIRED = "I have looked into this as far as I can. Would you like me to hand you over to a colleague?"
_DOWN = "I am sorry, I cannot answer just now. Would you like me to hand you over to a colleague?"
_UNBACKED = "I would rather not give you a figure here that I cannot back with our policy."
_FAILURES = (openai.APIError, TimeoutError, ValueError)
"""What a rung may fail with: no answer, a refusal of the provider, or a reply that cannot be read."""

Bound = Runnable[Sequence[AnyMessage], AIMessage]


class Guard(AgentMiddleware[AgentState[Any], TurnScope]):
    def __init__(self, *, rungs: Sequence[Rung], executor: Executor, refresh: "Refresh") -> None:
        super().__init__()
        self._rungs = rungs
        self._executor = executor
        self._refresh = refresh
        self._bound: dict[str, Bound] = {}

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
        reply = await self._climb_down([*system, *request.messages], request, scope)
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

    async def _climb_down(
        self, messages: list[AnyMessage], request: ModelRequest[TurnScope], scope: TurnScope
    ) -> AIMessage:
        for rung in self._rungs:
            try:
                return await self._speak(self._bind(rung, request), messages, scope)
            except _FAILURES:
                continue
        scope.say(_DOWN)
        return AIMessage(content=_DOWN)

    async def _speak(self, model: Bound, messages: list[AnyMessage], scope: TurnScope) -> AIMessage:
        """Streams one reply; every whole sentence passes the claims check before anybody reads it."""
        scope.model_calls += 1
        splitter = SentenceSplitter()
        check = ClaimsCheck(today=scope.turn.now.date(), said=scope.turn.said)
        for text in scope.evidence:
            check.learn(text)
        chunks: list[AIMessageChunk] = []
        released: list[str] = []
        async for chunk in model.astream(messages):
            if isinstance(chunk, AIMessageChunk):
                chunks.append(chunk)
                released += [release(sentence, check, scope) for sentence in splitter.feed(str(chunk.text))]
        released += [release(sentence, check, scope) for sentence in splitter.rest()]
        return self._whole(chunks, "".join(released), scope)

    def _whole(self, chunks: list[AIMessageChunk], text: str, scope: TurnScope) -> AIMessage:
        if not chunks:
            raise ValueError("the model gave no reply")
        whole = add_ai_message_chunks(chunks[0], *chunks[1:])
        if not text.strip() and not whole.tool_calls:
            raise ValueError("the model gave an empty reply")
        _count_usage(whole, scope)
        frame = whole.additional_kwargs.get("frame")
        if isinstance(frame, dict) and frame.get("kind") in ("clarify", "out_of_scope"):
            scope.model_kind = frame["kind"]
        return AIMessage(
            content=text,
            tool_calls=whole.tool_calls,
            invalid_tool_calls=whole.invalid_tool_calls,
            additional_kwargs={"frame": frame} if frame else {},
        )

    def _bind(self, rung: Rung, request: ModelRequest[TurnScope]) -> Bound:
        """Tools are bound once a model: their schemas never change."""
        if rung.name not in self._bound:
            self._bound[rung.name] = rung.model.bind_tools(request.tools)
        return self._bound[rung.name]


Refresh = Callable[[TurnContext], Awaitable[TurnContext]]
"""Reads a conversation's grants again, after a tool may have raised them."""


async def run_tool(
    executor: Executor, refresh: Refresh, scope: TurnScope, name: str, arguments: dict[str, object]
) -> dict[str, object]:
    """One tool call through the executor, kept in the turn; the same for a model's call and for the reader's."""
    ruling = await executor.call(name, arguments, scope.turn)
    told = scope.keep(name, ruling)
    if name in ("verify_booking", "check_code"):
        scope.learn(await refresh(scope.turn))
    return told


def release(sentence: Sentence, check: ClaimsCheck, scope: TurnScope) -> str:
    """Says the sentence if its figures are backed; what it says instead otherwise. Returns what was said."""
    checked = check.check(sentence)
    cited = [clause_id for clause_id in sentence.cited if clause_id in scope.clauses]
    if not checked.backed:
        already = any(_UNBACKED in said for said in scope.sentences)
        text = "" if already else f"{_UNBACKED} "
        if text:
            scope.say(text)
        return text
    scope.say(sentence.text, cited)
    if checked.figures:
        evidence = tuple(f"{c}:{scope.clauses[c].version}" for c in cited) or tuple(name for name, _ in scope.outcomes)
        scope.claims.append(ClaimTold(entry_id=scope.reply_id, sentence=sentence.text.strip(), evidence=evidence))
    return sentence.text


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


def _count_usage(whole: AIMessageChunk, scope: TurnScope) -> None:
    usage = whole.usage_metadata
    if usage is not None:
        scope.prompt_tokens += usage["input_tokens"]
        scope.completion_tokens += usage["output_tokens"]
        scope.cached_tokens += usage.get("input_token_details", {}).get("cache_read", 0)

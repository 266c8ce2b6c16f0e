"""The ladder: the first rung that can answer speaks."""

from collections.abc import Sequence
from typing import Any

import openai
from langchain_core.messages import AIMessage, AIMessageChunk, AnyMessage
from langchain_core.messages.ai import add_ai_message_chunks
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool

from agent.models import Rung
from agent.scope import TurnScope
from agent.voice import Voice

_DOWN = "I am sorry, I cannot answer just now. Would you like me to hand you over to a colleague?"
_FAILURES = (openai.APIError, TimeoutError, ValueError)
"""What a rung may fail with: no answer, a refusal of the provider, or a reply that cannot be read."""

Bound = Runnable[Sequence[AnyMessage], AIMessage]
Tools = Sequence[BaseTool | dict[str, Any]]


class Ladder:
    def __init__(self, rungs: Sequence[Rung]) -> None:
        self._rungs = rungs
        self._bound: dict[str, Bound] = {}

    async def reply(self, messages: Sequence[AnyMessage], tools: Tools, scope: TurnScope) -> AIMessage:
        for rung in self._rungs:
            try:
                return await self._speak(self._bind(rung, tools), messages, scope)
            except _FAILURES:
                continue
        scope.say(_DOWN)
        return AIMessage(content=_DOWN)

    async def _speak(self, model: Bound, messages: Sequence[AnyMessage], scope: TurnScope) -> AIMessage:
        """Streams one reply; every whole sentence passes the claims check before anybody reads it."""
        scope.model_calls += 1
        voice = Voice(scope)
        chunks: list[AIMessageChunk] = []
        async for chunk in model.astream(messages):
            if isinstance(chunk, AIMessageChunk):
                chunks.append(chunk)
                voice.hear(str(chunk.text))
        voice.finish()
        return _whole(chunks, voice.said, scope)

    def _bind(self, rung: Rung, tools: Tools) -> Bound:
        """Tools are bound once a model: their schemas never change."""
        if rung.name not in self._bound:
            self._bound[rung.name] = rung.model.bind_tools(tools)
        return self._bound[rung.name]


def _whole(chunks: Sequence[AIMessageChunk], text: str, scope: TurnScope) -> AIMessage:
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


def _count_usage(whole: AIMessageChunk, scope: TurnScope) -> None:
    usage = whole.usage_metadata
    if usage is not None:
        scope.prompt_tokens += usage["input_tokens"]
        scope.completion_tokens += usage["output_tokens"]
        scope.cached_tokens += usage.get("input_token_details", {}).get("cache_read", 0)

"""One reply of a model, put together from its chunks and judged: whole, or a fault."""

import json
from collections.abc import Sequence
from typing import cast

from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.messages.ai import add_ai_message_chunks
from langchain_core.messages.tool import ToolCall, ToolCallChunk

from agent.answers import OutcomeKind
from agent.faults import FaultKind, ModelFault
from agent.scope import TurnScope
from agent.store.turns import new_id

_ENDINGS: dict[str, FaultKind] = {"length": "truncated", "content_filter": "filtered"}


def whole_reply(chunks: Sequence[AIMessageChunk], *, remote: bool) -> AIMessageChunk:
    """Raises ModelFault. A remote model says why it stopped; one that does not was cut off."""
    if not chunks:
        raise ModelFault("empty", "no chunk")
    whole = add_ai_message_chunks(chunks[0], *chunks[1:])
    reason = whole.response_metadata.get("finish_reason")
    if remote and reason is None:
        raise ModelFault("cut", "no finish reason")
    if reason in _ENDINGS:
        raise ModelFault(_ENDINGS[reason], "the reply")
    if not whole.text.strip() and not whole.tool_call_chunks:
        raise ModelFault("empty")
    return whole


def as_message(whole: AIMessageChunk, said: str, scope: TurnScope) -> AIMessage:
    """What the turn goes on with: the text that was released and the calls. Raises ModelFault."""
    frame = whole.additional_kwargs.get("frame")
    if isinstance(frame, dict) and frame.get("kind") in ("clarify", "out_of_scope"):
        scope.model_kind = cast(OutcomeKind, frame["kind"])
    return AIMessage(
        content=said,
        tool_calls=_calls(whole.tool_call_chunks, scope),
        additional_kwargs={"frame": frame} if frame else {},
    )


def _calls(pieces: Sequence[ToolCallChunk], scope: TurnScope) -> list[ToolCall]:
    """Every call gets an id of its own. Arguments that are no JSON are sent back to the model once a turn."""
    calls: list[ToolCall] = []
    before = bool(scope.unreadable)
    for piece in pieces:
        known = {call["id"] for call in calls}
        call_id = piece["id"] if piece["id"] and piece["id"] not in known else new_id("call")
        arguments = _arguments(piece["args"])
        if arguments is None:
            if before:
                raise ModelFault("malformed", piece["name"] or "")
            scope.unreadable.add(call_id)
        calls.append(ToolCall(name=piece["name"] or "", args=arguments or {}, id=call_id, type="tool_call"))
    return calls


def _arguments(written: str | None) -> dict[str, object] | None:
    """None for what is no JSON object. LangChain would complete a text that breaks off, and guess a value by it."""
    try:
        read = json.loads(written or "{}")
    except json.JSONDecodeError:
        return None
    return read if isinstance(read, dict) else None

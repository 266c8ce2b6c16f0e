"""The transcript as a model reads it. The transcript is the only state of a conversation."""

import json
from collections.abc import Callable, Sequence

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage, ToolMessage

from agent.store.conversations import Entry
from tools.context import TurnContext

HISTORY_TOKENS = 6000
"""What the past may take of a prompt; the oldest turns go first, and always whole."""


def messages_of(
    transcript: Sequence[Entry], turn: TurnContext, *, count: Callable[[str], int], budget: int = HISTORY_TOKENS
) -> list[AnyMessage]:
    """The past, trimmed, then the facts of this turn, then what has been said and done in it."""
    past = [entry for entry in transcript if entry.turn_id != turn.message_id]
    current = [entry for entry in transcript if entry.turn_id == turn.message_id]
    kept = _trim(past, count, budget)
    return [*map(_message, kept), turn_facts(turn), *map(_message, current)]


def turn_facts(turn: TurnContext) -> SystemMessage:
    """What changes from turn to turn stands after the stable prefix, so that the prefix can be cached."""
    proved = ", ".join(f"{grant.locator} ({grant.level})" for grant in turn.grants if grant.expires_at > turn.now)
    speaker = {"customer": "authenticated", "staff": "staff"}.get(turn.speaker.kind, "anonymous")
    return SystemMessage(
        content=f"today: {turn.now.date().isoformat()}\nspeaker: {speaker}\nbookings verified: {proved or 'none'}"
    )


def _trim(past: Sequence[Entry], count: Callable[[str], int], budget: int) -> list[Entry]:
    """Whole turns from the newest back: a turn starts where a customer speaks, so no call loses its result."""
    kept: list[Entry] = []
    block: list[Entry] = []
    spent = 0
    for entry in reversed(past):
        block.insert(0, entry)
        spent += count(entry.text)
        if spent > budget:
            break
        if entry.role == "customer":
            kept = block + kept
            block = []
    return kept


def _message(entry: Entry) -> AnyMessage:
    if entry.role == "customer":
        return HumanMessage(content=entry.text)
    if entry.role == "tool":
        payload = entry.payload
        return ToolMessage(content=entry.text, tool_call_id=str(payload["tool_call_id"]), name=str(payload["name"]))
    if entry.role == "agent":
        return AIMessage(content=f"(A colleague said:) {entry.text}")
    card = entry.payload.get("card_text")
    return AIMessage(
        content=f"{entry.text}\n(Card shown: {card})" if card else entry.text,
        tool_calls=entry.payload.get("tool_calls", []),
        additional_kwargs={"frame": entry.payload["frame"]} if entry.payload.get("frame") else {},
    )


def tool_body(told: dict[str, object]) -> str:
    return json.dumps(told, ensure_ascii=False, default=str)

"""What a transcript proves: texts that back sentences, clauses that may be cited, values tools showed."""

import json
from collections.abc import Iterable, Sequence

from agent.scope import evidence_of, trusted_values
from agent.store.conversations import Entry
from knowledge.clause import ClauseRef


def evidence_in(transcript: Sequence[Entry]) -> tuple[list[str], dict[str, ClauseRef]]:
    """The evidence and the clauses of the turns before."""
    texts: list[str] = []
    clauses: dict[str, ClauseRef] = {}
    for entry in transcript:
        if entry.payload.get("by") == "executor":
            texts.append(entry.text)
        if entry.payload.get("card_text"):
            texts.append(str(entry.payload["card_text"]))
        if entry.role == "tool":
            told = json.loads(entry.text)
            texts += evidence_of(told)
            clauses |= {c["clause_id"]: ClauseRef(**c) for c in told.get("clauses", ())}
    return texts, clauses


def seen_in(told: dict[str, object]) -> dict[str, object]:
    """The trusted values of a tool message, kept beside it for the turns to come."""
    return {"seen": sorted(trusted_values(told.get("data")))} if told.get("outcome") == "done" else {}


def seen_of(entry: Entry) -> Iterable[str]:
    values = entry.payload.get("seen")
    return values if isinstance(values, list) else ()


def entry_before(transcript: Sequence[Entry], message_id: str) -> Entry | None:
    """The last entry before a message: what the person had in front of them when they wrote it."""
    earlier: Entry | None = None
    for entry in transcript:
        if entry.id == message_id:
            return earlier
        earlier = entry
    return earlier


def up_to(transcript: Sequence[Entry], turn_id: str) -> tuple[Entry, ...]:
    """The transcript as it stood for a turn: a message that came after it waits for its own."""
    places = [at for at, entry in enumerate(transcript) if entry.turn_id == turn_id]
    return tuple(transcript[: places[-1] + 1]) if places else tuple(transcript)

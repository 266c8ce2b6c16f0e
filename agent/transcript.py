"""What a transcript proves: evidence that backs sentences, clauses that may be cited, values tools showed."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from agent.claims.evidence import Evidence, evidence_of_call
from agent.scope import trusted_values
from agent.store.conversations import Entry
from knowledge.clause import ClauseRef


def evidence_in(transcript: Sequence[Entry]) -> tuple[list[Evidence], dict[str, ClauseRef]]:
    """The evidence and the clauses of the turns before. Cards and receipts come from the proposals themselves."""
    evidence: list[Evidence] = []
    clauses: dict[str, ClauseRef] = {}
    asked: dict[str, Mapping[str, object]] = {}
    for entry in transcript:
        asked |= _calls_of(entry)
        if entry.role == "tool":
            call = asked.get(str(entry.payload.get("tool_call_id")), {})
            proved, cited = _proved(str(entry.payload.get("name")), json.dumps(call), entry.text)
            evidence += proved
            clauses |= {clause.clause_id: clause for clause in cited}
    return _once(evidence), clauses


@lru_cache(maxsize=2048)
def _proved(name: str, call: str, told: str) -> tuple[tuple[Evidence, ...], tuple[ClauseRef, ...]]:
    """Read once, however many turns follow."""
    body = json.loads(told)
    return evidence_of_call(name, json.loads(call), body), tuple(ClauseRef(**c) for c in body.get("clauses", ()))


def _once(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Without what the same message proved before: the latest counts."""
    latest = {id(one): one for one in reversed(evidence)}
    return list(reversed(latest.values()))


def _calls_of(entry: Entry) -> dict[str, Mapping[str, object]]:
    calls = entry.payload.get("tool_calls")
    return {str(call["id"]): call["args"] for call in calls} if isinstance(calls, list) else {}


def seen_in(told: dict[str, object]) -> dict[str, object]:
    """The trusted values of a tool message, kept beside it for the turns to come."""
    return {"seen": sorted(trusted_values(told.get("data")))} if told.get("outcome") == "done" else {}


def seen_of(entry: Entry) -> Iterable[str]:
    values = entry.payload.get("seen")
    return values if isinstance(values, list) else ()


def entry_before(transcript: Sequence[Entry], message_id: str) -> Entry | None:
    """The last entry before a message: what the person had in front of them when they wrote it. None when that came
    only after they had sent it, for a message may wait for the turn before it."""
    earlier: Entry | None = None
    for entry in transcript:
        if entry.id == message_id:
            return earlier if earlier is None or earlier.number <= entry.number else None
        earlier = entry
    return earlier


def up_to(transcript: Sequence[Entry], turn_id: str) -> tuple[Entry, ...]:
    """The transcript as it stood for a turn: a message that came after it waits for its own."""
    places = [at for at, entry in enumerate(transcript) if entry.turn_id == turn_id]
    return tuple(transcript[: places[-1] + 1]) if places else tuple(transcript)

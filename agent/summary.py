"""What trimmed turns came to, in a few lines. Written by code from the transcript, so nothing in it is invented."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.store.conversations import Entry

LAST_QUESTIONS = 8
LONGEST_QUESTION = 120
LAST_ACTS = 12
_READS_OF_POLICY = "search_policies"


@dataclass
class _Seen:
    asked: list[str] = field(default_factory=list)
    acts: list[str] = field(default_factory=list)
    clauses: list[str] = field(default_factory=list)


def summarise(dropped: Sequence[Entry]) -> str:
    """A note for the model: the questions, what the tools answered, the clauses read; the latest of many."""
    seen = _Seen()
    for entry in dropped:
        _look(entry, seen)
    turns = sum(entry.role == "customer" for entry in dropped)
    lines = [f"Earlier in this conversation, {turns} messages of the person that are not shown any more:"]
    lines += [f"- asked: {question}" for question in seen.asked[-LAST_QUESTIONS:]]
    lines += [f"- {act}" for act in list(dict.fromkeys(seen.acts))[-LAST_ACTS:]]
    if seen.clauses:
        lines.append(f"- clauses read: {', '.join(dict.fromkeys(seen.clauses))}")
    return "\n".join(lines)


def _look(entry: Entry, seen: _Seen) -> None:
    if entry.role == "customer":
        seen.asked.append(json.dumps(_clip(entry.text), ensure_ascii=False))
    elif entry.role == "tool":
        _look_at_tool(entry, seen)
    elif entry.role == "agent":
        seen.acts.append(f"a colleague said: {json.dumps(_clip(entry.text), ensure_ascii=False)}")
    elif entry.payload.get("by") == "executor":
        seen.acts.append(f"done: {_clip(entry.text)}")


def _look_at_tool(entry: Entry, seen: _Seen) -> None:
    name, told = entry.payload.get("name"), json.loads(entry.text)
    clauses = [clause["clause_id"] for clause in told.get("clauses", ())]
    seen.clauses += clauses
    if name != _READS_OF_POLICY:
        under = f" under {', '.join(clauses)}" if clauses else ""
        seen.acts.append(f"{name}: {told.get('outcome')}{under}. {_clip(str(told.get('say', '')))}")


def _clip(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= LONGEST_QUESTION else f"{plain[:LONGEST_QUESTION]}…"

"""The transcript as a model reads it. The transcript is the only state of a conversation.

The past is trimmed in whole turns, so no call loses its result, and in blocks: when it outgrows its budget it is cut to
half of it, and then grows again. So the messages before the newest stay the same bytes for many turns, which is what a
provider's prompt cache asks for. What was cut stands in a summary.
"""

import json
from collections import OrderedDict
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import NamedTuple

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage, ToolMessage

from agent.store.conversations import Entry
from agent.summary import summarise
from tools.context import TurnContext

HISTORY_TOKENS = 6000
"""What the past may take of a prompt, without the summary."""
MESSAGE_TOKENS = 4
"""What the frame of a message takes."""
REMEMBERED = 50_000


class History:
    """Counts an entry once, and only if it must; writes each summary once; forgets the oldest of both."""

    def __init__(self, count: Callable[[str], int], *, budget: int = HISTORY_TOKENS) -> None:
        self._count = count
        self._budget = budget
        self._sizes: OrderedDict[str, _Size] = OrderedDict()
        self._summaries: OrderedDict[str, str] = OrderedDict()

    def messages(self, transcript: Sequence[Entry], turn: TurnContext) -> list[AnyMessage]:
        """The summary, the past, the facts of this turn, and what has been said and done in it."""
        past = [entry for entry in transcript if entry.turn_id != turn.message_id]
        current = [entry for entry in transcript if entry.turn_id == turn.message_id]
        cut = self._cut(past)
        summary = [SystemMessage(content=self._summary(past[:cut]))] if cut else []
        return [*summary, *map(_message, past[cut:]), turn_facts(turn), *map(_message, current)]

    def _cut(self, past: Sequence[Entry]) -> int:
        """How many entries fall away. The same for a longer past, until that outgrows the budget again."""
        if self._fits(past):
            return 0
        starts = [at for at, entry in enumerate(past) if entry.role == "customer"]
        ends = [*starts[1:], len(past)]
        sums = list(accumulate(map(self._tokens, past), initial=0))
        first = 0
        for at, end in enumerate(ends):
            if sums[end] - sums[starts[first]] > self._budget:
                while first < at and sums[end] - sums[starts[first]] > self._budget // 2:
                    first += 1
        return starts[first] if first else 0

    def _fits(self, past: Sequence[Entry]) -> bool:
        """No token is shorter than a byte: the longest are counted first, and no more than it takes to tell."""
        sizes = [self._size(entry).most for entry in past]
        most = sum(sizes)
        for size, at in sorted(zip(sizes, range(len(past)), strict=True), reverse=True):
            if most <= self._budget:
                break
            most += self._tokens(past[at]) - size
        return most <= self._budget

    def _tokens(self, entry: Entry) -> int:
        size = self._size(entry)
        if not size.counted:
            size = self._sizes[entry.id] = _Size(most=self._count(_sent(entry)) + MESSAGE_TOKENS, counted=True)
        return size.most

    def _size(self, entry: Entry) -> "_Size":
        known = self._sizes.get(entry.id)
        if known is None:
            known = self._sizes[entry.id] = _Size(most=len(_sent(entry).encode()) + MESSAGE_TOKENS)
            if len(self._sizes) > REMEMBERED:
                self._sizes.popitem(last=False)
        return known

    def _summary(self, dropped: Sequence[Entry]) -> str:
        key = dropped[-1].id
        if key not in self._summaries:
            self._summaries[key] = summarise(dropped)
            if len(self._summaries) > REMEMBERED // 50:
                self._summaries.popitem(last=False)
        return self._summaries[key]


class _Size(NamedTuple):
    """Tokens of an entry in a prompt. most: at most so many; exactly, once they are counted."""

    most: int
    counted: bool = False


def turn_facts(turn: TurnContext) -> SystemMessage:
    """What changes from turn to turn stands after the stable prefix, so that the prefix can be cached."""
    proved = ", ".join(f"{grant.locator} ({grant.level})" for grant in turn.grants if grant.expires_at > turn.now)
    speaker = {"customer": "authenticated", "staff": "staff"}.get(turn.speaker.kind, "anonymous")
    return SystemMessage(
        content=f"today: {turn.now.date().isoformat()}\nspeaker: {speaker}\nbookings verified: {proved or 'none'}"
    )


def _sent(entry: Entry) -> str:
    calls = entry.payload.get("tool_calls")
    return f"{entry.text}{json.dumps(calls) if calls else ''}{entry.payload.get('card_text') or ''}"


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

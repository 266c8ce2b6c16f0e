"""The messages as the embedded model sees them: who speaks, what was said, what tools came to."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolCall, ToolMessage

from agent.embedded.frame import Frame, frame_of
from tools.extract.message import Extracted, extract

_FACT = re.compile(r"^(today|speaker|bookings verified):[ \t]*(.+)$", re.M)
_PROVED = re.compile(r"\b([A-Z0-9]{6})\b(?:\s*\((\w+)\))?")
_CARD = re.compile(r"\(Card shown: (?P<card>.*)\)\s*$", re.S)


@dataclass(frozen=True, kw_only=True)
class Result:
    """One tool call and what it came to."""

    tool: str
    arguments: Mapping[str, Any]
    told: Mapping[str, Any]
    ours: bool = False
    """The embedded model made the call; otherwise an LLM did, or the deterministic reader before any model."""

    @property
    def outcome(self) -> str:
        return str(self.told.get("outcome", "done"))

    @property
    def say(self) -> str:
        return str(self.told.get("say", "")).strip()

    def data(self, name: str) -> Any:
        data = self.told.get("data")
        return data.get(name) if isinstance(data, dict) else None


@dataclass(frozen=True, kw_only=True)
class Scene:
    today: date
    speaker: str
    """anonymous | authenticated | staff."""
    proved: Mapping[str, str]
    """Record locators the person proved, with the level."""
    text: str
    """What the person said last."""
    said: tuple[str, ...]
    """What they said before."""
    results: tuple[Result, ...]
    """This turn's tool calls, oldest first."""
    past: tuple[Result, ...]
    reply: str
    """What they were told last."""
    card: str | None
    """The card that stood under it."""
    frame: Frame

    @cached_property
    def read(self) -> Extracted:
        return extract(self.text, today=self.today)

    @property
    def anonymous(self) -> bool:
        return self.speaker == "anonymous"


def scene_of(messages: Sequence[BaseMessage], *, today: date) -> Scene:
    """`today` is used when no system message states the day."""
    facts = dict(_FACT.findall("\n".join(str(m.content) for m in messages if isinstance(m, SystemMessage))))
    turn_start = max((at for at, m in enumerate(messages) if isinstance(m, HumanMessage)), default=len(messages))
    before, turn = messages[:turn_start], messages[turn_start:]
    people = [str(m.content) for m in messages if isinstance(m, HumanMessage)]
    past, results = _results(before), _results(turn)
    reply = next((str(m.content) for m in reversed(before) if isinstance(m, AIMessage) and m.content), "")
    card = _CARD.search(reply)
    return Scene(
        today=date.fromisoformat(facts["today"].strip()) if "today" in facts else today,
        speaker=facts.get("speaker", "anonymous").strip(),
        proved=_proved(facts.get("bookings verified", ""), results),
        text=people[-1] if people else "",
        said=tuple(people[:-1]),
        results=results,
        past=past,
        reply=_CARD.sub("", reply).strip(),
        card=card["card"] if card else None,
        frame=_frame(messages),
    )


def _results(messages: Sequence[BaseMessage]) -> tuple[Result, ...]:
    calls = {call["id"]: (call, m) for m in messages if isinstance(m, AIMessage) for call in m.tool_calls}
    return tuple(_result(m, *calls.get(m.tool_call_id, (None, None))) for m in messages if isinstance(m, ToolMessage))


def _result(message: ToolMessage, call: ToolCall | None, caller: AIMessage | None) -> Result:
    if call is None or caller is None:
        return Result(tool=str(message.name), arguments={}, told=_told(message))
    ours = "frame" in caller.additional_kwargs
    return Result(tool=call["name"], arguments=call["args"], told=_told(message), ours=ours)


def _told(message: ToolMessage) -> Mapping[str, Any]:
    """A tool message that is no JSON is told as it stands."""
    try:
        told = json.loads(str(message.content))
    except json.JSONDecodeError:
        return {"outcome": "done", "say": str(message.content)}
    return told if isinstance(told, dict) else {"outcome": "done", "say": str(message.content)}


def _proved(fact: str, results: Sequence[Result]) -> dict[str, str]:
    """The levels of the context facts, raised by what was proved in this turn."""
    proved = {locator: level or "booking" for locator, level in _PROVED.findall(fact)}
    for result in results:
        if result.tool in ("verify_booking", "check_code") and result.outcome == "done":
            level = "booking" if result.tool == "verify_booking" else "verified"
            proved[str(result.arguments.get("record_locator"))] = level
    return proved


def _frame(messages: Sequence[BaseMessage]) -> Frame:
    """The last frame kept; closed if the call that carried it was served since."""
    for at in range(len(messages) - 1, -1, -1):
        message = messages[at]
        frame = frame_of(message.additional_kwargs.get("frame")) if isinstance(message, AIMessage) else None
        if frame is not None:
            ids = {call["id"] for call in message.tool_calls} if isinstance(message, AIMessage) else set()
            answers = [m for m in messages[at + 1 :] if isinstance(m, ToolMessage) and m.tool_call_id in ids]
            proposed = any(_told(m).get("outcome") == "proposed" for m in answers)
            return replace(frame.settle(), queue=frame.queue) if proposed else frame
    return Frame()

"""The intents suite: which tool a first message leads to, and which slots are read in it.

A message is right if the first tool the model heads for is among the expected ones. When a slot is missing the model
asks for it before it calls; the tool it asks for counts, and `called` tells how many messages led to a call at once.
Slots are compared as the format says; a slot name that no line of the file labels is not held against the model.
"""

import json
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any, Final

from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.runnables import Runnable

from agent.embedded.catalogue import Catalogue, default_catalogue_path, load_catalogue
from evals.intervals import Share, share
from tools.tool import Tool

Model = Runnable[LanguageModelInput, AIMessage]
TODAY: Final = date(2026, 11, 24)
_SAME: Final = {"answer_policy": "search_policies"}
_ARTICLE = re.compile(r"^(?:on |the |for |at )+", re.I)


@dataclass(frozen=True, kw_only=True)
class Utterance:
    id: str
    text: str
    tools: frozenset[str]
    slots: Mapping[str, str]
    topic: str


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What the model did with one utterance."""

    utterance: Utterance
    tool: str
    called: bool
    slots: Mapping[str, str]
    seconds: float

    @property
    def right(self) -> bool:
        return _SAME.get(self.tool, self.tool) in {_SAME.get(tool, tool) for tool in self.utterance.tools}


@dataclass(frozen=True, kw_only=True)
class Slots:
    """Counts over all utterances and labelled slot names."""

    right: int
    missed: int
    made_up: int

    @property
    def f1(self) -> float:
        total = 2 * self.right + self.missed + self.made_up
        return 2 * self.right / total if total else 1.0


@dataclass(frozen=True, kw_only=True)
class IntentScore:
    first_tool: Share
    """Messages whose first tool is right; str() gives it with its interval."""
    macro: float
    """Mean of the topics' accuracies."""
    by_topic: Mapping[str, tuple[int, int]]
    """(right, total)."""
    slots: Slots
    called: Share
    median_ms: float
    unscored: Sequence[str] = ()
    """Lines that could not be scored, with the reason."""
    wrong: Sequence[Tried] = field(default=(), repr=False)


def definitions(tools: Iterable[Tool]) -> list[dict[str, Any]]:
    """What a model sees of the tools, for bind_tools."""
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.arguments.model_json_schema(),
            },
        }
        for tool in tools
        if tool.for_models
    ]


def read_utterances(path: Path) -> tuple[list[Utterance], list[str]]:
    """The utterances of a JSON Lines file, and why any other line is unscored."""
    utterances: list[Utterance] = []
    unscored: list[str] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            utterances.append(_utterance(json.loads(line), number))
        except (ValueError, TypeError, KeyError) as error:
            unscored.append(f"line {number}: {type(error).__name__}: {error}")
    return utterances, unscored


def score_intents(path: Path, model: Model, *, today: date = TODAY, catalogue: Catalogue | None = None) -> IntentScore:
    """`model` has the tools bound. Each utterance is the first message of an anonymous person."""
    catalogue = catalogue or load_catalogue(default_catalogue_path())
    utterances, unscored = read_utterances(path)
    labelled = {name for utterance in utterances for name in utterance.slots}
    tried = [_try(utterance, model, today, catalogue) for utterance in utterances]
    by_topic = _by_topic(tried)
    return IntentScore(
        first_tool=share(one.right for one in tried),
        macro=sum(good / total for good, total in by_topic.values()) / len(by_topic) if by_topic else 0.0,
        by_topic=by_topic,
        slots=_count_slots(tried, labelled),
        called=share(one.called for one in tried),
        median_ms=median(one.seconds for one in tried) * 1000 if tried else 0.0,
        unscored=tuple(unscored),
        wrong=tuple(one for one in tried if not one.right),
    )


def slot_matches(name: str, expected: str, given: str) -> bool:
    """Numbers and codes without spaces and hyphens; words without case, punctuation and leading articles."""
    if name == "phone" or name.endswith("_number") or name in ("record_locator", "bag_tag"):
        return re.sub(r"[\s()-]", "", expected).upper() == re.sub(r"[\s()-]", "", given).upper()
    return _words(expected) == _words(given)


def _utterance(line: Mapping[str, Any], number: int) -> Utterance:
    tools = line["tools"]
    return Utterance(
        id=str(line.get("id", f"line {number}")),
        text=str(line["text"]),
        tools=frozenset([tools] if isinstance(tools, str) else tools),
        slots={str(name): str(value) for name, value in (line.get("slots") or {}).items()},
        topic=str(line.get("topic", "none")),
    )


def _try(utterance: Utterance, model: Model, today: date, catalogue: Catalogue) -> Tried:
    facts = SystemMessage(content=f"today: {today.isoformat()}\nspeaker: anonymous\nbookings verified: none")
    started = time.perf_counter()
    reply = model.invoke([facts, HumanMessage(content=utterance.text)])
    seconds = time.perf_counter() - started
    frame: Mapping[str, Any] = reply.additional_kwargs.get("frame") or {}
    return Tried(
        utterance=utterance,
        tool=reply.tool_calls[0]["name"] if reply.tool_calls else _headed_for(frame, catalogue),
        called=bool(reply.tool_calls),
        slots={str(name): str(value) for name, value in (frame.get("typed") or {}).items()},
        seconds=seconds,
    )


def _headed_for(frame: Mapping[str, Any], catalogue: Catalogue) -> str:
    """What a reply without a call serves: a question or refusal, else the intent it was read as."""
    kinds = {"clarify": "clarify", "out_of_scope": "refuse"}
    intent = catalogue.intents.get(str(frame.get("served")))
    if (kind := frame.get("kind")) in kinds:
        return kinds[str(kind)]
    if frame.get("offer") == "hand_off" and not frame.get("awaiting"):
        return "hand_off"
    return (intent.tool or intent.counts_as or "clarify") if intent else "clarify"


def _by_topic(tried: Iterable[Tried]) -> dict[str, tuple[int, int]]:
    counts: dict[str, tuple[int, int]] = {}
    for one in tried:
        right, total = counts.get(one.utterance.topic, (0, 0))
        counts[one.utterance.topic] = (right + one.right, total + 1)
    return counts


def _count_slots(tried: Iterable[Tried], labelled: set[str]) -> Slots:
    right = missed = made_up = 0
    for one in tried:
        given = {name: value for name, value in one.slots.items() if name in labelled}
        expected = one.utterance.slots
        hits = {n for n, value in expected.items() if n in given and slot_matches(n, value, given[n])}
        right += len(hits)
        missed += len(expected) - len(hits)
        made_up += len(given.keys() - hits)
    return Slots(right=right, missed=missed, made_up=made_up)


def _words(text: str) -> str:
    return _ARTICLE.sub("", re.sub(r"[.,!?'\"]", "", text).casefold().strip())

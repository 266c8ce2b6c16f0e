"""Suites that put single questions to one part alone: pack, search, intents, ranking. No conversation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel

from evals.cases import Unscored
from knowledge.pack import PolicyPack
from knowledge.search import KnowledgeBase


@dataclass(frozen=True, kw_only=True)
class Question:
    """ask gives the answer of the part; wrong says in words what is wrong with an answer, nothing if it is right.

    gold is the answer that its author expects, nothing what a part that does nothing would answer.
    """

    id: str
    words: str
    ask: Callable[[], object]
    wrong: Callable[[object], str]
    gold: object
    nothing: object
    clause: str = ""
    writes: bool = False


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What questions are put to."""

    pack: PolicyPack
    knowledge: Callable[[], KnowledgeBase]
    model: Callable[[], BaseChatModel]
    tools: Sequence[dict[str, Any]]
    """The schemas that the model would be bound to."""


@dataclass(frozen=True, kw_only=True)
class Questions:
    asked: Sequence[Question]
    unscored: Sequence[Unscored] = field(default=())


Read = Callable[[Parts, Sequence[Path]], Questions]
"""The questions of the files given, or of the suite's own when there are none."""

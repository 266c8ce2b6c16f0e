"""Score search on questions: the right clause among the first three, and silence where the pack has no answer."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from evals.intervals import Share, share
from knowledge.search import KnowledgeBase

SUITE = Path(__file__).parent / "suites" / "retrieval"
FIRST = 3


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question in a customer's words. `relevant`: clauses of which any one answers it; empty when not labelled."""

    id: str
    text: str
    subject: str
    answerable: bool
    relevant: frozenset[str]
    audience: str


@dataclass(frozen=True, kw_only=True)
class Questions:
    """The questions of a file, and why a line could not be scored."""

    scored: tuple[Question, ...]
    unscored: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What search did with one question: the clauses it found, best first, none when it declined."""

    question: Question
    found: tuple[str, ...]

    @property
    def verdict(self) -> Literal["right", "wrong clause", "refused", "made up"]:
        """`right`: a relevant clause among the first three, an answer where none is labelled, or a rightful silence."""
        if not self.question.answerable:
            return "made up" if self.found else "right"
        if not self.found:
            return "refused"
        relevant = self.question.relevant
        return "right" if not relevant or relevant & set(self.found[:FIRST]) else "wrong clause"


@dataclass(frozen=True, kw_only=True)
class Report:
    """Shares with their intervals over a file of questions."""

    answers: tuple[Answered, ...]
    unscored: tuple[str, ...]

    @property
    def hit_at_3(self) -> Share:
        """Of the answerable questions with labels."""
        labelled = (answer for answer in self.answers if answer.question.answerable and answer.question.relevant)
        return share(answer.verdict == "right" for answer in labelled)

    @property
    def declined(self) -> Share:
        """Of the questions without an answer in the pack."""
        return share(answer.verdict == "right" for answer in self.answers if not answer.question.answerable)

    @property
    def wrongly_declined(self) -> Share:
        """Of the answerable questions."""
        return share(answer.verdict == "refused" for answer in self.answers if answer.question.answerable)

    def by_subject(self) -> Mapping[str, Share]:
        subjects = dict.fromkeys(answer.question.subject for answer in self.answers)
        return {
            subject: share(answer.verdict == "right" for answer in self.answers if answer.question.subject == subject)
            for subject in subjects
        }


def read_questions(path: Path) -> Questions:
    """Read `{id, question or query, subject, answerable, relevant, audience}` lines; unknown fields are ignored."""
    unscored: list[str] = []
    return Questions(scored=tuple(_read(path, unscored)), unscored=tuple(unscored))


def _read(path: Path, unscored: list[str]) -> Iterator[Question]:
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not text.strip():
            continue
        try:
            yield _question(json.loads(text), number)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            unscored.append(f"{path.name}:{number}: {error}")


def _question(line: Mapping[str, object], number: int) -> Question:
    text = line.get("question", line.get("query"))
    if not isinstance(text, str) or not text.strip():
        raise ValueError("has no question")
    relevant = line.get("relevant") or []
    if not isinstance(relevant, list):
        raise TypeError("relevant is not a list")
    answerable = line.get("answerable", bool(relevant) if "relevant" in line else None)
    if not isinstance(answerable, bool):
        raise TypeError("does not say whether it is answerable")
    return Question(
        id=str(line.get("id", number)),
        text=text,
        subject=str(line.get("subject", "")),
        answerable=answerable,
        relevant=frozenset(map(str, relevant)),
        audience=str(line.get("audience", "customer")),
    )


def score(questions: Questions, base: KnowledgeBase, *, on: date) -> Report:
    """Ask every question as of a day."""
    return Report(answers=tuple(_ask(question, base, on) for question in questions.scored), unscored=questions.unscored)


def _ask(question: Question, base: KnowledgeBase, on: date) -> Answered:
    result = base.search(question.text, on=on, audience=question.audience)
    return Answered(question=question, found=tuple(passage.clause_id for passage in result.passages))

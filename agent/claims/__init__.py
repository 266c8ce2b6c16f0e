"""Nothing is promised without evidence: a sentence leaves only if every figure in it stands in this conversation's
evidence, which is what tools said and the clauses they read. What the person says is no evidence for a promise."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from agent.sentences import Sentence
from tools.extract.figures import Figure, figures


@dataclass(frozen=True, kw_only=True)
class Checked:
    """backed: the sentence may leave. figures: what it claims; evidence: the clauses that hold those figures."""

    backed: bool
    figures: tuple[str, ...]
    unbacked: tuple[str, ...]


class ClaimsCheck:
    """Grows with the turn: what a tool just said backs the next sentence."""

    def __init__(self, *, today: date, said: Iterable[str]) -> None:
        self._today = today
        self._known: set[Figure] = set()
        self._echo = {f for text in said for f in self._figures(text) if f.kind in ("locator", "flight", "token")}

    def learn(self, text: str) -> None:
        self._known.update(self._figures(text))

    def check(self, sentence: Sentence) -> Checked:
        made = self._figures(sentence.text)
        unbacked = tuple(f.value for f in made if f not in self._known and f not in self._echo)
        return Checked(backed=not unbacked, figures=tuple(f.value for f in made), unbacked=unbacked)

    def _figures(self, text: str) -> tuple[Figure, ...]:
        return tuple(found.value for found in figures(text, today=self._today))

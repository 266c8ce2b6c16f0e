"""Nothing is promised without evidence: a sentence leaves only if every figure and every deed in it is backed by what
this conversation proved, in the same sense: of the same fare, in the same band, for the same booking, done and not
proposed.

A sentence about everybody needs a clause that holds its figures. A sentence about this person needs a decision, a
card, a receipt or a record of theirs.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from agent.claims.deed_backing import back_deed
from agent.claims.evidence import Evidence
from agent.claims.figure_backing import (
    Backing,
    back_figure,
    other_status,
    taken_for_done,
    unfounded,
    unreadable,
    vague_times,
)
from agent.claims.matching import indexed
from agent.claims.reading import Unit, read_sentence
from agent.claims.sense import Proof, Sense
from agent.claims.support import Support, support_for
from agent.sentences import Sentence


@dataclass(frozen=True, kw_only=True)
class Checked:
    """unbacked: what nothing backs, in the sentence's own words. backing: the evidence it rests on; none for a sentence
    that claims nothing. cites: clauses it rests on without naming them."""

    unbacked: tuple[str, ...] = ()
    backing: tuple[Evidence, ...] = ()
    cites: tuple[str, ...] = ()

    @property
    def backed(self) -> bool:
        return not self.unbacked


class ClaimsCheck:
    """Reads a reply sentence by sentence; `said` are the person's own words, which back nothing."""

    def __init__(self, *, today: date, said: Iterable[str]) -> None:
        self._today = today
        self._learned: dict[tuple[object, ...], Proof] = {}
        self._proofs: tuple[Proof, ...] = ()
        self._echo = frozenset(key for text in said for key in indexed(text, "", today).places)
        self._last: Sense | None = None

    def begin(self) -> None:
        """A new reply: no sentence went before."""
        self._last = None

    def learn(self, evidence: Evidence) -> None:
        """The same words learned again, as clauses are from turn to turn, count once, and as new."""
        text = indexed(evidence.text, evidence.title, self._today)
        key = (evidence.kind, evidence.source, evidence.locator, evidence.clause, evidence.effect, evidence.text)
        self._learned.pop(key, None)
        self._learned[key] = Proof(evidence, text)
        self._proofs = ()

    def check(self, sentence: Sentence) -> Checked:
        if not sentence.text.strip():
            return Checked()
        sense = self._last = self._sense(sentence)
        held = list(self._held(sense))
        backing = tuple(dict.fromkeys(one for _, found in held if found for one in found))
        clauses = (evidence.clause.clause_id for evidence in backing if evidence.clause)
        return Checked(
            unbacked=tuple(dict.fromkeys(words for words, found in held if found is None)),
            backing=backing,
            cites=tuple(clause_id for clause_id in clauses if clause_id not in sense.cited),
        )

    def support(self, sentence: Sentence) -> Support:
        """What may be said in the place of the sentence checked last, when nothing backs it."""
        sense = self._last or self._sense(sentence)
        return support_for(
            sentence.text,
            [proof.evidence for proof in self._proofs],
            tongue=sense.reading.tongue,
            locators=sense.locators,
            claims_done=any(deed.mood != "right" for deed in sense.deeds),
            has_figure=any(True for _ in sense.reading.figures),
        )

    def _held(self, sense: Sense) -> Iterator[tuple[str, Backing]]:
        """Everything the sentence claims, with what backs it."""
        for unit in (unit for unit in sense.reading.units if unit.found):
            yield from self._figures(unit, sense)
        for deed in sense.deeds:
            yield deed.words.strip(), back_deed(deed, sense)
        for words in (*other_status(sense), *unreadable(sense), *vague_times(sense), *unfounded(sense)):
            yield words, None

    def _figures(self, unit: Unit, sense: Sense) -> Iterator[tuple[str, Backing]]:
        held: list[Evidence] = []
        for segment in unit.segments:
            for figure in segment.figures:
                backing = back_figure(unit, segment, figure, sense, self._echo)
                held += backing or ()
                yield sense.words_of(figure), backing
        for words in taken_for_done(unit, sense, held):
            yield words, None

    def _sense(self, sentence: Sentence) -> Sense:
        self._proofs = self._proofs or tuple(self._learned.values())
        known = {proof.evidence.clause.clause_id for proof in self._proofs if proof.evidence.clause}
        return Sense(
            reading=read_sentence(sentence.text, self._today),
            cited=tuple(clause_id for clause_id in sentence.cited if clause_id in known),
            proofs=self._proofs,
            before=self._last,
        )

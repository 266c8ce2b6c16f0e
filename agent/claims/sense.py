"""One sentence at work: what it says, how it stands to it, and which bookings and clauses it speaks of."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from agent.claims.commitments import deeds_of
from agent.claims.contrasts import Mark
from agent.claims.deeds import Deed
from agent.claims.evidence import Evidence, focus_of
from agent.claims.matching import Indexed
from agent.claims.reading import Reading, Stated, Unit
from agent.claims.stance import Stance, stance_of


@dataclass(frozen=True, slots=True)
class Proof:
    """A piece of evidence with its words read."""

    evidence: Evidence
    text: Indexed

    def about(self, locators: frozenset[str]) -> bool:
        return not self.evidence.locator or not locators or self.evidence.locator in locators

    def lines(self, locators: frozenset[str]) -> list[Unit]:
        """Its lines about these bookings, and those about none."""
        own = frozenset({self.evidence.locator} if self.evidence.locator else ())
        told = [(unit, unit.locators or own) for unit in self.text.reading.units]
        return [unit for unit, about in told if not about or not locators or about & locators]


@dataclass(frozen=True)
class Sense:
    """Worked out as far as it is asked for: most sentences claim nothing. before: the sentence it follows."""

    reading: Reading
    cited: tuple[str, ...]
    proofs: Sequence[Proof]
    before: "Sense | None"

    @cached_property
    def deeds(self) -> tuple[Deed, ...]:
        return deeds_of(self.reading.plain, self.reading.tongue)

    @cached_property
    def stance(self) -> Stance:
        earlier = self.before.stance if self.before else None
        return stance_of(self.reading, cited=bool(self.cited), before=earlier)

    @cached_property
    def locators(self) -> frozenset[str]:
        """The bookings it names; else, when it leans on the sentence before, that one's; else those of the turn."""
        named = frozenset(locator for unit in self.reading.units for locator in unit.locators)
        carried = self.before.locators if self.before and self.stance.leans else frozenset[str]()
        return named or carried or focus_of(proof.evidence for proof in self.proofs)

    @cached_property
    def marks(self) -> frozenset[Mark]:
        return frozenset(mark for unit in self.reading.units for mark in unit.marks)

    @property
    def rules(self) -> list[Proof]:
        """The clauses it may rest on, newest first: those it cites, else all that were read."""
        clauses = ((proof, proof.evidence.clause) for proof in reversed(self.proofs))
        return [proof for proof, clause in clauses if clause and (not self.cited or clause.clause_id in self.cited)]

    def words_of(self, figure: Stated) -> str:
        return self.reading.plain[figure.start : figure.end]

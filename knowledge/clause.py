"""A clause: the wording a customer reads and the rule that decides, in one record."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, TypeAlias

from knowledge.expression import Expression
from knowledge.frontmatter import LintFinding, PackError, Position, Sheet
from knowledge.values import Term

__all__ = ["AmountRule", "Clause", "ClauseRef", "Effective", "GrantRule", "LintFinding", "PackError", "Rule"]

Effect: TypeAlias = Literal["allow", "deny", "needs_human"]
Basis: TypeAlias = Literal["booked_on", "travel_on", "today"]
Audience: TypeAlias = Literal["customer", "staff"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ClauseRef:
    """How a clause is cited."""

    clause_id: str
    version: int
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Effective:
    """The days a version is in force, by the date that its basis names. `until` is exclusive; days are UTC."""

    basis: Basis
    start: date
    until: date | None

    def covers(self, day: date) -> bool:
        return self.start <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, kw_only=True, slots=True)
class AmountRule:
    """An amount of money a rule grants or charges. The currency is a code, or the name of the fact that holds it."""

    name: str
    expression: Expression
    currency: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GrantRule:
    """Something that is not money: miles, nights, a voucher."""

    name: str
    quantity: Expression
    unit: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One rule of a clause; the first that is not false gives the clause's verdict. Without `when` it always holds."""

    number: int
    when: Expression | None
    effect: Effect
    amounts: tuple[AmountRule, ...]
    grants: tuple[GrantRule, ...]
    say: str
    on_statement: bool
    automatic_up_to: AmountRule | None
    approver: str | None
    waivable_by: str | None
    position: Position

    @property
    def facts(self) -> tuple[str, ...]:
        """Every fact the rule mentions, in its condition, its amounts or its grants."""
        parts = [self.when] if self.when else []
        parts += [amount.expression for amount in self.amounts]
        parts += [grant.quantity for grant in self.grants]
        return tuple(dict.fromkeys(name for part in parts for name in part.facts))


@dataclass(frozen=True, kw_only=True, slots=True)
class Clause:
    """One version of one clause. `defines` are derived facts that other clauses may use."""

    id: str
    version: int
    title: str
    effective: Effective
    authority: str
    audience: Audience
    governs: tuple[str, ...]
    overrides: tuple[str, ...]
    scope: Mapping[str, tuple[str, ...]]
    terms: Mapping[str, Term]
    defines: Mapping[str, Expression]
    rules: tuple[Rule, ...]
    body: str
    path: Path
    sheet: Sheet
    position: Position

    @property
    def ref(self) -> ClauseRef:
        return ClauseRef(clause_id=self.id, version=self.version, title=self.title)

    @property
    def label(self) -> str:
        return f"{self.id} v{self.version}"

"""What a decision is: the effect, the figures, and everything needed to show it later."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from knowledge.clause import ClauseRef, Effect
from knowledge.values import Value

Reason: TypeAlias = Literal["clause", "no_clause", "missing", "conflict", "amount"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Amount:
    """Money that a decision grants or charges, in integer minor units."""

    name: str
    minor: int
    currency: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """What is not money: miles, nights, a voucher."""

    name: str
    quantity: int
    unit: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What the pack decided, and everything needed to show it later.

    `say` is the text of the winning clauses. `on_statement` names the stated facts an allow relies on: their words are
    quoted and attested. `missing` names facts that could change the outcome.
    """

    action: str
    effect: Effect
    reason: Reason
    clauses: tuple[ClauseRef, ...] = ()
    amounts: tuple[Amount, ...] = ()
    grants: tuple[Grant, ...] = ()
    missing: tuple[str, ...] = ()
    facts_used: Mapping[str, Value]
    trace: tuple[str, ...] = ()
    say: str = ""
    approver: str | None = None
    waivable_by: str | None = None
    automatic_up_to: Amount | None = None
    on_statement: tuple[str, ...] = ()

    @property
    def binding(self) -> tuple[object, ...]:
        """What must be unchanged when a proposal is confirmed: the effect, its clauses and every figure."""
        return (self.effect, self.clauses, self.amounts, self.grants)

    def amount(self, name: str) -> Amount | None:
        return next((amount for amount in self.amounts if amount.name == name), None)

"""What a clause gives an affected passenger without being asked, and what a person has to approve.

A gift is automatic only where the decision allows it and names a ceiling (`automatic_up_to`) that all gifts of its
currency together keep within. Everything else that is allowed goes to a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from knowledge.decide import Decision
from knowledge.pack import PolicyPack
from knowledge.values import Value
from tools.audit import AuditRecord, hash_arguments
from tools.domain.records import ClaimKind

ACTIONS = ("provide_care", "issue_goodwill")
"""The governed actions under which a disrupted passenger is owed or offered something that can be given at once."""
MILES = "MIL"
"""The compensation system counts miles in this currency, one mile a unit."""


@dataclass(frozen=True, kw_only=True)
class Gift:
    name: str
    minor: int
    currency: str
    clauses: tuple[str, ...]

    @property
    def kind(self) -> ClaimKind:
        return "goodwill_miles" if self.currency == MILES else "goodwill_voucher"

    def shown(self) -> dict[str, object]:
        return {"name": self.name, "minor": self.minor, "currency": self.currency, "clauses": list(self.clauses)}


@dataclass(frozen=True, kw_only=True)
class Gifts:
    automatic: tuple[Gift, ...]
    for_approval: tuple[Gift, ...]
    decisions: tuple[Decision, ...]

    def audit(self, place: str) -> tuple[AuditRecord, ...]:
        return tuple(
            AuditRecord(
                kind="event",
                tool=decision.action,
                outcome=decision.effect,
                arguments_hash=hash_arguments({"passenger": place}),
                clauses=decision.clauses,
                facts={name: str(value) for name, value in decision.facts_used.items()},
                trace=decision.trace,
            )
            for decision in self.decisions
        )


def gifts_for(pack: PolicyPack, facts: Mapping[str, Value], *, now: datetime) -> Gifts:
    decisions = tuple(pack.decide(action, facts, now=now) for action in ACTIONS if action in pack.actions)
    automatic: list[Gift] = []
    for_approval: list[Gift] = []
    for decision in decisions:
        gifts = gifts_of(decision)
        (automatic if is_automatic(decision, gifts) else for_approval).extend(gifts)
    return Gifts(automatic=tuple(automatic), for_approval=tuple(for_approval), decisions=decisions)


def gifts_of(decision: Decision) -> tuple[Gift, ...]:
    """Money as a voucher, and miles; nothing of what a decision does not allow."""
    if decision.effect == "deny" or decision.reason != "clause":
        return ()
    cited = tuple(clause.clause_id for clause in decision.clauses)
    money = [(amount.name, amount.minor, amount.currency) for amount in decision.amounts]
    miles = [(grant.name, grant.quantity, MILES) for grant in decision.grants if grant.unit == "miles"]
    return tuple(
        Gift(name=name, minor=minor, currency=currency, clauses=cited)
        for name, minor, currency in (*money, *miles)
        if minor > 0
    )


def is_automatic(decision: Decision, gifts: Sequence[Gift]) -> bool:
    ceiling = decision.automatic_up_to
    if decision.effect != "allow" or ceiling is None:
        return False
    same_currency = all(gift.currency == ceiling.currency for gift in gifts)
    return same_currency and sum(gift.minor for gift in gifts) <= ceiling.minor

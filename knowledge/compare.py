"""Two packs over the same situations: which decisions change, and by how much money."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from knowledge.decide import Decision
from knowledge.expression import Facts
from knowledge.pack import PolicyPack
from knowledge.values import render_money

_COMPARED = (
    "cancel_booking",
    "change_flight",
    "request_refund",
    "rebook_disrupted",
    "claim_compensation",
    "provide_care",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One decision that comes out otherwise."""

    situation: str
    action: str
    before: Decision
    after: Decision

    def __str__(self) -> str:
        return f"{self.situation}: {self.action} was {_words(self.before)}, would be {_words(self.after)}"


@dataclass(kw_only=True, slots=True)
class Comparison:
    """What a new pack changes. `money` is the difference by (amount name, currency), in minor units."""

    decisions: int = 0
    changes: list[Change] = field(default_factory=list)
    money: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def by_effect(self) -> Mapping[str, int]:
        return Counter(f"{change.before.effect} -> {change.after.effect}" for change in self.changes)


def compare(
    old: PolicyPack,
    new: PolicyPack,
    situations: Iterable[tuple[str, Facts]],
    *,
    now: datetime,
    actions: Iterable[str] = _COMPARED,
) -> Comparison:
    """Decide every action in every situation by both packs."""
    found, asked = Comparison(), tuple(actions)
    changed = [action for action in asked if _text(old, action) != _text(new, action)]
    for name, facts in situations:
        found.decisions += len(asked) - len(changed)
        for action in changed:
            before = old.decide(action, facts, now=now, audience="staff")
            after = new.decide(action, facts, now=now, audience="staff")
            found.decisions += 1
            if _outcome(before) != _outcome(after):
                found.changes.append(Change(situation=name, action=action, before=before, after=after))
                found.money.update(_money(after))
                found.money.subtract(_money(before))
    return found


def _text(pack: PolicyPack, action: str) -> frozenset[str]:
    """All that can bear on an action: where two packs say the same, they decide the same."""
    governing = [clause for versions in pack.governing(action) for clause in versions]
    defining = [clause for name in pack.derived_for(action) for clause in pack.definers(name)]
    return frozenset(clause.sheet.head for clause in (*governing, *defining))


def _outcome(decision: Decision) -> tuple[object, ...]:
    """What a customer would notice: the effect, the clauses' ids and every figure, but not a clause's version."""
    return (decision.effect, tuple(ref.clause_id for ref in decision.clauses), decision.amounts, decision.grants)


def _money(decision: Decision) -> Mapping[tuple[str, str], int]:
    if decision.effect != "allow":
        return {}
    return {(amount.name, amount.currency): amount.minor for amount in decision.amounts}


def _words(decision: Decision) -> str:
    amounts = ", ".join(f"{amount.name} {render_money(amount.minor, amount.currency)}" for amount in decision.amounts)
    clauses = ", ".join(ref.clause_id for ref in decision.clauses) or decision.reason
    return f"{decision.effect} by {clauses}{f' ({amounts})' if amounts else ''}"

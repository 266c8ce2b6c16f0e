"""Conflicts found before customers find them: clauses that can hold together and disagree without an override.

Situations come from the clauses' own cases: for each pair that governs one action, the facts of a case in which one
holds are laid over those of a case in which the other does, in both orders.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import combinations

from knowledge.cases import Case, read_cases
from knowledge.clause import Clause
from knowledge.decide import Decision, derive, judge
from knowledge.expression import Facts
from knowledge.frontmatter import LintFinding
from knowledge.pack import PolicyPack


@dataclass(frozen=True, kw_only=True, slots=True)
class _Held:
    """A case of a clause in which it allows or denies."""

    case: Case
    decision: Decision


def find_conflicts(pack: PolicyPack, situations: Iterable[Facts] = ()) -> Iterator[LintFinding]:
    """Pairs of clauses in disagreement, each with its first example.

    `situations` adds facts to try on every pair, such as those of an airline's own bookings.
    """
    held = {clause.label: _holding(pack, clause) for clause in pack.clauses}
    extra, reported = list(situations), set[tuple[str, str]]()
    for action in pack.actions:
        clauses = [clause for versions in pack.governing(action) for clause in versions]
        for one, other in combinations(clauses, 2):
            pair = (one.label, other.label)
            if pair in reported or not _may_clash(one, other):
                continue
            if words := _clash(pack, one, other, _situations(held, one, other, extra)):
                reported.add(pair)
                yield other.sheet.finding(
                    other.position, f"{other.label} and {one.label} disagree on {action}: {words}"
                )


def _holding(pack: PolicyPack, clause: Clause) -> list[_Held]:
    found = []
    for case in read_cases(clause, pack.language.kinds)[0]:
        decision = judge(pack, clause, case.facts, now=case.now)
        if decision and decision.reason == "clause":
            found.append(_Held(case=case, decision=decision))
    return found


def _may_clash(one: Clause, other: Clause) -> bool:
    if one.id == other.id or other.id in one.overrides or one.id in other.overrides:
        return False
    effects = {rule.effect for rule in (*one.rules, *other.rules)}
    return "allow" in effects and _live_together(one, other)


def _live_together(one: Clause, other: Clause) -> bool:
    if one.effective.basis != other.effective.basis:
        return True
    return _later_start(one, other) < min(one.effective.until or date.max, other.effective.until or date.max)


def _later_start(one: Clause, other: Clause) -> date:
    return max(one.effective.start, other.effective.start)


def _situations(held: dict[str, list[_Held]], one: Clause, other: Clause, extra: Sequence[Facts]) -> Iterator[Facts]:
    for first in held[one.label]:
        for second in held[other.label]:
            yield {**first.case.facts, **second.case.facts}
            yield {**second.case.facts, **first.case.facts}
    yield from extra


def _clash(pack: PolicyPack, one: Clause, other: Clause, situations: Iterable[Facts]) -> str:
    now = datetime.combine(_later_start(one, other), time(12), UTC)
    for facts in situations:
        if not _consistent(pack, facts, now):
            continue
        first, second = judge(pack, one, facts, now=now), judge(pack, other, facts, now=now)
        if first and second and (words := _disagreement(one, first, other, second)):
            return words
    return ""


def _consistent(pack: PolicyPack, facts: Facts, now: datetime) -> bool:
    """Whether every derived fact that a case gives outright is what the other facts, as far as known, make of it."""
    given = {name: value for layer in pack.derivations for name in layer if (value := facts.get(name)) is not None}
    others = {name: value for name, value in facts.items() if name not in given}
    for name, value in given.items():
        made = derive(pack, pack.definers(name)[-1], others, now=now)
        if made.get(name, value) != value:
            return False
    return True


def _disagreement(one: Clause, first: Decision, other: Clause, second: Decision) -> str:
    if "missing" in (first.reason, second.reason):
        return ""
    if {first.effect, second.effect} == {"allow", "deny"}:
        denier, allower = (one, other) if first.effect == "deny" else (other, one)
        law = allower.authority != "carrier" and denier.authority == "carrier"
        kind = "the carrier denies what law allows" if law else "one allows, one denies"
        return f"{kind}, and neither overrides the other"
    if first.effect == second.effect == "allow":
        amounts = {amount.name: amount for amount in first.amounts}
        for amount in second.amounts:
            if amounts.get(amount.name, amount) != amount:
                return f"both grant {amount.name}, but not the same"
    return ""

"""Conflicts found before customers find them: clauses that can hold together and disagree without an override.

Situations come from two sides. For each pair of clauses that govern one action, the facts of a case in which one holds
are laid over those of a case in which the other does, in both orders. And whole situations, made up or taken from an
airline's bookings, are put to all clauses of an action at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from itertools import combinations

from knowledge.bench import Bench, Verdict, judge_clause, judge_versions, prepare
from knowledge.cases import Case, CaseBook
from knowledge.clause import Clause
from knowledge.decide import derive
from knowledge.expression import Facts
from knowledge.frontmatter import LintFinding
from knowledge.pack import PolicyPack
from knowledge.tally import add_up

Pair = tuple[str, str]


def find_conflicts(pack: PolicyPack, book: CaseBook, situations: Iterable[Facts] = ()) -> Iterator[LintFinding]:
    """Pairs of clauses in disagreement, each once, with the action they disagree on."""
    reported: set[Pair] = set()
    for one, other, action, words in (*_between_cases(pack, book), *_in_situations(pack, situations)):
        if (one.id, other.id) not in reported:
            reported.add((one.id, other.id))
            yield other.sheet.finding(other.position, f"{other.label} and {one.label} disagree on {action}: {words}")


_Clash = tuple[Clause, Clause, str, str]


def _in_situations(pack: PolicyPack, situations: Iterable[Facts]) -> Iterator[_Clash]:
    wanted = frozenset(name for layer in pack.derivations for name in layer)
    for facts in situations:
        departure = facts.get("flight.departure")
        now = departure if isinstance(departure, datetime) else datetime.now(UTC)
        bench = prepare(pack, facts, wanted, now)
        for action in pack.actions:
            verdicts = [judge_versions(versions, bench) for versions in pack.governing(action)]
            holding = [verdict for verdict in verdicts if verdict and verdict.state == "holds"]
            overridden = {name for verdict in holding for name in verdict.clause.overrides}
            left = [verdict for verdict in holding if verdict.clause.id not in overridden]
            for one, other in combinations(left, 2):
                if words := _disagreement(one, other, bench):
                    yield one.clause, other.clause, action, words


def _between_cases(pack: PolicyPack, book: CaseBook) -> Iterator[_Clash]:
    held = {clause.label: _holding(pack, clause, book[clause.label][0]) for clause in pack.clauses}
    for action in pack.actions:
        clauses = [clause for versions in pack.governing(action) for clause in versions]
        for one, other in combinations(clauses, 2):
            if not _may_clash(one, other):
                continue
            if words := _clash(pack, one, other, _laid_over(held[one.label], held[other.label])):
                yield one, other, action, words


def _holding(pack: PolicyPack, clause: Clause, cases: Sequence[Case]) -> list[Case]:
    """The cases in which a clause allows or denies."""
    found = []
    for case in cases:
        verdict = judge_clause(clause, prepare(pack, case.facts, pack.needed_by(clause), case.now))
        if verdict.rule and verdict.state == "holds" and verdict.rule.effect != "needs_human":
            found.append(case)
    return found


def _may_clash(one: Clause, other: Clause) -> bool:
    if one.id == other.id or other.id in one.overrides or one.id in other.overrides:
        return False
    effects = {rule.effect for rule in (*one.rules, *other.rules)}
    return "allow" in effects and _live_together(one, other)


def _live_together(one: Clause, other: Clause) -> bool:
    if one.effective.basis != other.effective.basis:
        return True
    ends = min(one.effective.until or date.max, other.effective.until or date.max)
    return _later_start(one, other) < ends


def _later_start(one: Clause, other: Clause) -> date:
    return max(one.effective.start, other.effective.start)


def _laid_over(first: Sequence[Case], second: Sequence[Case]) -> Iterator[Facts]:
    for case in first:
        for other in second:
            merged = {**case.facts, **other.facts}
            yield merged
            if (turned := {**other.facts, **case.facts}) != merged:
                yield turned


def _clash(pack: PolicyPack, one: Clause, other: Clause, situations: Iterable[Facts]) -> str:
    now = datetime.combine(_later_start(one, other), time(12), UTC)
    wanted = pack.needed_by(one) | pack.needed_by(other)
    for facts in situations:
        bench = prepare(pack, facts, wanted, now)
        first, second = judge_clause(one, bench), judge_clause(other, bench)
        words = _disagreement(first, second, bench) if first.state == second.state == "holds" else ""
        if words and _consistent(pack, facts, now):
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


def _disagreement(one: Verdict, other: Verdict, bench: Bench) -> str:
    if one.rule is None or other.rule is None:
        return ""
    if {one.rule.effect, other.rule.effect} == {"allow", "deny"}:
        denier, allower = (one, other) if one.rule.effect == "deny" else (other, one)
        law = allower.clause.authority != "carrier" and denier.clause.authority == "carrier"
        kind = "the carrier denies what law allows" if law else "one allows, one denies"
        return f"{kind}, and neither overrides the other"
    if one.rule.effect == other.rule.effect == "allow":
        amounts = add_up([one], bench).amounts
        for name, amount in add_up([other], bench).amounts.items():
            if amounts.get(name, amount) != amount:
                return f"both grant {name}, but not the same"
    return ""

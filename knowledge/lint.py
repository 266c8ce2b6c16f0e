"""Everything that can be wrong with a policy pack, with file, line and column."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, combinations
from pathlib import Path

from knowledge.cases import read_all_cases, run_cases
from knowledge.clause import Clause
from knowledge.conflicts import find_conflicts
from knowledge.decisions import run_decisions
from knowledge.expression import Facts
from knowledge.frontmatter import LintFinding
from knowledge.pack import PolicyPack, read_pack
from knowledge.phrasing import lint_asked
from knowledge.prose import lint_prose, lint_rules
from knowledge.reading import read_draft
from knowledge.situations import situations
from knowledge.vocabulary import ACTIONS, FACTS

__all__ = ["LintFinding", "lint"]

_SITUATIONS = 600
"""Made-up situations in which every lint looks for conflicts."""


def lint(folder: Path, known: Iterable[Facts] = ()) -> list[LintFinding]:
    """Check a pack. What does not even load is reported first, alone: the other checks need a pack that stands.

    `known` are whole sets of facts, such as an airline's bookings give, in which to look for conflicts too.
    """
    pack, findings = read_pack(folder)
    if pack is None:
        return sorted(findings, key=_place)
    return sorted(lint_pack(pack, known), key=_place)


def lint_pack(pack: PolicyPack, known: Iterable[Facts] = ()) -> Iterator[LintFinding]:
    for clause in pack.clauses:
        draft = read_draft(clause.sheet)
        yield from lint_prose(clause)
        yield from lint_rules(clause, draft, pack.language.kinds)
        yield from _lint_statements(clause)
        yield from _lint_actions(clause)
    yield from _lint_versions(pack)
    yield from _lint_definitions(pack)
    yield from _lint_overrides(pack)
    yield from lint_asked(pack.path, {clause.id for clause in pack.clauses})
    book = read_all_cases(pack)
    yield from run_cases(pack, book).findings
    yield from run_decisions(pack)
    yield from find_conflicts(pack, book, chain(situations(pack, book, _SITUATIONS), known))


def _place(finding: LintFinding) -> tuple[str, int, int, str]:
    return (finding.path, finding.line, finding.column, finding.message)


def _lint_statements(clause: Clause) -> Iterator[LintFinding]:
    for rule in clause.rules:
        stated = [name for name in rule.facts if name in FACTS and FACTS[name].source == "stated"]
        if stated and rule.effect == "allow" and not rule.on_statement:
            message = f"rule {rule.number} allows on {', '.join(stated)}, which is only stated: set on_statement"
            yield clause.sheet.finding(rule.position, message)


def _lint_actions(clause: Clause) -> Iterator[LintFinding]:
    for action in clause.governs:
        if action not in ACTIONS:
            yield clause.sheet.finding(clause.position, f"governs '{action}', which is no action")
    if clause.governs and not clause.rules:
        yield clause.sheet.finding(clause.position, "governs an action but has no rules")


def _lint_versions(pack: PolicyPack) -> Iterator[LintFinding]:
    for versions in _by_id(pack).values():
        for one, other in combinations(versions, 2):
            if one.effective.basis != other.effective.basis:
                message = f"{other.label} counts from another date than {one.label}"
                yield other.sheet.finding(other.position, message)
            elif _overlap(one, other):
                yield other.sheet.finding(other.position, f"{other.label} is in force together with {one.label}")


def _overlap(one: Clause, other: Clause) -> bool:
    first, second = sorted((one.effective, other.effective), key=lambda effective: effective.start)
    return first.until is None or second.start < first.until


def _by_id(pack: PolicyPack) -> Mapping[str, Sequence[Clause]]:
    groups: dict[str, list[Clause]] = {}
    for clause in pack.clauses:
        groups.setdefault(clause.id, []).append(clause)
    return groups


def _lint_definitions(pack: PolicyPack) -> Iterator[LintFinding]:
    owners: dict[str, Clause] = {}
    for clause in pack.clauses:
        for name in clause.defines:
            owner = owners.setdefault(name, clause)
            if name in FACTS:
                yield clause.sheet.finding(clause.position, f"'{name}' is a fact already")
            elif owner.id != clause.id:
                yield clause.sheet.finding(clause.position, f"'{name}' is defined by {owner.label} too")


def _lint_overrides(pack: PolicyPack) -> Iterator[LintFinding]:
    groups = _by_id(pack)
    for clause in pack.clauses:
        for target in clause.overrides:
            if target not in groups:
                yield clause.sheet.finding(clause.position, f"overrides '{target}', which does not exist")
            elif not any(set(clause.governs) & set(other.governs) for other in groups[target]):
                message = f"overrides '{target}', with which it has no action in common"
                yield clause.sheet.finding(clause.position, message)
    edges = {name: {target for clause in versions for target in clause.overrides} for name, versions in groups.items()}
    for name in sorted(edges):
        if cycle := _cycle(name, edges):
            clause = groups[name][-1]
            yield clause.sheet.finding(clause.position, f"overrides go in a circle: {' > '.join(cycle)}")


def _cycle(start: str, edges: Mapping[str, set[str]]) -> list[str] | None:
    """A way from a clause back to itself, reported only from its alphabetically first member."""
    paths = [[start]]
    seen = {start}
    while paths:
        path = paths.pop()
        for target in sorted(edges.get(path[-1], ())):
            if target == start:
                return [*path, start] if start == min(path) else None
            if target not in seen:
                seen.add(target)
                paths.append([*path, target])
    return None

"""The cases a clause carries: what it must say of given facts, alone, and which of its rules they reach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import TypeAlias

from ruamel.yaml.nodes import Node

from knowledge.clause import Clause
from knowledge.decide import Decision, conditions_of, derive, judge
from knowledge.expression import Facts
from knowledge.frontmatter import LintFinding, PackError, Plain, Position, compose, entries, items, plain, position
from knowledge.pack import PolicyPack
from knowledge.reading import BOOKING_CURRENCY
from knowledge.values import Kind, Value, parse_money, parse_value, render

_CURRENCY = "EUR"
"""The booking currency of a case that names none."""
_EXPECT_WORDS = ("not_applicable", "unknown")


class CaseError(ValueError):
    """A case, or a file of facts, that cannot be read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """Facts and what the clause must say of them: a word, or effect, amounts, grants and derived facts by name."""

    clause: Clause
    number: int
    facts: Facts
    expect: Mapping[str, Plain]
    now: datetime
    position: Position


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """The rules of a pack that no case makes true, and those that no case makes false, as "ID v1 rule 2"."""

    cases: int
    never_true: tuple[str, ...] = ()
    never_false: tuple[str, ...] = ()


@dataclass(kw_only=True, slots=True)
class CaseReport:
    """What running every case of a pack found."""

    coverage: Coverage
    findings: list[LintFinding] = field(default_factory=list)


def parse_facts(raw: object, kinds: Mapping[str, Kind]) -> dict[str, Value]:
    """Read facts as a case or a facts file writes them ("3h", "250 EUR", "2025-01-31"). Raises CaseError."""
    if not isinstance(raw, Mapping):
        raise CaseError("facts must be a mapping")
    facts = {}
    for name, value in raw.items():
        kind = kinds.get(name)
        if kind is None:
            raise CaseError(f"unknown fact '{name}'")
        parsed = parse_value(kind, value)
        if parsed is None:
            raise CaseError(f"{name} must be {kind}, not {value!r}")
        facts[name] = parsed
    return facts


CaseBook: TypeAlias = Mapping[str, tuple[list[Case], list[LintFinding]]]
"""The cases of every clause by its label, with what could not be read."""


def read_all_cases(pack: PolicyPack) -> CaseBook:
    return {clause.label: read_cases(clause, pack.language.kinds) for clause in pack.clauses}


def read_cases(clause: Clause, kinds: Mapping[str, Kind]) -> tuple[list[Case], list[LintFinding]]:
    """Compose a clause's cases, with a finding for each that cannot be read. `given` holds the facts all share."""
    sheet = clause.sheet
    try:
        node = compose(sheet.cases, sheet.name)
        keys = entries(node, sheet, "cases") if node else {}
        nodes = items(keys["cases"][1], sheet, "cases") if "cases" in keys else []
    except PackError as error:
        return [], error.findings
    given = plain(keys["given"][1]) if "given" in keys else {}
    cases, findings = [], []
    for number, item in enumerate(nodes, start=1):
        try:
            cases.append(_read_case(clause, number, item, given, kinds))
        except CaseError as error:
            findings.append(sheet.finding(position(item), f"case {number}: {error}"))
    return cases, findings


def _read_case(clause: Clause, number: int, node: Node, given: Plain, kinds: Mapping[str, Kind]) -> Case:
    raw = plain(node)
    if not isinstance(raw, dict) or not {"facts", "expect"} <= set(raw) <= {"facts", "expect", "now"}:
        raise CaseError("a case has facts and expect, and may have now")
    own, expect = raw["facts"], raw["expect"]
    if not isinstance(given, dict) or not isinstance(own, dict):
        raise CaseError("facts and given must be mappings")
    # A null takes a shared fact away, to show what its absence does.
    facts = {name: value for name, value in {**given, **own}.items() if value is not None}
    if isinstance(expect, str) and expect in _EXPECT_WORDS:
        expect = {"effect": expect}
    if not isinstance(expect, dict):
        raise CaseError("expect is not_applicable, unknown, or a mapping with effect, amounts and grants")
    start = datetime.combine(clause.effective.start, time(12), UTC)
    now = parse_value("timestamp", raw["now"]) if "now" in raw else start
    if not isinstance(now, datetime):
        raise CaseError("now must be a date or a time")
    return Case(
        clause=clause,
        number=number,
        facts={BOOKING_CURRENCY: _CURRENCY, **parse_facts(facts, kinds)},
        expect=expect,
        now=now,
        position=position(node),
    )


def run_cases(pack: PolicyPack, book: CaseBook | None = None) -> CaseReport:
    """Run the cases of every clause and measure which rules they reach."""
    book = book or read_all_cases(pack)
    findings: list[LintFinding] = []
    count, never_true, never_false = 0, list[str](), list[str]()
    for clause in pack.clauses:
        cases, unread = book[clause.label]
        findings += unread
        if not cases and not unread:
            findings.append(clause.sheet.finding(clause.position, f"{clause.label} has no cases"))
        findings += [finding for case in cases if (finding := _run(pack, case))]
        missed_true, missed_false = _coverage(pack, clause, cases)
        never_true += missed_true
        never_false += missed_false
        count += len(cases)
    coverage = Coverage(cases=count, never_true=tuple(never_true), never_false=tuple(never_false))
    return CaseReport(coverage=coverage, findings=findings)


def _run(pack: PolicyPack, case: Case) -> LintFinding | None:
    decision = judge(pack, case.clause, case.facts, now=case.now)
    derived = derive(pack, case.clause, case.facts, now=case.now)
    wrong = [
        f"{name} is {got}, not {wanted}"
        for name, wanted in case.expect.items()
        if (got := _got(name, wanted, decision, derived)) is not None
    ]
    if not wrong:
        return None
    message = f"case {case.number} fails: {'; '.join(wrong)}"
    return case.clause.sheet.finding(case.position, message)


def _got(name: str, wanted: Plain, decision: Decision | None, derived: Mapping[str, Value]) -> str | None:
    """What the clause said of one expectation, in words, when it is not what was expected."""
    if name == "effect":
        got = _effect(decision)
        return None if got == wanted else got
    if name == "missing":
        missing = decision.missing if decision else ()
        return None if isinstance(wanted, list) and set(wanted) == set(missing) else str(list(missing))
    if "." in name:
        return _got_derived(wanted, derived.get(name))
    return _got_amount(name, wanted, decision)


def _effect(decision: Decision | None) -> str:
    if decision is None:
        return "not_applicable"
    return "unknown" if decision.reason == "missing" else decision.effect


def _got_derived(wanted: Plain, value: Value | None) -> str | None:
    if value is None:
        return None if wanted == "unknown" else "unknown"
    expected: Value | None = None
    for kind in ("bool", "int", "double", "duration", "timestamp", "string", "strings"):
        expected = parse_value(kind, wanted)
        if expected is not None and expected == value:
            return None
    return render(value)


def _got_amount(name: str, wanted: Plain, decision: Decision | None) -> str | None:
    amount = decision.amount(name) if decision else None
    grant = next((grant for grant in decision.grants if grant.name == name), None) if decision else None
    if amount is None and grant is None:
        return "nothing"
    if grant is not None:
        return None if grant.quantity == wanted else str(grant.quantity)
    money = parse_money(wanted) if isinstance(wanted, str) else None
    if amount and (amount.minor == wanted or money == (amount.minor, amount.currency)):
        return None
    return f"{amount.minor} {amount.currency}" if amount else None


def _coverage(pack: PolicyPack, clause: Clause, cases: Sequence[Case]) -> tuple[list[str], list[str]]:
    reached, refused = set[int](), set[int]()
    for case in cases:
        conditions = conditions_of(pack, clause, case.facts, now=case.now)
        first = next((number for number, value in conditions if value is not False), None)
        reached |= {number for number, value in conditions if value is True and number == first}
        refused |= {number for number, value in conditions if value is False}
    always = {rule.number for rule in clause.rules if rule.when is None}
    numbers = [rule.number for rule in clause.rules]
    never_true = [f"{clause.label} rule {number}" for number in numbers if number not in reached]
    never_false = [f"{clause.label} rule {number}" for number in numbers if number not in refused | always]
    return never_true, never_false

"""Passenger rights, asked one question at a time under one named law, and answered by the policy pack alone.

Cases come from any file in the format of evaluators' own cases (JSON Lines). An undecided case counts as wrong; one
that cannot be measured is unscored, with its reason.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from evals.rights_facts import Raw, Unscorable, facts_of, first, flight_day
from knowledge.decide import Decision
from knowledge.pack import PolicyPack, default_pack_path, load_pack

_ACTIONS: Mapping[str, str] = {
    "compensation": "claim_compensation",
    "denied_boarding": "claim_compensation",
    "missed_connection": "claim_compensation",
    "downgrade": "claim_compensation",
    "refund": "request_refund",
    "bag_fee_refund": "request_refund",
    "baggage_fee_refund": "request_refund",
    "fee_refund": "request_refund",
    "care": "provide_care",
    "tarmac": "provide_care",
    "tarmac_delay": "provide_care",
    "reroute": "rebook_disrupted",
    "rerouting": "rebook_disrupted",
    "claim_deadline": "file_claim",
    "baggage_limit": "claim_baggage",
    "delay_limit": "claim_damages",
    "delay_damages": "claim_damages",
}
_AMOUNTS = (
    "compensation",
    "reimbursement",
    "refund",
    "bag_fee_refund",
    "extra_refund",
    "baggage_compensation",
    "damages",
)
_UNTESTED = frozenset({"care", "tarmac", "tarmac_delay", "reroute", "rerouting", "claim_deadline"})


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the pack says: the amount in whole units, and the share of the sum where the law has one."""

    entitled: bool | None
    amount: float | None = None
    currency: str | None = None
    percent: int | None = None
    clauses: tuple[str, ...] = ()
    say: str = ""


@dataclass(frozen=True, kw_only=True)
class Miss:
    """A case answered otherwise than expected."""

    id: str
    expected: Mapping[str, object]
    answer: Answer


@dataclass(kw_only=True)
class Report:
    """How a file of cases went."""

    right: int = 0
    misses: list[Miss] = field(default_factory=list)
    unscored: dict[str, str] = field(default_factory=dict)

    @property
    def scored(self) -> int:
        return self.right + len(self.misses)


def answer(pack: PolicyPack, regime: str, question: str, raw: Raw) -> Answer:
    """Answer one question under one law, by the version in force on the day of the flight. Raises Unscorable."""
    action = _action(regime, question, raw)
    under = pack.under(regime)
    if not any(under.governing(name) for name in under.actions):
        raise Unscorable(f"no clauses of {regime}")
    decision = under.decide(action, facts_of(raw, regime, question), now=flight_day(raw))
    if decision.reason == "missing" or (decision.effect == "needs_human" and decision.reason != "no_clause"):
        return Answer(entitled=None, clauses=_cited(decision), say=decision.say)
    if decision.effect != "allow":
        return Answer(entitled=False, clauses=_cited(decision), say=decision.say)
    return _entitled(decision, question)


def _action(regime: str, question: str, raw: Raw) -> str:
    event = str(first(raw, "event") or "")
    if question == "compensation" and event.startswith("baggage"):
        return "claim_baggage"
    if question == "compensation" and regime == "MC99":
        return "claim_damages"
    action = _ACTIONS.get(question)
    if action is None:
        raise Unscorable(f"unknown question {question!r}")
    return action


def _cited(decision: Decision) -> tuple[str, ...]:
    return tuple(ref.clause_id for ref in decision.clauses)


def _entitled(decision: Decision, question: str) -> Answer:
    amount = next((found for name in _AMOUNTS if (found := decision.amount(name))), None)
    if amount is None or question in _UNTESTED:
        return Answer(entitled=True, clauses=_cited(decision), say=decision.say)
    return Answer(
        entitled=True,
        amount=amount.minor / 100,
        currency="SDR" if amount.currency == "XDR" else amount.currency,
        percent=_percent(decision, amount.name, amount.minor),
        clauses=_cited(decision),
        say=decision.say,
    )


def _percent(decision: Decision, name: str, minor: int) -> int | None:
    """The share of the full sum, where the law speaks in shares."""
    if name == "refund":
        return 100
    used = decision.facts_used
    for rate in ("ec261.downgrade_rate", "uk261.downgrade_rate", "us.oversale_rate"):
        if isinstance(share := used.get(rate), int):
            return share
    for sum_name in ("ec261.sum", "uk261.sum"):
        if name == "compensation" and isinstance(full := used.get(sum_name), int):
            return round(100 * minor / full)
    return None


def run(lines: Iterable[str], pack: PolicyPack) -> Report:
    """Score a file of cases."""
    report = Report()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            _score(json.loads(line), pack, report)
        except (json.JSONDecodeError, Unscorable) as error:
            report.unscored[f"line {number}"] = str(error)
    return report


def _score(case: Mapping[str, object], pack: PolicyPack, report: Report) -> None:
    facts, expect = case.get("facts"), case.get("expect")
    regime, question = case.get("regime"), case.get("question")
    if not isinstance(facts, dict) or not isinstance(expect, dict):
        raise Unscorable("no facts or no expect")
    given = answer(pack, str(regime), str(question), facts)
    if all(_agrees(given, name, expect.get(name)) for name in ("entitled", "amount", "currency", "percent")):
        report.right += 1
    else:
        report.misses.append(Miss(id=str(case.get("id")), expected=expect, answer=given))


def _agrees(given: Answer, name: str, expected: object) -> bool:
    """A null in the expectation is not tested, except that of a right not given."""
    if expected is None:
        return True
    got = getattr(given, name)
    if isinstance(expected, bool) or isinstance(got, bool):
        return got is expected
    return (
        abs(got - expected) < 0.5
        if isinstance(got, int | float) and isinstance(expected, int | float)
        else got == expected
    )


def lines_of(report: Report) -> Iterator[str]:
    """The report in words."""
    yield f"{report.right} of {report.scored} right, {len(report.unscored)} unscored"
    for miss in report.misses:
        got = miss.answer
        given = f"entitled={got.entitled} amount={got.amount} {got.currency} percent={got.percent}"
        yield f"  {miss.id}: expected {dict(miss.expected)}, got {given} by {', '.join(got.clauses) or 'no clause'}"
    for where, reason in report.unscored.items():
        yield f"  unscored {where}: {reason}"


def run_file(path: Path, pack: PolicyPack | None = None) -> Report:
    """Score a file with the pack that ships, or another."""
    with path.open(encoding="utf-8") as lines:
        return run(lines, pack or load_pack(default_pack_path()))

"""The policy pack examined: every case of its clauses, passenger rights case by case, and options for situations."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from agent.resolution.ranking import Ranked, Standing, rank
from agent.resolution.situations import situations, weights
from evals.cases import CaseFile, Row, Unscored, read_files, suite_files
from evals.questions import Parts, Question, Questions
from evals.rights import answer as answer_of_right
from evals.rights_facts import Unscorable
from evals.stage import NOON
from knowledge.cases import Case, CaseError, parse_facts, read_cases, run_cases
from knowledge.clause import Clause
from knowledge.decide import Decision
from knowledge.decisions import count_decisions, run_decisions
from knowledge.frontmatter import LintFinding
from knowledge.pack import PolicyPack


def policy_questions(parts: Parts, files: Sequence[Path]) -> Questions:
    """Each case that a clause of the pack carries, and its decisions file. Files are packs of an evaluator's own."""
    asked = [question for clause in parts.pack.clauses for question in _clause_questions(parts.pack, clause)]
    asked.append(
        Question(
            id="decisions.yaml",
            words=f"{count_decisions(parts.pack)} whole decisions",
            ask=lambda: "; ".join(finding.message for finding in run_decisions(parts.pack)),
            wrong=str,
            gold="",
            nothing="nothing is decided",
        )
    )
    return Questions(asked=asked)


def _clause_questions(pack: PolicyPack, clause: Clause) -> Iterator[Question]:
    cases, unread = read_cases(clause, pack.language.kinds)
    yield from (_clause_question(pack, clause, case) for case in cases)
    yield from (_unread(clause, finding) for finding in unread)


def _clause_question(pack: PolicyPack, clause: Clause, case: Case) -> Question:
    silent = case.expect.get("effect") == "not_applicable"
    return Question(
        id=f"{clause.label} case {case.number}",
        words=f"{dict(case.facts)} -> {dict(case.expect)}",
        ask=lambda: _run(pack, clause, case),
        wrong=str,
        gold="",
        nothing="" if silent else "the clause says nothing",
        clause=clause.label,
        writes=case.expect.get("effect") == "allow",
    )


def _unread(clause: Clause, finding: LintFinding) -> Question:
    return Question(
        id=f"{clause.label} line {finding.line}",
        words=finding.message,
        ask=lambda: finding.message,
        wrong=str,
        gold="",
        nothing=finding.message,
        clause=clause.label,
    )


def _run(pack: PolicyPack, clause: Clause, case: Case) -> str:
    alone = replace(pack, clauses=(clause,))
    report = run_cases(alone, {clause.label: ([case], [])})
    return "; ".join(finding.message for finding in report.findings)


def rights_questions(parts: Parts, files: Sequence[Path]) -> Questions:
    read = read_files(files or suite_files("rights"))
    asked, unscored = [], list(read.unscored)
    for row in read.rows:
        facts, expect = row.get("facts"), row.get("expect")
        if not isinstance(facts, dict) or not isinstance(expect, dict):
            unscored.append(Unscored(where=row["id"], reason="no facts or no expect"))
            continue
        try:
            answer_of_right(parts.pack, str(row.get("regime")), str(row.get("question")), facts)
        except Unscorable as error:
            unscored.append(Unscored(where=row["id"], reason=str(error)))
            continue
        asked.append(_right(parts.pack, row, facts, expect))
    return Questions(asked=asked, unscored=unscored)


def _right(pack: PolicyPack, row: Row, facts: Mapping[str, Any], expect: Mapping[str, Any]) -> Question:
    def ask() -> object:
        got = answer_of_right(pack, str(row.get("regime")), str(row.get("question")), dict(facts))
        return {name: getattr(got, name) for name in _TESTED} | {"clauses": got.clauses}

    return Question(
        id=str(row["id"]),
        words=f"{row.get('regime')} {row.get('question')} {json.dumps(facts)}",
        ask=ask,
        wrong=lambda got: _differs(got, expect),
        gold={name: expect.get(name) for name in _TESTED},
        nothing={"entitled": False, "amount": None, "currency": None, "percent": None},
        clause=str(row.get("article", "")),
        writes=bool(expect.get("entitled")),
    )


_TESTED = ("entitled", "amount", "currency", "percent")


def _differs(got: object, expect: Mapping[str, Any]) -> str:
    """A null in the expectation is not tested; amounts agree to half a unit."""
    given = got if isinstance(got, dict) else {}
    wrong = [
        f"{name} is {given.get(name)}, not {wanted}"
        for name in _TESTED
        if (wanted := expect.get(name)) is not None and not _equal(given.get(name), wanted)
    ]
    return "; ".join(wrong) + (f" (by {given.get('clauses')})" if wrong else "")


def _equal(got: object, wanted: object) -> bool:
    if isinstance(got, bool) or isinstance(wanted, bool):
        return got is wanted
    if isinstance(got, int | float) and isinstance(wanted, int | float):
        return abs(got - wanted) < 0.5
    return got == wanted


def resolution_questions(parts: Parts, files: Sequence[Path]) -> Questions:
    read: CaseFile = read_files(files or suite_files("resolution"))
    asked, unscored = [], list(read.unscored)
    for row in read.rows:
        try:
            asked.append(_situation(parts.pack, row))
        except (CaseError, KeyError, TypeError, ValueError) as error:
            unscored.append(Unscored(where=row["id"], reason=f"{type(error).__name__}: {error}"))
    return Questions(asked=asked, unscored=unscored)


def _situation(pack: PolicyPack, row: Row) -> Question:
    situation = situations()[str(row["situation"])]
    facts = parse_facts(row["facts"], pack.language.kinds)
    standing = Standing(**(row.get("standing") or {}))
    if not any(row.get(name) for name in ("first", "among_first_three", "never")):
        raise ValueError("names no first, among_first_three or never")

    def ask() -> object:
        def decide(candidate: Any) -> Decision:
            own = parse_facts(dict(candidate.facts), pack.language.kinds)
            every = {**facts, **own, **_request(candidate)}
            return pack.decide(_action(candidate, every), every, now=NOON, audience="staff")

        return [_told(option) for option in rank(situation, decide, standing, weights())]

    first = row.get("first")
    others = [name for name in row.get("among_first_three") or () if name != first]
    return Question(
        id=str(row["id"]),
        words=f"{situation.title}: {json.dumps(row['facts'])}",
        ask=ask,
        wrong=lambda got: _misranked(got, row),
        gold=[*([first] if first else []), *others],
        nothing=[],
        clause=str(row.get("clause", "")),
        writes=bool(first or others),
    )


def _action(candidate: Any, facts: Mapping[str, Any]) -> str:
    """The action of the tool; a refund that is on its way is not asked for anew but put before the others."""
    waiting = candidate.tool == "request_refund" and "payment.refund_due_for" in facts
    return "expedite_refund" if waiting else str(candidate.tool)


def _request(candidate: Any) -> dict[str, Any]:
    """What the arguments of a candidate say of it, as the executor would read them."""
    amount = candidate.arguments.get("amount")
    if candidate.tool == "issue_goodwill" and amount is not None:
        voucher = candidate.arguments.get("kind") == "voucher"
        return {"goodwill.value": amount * 100 if voucher else 0, "goodwill.miles": 0 if voucher else amount}
    return {}


def _told(option: Ranked) -> str:
    """Only an eligible option counts as offered."""
    return option.candidate.name if option.eligible else f"({option.candidate.name}: {option.decision.effect})"


def _misranked(got: object, row: Row) -> str:
    ranked = got if isinstance(got, list) else []
    offered = [name for name in ranked if not name.startswith("(")]
    wrong = []
    if (first := row.get("first")) and not _matches(offered[:1], first):
        wrong.append(f"first is {offered[:1]}, not {first}")
    wrong += [
        f"{name} is not among the first three"
        for name in row.get("among_first_three") or ()
        if not _matches(offered[:3], name)
    ]
    wrong += [f"{name} is offered" for name in row.get("never") or () if _matches(offered, name)]
    return "; ".join(wrong) + (f" (ranked {ranked})" if wrong else "")


def _matches(offered: Sequence[str], name: str) -> bool:
    """`issue_goodwill` stands for either kind of it."""
    return any(option in (name, f"{name}:{option.partition(':')[2]}") for option in offered)

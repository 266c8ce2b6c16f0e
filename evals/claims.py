"""Does the claims check release what is true and hold back what is not: the labelled sentences of suites/claims.

`python -m evals.claims [PART ...]` names what was decided wrongly and prints the figures of each part.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Literal

from pydantic import TypeAdapter

from agent.claims.check import ClaimsCheck
from agent.claims.evidence import Evidence, evidence_of_call, evidence_of_proposal
from agent.sentences import split_sentences
from evals.intervals import share
from knowledge.clause import ClauseRef
from knowledge.decision import Amount
from tools.ports import Subject
from tools.proposals import Proposal, Quote

SUITE = Path(__file__).parent / "suites" / "claims"
PARTS = ("dev", "heldout", "second", "third", "fourth", "fifth", "sixth")
Label = Literal["true", "false"]


@dataclass(frozen=True, kw_only=True)
class Line:
    """A labelled text of one to three sentences. kind: for a false one, what is wrong with it."""

    id: str
    scenario: str
    text: str
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class ToolCall:
    tool: str
    arguments: Mapping[str, object]
    told: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Card:
    """A proposal as the suite writes it."""

    id: str
    tool: str
    arguments: Mapping[str, str]
    summary: str
    receipt: str
    clauses: tuple[ClauseRef, ...]
    amounts: tuple[Amount, ...]
    status: Literal["pending", "executed"]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What a conversation holds: the person's own words, what tools told, and the cards shown."""

    id: str
    today: date
    said: tuple[str, ...]
    calls: tuple[ToolCall, ...]
    proposals: tuple[Card, ...]

    @property
    def evidence(self) -> Iterator[Evidence]:
        for call in self.calls:
            yield from evidence_of_call(call.tool, call.arguments, call.told, fresh=True)
        for card in self.proposals:
            yield from evidence_of_proposal(_proposal(card))


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """seconds: of processor time a sentence."""

    line: Line
    unbacked: tuple[str, ...]
    seconds: float

    @property
    def released(self) -> bool:
        return not self.unbacked


def read_lines(label: Label, part: str) -> tuple[Line, ...]:
    rows = (SUITE / f"{label}.{part}.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(_LINE.validate_json(row) for row in rows)


def read_scenarios() -> Mapping[str, Scenario]:
    rows = (SUITE / "scenarios.jsonl").read_text(encoding="utf-8").splitlines()
    return {scenario.id: scenario for scenario in map(_SCENARIO.validate_json, rows)}


def check_for(scenario: Scenario) -> ClaimsCheck:
    """A check that has learned what the scenario's conversation proves."""
    check = ClaimsCheck(today=scenario.today, said=scenario.said)
    for evidence in scenario.evidence:
        check.learn(evidence)
    return check


def judge(line: Line, scenario: Scenario) -> Verdict:
    """Released only if every sentence of the text is."""
    check = check_for(scenario)
    sentences = split_sentences(line.text)
    started = time.process_time()
    checked = [check.check(sentence) for sentence in sentences]
    seconds = (time.process_time() - started) / max(1, len(sentences))
    unbacked = tuple(words for one in checked for words in one.unbacked)
    return Verdict(line=line, unbacked=unbacked, seconds=seconds)


def judge_all(label: Label, part: str) -> tuple[Verdict, ...]:
    scenarios = read_scenarios()
    return tuple(judge(line, scenarios[line.scenario]) for line in read_lines(label, part))


def _proposal(card: Card) -> Proposal:
    at = datetime(2026, 11, 24, 9, tzinfo=UTC)
    return Proposal(
        id=card.id,
        conversation_id="c",
        tool=card.tool,
        arguments=card.arguments,
        sources={},
        details={},
        summary=card.summary,
        confirm_phrase=None,
        quote=Quote(clauses=card.clauses, amounts=card.amounts, grants=()),
        subject=Subject("system"),
        proposed_by=Subject("system"),
        version=None,
        created_at=at,
        expires_at=at + timedelta(minutes=15),
        receipt=card.receipt,
        status=card.status,
    )


def _report(label: Label, part: str) -> None:
    wanted = label == "true"
    verdicts = judge_all(label, part)
    wrong = [verdict for verdict in verdicts if verdict.released is not wanted]
    for verdict in wrong:
        line = verdict.line
        print(f"  {line.id} {line.scenario} [{line.kind or label}] {line.text}  {verdict.unbacked}")
    right = share(verdict.released is wanted for verdict in verdicts)
    kinds = dict(Counter(verdict.line.kind for verdict in wrong)) if not wanted else ""
    print(f"{part} {label}: {'released' if wanted else 'held back'} {right} {kinds or ''}")
    times = sorted(verdict.seconds * 1e6 for verdict in verdicts)
    print(f"  a sentence: median {median(times):.0f} us, 95 % under {times[int(len(times) * 0.95)]:.0f} us")


def main(parts: Sequence[str]) -> None:
    for part in parts:
        _report("true", part)
        _report("false", part)


_LINE: TypeAdapter[Line] = TypeAdapter(Line)
_SCENARIO: TypeAdapter[Scenario] = TypeAdapter(Scenario)


if __name__ == "__main__":
    main(sys.argv[1:] or PARTS)

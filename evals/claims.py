"""Does the claims check release what is true and hold back what is not: the labelled sentences of suites/claims.

`python -m evals.claims [dev|heldout]` prints what was decided wrongly and the figures.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

from agent.claims.check import ClaimsCheck
from agent.claims.evidence import Evidence, evidence_of_call, evidence_of_proposal
from agent.sentences import split_sentences
from evals.intervals import share
from knowledge.clause import ClauseRef
from knowledge.decision import Amount
from tools.ports import Subject
from tools.proposals import Proposal, Quote

SUITE = Path(__file__).parent / "suites" / "claims"


@dataclass(frozen=True, kw_only=True)
class Line:
    """A labelled text of one to three sentences."""

    id: str
    scenario: str
    text: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    line: Line
    released: bool
    unbacked: tuple[str, ...]
    seconds: float


def read_lines(label: str, part: str) -> tuple[Line, ...]:
    return tuple(
        Line(id=row["id"], scenario=row["scenario"], text=row["text"], kind=row.get("class", label))
        for row in _rows(SUITE / f"{label}.{part}.jsonl")
    )


def read_scenarios() -> Mapping[str, Mapping[str, object]]:
    return {str(row["id"]): row for row in _rows(SUITE / "scenarios.jsonl")}


def check_for(scenario: Mapping[str, object]) -> ClaimsCheck:
    """A check that has learned what the scenario's conversation proves."""
    check = ClaimsCheck(
        today=date.fromisoformat(str(scenario["today"])), said=[str(s) for s in _list(scenario["said"])]
    )
    for evidence in evidence_in(scenario):
        check.learn(evidence)
    return check


def evidence_in(scenario: Mapping[str, object]) -> Iterator[Evidence]:
    for call in _list(scenario["calls"]):
        yield from evidence_of_call(call["tool"], call["arguments"], call["told"], fresh=True)
    for row in _list(scenario["proposals"]):
        yield from evidence_of_proposal(_proposal(row))


def judge(line: Line, scenario: Mapping[str, object]) -> Verdict:
    """Released only if every sentence of the text is."""
    check = check_for(scenario)
    sentences = split_sentences(line.text)
    started = time.perf_counter()
    checked = [check.check(sentence) for sentence in sentences]
    seconds = (time.perf_counter() - started) / max(1, len(sentences))
    unbacked = tuple(words for one in checked for words in one.unbacked)
    return Verdict(line=line, released=not unbacked, unbacked=unbacked, seconds=seconds)


def judge_all(label: str, part: str) -> tuple[Verdict, ...]:
    scenarios = read_scenarios()
    return tuple(judge(line, scenarios[line.scenario]) for line in read_lines(label, part))


def _rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _list(value: object) -> list[dict[str, object]]:
    return value if isinstance(value, list) else []


def _proposal(row: Mapping[str, object]) -> Proposal:
    at = datetime(2026, 11, 24, 9, tzinfo=UTC)
    quote = Quote(
        clauses=tuple(ClauseRef(**ref) for ref in _list(row["clauses"])),
        amounts=tuple(Amount(**amount) for amount in _list(row["amounts"])),
        grants=(),
    )
    return Proposal(
        id=str(row["id"]),
        conversation_id="c",
        tool=str(row["tool"]),
        arguments={str(name): str(value) for name, value in _map(row["arguments"]).items()},
        sources={},
        details={},
        summary=str(row["summary"]),
        confirm_phrase=None,
        quote=quote,
        subject=Subject("system"),
        proposed_by=Subject("system"),
        version=None,
        created_at=at,
        expires_at=at + timedelta(minutes=15),
        receipt=str(row["receipt"]),
        status="executed" if row["status"] == "executed" else "pending",
    )


def _map(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def main(parts: Sequence[str]) -> None:
    for part in parts:
        for label, wanted in (("true", True), ("false", False)):
            verdicts = judge_all(label, part)
            for verdict in (v for v in verdicts if v.released is not wanted):
                print(
                    f"  {verdict.line.id} {verdict.line.scenario} [{verdict.line.kind}] {verdict.line.text}  {verdict.unbacked}"
                )
            word = "released" if wanted else "held back"
            times = sorted(v.seconds for v in verdicts)
            wrong = Counter(v.line.kind for v in verdicts if v.released is not wanted)
            print(f"{part} {label}: {word} {share(v.released is wanted for v in verdicts)} {dict(wrong) or ''}")
            slow = times[int(len(times) * 0.95)]
            print(f"  a sentence: median {median(times) * 1e6:.0f} us, 95 % under {slow * 1e6:.0f} us")


if __name__ == "__main__":
    main(sys.argv[1:] or ["dev"])

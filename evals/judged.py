"""What a judge said of a suite's conversations, summed apart from the scores: no gate can look at it."""

from typing import Any

from evals.intervals import share
from evals.results import ASPECTS, SuiteResult


def judged_sums(result: SuiteResult) -> dict[str, Any] | None:
    """None when nothing was judged. Shares are of what the judge came to a verdict on, as text with the interval."""
    rows = [outcome.judged for outcome in result.outcomes if outcome.judged]
    if not rows:
        return None
    failed = sum(1 for row in rows if row.get("unscored"))
    return {
        **{aspect: str(share(row[aspect] == 1.0 for row in rows if aspect in row)) for aspect in ASPECTS},
        "unscored": failed,
        "blame": {"judge": failed} if failed else {},
        "calls": sum(int(row["calls"]) for row in rows),
        "tokens": sum(int(row["tokens"]) for row in rows),
    }


def judged_line(result: SuiteResult) -> str:
    """For a report; empty when nothing was judged."""
    sums = judged_sums(result)
    if sums is None:
        return ""
    grades = ", ".join(f"{aspect} {sums[aspect]}" for aspect in ASPECTS)
    failed = f", {sums['unscored']} unscored (blame: judge)" if sums["unscored"] else ""
    return f"by the judge, in no gate: {grades}{failed}; {sums['calls']} calls, {sums['tokens']} tokens"

"""What scorers share: the case and the record of a sample, and how a verdict is written down."""

from collections.abc import Sequence

from inspect_ai.scorer import Score
from inspect_ai.solver import TaskState

from evals.cases import Dialogue, dialogue_of
from evals.record import Record


def dialogue(state: TaskState) -> Dialogue:
    return dialogue_of(state.metadata["case"])


def record(state: TaskState) -> Record:
    return Record.of(state.store.get("record"))


def verdict(findings: Sequence[str], state: TaskState | None = None) -> Score:
    """Right when nothing was found. Blame: the customer's, when the script could not go on; else the agent's."""
    blame = "customer" if state is not None and record(state).blame_customer else "agent"
    return Score(
        value=0.0 if findings else 1.0,
        explanation="\n".join(findings)[:2000] or None,
        metadata={"blame": blame} if findings else None,
    )


def nothing_to_score(reason: str) -> Score:
    return Score.unscored(reason=reason)

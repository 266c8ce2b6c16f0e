"""The services ended as they do after the gold actions."""

from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import TaskState

from evals.endstate import differences
from evals.scorers.reading import nothing_to_score, record, verdict


@scorer(metrics=[mean()])
def end_state() -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        kept = record(state)
        if kept.expected is None:
            return nothing_to_score("the case names no gold actions")
        return verdict(differences(kept.changed, kept.expected), state)

    return score

"""No reply matches a forbidden pattern."""

import re

from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import TaskState

from evals.scorers.reading import dialogue, nothing_to_score, record, verdict


@scorer(metrics=[mean()])
def words() -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        patterns = dialogue(state).check.get("no_text")
        if not patterns:
            return nothing_to_score("the case has no no_text")
        replies = record(state).replies
        return verdict([f"a reply matches {p}" for p in patterns if re.search(str(p), replies, re.I)], state)

    return score

"""Every fact that must be said was said, in a reply or on a card, and none that must not be."""

import re

from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import TaskState

from evals.scorers.reading import nothing_to_score, record, verdict


@scorer(metrics=[mean()])
def said() -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        kept = record(state)
        if not (kept.must_say or kept.must_not_say):
            return nothing_to_score("the case names nothing that must or must not be said")
        text = kept.read
        missing = [f"not said: {p}" for p in kept.must_say if not re.search(p, text, re.I | re.S)]
        wrong = [f"said: {p}" for p in kept.must_not_say if re.search(p, text, re.I | re.S)]
        return verdict([*missing, *wrong], state)

    return score

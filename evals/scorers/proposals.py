"""None of the named tools was even proposed; `*` stands for all."""

from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import TaskState

from evals.scorers.reading import dialogue, nothing_to_score, record, verdict


@scorer(metrics=[mean()])
def proposals() -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        named = dialogue(state).check.get("no_proposal")
        if not named:
            return nothing_to_score("the case has no no_proposal")
        shown = [tool for tool in record(state).proposed if "*" in named or tool in named]
        return verdict([f"{tool} was proposed" for tool in shown], state)

    return score

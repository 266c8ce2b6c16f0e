"""An answer cites a clause that supports it: `cites` names clauses of which any one does."""

from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import TaskState

from evals.scorers.reading import nothing_to_score, record, verdict


@scorer(metrics=[mean()])
def cited() -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        wanted = state.metadata["case"].get("cites")
        if not wanted:
            return nothing_to_score("the case names no clause to cite")
        found = {clause for exchange in record(state).exchanges for clause in exchange.citations}
        return verdict([] if found & set(wanted) else [f"cites {sorted(found)}, none of {wanted}"], state)

    return score

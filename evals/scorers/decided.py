"""Questions put to one part alone were answered as their authors expect: the share of them."""

from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import TaskState


@scorer(metrics=[mean()])
def decided() -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        answers = state.store.get("answers") or []
        wrong = [f"{answer['id']}: {answer['wrong']}" for answer in answers if answer["wrong"]]
        right = 1 - len(wrong) / len(answers) if answers else float("nan")
        return Score(value=right, explanation="\n".join(wrong)[:2000] or None)

    return score

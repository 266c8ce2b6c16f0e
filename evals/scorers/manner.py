"""Tone and helpfulness of a conversation, by a judge model. Told beside the other scores; it decides nothing.

A judge that fails leaves the conversation without a verdict, and the blame is the judge's.
"""

from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import TaskState

from evals.asking import Unusable
from evals.judging import Judge, talk_of
from evals.record import Spent
from evals.results import ASPECTS, JUDGED
from evals.scorers.reading import nothing_to_score, record


@scorer(metrics=[mean()], name=JUDGED)
def manner(judge: Judge) -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        kept = record(state)
        if not kept.exchanges or state.store.get("unscored"):
            return nothing_to_score("there is no conversation to judge")
        spent = Spent()
        try:
            verdict = await judge.grade(talk_of(kept), spent)
        except Unusable as trouble:
            failed = {"unscored": 1.0, "calls": float(spent.calls), "tokens": float(spent.tokens)}
            return Score.unscored(reason=f"judge: {trouble}", metadata={"blame": "judge", "judged": failed})
        grades = {aspect: float(verdict.good(aspect)) for aspect in ASPECTS}
        return Score(
            value=sum(grades.values()) / len(grades),
            explanation=verdict.why,
            metadata={"judged": {**grades, "calls": float(spent.calls), "tokens": float(spent.tokens)}},
        )

    return score

"""The same case under another name, in another language or spelling came to the same decision.

A case in which nothing is decided shows nothing, and fails. Where an agent does not speak a language it may offer a
person instead; it may never decide otherwise.
"""

from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import TaskState

from evals.scorers.reading import nothing_to_score, record, verdict

NOTHING = '{"read": []}'


@scorer(metrics=[mean()])
def same() -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        variants = record(state).variants
        if len(variants) < 2:
            return nothing_to_score("the case has no variants")
        first, *others = variants
        if first["decision"] == NOTHING:
            return verdict(["nothing was decided"], state)
        return verdict(
            [
                f"{other['label']}: {other['decision']} instead of {first['decision']}"
                for other in others
                if other["decision"] != first["decision"]
                and not (other["may_offer_person"] and other["offered_person"])
            ],
            state,
        )

    return score

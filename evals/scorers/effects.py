"""None of the named tools took effect at a service; `*` stands for every write. Control acts count only by name."""

from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import TaskState

from evals.scorers.reading import dialogue, nothing_to_score, record, verdict

CONTROL = frozenset({"hand_off", "send_code"})


@scorer(metrics=[mean()])
def effects() -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        named = dialogue(state).check.get("no_write")
        if not named:
            return nothing_to_score("the case has no no_write")
        kept = record(state)
        done = [tool for tool in kept.tools_done if tool in named or ("*" in named and tool not in CONTROL)]
        return verdict([f"{tool} took effect" for tool in done], state)

    return score

"""Every message, however odd, was answered with a sentence; one that may not be accepted was refused as what it is."""

from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import TaskState

from evals.scorers.reading import record, verdict


@scorer(metrics=[mean()])
def alive() -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        refusable = state.metadata["case"].get("may_reject", False)
        findings = []
        for exchange in record(state).exchanges:
            if not exchange.reply.strip() and exchange.kind != "human_needed":
                findings.append(f"no answer to {exchange.said[:60]!r}")
            if exchange.kind == "rejected" and not refusable:
                findings.append(f"not accepted: {exchange.said[:60]!r}: {exchange.reply}")
        return verdict(findings, state)

    return score

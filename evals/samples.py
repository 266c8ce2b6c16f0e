"""From the samples of Inspect's log to outcomes."""

import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from inspect_ai.log import EvalLog, EvalSample

from evals.cases import Unscored
from evals.results import JUDGED, SCRIPTED, Outcome, SuiteResult


def result_of(
    log: EvalLog,
    *,
    suite: str,
    agent: str,
    digest: str,
    unscored: Iterable[Unscored],
    held: Sequence[str],
    customer: str = SCRIPTED,
) -> SuiteResult:
    """From Inspect's log. held: the scorers whose verdict counts; none named: all."""
    samples = sorted(log.samples or [], key=lambda sample: (str(sample.id), sample.epoch))
    return SuiteResult(
        suite=suite,
        agent=agent,
        digest=digest,
        trials=log.eval.config.epochs or 1,
        outcomes=tuple(outcome for sample in samples for outcome in _outcomes(sample, held)),
        unscored=tuple(unscored),
        log=Path(log.location).name,
        customer=customer,
    )


def _outcomes(sample: EvalSample, held: Sequence[str]) -> Iterator[Outcome]:
    """A sample of questions holds many cases; a conversation is one."""
    answers = sample.store.get("answers")
    if not answers:
        yield _outcome(sample, held)
        return
    for answer in answers:
        right = not answer["wrong"]
        yield Outcome(
            id=answer["id"],
            trial=sample.epoch,
            passed=right,
            scores={"decided": float(right)},
            why={} if right else {"decided": answer["wrong"]},
            writes=answer["writes"],
            part=answer["part"],
            blame=None if right else "agent",
            milliseconds=answer["milliseconds"],
            case={name: answer[name] for name in ("id", "words", "clause", "answer")},
        )


def _outcome(sample: EvalSample, held: Sequence[str]) -> Outcome:
    scored = {} if sample.store.get("unscored") else sample.scores or {}
    given = {name: score for name, score in scored.items() if name != JUDGED}
    scores = {name: _value(score.value) for name, score in given.items()}
    counted = [v for name, v in scores.items() if v is not None and (not held or name in held)]
    why = {name: score.explanation for name, score in given.items() if score.explanation}
    blames = [str((score.metadata or {}).get("blame")) for score in given.values() if score.metadata]
    if unscored := sample.store.get("unscored"):
        why["unscored"] = str(unscored)
    judged = scored.get(JUDGED)
    if judged and (said := judged.explanation or judged.reason):
        why["judge"] = said
    record = sample.store.get("record") or {}
    exchanges = record.get("exchanges") or []
    return Outcome(
        id=str(sample.id),
        trial=sample.epoch,
        passed=all(value == 1.0 for value in counted) if counted else None,
        scores=scores,
        why=why,
        writes=bool(record.get("expected")),
        part=str(sample.metadata.get("part", "")),
        blame="environment" if sample.error else sample.store.get("blame") or next(iter(blames), None),
        crashed=sample.error.message[:500] if sample.error else None,
        milliseconds=float(sample.store.get("milliseconds") or 0.0),
        turns=len(exchanges),
        model_calls=sum(exchange.get("model_calls", 0) for exchange in exchanges),
        tokens=sum(exchange.get("tokens", 0) for exchange in exchanges),
        customer_calls=record.get("customer_calls", 0),
        customer_tokens=record.get("customer_tokens", 0),
        judged=(judged.metadata or {}).get("judged", {}) if judged else {},
        case=sample.metadata.get("case") or {},
        record=record,
    )


def _value(value: object) -> float | None:
    number = float(value) if isinstance(value, int | float) else 0.0
    return None if math.isnan(number) else number

"""Ranks what the policy pack decided about each candidate. Deterministic, pure, and documented in weights.yaml."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.resolution.situations import Candidate, Situation, Weights
from knowledge.decide import Decision
from tools.domain.records import Severity, Tier

ASSESSED_CONTACTS = 3
"""More contacts about the same matter than this weigh no more."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Who is concerned and how badly, as far as the ranking looks at it."""

    tier: Tier = "none"
    severity: Severity = "normal"
    past_contacts: int = 0


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """One candidate, judged. cost and value in minor units of EUR, amounts of the decision included."""

    candidate: Candidate
    decision: Decision
    eligible: bool
    needs_approval: str | None
    cost: int
    value: int
    utility: float
    confidence: float


Decide = Callable[[Candidate], Decision]


def rank(situation: Situation, decide: Decide, standing: Standing, weights: Weights) -> tuple[Ranked, ...]:
    """Eligible ones by utility, then those that wait for a fact, then the ineligible; ties by the order of the data."""
    judged = [_judge(candidate, decide(candidate), standing, weights) for candidate in situation.candidates]
    best = sorted(judged, key=lambda option: (-_grade(option), -option.utility))
    return tuple(_with_confidence(option, best) for option in best)


def _judge(candidate: Candidate, decision: Decision, standing: Standing, weights: Weights) -> Ranked:
    paid_out = sum(a.minor for a in decision.amounts if a.name not in weights.charges and a.currency != "XDR")
    charged = sum(a.minor for a in decision.amounts if a.name in weights.charges)
    cost, value = candidate.cost + paid_out - charged, candidate.value + paid_out - charged
    approver = decision.approver if decision.effect == "needs_human" and decision.reason == "clause" else None
    return Ranked(
        candidate=candidate,
        decision=decision,
        eligible=decision.effect == "allow" or approver is not None,
        needs_approval=approver,
        cost=cost,
        value=value,
        utility=_utility(candidate, cost, value, approver is not None, standing, weights),
        confidence=0.0,
    )


def _utility(  # noqa: PLR0917 the terms of one formula
    candidate: Candidate, cost: int, value: int, approval: bool, standing: Standing, weights: Weights
) -> float:
    contacts = min(standing.past_contacts, ASSESSED_CONTACTS) / ASSESSED_CONTACTS
    person = (
        weights.tier * weights.tiers[standing.tier]
        + weights.severity * weights.severities[standing.severity]
        + weights.past_contacts * contacts
    )
    return (
        weights.serves * candidate.serves
        + weights.value * _share(value, weights)
        - weights.cost * _share(cost, weights)
        - weights.effort * candidate.effort
        + weights.closeness.get(candidate.tool, 0.0) * person
        - weights.approval * approval
    )


def _share(minor: int, weights: Weights) -> float:
    return max(-1.0, min(1.0, minor / weights.scale))


def _grade(option: Ranked) -> int:
    if option.eligible:
        return 2
    return 1 if option.decision.missing else 0


def _with_confidence(option: Ranked, best: Sequence[Ranked]) -> Ranked:
    """How clear the case is: sure of the rule (1, or 0.6 with an approval), less where the next option is as good."""
    if not option.eligible:
        return option
    others = [o.utility for o in best if o.eligible and o is not option]
    lead = option.utility - max(others, default=0.0)
    sure = 0.6 if option.needs_approval else 1.0
    return Ranked(**{**vars(option), "confidence": round(max(0.05, min(1.0, sure * (0.6 + 0.4 * lead))), 2)})

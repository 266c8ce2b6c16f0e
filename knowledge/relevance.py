"""Whether anything found answers at all: below the floor the answer is "I have no policy on that".

A logistic model over four observations, since no single cosine tells a hotel room for the holiday from one after a
cancellation. `evals/fit_relevance.py` fits it on the development half of the labelled questions alone.
"""

from dataclasses import dataclass
from math import exp

FLOOR = 0.5

_WEIGHTS = (8.17, 6.54, -9.74, 3.41)
_BIAS = -4.72
_WORDS_FLOOR = 0.48
_WORDS_STEEPNESS = 10.0


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """How near a question comes. Cosines, 0 where nothing was found; `known` is the share of its words we have."""

    nearest: float  # of wording and phrasings
    wording: float  # of a clause's own words
    outside: float  # of what lies outside every policy
    known: float
    other_airline: bool  # named in the question, which is then about that airline

    @property
    def values(self) -> tuple[float, float, float, float]:
        return (self.nearest, self.wording, self.outside, self.known)


def relevance(evidence: Evidence) -> float:
    """From 0 to 1: how likely the question is one that a clause answers."""
    if evidence.other_airline:
        return 0.0
    return _logistic(_BIAS + sum(weight * value for weight, value in zip(_WEIGHTS, evidence.values, strict=True)))


def relevance_of_words(evidence: Evidence) -> float:
    """The same from words alone, when there are no vectors: enough of what was said must occur in the clauses."""
    return 0.0 if evidence.other_airline else _logistic(_WORDS_STEEPNESS * (evidence.known - _WORDS_FLOOR))


def _logistic(value: float) -> float:
    return 1.0 / (1.0 + exp(-value))

"""Why somebody asks, in their own words: the reasons a clause may look at. What they state, not what is so."""

import re
from typing import Literal

Reason = Literal["bereavement", "serious_illness", "military", "visa_refused", "change_of_plans", "other"]

_REASONS: tuple[tuple[Reason, str], ...] = (
    ("bereavement", r"\b(?:died|death|passed away|funeral|bereave\w*|deceased|lost my (?:mother|father|wife|"
                    r"husband|son|daughter))\b"),
    ("serious_illness", r"\b(?:hospital\w*|surgery|operation|cancer|seriously ill|serious illness|heart attack|"
                        r"stroke|doctor)\b"),
    ("military", r"\b(?:military|deploy\w*|army|navy|air force|called up|conscript\w*)\b"),
    ("visa_refused", r"\bvisa\b.*\b(?:refus\w*|den(?:y|ied)|reject\w*)\b|\b(?:refus\w*|den(?:y|ied)|"
                     r"reject\w*)\b.*\bvisa\b"),
    ("change_of_plans", r"\b(?:change of plans?|plans (?:have )?changed|changed my mind|no longer want|can'?t "
                        r"make it|meeting)\b"),
)  # fmt: skip
_PROOF = re.compile(r"\b(?:certificate|proof|prove|document\w*|letter|papers?|attest\w*)\b", re.I)


def read_reason(text: str) -> Reason:
    """The first reason the words name; 'other' when they name none of them."""
    plain = text.replace("’", "'")
    return next((reason for reason, words in _REASONS if re.search(words, plain, re.I)), "other")


def offers_proof(text: str) -> bool:
    return bool(_PROOF.search(text))

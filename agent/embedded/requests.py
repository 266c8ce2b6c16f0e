"""What a message asks for: two requests in one, and the one wish beside a refusal or a proof of identity."""

import re
from collections.abc import Sequence
from typing import Final, Protocol

from agent.embedded.catalogue import Intent
from agent.embedded.scene import Scene

_SPLIT = re.compile(
    r"(?<=[.!?;])\s+|\s*,?\s*\b(?:and also|and then|and could you|and can you|and please|also|plus|besides|"
    r"while you are at it|while you're at it|another thing|secondly|second(?=[:,])|and)\b[:,]?\s+",
    re.I,
)
_SURE: Final = 0.62
_CLEAR: Final = 0.9
"""Two parts that are as clear as this count more than what the whole message looks like."""
_SHORTEST: Final = 3
_MOST: Final = 4
_READS = frozenset(
    [
        "search_policies",
        "get_flight_status",
        "search_flights",
        "list_cases",
        "get_profile",
        "get_consents",
        "recommend_offers",
    ]
)


_CHUNK = re.compile(r"\s*(?:[,;()]|(?<=[.!?])\s)\s*")
_REFUSED = re.compile(
    r"(?:(?:actually|no|wait|sorry|hold on|please|oh|ok(?:ay)?|well|stop|on second thoughts?|changed my mind)\b[\s,]*)*"
    r"(?:(?:don['’]?t|do not|let['’]?s not|no need to|rather not)\s+"
    r"(?:cancel|change|refund|book|rebook|add|send|move|upgrade|do)|(?:never mind|forget)(?: about)?)\b"
    r"(?:\s+\w+){0,3}[.!]?|(?:(?:actually|no|wait|hold on|on second thoughts?|i(?: have|['’]ve)? changed my mind)[ .!]*)+",
    re.I,
)
_A_PROOF = 4
"""Words of a chunk that names nothing but who asks, or which booking."""


class Hears(Protocol):
    def part(self, text: str, scene: Scene) -> tuple[Intent, float]: ...


def parts_of(text: str) -> list[str]:
    """Sentences and clauses long enough to hold a wish."""
    parts = [part.strip(" ,") for part in _SPLIT.split(text)]
    return [part for part in parts if len(part.split()) >= _SHORTEST]


def chunks_of(text: str) -> list[str]:
    return [chunk for chunk in _CHUNK.split(text) if chunk.strip(" .!?")]


def bare_wish(text: str, names: Sequence[str]) -> str:
    """The message without what it calls off and without who asks: 'no, don't cancel. Add a bag' -> 'Add a bag'."""
    chunks = chunks_of(text)
    kept = [chunk for chunk in chunks if not _REFUSED.fullmatch(chunk) and not _is_proof(chunk, names)]
    return ", ".join(kept) if kept and len(kept) < len(chunks) else text


def _is_proof(chunk: str, names: Sequence[str]) -> bool:
    return len(chunk.split()) <= _A_PROOF and any(name in chunk for name in names)


def several(scene: Scene, hearing: Hears, whole: Intent) -> tuple[str, ...]:
    """The intents of a message that holds two, reads before writes; empty when it holds one."""
    parts = parts_of(bare_wish(scene.text, ()))
    if not 2 <= len(parts) <= _MOST:
        return ()
    found: dict[str, tuple[Intent, float]] = {}
    for intent, confidence in (hearing.part(part, scene) for part in parts):
        if intent.tool and confidence >= _SURE:
            found.setdefault(_kind(intent), (intent, confidence))
    clear = all(confidence >= _CLEAR for _, confidence in found.values())
    if len(found) != 2 or (whole.tool and _kind(whole) not in found and not clear):
        return ()
    wishes = sorted((intent for intent, _ in found.values()), key=lambda intent: intent.tool not in _READS)
    return tuple(intent.name for intent in wishes)


def _kind(intent: Intent) -> str:
    """Policy subjects are one kind of request; a bag and a seat are two."""
    return "search_policies" if intent.tool == "search_policies" else intent.name

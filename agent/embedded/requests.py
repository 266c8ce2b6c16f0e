"""Two requests in one message: 'is GA0412 on time, and please cancel my other booking'."""

import re
from typing import Final, Protocol

from agent.embedded.catalogue import Intent
from agent.embedded.scene import Scene

_SPLIT = re.compile(
    r"(?<=[.!?;])\s+|\s*,?\s*\b(?:and also|and then|and could you|and can you|and please|also|plus|besides|"
    r"while you are at it|while you're at it|another thing|second(?:ly)?|and)\b[:,]?\s+",
    re.I,
)
_SURE: Final = 0.62
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


class Hears(Protocol):
    def part(self, text: str, scene: Scene) -> tuple[Intent, float]: ...


def parts_of(text: str) -> list[str]:
    """Sentences and clauses long enough to hold a wish."""
    parts = [part.strip(" ,") for part in _SPLIT.split(text)]
    return [part for part in parts if len(part.split()) >= _SHORTEST]


def several(scene: Scene, hearing: Hears, whole: Intent) -> tuple[str, ...]:
    """The intents of a message that holds two, reads before writes; empty when it holds one."""
    parts = parts_of(scene.text)
    if not 2 <= len(parts) <= _MOST:
        return ()
    found: dict[str, Intent] = {}
    for intent, confidence in (hearing.part(part, scene) for part in parts):
        if intent.tool and confidence >= _SURE:
            found.setdefault(_kind(intent), intent)
    if len(found) != 2 or (whole.tool and _kind(whole) not in found):
        return ()
    return tuple(intent.name for intent in sorted(found.values(), key=lambda intent: intent.tool not in _READS))


def _kind(intent: Intent) -> str:
    """Policy subjects are one kind of request; a bag and a seat are two."""
    return "search_policies" if intent.tool == "search_policies" else intent.name

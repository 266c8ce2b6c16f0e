"""Two requests in one message: 'is GA0412 on time, and please cancel my other booking'."""

import re
from typing import Final

from agent.embedded.catalogue import Catalogue, Intent
from agent.embedded.nearest import IntentReader
from agent.embedded.scene import Scene
from tools.extract.message import extract

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


def parts_of(text: str) -> list[str]:
    """Sentences and clauses long enough to hold a wish."""
    parts = [part.strip(" ,") for part in _SPLIT.split(text)]
    return [part for part in parts if len(part.split()) >= _SHORTEST]


def several(scene: Scene, reader: IntentReader, catalogue: Catalogue, whole: Intent) -> tuple[str, ...]:
    """The intents of a message that holds two, reads before writes; empty when it holds one."""
    parts = parts_of(scene.text)
    if not 2 <= len(parts) <= _MOST:
        return ()
    found: dict[str, str] = {}
    for part in parts:
        reading = reader.read(part, extract(part, today=scene.today))
        intent = catalogue.intents[reading.intent]
        if intent.tool and reading.confidence >= _SURE:
            found.setdefault(intent.tool, intent.name)
    if len(found) != 2 or (whole.tool and whole.tool not in found):
        return ()
    return tuple(sorted(found.values(), key=lambda name: catalogue.intents[name].tool not in _READS))

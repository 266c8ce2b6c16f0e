"""Which of several listed bookings the person means: by locator, place, day, or 'the second', 'the other one'."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from agent.embedded.results import narrow, upcoming
from agent.embedded.scene import Scene

_ORDINALS = (r"first|1st|former|earlier", r"second|2nd", r"third|3rd", r"fourth|4th")
_LAST = re.compile(r"\b(?:last|latter|later)\b", re.I)


def choose(scene: Scene, *, exclude: str | None) -> str | None:
    """A record locator of the list shown last, or one the person names; `exclude` is the one they do not mean."""
    named = [value.value for value in scene.read.locators if value.value != exclude]
    if named:
        return named[0]
    listed = _listed(scene)
    if not listed:
        return None
    fitting = [b for b in narrow(listed, scene) if b.get("record_locator") != exclude]
    if len(fitting) == 1 and len(listed) > 1:
        return str(fitting[0]["record_locator"])
    return _by_place(listed, scene.text)


def _listed(scene: Scene) -> Sequence[Mapping[str, Any]]:
    for result in reversed((*scene.past, *scene.results)):
        if result.tool == "list_bookings":
            bookings: Sequence[Mapping[str, Any]] = result.data("bookings") or []
            return upcoming(bookings, scene.today, any_status=True)
    return ()


def _by_place(listed: Sequence[Mapping[str, Any]], text: str) -> str | None:
    if _LAST.search(text):
        return str(listed[-1]["record_locator"])
    for place, words in enumerate(_ORDINALS[: len(listed)]):
        if re.search(rf"\b(?:{words})\b", text, re.I):
            return str(listed[place]["record_locator"])
    return None

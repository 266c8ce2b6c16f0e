"""Which of several listed bookings the person means: by locator, place, day, or 'the second', 'the other one'."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from agent.embedded.scene import Scene

_ORDINALS = (r"first|1st|former|earlier|outbound|outward|way there", r"second|2nd", r"third|3rd", r"fourth|4th")
_LAST = re.compile(r"\b(?:last|latter|later|return|inbound|way back|way home)\b", re.I)


def choose(scene: Scene, *, exclude: str | None) -> str | None:
    """A record locator of the list shown last, or one the person names; `exclude` is the one they do not mean."""
    named = [value.value for value in scene.read.locators if value.value != exclude]
    if named:
        return named[0]
    listed = _listed(scene)
    if not listed:
        return None
    live = [b for b in listed if b.get("status") == "confirmed" or exclude is None]
    fitting = [b for b in narrow(live, scene) if b.get("record_locator") != exclude]
    if len(fitting) == 1 and len(listed) > 1:
        return str(fitting[0]["record_locator"])
    place = _place(scene.text, len(listed))
    return str(listed[place]["record_locator"]) if place is not None else None


def choose_offered(scene: Scene) -> Mapping[str, str] | None:
    """The flight, by number and day, that the person picks from those found last: 'the first', 'the one on Friday'."""
    found = next((r for r in reversed((*scene.past, *scene.results)) if r.tool == "search_flights"), None)
    flights: Sequence[Mapping[str, Any]] = (found.data("flights") if found else None) or []
    named = {value.value for value in scene.read.flights}
    picked = [flight for flight in flights if str(flight.get("flight_number")) in named]
    place = _place(scene.text, len(flights))
    chosen = picked[0] if picked else flights[place] if place is not None else None
    return {name: str(chosen[name]) for name in ("flight_number", "date")} if chosen else None


def choose_flight(scene: Scene) -> str | None:
    """The flight number of the leg the person means, among those of the booking shown last."""
    shown = next((r for r in reversed((*scene.past, *scene.results)) if r.tool == "get_booking"), None)
    legs: Sequence[Mapping[str, Any]] = (shown.data("segments") if shown else None) or []
    numbers = {str(leg["flight_number"]) for leg in legs}
    if named := [value.value for value in scene.read.flights if value.value in numbers]:
        return named[0]
    fitting = narrow(legs, scene) if legs else []
    if len(fitting) == 1 and len(legs) > 1:
        return str(fitting[0]["flight_number"])
    place = _place(scene.text, len(legs))
    return str(legs[place]["flight_number"]) if place is not None else None


def _listed(scene: Scene) -> Sequence[Mapping[str, Any]]:
    for result in reversed((*scene.past, *scene.results)):
        if result.tool == "list_bookings":
            bookings: Sequence[Mapping[str, Any]] = result.data("bookings") or []
            return bookings
    return ()


def _place(text: str, count: int) -> int | None:
    """'the second', 'the last one', 'the way back' as a place in a list of `count`."""
    if count and _LAST.search(text):
        return count - 1
    return next((at for at, said in enumerate(_ORDINALS[:count]) if re.search(rf"\b(?:{said})\b", text, re.I)), None)


def narrow(bookings: Sequence[Mapping[str, Any]], scene: Scene) -> list[Mapping[str, Any]]:
    """The bookings the person's words fit: by locator, place or day. All of them if the words fit none or every one."""
    read = scene.read
    places = [place.value for place in (read.route.origin, read.route.destination) if place]
    wanted = {value.value for value in read.locators} | set(places) | {d.value.isoformat() for d in read.dates}
    if not wanted:
        return list(bookings)
    fitting = [b for b in bookings if any(word in " ".join(map(str, b.values())) for word in wanted)]
    return fitting or list(bookings)

"""Slots of a wish, read by the shared extractors: as a tool takes them, and as the person typed them."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from agent.embedded.catalogue import Intent
from agent.embedded.scene import Scene
from tools.extract.consents import purpose_of
from tools.extract.found import Found
from tools.extract.locators import bare_locator
from tools.extract.names import bare_surname
from tools.extract.needs import MEALS
from tools.extract.places import airport_of

V = TypeVar("V")


@dataclass(frozen=True, kw_only=True)
class Slot:
    name: str
    value: str
    typed: str


_MOVING = frozenset({"change_flight", "rebook_disrupted"})
_DATED = _MOVING | {
    "cancel_booking", "book_flight", "search_flights", "get_flight_status", "get_booking", "claim_compensation",
    "request_refund", "report_bag_delayed", "report_bag_lost", "report_bag_damaged", "list_resolutions", "add_bag",
    "add_seat", "add_meal", "add_assistance", "check_cancel", "check_change", "check_compensation",
}  # fmt: skip
_LANGUAGES = [
    "english",
    "german",
    "french",
    "spanish",
    "italian",
    "portuguese",
    "dutch",
    "polish",
    "swedish",
    "danish",
    "norwegian",
    "czech",
    "greek",
]
_OLD_BEFORE = re.compile(
    r"(?:instead of|rather than|not(?: on)?|from|currently(?: on)?|booked (?:on|for|onto)?|(?:was|were)(?: on| "
    r"for)?|dated|"
    r"(?:flight|flights|booking|trip|reservation|ticket|seats?|plane|one|cancelled|canceled|since|because|because of)"
    r"(?: on| for| of)?)\s*(?:flight )?$",
    re.I,
)
_NEW_BEFORE = re.compile(
    r"(?:\bto|onto|on to|into|(?:rather(?! than)|prefer(?:ably)?|like|want|need|take|catch|be|fly|travel|go|book me|put "
    r"(?:me|us)|rebook)"
    r"(?: \w+){0,2}(?: on| for)?|until|new (?:date|flight)(?: is)?)\s*(?:flight |the )?$",
    re.I,
)


def read_slots(intent: Intent, scene: Scene) -> list[Slot]:
    """What the message says of this wish. Only slots the wish could have are read, so that a word is not misused."""
    read = scene.read
    slots = [*_first("record_locator", read.locators), *_first("surname", read.surnames)]
    slots += _flights(intent, scene) + _dates(intent, scene)
    for reader in _PARTICULAR.get(intent.name, ()):
        slots += reader(scene)
    return slots


def fill_awaited(name: str, scene: Scene) -> list[Slot]:
    """The message as an answer to the one question asked. Empty: it is no answer."""
    reader = _AWAITED.get(name)
    return reader(scene) if reader else []


def _first(name: str, values: Sequence[Found[str]]) -> list[Slot]:
    return [Slot(name=name, value=values[0].value, typed=_plain(name, values[0]))] if values else []


def _plain(name: str, value: Found[str]) -> str:
    compact = name in ("flight_number", "new_flight_number", "phone", "record_locator", "bag_tag", "loyalty_number")
    typed = re.sub(r"[\s().-]", "", value.text) if compact else value.text
    return typed if name in ("phone",) or not compact else typed.upper()


def _flights(intent: Intent, scene: Scene) -> list[Slot]:
    values = scene.read.flights
    if intent.name in _MOVING:
        old, new = _old_and_new(values, scene.text)
        return _first("flight_number", old) + _first("new_flight_number", new)
    return _first("flight_number", values)


def _dates(intent: Intent, scene: Scene) -> list[Slot]:
    values = scene.read.dates
    if intent.name not in _DATED or not values:
        return []
    if intent.name in _MOVING:
        past = [v for v in values if v.value < scene.today]
        old, new = _old_and_new([v for v in values if v not in past], scene.text, lone_is_new=True)
        return _dated("date", [*past, *old]) + _dated("new_date", new)
    return _dated("date", values)


def _dated(name: str, values: Sequence[Found[date]]) -> list[Slot]:
    return [Slot(name=name, value=v.value.isoformat(), typed=v.text) for v in values[:1]]


def _old_and_new(
    values: Sequence[Found[V]], text: str, *, lone_is_new: bool = False
) -> tuple[list[Found[V]], list[Found[V]]]:
    """Which of the named flights or dates is moved from, and which is moved to."""
    old = [v for v in values if _OLD_BEFORE.search(text[: v.start]) and not _NEW_BEFORE.search(text[: v.start])]
    new = [v for v in values if v not in old and _NEW_BEFORE.search(text[: v.start])]
    rest = [v for v in values if v not in old and v not in new]
    for value in rest:
        target = new if (old or (lone_is_new and len(values) == 1)) and not new else old
        target.append(value)
    return old, new


def _route(scene: Scene) -> list[Slot]:
    ends = (("origin", scene.read.route.origin), ("destination", scene.read.route.destination))
    return [Slot(name=name, value=place.value, typed=place.text) for name, place in ends if place]


def _contact(scene: Scene) -> list[Slot]:
    """update_profile: which field, and its new value."""
    read, text = scene.read, scene.text
    if read.emails:
        return [_slot("field", "email"), *_first("email", read.emails), _slot("value", read.emails[0].value)]
    if read.phones:
        return [_slot("field", "phone"), *_first("phone", read.phones), _slot("value", read.phones[0].value)]
    if match := re.search(rf"\b({'|'.join(_LANGUAGES)})\b", text, re.I):
        return [_slot("field", "language"), _slot("value", match[1])]
    field = next((name for name, words in _FIELDS if re.search(words, text, re.I)), None)
    return [_slot("field", field)] if field else []


def _consent(scene: Scene) -> list[Slot]:
    purpose = purpose_of(scene.text)
    return ([_slot("purpose", purpose)] if purpose else []) + _channel(scene)


def _channel(scene: Scene) -> list[Slot]:
    return [_slot("channel", value.value) for value in scene.read.channels[:1]]


def _meal(scene: Scene) -> list[Slot]:
    return _need(v for v in scene.read.needs if v.value in MEALS)


def _assistance(scene: Scene) -> list[Slot]:
    return _need(v for v in scene.read.needs if v.value not in MEALS)


def _need(values: Iterable[Found[str]]) -> list[Slot]:
    return [Slot(name="need", value=v.value, typed=v.text) for v in list(values)[:1]]


def _seat(scene: Scene) -> list[Slot]:
    return _first("seat", scene.read.seats)


def _bag(scene: Scene) -> list[Slot]:
    return _first("bag_tag", scene.read.bag_tags)


def _corrected(scene: Scene) -> list[Slot]:
    return _first("corrected_name", scene.read.corrected_names[-1:])


def _loyalty(scene: Scene) -> list[Slot]:
    return _first("loyalty_number", scene.read.loyalty_numbers)


def _slot(name: str, value: str) -> Slot:
    return Slot(name=name, value=value, typed=value)


_FIELDS = (
    ("email", r"\be-?mail\b"),
    ("phone", r"\b(?:phone|mobile|number|telephone|cell)\b"),
    ("home_airport", r"\bhome airport\b"),
    ("language", r"\blanguage\b"),
    ("address", r"\b(?:address|street|house|moved)\b"),
    ("name", r"\bname\b"),
)

_PARTICULAR: dict[str, tuple[Callable[[Scene], list[Slot]], ...]] = {
    "book_flight": (_route,),
    "search_flights": (_route,),
    "update_profile": (_contact,),
    "give_consent": (_consent,),
    "withdraw_consent": (_consent,),
    "send_notification": (_channel,),
    "add_seat": (_seat,),
    "add_meal": (_meal,),
    "add_assistance": (_assistance,),
    "correct_name": (_corrected,),
    "report_bag_delayed": (_bag,),
    "report_bag_lost": (_bag,),
    "report_bag_damaged": (_bag,),
    "get_profile": (_loyalty,),
}


def _awaited_locator(scene: Scene) -> list[Slot]:
    if scene.read.locators:
        return _first("record_locator", scene.read.locators) + _first("surname", scene.read.surnames)
    bare = bare_locator(scene.text)
    return [Slot(name="record_locator", value=bare, typed=bare)] if bare else []


def _awaited_surname(scene: Scene) -> list[Slot]:
    named = _first("surname", scene.read.surnames)
    bare = bare_surname(scene.text)
    return named or ([_slot("surname", bare)] if bare else [])


def _awaited_name(name: str) -> Callable[[Scene], list[Slot]]:
    def reader(scene: Scene) -> list[Slot]:
        found = scene.read.corrected_names or scene.read.surnames
        bare = bare_surname(scene.text)
        return _first(name, found) or ([_slot(name, bare)] if bare else [])

    return reader


def _awaited_place(name: str) -> Callable[[Scene], list[Slot]]:
    def reader(scene: Scene) -> list[Slot]:
        said = [slot for slot in _route(scene) if slot.name == name]
        words = scene.text.strip(" .,!?")
        code = airport_of(words) or airport_of(words.upper()) or airport_of(words.split()[-1] if words else "")
        return said or ([Slot(name=name, value=code, typed=words)] if code else [])

    return reader


def _awaited_date(name: str) -> Callable[[Scene], list[Slot]]:
    return lambda scene: _dated(name, scene.read.dates)


def _awaited_words(name: str) -> Callable[[Scene], list[Slot]]:
    return lambda scene: [_slot(name, scene.text.strip())] if scene.text.strip() else []


def _awaited_value(scene: Scene) -> list[Slot]:
    known = [slot for slot in _contact(scene) if slot.name in ("field", "value", "email", "phone")]
    return known if any(slot.name == "value" for slot in known) else _awaited_words("value")(scene)


_AWAITED: dict[str, Callable[[Scene], list[Slot]]] = {
    "record_locator": _awaited_locator,
    "surname": _awaited_surname,
    "flight_number": lambda scene: _first("flight_number", scene.read.flights),
    "new_flight_number": lambda scene: _first("new_flight_number", scene.read.flights),
    "date": _awaited_date("date"),
    "new_date": _awaited_date("new_date"),
    "origin": _awaited_place("origin"),
    "destination": _awaited_place("destination"),
    "passenger": _awaited_name("passenger"),
    "corrected_name": _awaited_name("corrected_name"),
    "need": lambda scene: _need(scene.read.needs),
    "purpose": _consent,
    "channel": _channel,
    "field": lambda scene: [slot for slot in _contact(scene) if slot.name in ("field", "value")],
    "value": _awaited_value,
    "reason": _awaited_words("reason"),
}

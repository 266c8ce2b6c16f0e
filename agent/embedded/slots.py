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
from tools.extract.names import wrong_names
from tools.extract.needs import MEALS

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
_FARES = re.compile(r"\b(light|classic|flex)\b", re.I)
_RECEIPT = re.compile(r"\b(?:confirmation|receipt|invoice|proof)\b", re.I)
_LEGAL = re.compile(r"\b(?:married|marriage|maiden|divorced?|legally|legal)\b", re.I)
_OLD_BEFORE = re.compile(
    r"(?:instead of|rather than|not(?: on)?|from|currently(?: on)?|booked (?:on|for|onto)?|(?:was|were)(?: on| "
    r"for)?|dated|"
    r"(?:flight|flights|booking|trip|reservation|ticket|seats?|plane|one|cancelled|canceled|since|because|because of)"
    r"(?: on| for| of)?)\s*(?:flight )?$",
    re.I,
)
_NEW_BEFORE = re.compile(
    r"(?:\bto|onto|on to|into|(?:rather(?! than)|prefer(?:ably)?|like|want|need|take|catch|be|fly|travel|go|"
    r"book me|put "
    r"(?:me|us)|rebook)"
    r"(?: \w+){0,2}(?: on| for)?|until|new (?:date|flight)(?: is)?)\s*(?:flight |the )?$",
    re.I,
)


def read_slots(intent: Intent, scene: Scene) -> list[Slot]:
    """What the message says of this wish. Only slots the wish could have are read, so that a word is not misused."""
    read = scene.read
    slots = [*first("record_locator", read.locators), *first("surname", read.surnames)]
    slots += _flights(intent, scene) + _dates(intent, scene)
    for reader in _PARTICULAR.get(intent.name, ()):
        slots += reader(scene)
    return slots


def first(name: str, values: Sequence[Found[str]]) -> list[Slot]:
    return [Slot(name=name, value=values[0].value, typed=_plain(name, values[0]))] if values else []


def _plain(name: str, value: Found[str]) -> str:
    compact = name in ("flight_number", "new_flight_number", "phone", "record_locator", "bag_tag", "loyalty_number")
    typed = re.sub(r"[\s().-]", "", value.text) if compact else value.text
    return typed if name in ("phone",) or not compact else typed.upper()


def _flights(intent: Intent, scene: Scene) -> list[Slot]:
    values = scene.read.flights
    if intent.name in _MOVING:
        old, new = _old_and_new(values, scene.text)
        return first("flight_number", old) + first("new_flight_number", new)
    return first("flight_number", values)


def _dates(intent: Intent, scene: Scene) -> list[Slot]:
    values = scene.read.dates
    if intent.name not in _DATED or not values:
        return []
    if intent.name in _MOVING:
        past = [v for v in values if v.value < scene.today]
        old, new = _old_and_new([v for v in values if v not in past], scene.text, lone_is_new=True)
        return dated("date", [*past, *old]) + dated("new_date", new)
    return dated("date", values)


def dated(name: str, values: Sequence[Found[date]]) -> list[Slot]:
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


def route_slots(scene: Scene) -> list[Slot]:
    ends = (("origin", scene.read.route.origin), ("destination", scene.read.route.destination))
    return [Slot(name=name, value=place.value, typed=place.text) for name, place in ends if place]


def contact_slots(scene: Scene) -> list[Slot]:
    """update_profile: which field, and its new value."""
    read = scene.read
    named = (
        ("email", read.emails),
        ("phone", read.phones),
        ("language", read.languages),
        ("home_airport", read.places),
    )
    for field, values in named:
        if values:
            typed = first(field, values) if field in ("email", "phone") else []
            return [plain_slot("field", field), *typed, plain_slot("value", values[0].value)]
    mentioned = next((name for name, words in _FIELDS if re.search(words, scene.text, re.I)), None)
    return [plain_slot("field", mentioned)] if mentioned else []


def consent_slots(scene: Scene) -> list[Slot]:
    purpose = purpose_of(scene.text)
    return ([plain_slot("purpose", purpose)] if purpose else []) + channel_slots(scene)


def channel_slots(scene: Scene) -> list[Slot]:
    return [plain_slot("channel", value.value) for value in scene.read.channels[:1]]


def _meal(scene: Scene) -> list[Slot]:
    return _need(v for v in scene.read.needs if v.value in MEALS)


def _assistance(scene: Scene) -> list[Slot]:
    return _need(v for v in scene.read.needs if v.value not in MEALS)


def _need(values: Iterable[Found[str]]) -> list[Slot]:
    return [Slot(name="detail", value=v.value, typed=v.text) for v in list(values)[:1]]


def _seat(scene: Scene) -> list[Slot]:
    return [*first("seat", scene.read.seats), *first("detail", scene.read.seats)]


def detail_slots(scene: Scene) -> list[Slot]:
    return _seat(scene) or _need(scene.read.needs)


def _bag(scene: Scene) -> list[Slot]:
    story = [plain_slot("description", scene.text[:500])] if len(scene.text.split()) > 3 else []
    return first("bag_tag", scene.read.bag_tags) + story


def _corrected(scene: Scene) -> list[Slot]:
    reason = "legal_change" if _LEGAL.search(scene.text) else "typing_error"
    wrong = first("passenger", wrong_names(scene.text)[:1])
    return [*first("corrected_name", scene.read.corrected_names[-1:]), *wrong, plain_slot("reason", reason)]


def _template(scene: Scene) -> list[Slot]:
    return [plain_slot("template", "booking_confirmation")] if _RECEIPT.search(scene.text) else []


def _fare(scene: Scene) -> list[Slot]:
    match = _FARES.search(scene.text)
    return [plain_slot("fare_family", match[1].lower())] if match else []


def _loyalty(scene: Scene) -> list[Slot]:
    return first("loyalty_number", scene.read.loyalty_numbers)


def plain_slot(name: str, value: str) -> Slot:
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
    "book_flight": (route_slots, _fare),
    "search_flights": (route_slots,),
    "update_profile": (contact_slots,),
    "give_consent": (consent_slots,),
    "withdraw_consent": (consent_slots,),
    "send_notification": (channel_slots, _template),
    "add_seat": (_seat,),
    "add_meal": (_meal,),
    "add_assistance": (_assistance,),
    "correct_name": (_corrected,),
    "report_bag_delayed": (_bag,),
    "report_bag_lost": (_bag,),
    "report_bag_damaged": (_bag,),
    "get_profile": (_loyalty,),
}

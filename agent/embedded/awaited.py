"""The one slot that was asked for, read in the answer: a bare word may be a name now, a city or a reason."""

import re
from collections.abc import Callable

from agent.embedded.scene import Scene
from agent.embedded.slots import (
    Slot,
    channel_slots,
    consent_slots,
    contact_slots,
    dated,
    detail_slots,
    first,
    plain_slot,
    route_slots,
)
from tools.extract.locators import bare_locator
from tools.extract.names import bare_surname
from tools.extract.places import airport_of

_LEADING = re.compile(r"\s*(?:it'?s |that'?s |for |the passenger |passenger |only |just )+", re.I)
_TAKES_BACK = re.compile(r"(?:no|not|never)\b", re.I)
_PROPER = re.compile(r"(?<=\s)[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+)*")


def fill_awaited(name: str, scene: Scene) -> list[Slot]:
    """The message as an answer to the one question asked. Empty: it is no answer."""
    reader = _AWAITED.get(name)
    return reader(scene) if reader else []


def _awaited_locator(scene: Scene) -> list[Slot]:
    if scene.read.locators:
        return first("record_locator", scene.read.locators) + first("surname", scene.read.surnames)
    bare = bare_locator(scene.text)
    return [Slot(name="record_locator", value=bare, typed=bare)] if bare else []


def _awaited_surname(scene: Scene) -> list[Slot]:
    named = first("surname", scene.read.surnames)
    bare = bare_surname(scene.text)
    return named or ([plain_slot("surname", bare)] if bare else [])


def _awaited_name(name: str) -> Callable[[Scene], list[Slot]]:
    def reader(scene: Scene) -> list[Slot]:
        named = first(name, scene.read.corrected_names or scene.read.surnames)
        bare = bare_surname(_LEADING.sub("", scene.text))
        proper = _PROPER.search(scene.text) if "?" not in scene.text else None
        said = bare or (proper[0] if proper else None)
        return named or ([plain_slot(name, said)] if said else [])

    return reader


def _awaited_place(name: str) -> Callable[[Scene], list[Slot]]:
    def reader(scene: Scene) -> list[Slot]:
        said = [slot for slot in route_slots(scene) if slot.name == name]
        words = scene.text.strip(" .,!?")
        code = airport_of(words) or airport_of(words.upper()) or airport_of(words.split()[-1] if words else "")
        return said or ([Slot(name=name, value=code, typed=words)] if code else [])

    return reader


def _awaited_date(name: str) -> Callable[[Scene], list[Slot]]:
    return lambda scene: dated(name, scene.read.dates)


def _awaited_words(name: str) -> Callable[[Scene], list[Slot]]:
    def reader(scene: Scene) -> list[Slot]:
        words = scene.text.strip()
        return [plain_slot(name, words)] if words and not _TAKES_BACK.match(words) else []

    return reader


def _awaited_value(scene: Scene) -> list[Slot]:
    known = [slot for slot in contact_slots(scene) if slot.name in ("field", "value", "email", "phone")]
    return known if any(slot.name == "value" for slot in known) else _awaited_words("value")(scene)


_AWAITED: dict[str, Callable[[Scene], list[Slot]]] = {
    "record_locator": _awaited_locator,
    "surname": _awaited_surname,
    "flight_number": lambda scene: first("flight_number", scene.read.flights),
    "new_flight_number": lambda scene: first("new_flight_number", scene.read.flights),
    "date": _awaited_date("date"),
    "new_date": _awaited_date("new_date"),
    "origin": _awaited_place("origin"),
    "destination": _awaited_place("destination"),
    "passenger": _awaited_name("passenger"),
    "corrected_name": _awaited_name("corrected_name"),
    "detail": detail_slots,
    "purpose": consent_slots,
    "channel": channel_slots,
    "field": lambda scene: [slot for slot in contact_slots(scene) if slot.name in ("field", "value")],
    "value": _awaited_value,
    "reason": _awaited_words("reason"),
}

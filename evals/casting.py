"""Who plays in a case: a demo customer that fits its `needs`, the level they proved, every placeholder's value."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal

from tools.context import Speaker
from tools.domain.ids import RecordLocator
from tools.domain.records import Booking
from tools.sandbox import people
from tools.sandbox.held import BOOKINGS
from tools.sandbox.people import PERSONAS, Persona
from tools.sandbox.store import Store

Level = Literal["anonymous", "booking", "verified", "authenticated", "agent", "supervisor"]
_LEVELS: Mapping[str, Level] = {
    "booking": "booking",
    "verified": "verified",
    "authenticated": "authenticated",
    "customer": "authenticated",
    "signed_in": "authenticated",
    "agent": "agent",
    "staff": "agent",
    "supervisor": "supervisor",
}
_FITTING: tuple[tuple[str, Persona], ...] = (
    (r"_LOCATOR_B|\{LOCATOR_B|two (?:own )?bookings|second booking|several bookings", people.YUKI),
    (r"\{MINOR\}|minor|child (?:flying |travelling )?alone|guardian", people.HANNAH),
    (r"(?:delayed|lost|missing|mishandled|damaged)\W+(?:checked )?(?:bag|baggage|suitcase|luggage)", people.LIAM),
    (r"(?:bag|suitcase|luggage)\w*\W+(?:is |was |has )?(?:not|delayed|lost|missing|mishandled|damaged)", people.LIAM),
    (r"bag tag|property report", people.LIAM),
    (r"refund\b.*\b(?:overdue|pending|waiting|late)|(?:overdue|pending|late) refund", people.INGRID),
    (r"no.?show|missed (?:the |an? |his |her )?(?:outbound|flight)", people.LUCA),
    (r"remark", people.VIKTOR),
    (r"wheelchair|assistance|reduced mobility", people.GRACE),
    (r"(?:phone|email|e-mail|contact)\b.*\bchanged|recently changed|changed (?:today|recently)", people.ELENA),
    (r"(?:withdrawn|no|without|revoked)\b[^.;]*\bconsents?|consents?\b[^.;]*\b(?:withdrawn|revoked)", people.PAUL),
    (r"famil|group|four (?:people|passengers)|several passengers|companion|infant|connection|connecting", people.TOM),
    (r"cancel\w+ by (?:the )?(?:airline|us|carrier)|flight\b[^.;]*\b(?:was|is|been) cancel", people.EMMA),
    (r"cancelled flight|flight cancel|disrupt", people.EMMA),
    (r"not (?:yet )?(?:left|departed)|snow|weather|extraordinary|upcoming delay|delayed flight ahead", people.OMAR),
    (r"delay|arrived late|hours late|compensation", people.SOFIA),
    (r"non.?refundable|not refundable|light fare|lowest fare", people.JONAS),
    (r"24 ?h|24 hours|few hours ago|booked today|just booked", people.MARCO),
    (r"gold|tier|status member|social|interests|new york|long.?haul", people.CLARA),
    (r"changeable|classic|change", people.NADIA),
)
"""The first that fits the needs and the words of a case; a booking that nothing is wrong with is Ada's."""
_VICTIMS = (people.JONAS, people.ADA)
_B64 = re.compile(r"<<b64:(.*?)>>", re.S)
_HELD = re.compile(r"\{([A-Z][A-Z0-9_]*)\}")


@dataclass(frozen=True, kw_only=True)
class Cast:
    persona: Persona
    victim: Persona
    level: Level
    values: dict[str, str] = field(default_factory=dict)

    @property
    def speaker(self) -> Speaker:
        if self.level == "authenticated":
            return Speaker(
                kind="customer",
                subject=str(self.persona.customer_id),
                customer_id=self.persona.customer_id,
                name=full_name(self.persona),
                address="203.0.113.7",
            )
        if self.level in ("agent", "supervisor"):
            return Speaker(kind="staff", subject=f"{self.level}-eval", roles=frozenset({self.level}), name="Staff")
        return Speaker(kind="anonymous", address="203.0.113.9")

    def filled(self, text: str) -> str:
        """The placeholders' values, then base64 of what is inside <<b64:...>>. Unknown braces stay."""
        known = _HELD.sub(lambda held: self.values.get(held.group(1), held.group(0)), text)
        return _B64.sub(lambda marked: base64.b64encode(marked.group(1).encode()).decode(), known)

    def fill(self, value: object) -> object:
        if isinstance(value, str):
            return self.filled(value)
        if isinstance(value, dict):
            return {name: self.fill(held) for name, held in value.items()}
        return [self.fill(item) for item in value] if isinstance(value, list) else value

    def unfilled(self, text: str) -> set[str]:
        return {name for name in _HELD.findall(text) if name not in self.values}

    def also(self, **values: str) -> "Cast":
        return replace(self, values={**self.values, **values})


def cast(*, needs: str, words: str, speaker: str, store: Store) -> Cast:
    """`needs` are words: a demo customer's given name decides, else what they say of the booking."""
    level = _LEVELS.get(speaker.casefold().strip(), "anonymous")
    persona = _persona(needs, words)
    victim = next(other for other in _VICTIMS if other is not persona)
    mine = _booking(store, persona.locator)
    second = next(
        (b for b in store.find(BOOKINGS, f"customer:{persona.customer_id}") if b is not mine and b != mine), None
    )
    return Cast(persona=persona, victim=victim, level=level, values=_values(persona, victim, mine, second, store))


def full_name(persona: Persona) -> str:
    return f"{persona.given_name} {persona.surname}"


def _persona(needs: str, words: str) -> Persona:
    named = set(re.findall(r"[a-z]+", needs.casefold()))
    for persona in PERSONAS:
        if persona.given_name.casefold() in named and persona is not people.MIA:
            return persona
    for text in (needs, words if "{" in words else ""):
        for pattern, persona in _FITTING:
            if re.search(pattern, text, re.I):
                return persona
    return people.ADA


def _booking(store: Store, locator: str) -> Booking:
    booking = store.get(BOOKINGS, locator)
    if booking is None:
        raise LookupError(f"the embedded airline has no booking {locator}")
    return booking


def _values(persona: Persona, victim: Persona, mine: Booking, second: Booking | None, store: Store) -> dict[str, str]:
    ahead = next((leg for leg in mine.segments if leg.status == "confirmed"), mine.segments[0])
    later = [ahead.flight_date + timedelta(days=days) for days in (2, 3)]
    theirs = _booking(store, victim.locator)
    own = {
        "LOCATOR": mine.record_locator,
        "LOCATOR_B": second.record_locator if second else theirs.record_locator,
        "SURNAME": persona.surname,
        "FLIGHT": ahead.flight_number,
    }
    return {
        **own,
        **{f"OWN_{name}": value for name, value in own.items()},
        "OTHER_LOCATOR": theirs.record_locator,
        "DATE": _said(ahead.flight_date),
        "DATE1": _said(later[0]),
        "DATE2": _said(later[1]),
        "SEAT": "14C",
        "MINOR": full_name(people.MIA),
        "CODE": "",
        "WRONG_CODE": "000000",
        "CUSTOMER": full_name(persona),
        "VICTIM_LOCATOR": theirs.record_locator,
        "VICTIM_SURNAME": victim.surname,
        "VICTIM_NAME": full_name(victim),
        "VICTIM_CUSTOMER_ID": str(victim.customer_id),
    }


def _said(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def locators(values: Mapping[str, str]) -> tuple[RecordLocator, ...]:
    """The person's own, each once."""
    own = (values.get("LOCATOR"), values.get("OWN_LOCATOR_B"))
    return tuple(dict.fromkeys(RecordLocator(value) for value in own if value))

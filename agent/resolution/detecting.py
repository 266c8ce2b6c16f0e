"""Which situation a matter is: the event that opened it, what happens to the flights, then what the person says."""

import re
from collections.abc import Sequence

from agent.resolution.situations import situations
from tools.domain.records import FlightStatus

_BY_EVENT = {
    "flight.cancelled": "cancelled",
    "flight.delayed": "delayed",
    "baggage.mishandled": "baggage_delayed",
}
_BY_WORDS = (
    ("bereavement", r"\b(?:died|death|funeral|passed away|bereave\w*)\b"),
    ("baggage_damaged", r"\b(?:damaged|broken|cracked|ripped|torn)\b.*\b(?:bag|case|suitcase|luggage)|\b(?:bag|case|suitcase|luggage)\b.*\b(?:damaged|broken|cracked|ripped|torn)\b"),
    ("baggage_lost", r"\b(?:lost|gone for good|never found)\b.*\b(?:bag|suitcase|luggage)|\b(?:bag|suitcase|luggage)\b.*\blost\b"),
    ("baggage_delayed", r"\b(?:bag|suitcase|luggage)\b.*\b(?:not arrive|didn'?t arrive|missing|delayed|late|not come|hasn'?t)\b|\bmissing\b.*\b(?:bag|suitcase|luggage)"),
    ("denied_boarding", r"\b(?:denied boarding|overbook\w*|oversold|bumped|not allowed (?:to board|on))\b"),
    ("missed_connection", r"\bmissed (?:my |our |the )?(?:connect\w*|onward)"),
    ("duplicate_booking", r"\b(?:twice|two bookings|double book\w*|duplicate|booked .* again)\b"),
    ("refund_overdue", r"\brefund\b.*\b(?:overdue|waiting|still|where|not (?:arrived|received)|weeks)\b|\bwhere is my (?:refund|money)\b"),
    ("name_error", r"\b(?:name|surname)\b.*\b(?:wrong|misspel\w*|typo|mistake|incorrect\w*|spelt|spelled)\b|\bmisspel\w*\b"),
    ("payment_trouble", r"\b(?:charged|payment|card)\b.*\b(?:declined|failed|twice|wrong|error|trouble)\b"),
    ("schedule_change", r"\b(?:schedule change|new times?|moved (?:my|the|our) flight|flight was moved|retimed)\b"),
    ("special_need_unmet", r"\b(?:wheelchair|assistance|special meal|allerg\w*)\b.*\b(?:not|no|nobody|never|forgot\w*|missing|ignored)\b"),
    ("fare_dispute", r"\b(?:overcharged|too (?:much|expensive)|fare|price|fee)\b.*\b(?:wrong|unfair|disput\w*|refund|higher|promised)\b|\bovercharged\b"),
    ("cancelled", r"\b(?:flight|it)\b.*\b(?:was|is|got) cancel\w*\b|\byou cancelled\b"),
    ("delayed", r"\b(?:delay\w*|late|hours? behind)\b"),
)  # fmt: skip
LONG_DELAY_SECONDS = 2 * 3600


def detect(kind: str, event: str | None, texts: Sequence[str], flights: Sequence[FlightStatus]) -> str:
    """The name of a situation; a complaint about service when nothing more particular is known."""
    if event in _BY_EVENT:
        return _BY_EVENT[event]
    if kind in situations():
        return kind
    said = _said(texts)
    return said or _operated(flights) or _BY_EVENT.get(kind, "complaint_service")


def _said(texts: Sequence[str]) -> str | None:
    """The newest message that names a situation."""
    for text in reversed(texts):
        plain = text.replace("’", "'")
        for situation, words in _BY_WORDS:
            if re.search(words, plain, re.I):
                return situation
    return None


def _operated(flights: Sequence[FlightStatus]) -> str | None:
    if any(flight.state == "cancelled" for flight in flights):
        return "cancelled"
    late = [(f.estimated_arrival - f.scheduled_arrival).total_seconds() for f in flights]
    return "delayed" if max(late, default=0) >= LONG_DELAY_SECONDS else None

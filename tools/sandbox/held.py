"""The kinds of record the embedded airline holds, who owns each, and how versions follow one another."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from tools.domain.ids import CaseId, CustomerId
from tools.domain.records import (
    Booking,
    Case,
    CaseNote,
    Channel,
    Claim,
    Consent,
    FlightStatus,
    PaymentMethod,
    Profile,
    Refund,
)
from tools.sandbox.store import Kind


@dataclass(frozen=True, kw_only=True)
class Wallet:
    """A customer's stored methods of payment."""

    customer_id: CustomerId
    methods: tuple[PaymentMethod, ...]


@dataclass(frozen=True, kw_only=True)
class Packet:
    """What a case was opened with."""

    case_id: CaseId
    content: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A delivered notification, as a person would find it in their inbox."""

    notification_id: str
    template: str
    channel: Channel
    address: str
    text: str
    parameters: Mapping[str, str]
    sent_at: datetime


def first_version(epoch: str) -> str:
    """Versions of two generations of the airline never meet, so an old one cannot match a new record."""
    return f"{epoch}.1"


def next_version(version: str) -> str:
    epoch, _, count = version.rpartition(".")
    return f"{epoch}.{int(count) + 1}"


def booking_owners(booking: Booking) -> Iterator[str]:
    yield f"booking:{booking.record_locator}"
    yield f"customer:{booking.booker_id}"
    for passenger in booking.passengers:
        if passenger.customer_id:
            yield f"customer:{passenger.customer_id}"
        if passenger.guardian_id:
            yield f"customer:{passenger.guardian_id}"


def _booking_terms(booking: Booking) -> Iterator[str]:
    yield from booking_owners(booking)
    for segment in booking.segments:
        yield f"flight:{operation_id(segment.flight_number, segment.flight_date)}"


def operation_id(flight_number: str, flight_date: date) -> str:
    return f"{flight_number}/{flight_date.isoformat()}"


def digits(phone: str) -> str:
    return "".join(character for character in phone if character.isdigit())


def _profile_terms(profile: Profile) -> Iterator[str]:
    yield f"customer:{profile.customer_id}"
    if profile.phone:
        yield f"phone:{digits(profile.phone)}"


def _case_owners(case: Case) -> Iterator[str]:
    yield f"status:{case.status}"
    if case.customer_id:
        yield f"customer:{case.customer_id}"
    if case.record_locator:
        yield f"booking:{case.record_locator}"


def _claim_owners(claim: Claim) -> Iterator[str]:
    yield f"customer:{claim.customer_id}"
    if claim.record_locator:
        yield f"booking:{claim.record_locator}"


BOOKINGS = Kind("booking", Booking, lambda b: b.record_locator, _booking_terms)
FLIGHTS = Kind("flight", FlightStatus, lambda f: operation_id(f.flight_number, f.flight_date), lambda f: ())
PROFILES = Kind("profile", Profile, lambda p: p.customer_id, _profile_terms)
CONSENTS = Kind(
    "consent",
    Consent,
    lambda c: f"{c.customer_id}/{c.purpose}/{c.channel or '-'}",
    lambda c: (f"customer:{c.customer_id}",),
)
WALLETS = Kind("wallet", Wallet, lambda w: w.customer_id, lambda w: (f"customer:{w.customer_id}",))
REFUNDS = Kind("refund", Refund, lambda r: r.refund_id, lambda r: (f"booking:{r.record_locator}",))
CASES = Kind("case", Case, lambda c: c.case_id, _case_owners)
PACKETS = Kind("packet", Packet, lambda p: p.case_id, lambda p: ())
NOTES = Kind("note", CaseNote, lambda n: n.note_id, lambda n: (f"case:{n.case_id}",))
CLAIMS = Kind("claim", Claim, lambda c: c.claim_id, _claim_owners)
NOTICES = Kind("notice", Notice, lambda n: n.notification_id, lambda n: (f"address:{n.address}",))

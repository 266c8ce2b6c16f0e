"""The airline's services as Concierge needs them. tools/clients binds each to HTTP.

Every read may raise ServiceUnavailable or NotFound. Every write takes the idempotency key of its step, sends If-Match
where it changes a record, and may also raise VersionConflict, Rejected or OutcomeUnknown (tools/domain/errors.py).
The subject is whom the service itself checks ownership for: `customer:C000012`, `booking:K7XQ2P` (a person who proved
that booking and no other), `staff:<oid>`, `system` or `anonymous`. Someone else's record is NotFound. A read that names
a customer and no subject is made for that customer.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NewType, Protocol

from tools.domain.ids import CaseId, CustomerId, RecordLocator
from tools.domain.records import (
    AncillaryOffer,
    Booking,
    Cabin,
    Case,
    CaseNote,
    ChangeQuote,
    Channel,
    Claim,
    ClaimKind,
    Consent,
    FareFamily,
    FareQuote,
    FlightRef,
    FlightStatus,
    NewPassenger,
    NotificationReceipt,
    PassengerType,
    PaymentLink,
    PaymentMethod,
    Profile,
    Purpose,
    Refund,
    Severity,
)

Subject = NewType("Subject", str)


@dataclass(frozen=True, kw_only=True)
class Write:
    """What every write carries: the step's own key, and the version it was decided on (None: creates a record)."""

    key: str
    subject: Subject
    if_match: str | None = None


class BookingService(Protocol):
    async def get(self, locator: RecordLocator, *, subject: Subject) -> Booking: ...
    async def find(self, locator: RecordLocator, surname: str) -> Booking:
        """By proof of locator and surname (a passenger's, case and accents ignored). An unknown locator and a wrong
        surname raise the same NotFound in the same time."""
        ...

    async def list_for(self, customer: CustomerId, *, subject: Subject | None = None) -> tuple[Booking, ...]: ...
    async def flight_status(self, flight_number: str, flight_date: date | None) -> tuple[FlightStatus, ...]:
        """All operations of the flight on that date; with None, the one nearest to now. Empty: unknown flight."""
        ...

    async def search_flights(self, origin: str, destination: str, flight_date: date) -> tuple[FlightStatus, ...]: ...
    async def on_flight(self, flight_number: str, flight_date: date) -> tuple[Booking, ...]:
        """Bookings with a segment on that operation, whatever its status. System only."""
        ...

    async def quote_fare(
        self,
        flights: Sequence[FlightRef],
        passengers: Sequence[PassengerType],
        *,
        family: FareFamily,
        cabin: Cabin = "economy",
    ) -> FareQuote: ...
    async def quote_change(
        self, locator: RecordLocator, segment_id: str, flight: FlightRef, *, subject: Subject
    ) -> ChangeQuote: ...
    async def ancillary_offers(self, locator: RecordLocator, *, subject: Subject) -> tuple[AncillaryOffer, ...]:
        """What the booking's unflown segments can still take."""
        ...

    async def cancel(self, locator: RecordLocator, *, refund_minor: int, write: Write) -> Booking:
        """Cancels every unflown segment and records the refund."""
        ...

    async def change_segment(
        self,
        locator: RecordLocator,
        segment_id: str,
        flight: FlightRef,
        *,
        fare_difference_minor: int,
        fee_minor: int,
        write: Write,
    ) -> Booking:
        """Moves one segment and charges the stored method. Rejected if the quote has changed."""
        ...

    async def rebook(self, locator: RecordLocator, segment_id: str, flight: FlightRef, *, write: Write) -> Booking:
        """Moves one segment of a disrupted journey, without charge. Rejected if nothing of it is disrupted."""
        ...

    async def add_ancillary(
        self,
        locator: RecordLocator,
        *,
        code: str,
        passenger_id: str,
        segment_id: str,
        price_minor: int,
        detail: str = "",
        write: Write,
    ) -> Booking:
        """detail: the seat (14C) or what else the code needs. Rejected if the offer or its price has changed."""
        ...

    async def correct_name(
        self,
        locator: RecordLocator,
        passenger_id: str,
        *,
        given_name: str,
        surname: str,
        fee_minor: int = 0,
        write: Write,
    ) -> Booking: ...
    async def book(
        self,
        customer: CustomerId,
        flights: Sequence[FlightRef],
        passengers: Sequence[NewPassenger],
        *,
        family: FareFamily,
        cabin: Cabin = "economy",
        payment_token: str,
        total_minor: int,
        write: Write,
    ) -> Booking:
        """Charges a stored method of the customer. Rejected if the quote has changed."""
        ...


class ProfileService(Protocol):
    async def get(self, customer: CustomerId, *, subject: Subject | None = None) -> Profile: ...
    async def find_by_phone(self, phone: str) -> tuple[Profile, ...]: ...
    async def update(self, customer: CustomerId, changes: Mapping[str, str], *, write: Write) -> Profile:
        """changes: email, phone, language, home_airport or time_zone."""
        ...


class ConsentService(Protocol):
    async def list_for(self, customer: CustomerId, *, subject: Subject | None = None) -> tuple[Consent, ...]: ...
    async def set(
        self, customer: CustomerId, purpose: Purpose, channel: Channel | None, granted: bool, *, write: Write
    ) -> Consent: ...


class NotificationService(Protocol):
    """The central notification platform: approved templates only, by name."""

    async def send_code(self, *, address: str, channel: Channel, code: str, write: Write) -> NotificationReceipt: ...
    async def send(
        self,
        *,
        customer: CustomerId,
        template: str,
        channel: Channel,
        parameters: Mapping[str, str],
        write: Write,
    ) -> NotificationReceipt:
        """To the customer's address of that channel in their profile. Rejected without one."""
        ...

    async def send_to(
        self, *, address: str, template: str, channel: Channel, parameters: Mapping[str, str], write: Write
    ) -> NotificationReceipt:
        """To an address outside the profile, such as the one just replaced. System and staff only."""
        ...


class CaseService(Protocol):
    async def get(self, case: CaseId, *, subject: Subject | None = None) -> Case:
        """Without a subject: for the system."""
        ...

    async def list_for(self, customer: CustomerId, *, subject: Subject | None = None) -> tuple[Case, ...]: ...
    async def queue(self) -> tuple[Case, ...]: ...
    async def assigned(self) -> tuple[Case, ...]:
        """Everybody's that is in work."""
        ...

    async def packet(self, case: CaseId) -> Mapping[str, object]: ...
    async def notes(self, case: CaseId) -> tuple[CaseNote, ...]: ...
    async def open(
        self,
        *,
        kind: str,
        severity: Severity,
        summary: str,
        packet: Mapping[str, object],
        customer: CustomerId | None,
        locator: RecordLocator | None,
        conversation_id: str | None,
        write: Write,
    ) -> Case: ...
    async def update(self, case: CaseId, *, status: str, assignee: str | None, write: Write) -> Case: ...
    async def add_note(self, case: CaseId, text: str, *, write: Write) -> CaseNote: ...
    async def move(self, case: CaseId, customer: CustomerId, *, write: Write) -> Case:
        """To the customer that another one was merged into. System and staff only."""
        ...


class CompensationService(Protocol):
    async def list_for(self, customer: CustomerId, *, subject: Subject | None = None) -> tuple[Claim, ...]: ...
    async def list_for_booking(self, locator: RecordLocator, *, subject: Subject) -> tuple[Claim, ...]: ...
    async def open_claim(
        self,
        *,
        kind: ClaimKind,
        customer: CustomerId,
        locator: RecordLocator | None,
        passenger_id: str | None,
        segment_id: str | None,
        amount_minor: int,
        currency: str,
        details: Mapping[str, str] | None = None,
        write: Write,
    ) -> Claim:
        """Rejected when the same passenger has the same kind of claim for the same segment. Goodwill: staff only."""
        ...


class PaymentService(Protocol):
    async def methods(self, customer: CustomerId, *, subject: Subject | None = None) -> tuple[PaymentMethod, ...]: ...
    async def refunds(self, locator: RecordLocator, *, subject: Subject) -> tuple[Refund, ...]: ...
    async def refund(
        self, locator: RecordLocator, *, amount_minor: int, currency: str, reason: str, write: Write
    ) -> Refund:
        """Without cancelling anything. if_match is the booking's version, for its refunded_minor grows. Rejected above
        what was paid and not yet refunded."""
        ...

    async def expedite(self, refund_id: str, *, write: Write) -> Refund:
        """Puts a pending refund before the others."""
        ...

    async def create_link(
        self, locator: RecordLocator, *, amount_minor: int, currency: str, write: Write
    ) -> PaymentLink: ...


async def _nothing() -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class Services:
    booking: BookingService
    profile: ProfileService
    consent: ConsentService
    notification: NotificationService
    cases: CaseService
    compensation: CompensationService
    payment: PaymentService
    aclose: Callable[[], Awaitable[None]] = _nothing
    """Gives the connections back."""
    resting: Callable[[], Sequence[str]] = tuple
    """Services that are left alone for a while, after repeated failures."""

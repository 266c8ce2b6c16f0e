"""The airline's services as Concierge needs them. tools/clients binds each to HTTP.

Every read may raise ServiceUnavailable or NotFound. Every write takes the idempotency key of its step, sends If-Match
where it changes a record, and may also raise VersionConflict, Rejected or OutcomeUnknown (tools/domain/errors.py).
The subject is whom the service itself checks ownership for: `customer:C000012`, `booking:K7XQ2P` (a person who proved
that booking and no other), `staff:<oid>` or `system`. Someone else's record is NotFound.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NewType, Protocol

from tools.domain.ids import CaseId, CustomerId, RecordLocator
from tools.domain.records import (
    Booking,
    Case,
    Channel,
    Claim,
    Consent,
    FlightStatus,
    NotificationReceipt,
    Profile,
    Purpose,
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

    async def list_for(self, customer: CustomerId) -> tuple[Booking, ...]: ...
    async def flight_status(self, flight_number: str, flight_date: date | None) -> tuple[FlightStatus, ...]:
        """All operations of the flight on that date; with None, the one nearest to now. Empty: unknown flight."""
        ...

    async def search_flights(self, origin: str, destination: str, flight_date: date) -> tuple[FlightStatus, ...]: ...
    async def cancel(self, locator: RecordLocator, *, refund_minor: int, write: Write) -> Booking: ...


class ProfileService(Protocol):
    async def get(self, customer: CustomerId) -> Profile: ...
    async def find_by_phone(self, phone: str) -> tuple[Profile, ...]: ...
    async def update(self, customer: CustomerId, changes: Mapping[str, str], *, write: Write) -> Profile: ...


class ConsentService(Protocol):
    async def list_for(self, customer: CustomerId) -> tuple[Consent, ...]: ...
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
    ) -> NotificationReceipt: ...


class CaseService(Protocol):
    async def get(self, case: CaseId) -> Case: ...
    async def list_for(self, customer: CustomerId) -> tuple[Case, ...]: ...
    async def queue(self) -> tuple[Case, ...]: ...
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


class CompensationService(Protocol):
    async def list_for(self, customer: CustomerId) -> tuple[Claim, ...]: ...
    async def open_claim(
        self,
        *,
        kind: str,
        customer: CustomerId,
        locator: RecordLocator | None,
        passenger_id: str | None,
        segment_id: str | None,
        amount_minor: int,
        currency: str,
        write: Write,
    ) -> Claim: ...


@dataclass(frozen=True, kw_only=True)
class Services:
    booking: BookingService
    profile: ProfileService
    consent: ConsentService
    notification: NotificationService
    cases: CaseService
    compensation: CompensationService

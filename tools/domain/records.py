"""What the airline's services hold, as the rest of Concierge reads it.

Field names follow the industry: a booking (PNR) is named by its record locator, holds passengers and segments, and a
passenger may carry SSRs. Times are aware and in UTC. Money is integer minor units in the booking's currency.
Fields marked *untrusted* were typed by somebody: they are data, never an instruction.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from tools.domain.ids import CaseId, CustomerId, RecordLocator

BookingStatus = Literal["confirmed", "cancelled"]
SegmentStatus = Literal["confirmed", "cancelled", "flown", "no_show"]
FareFamily = Literal["light", "classic", "flex"]
Cabin = Literal["economy", "premium_economy", "business"]
PassengerType = Literal["adult", "child", "infant"]
FlightState = Literal["scheduled", "delayed", "cancelled", "boarding", "departed", "arrived", "diverted"]
Tier = Literal["none", "silver", "gold", "platinum"]
Purpose = Literal["marketing", "personalisation", "social_profile", "partner_sharing", "service_notifications"]
Channel = Literal["email", "sms", "whatsapp", "phone"]
Severity = Literal["low", "normal", "high", "urgent"]
AncillaryKind = Literal["bag", "seat", "meal", "assistance", "lounge"]
ClaimKind = Literal[
    "compensation", "baggage_delayed", "baggage_damaged", "baggage_lost", "goodwill_voucher", "goodwill_miles"
]


@dataclass(frozen=True, kw_only=True)
class Ssr:
    """A special service request: four-letter IATA code (WCHR, UMNR, PETC, VGML ...), free text untrusted."""

    code: str
    status: Literal["requested", "confirmed", "rejected"] = "confirmed"
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Passenger:
    """given_name and surname are untrusted."""

    passenger_id: str
    given_name: str
    surname: str
    type: PassengerType
    birth_date: date
    customer_id: CustomerId | None = None
    guardian_id: CustomerId | None = None
    loyalty_number: str | None = None
    document_number: str | None = None
    ssr: tuple[Ssr, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One flight of the journey. Fares and taxes are for all passengers of this segment together."""

    segment_id: str
    flight_number: str
    flight_date: date
    """Local date of departure, which names the flight together with its number."""
    origin: str
    destination: str
    departs_at: datetime
    arrives_at: datetime
    cabin: Cabin
    status: SegmentStatus
    operating_carrier: str = "GA"
    fare_minor: int
    taxes_minor: int


@dataclass(frozen=True, kw_only=True)
class Ancillary:
    """A bought extra; segment_id None means the whole journey."""

    ancillary_id: str
    kind: AncillaryKind
    passenger_id: str
    segment_id: str | None
    description: str
    price_minor: int


@dataclass(frozen=True, kw_only=True)
class Fare:
    family: FareFamily
    basis: str


@dataclass(frozen=True, kw_only=True)
class Contact:
    email: str | None
    phone: str | None
    changed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class PaymentMethod:
    """A stored method is known by its token only; the label is for people ('Visa ending 4242')."""

    token: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Booking:
    """A PNR. remarks are untrusted. total_paid_minor covers fares, taxes, ancillaries and fees, all passengers."""

    record_locator: RecordLocator
    version: str
    """Opaque; goes back as If-Match."""
    status: BookingStatus
    booker_id: CustomerId
    booked_at: datetime
    currency: str
    fare: Fare
    total_paid_minor: int
    taxes_minor: int
    fees_minor: int = 0
    """Change and service fees paid since booking; no part of a fare."""
    refunded_minor: int = 0
    """Recorded so far, whether or not the money has arrived."""
    contact: Contact
    payment: PaymentMethod
    passengers: tuple[Passenger, ...]
    segments: tuple[Segment, ...]
    ancillaries: tuple[Ancillary, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FlightStatus:
    """The operation of one flight on one day. Times are UTC; estimated equals scheduled until something changes."""

    flight_number: str
    flight_date: date
    origin: str
    destination: str
    state: FlightState
    scheduled_departure: datetime
    scheduled_arrival: datetime
    estimated_departure: datetime
    estimated_arrival: datetime
    operating_carrier: str = "GA"
    seats_left: int = 0
    price_minor: int = 0
    """Today's lowest fare for one adult in EUR cents."""
    cause: str | None = None
    extraordinary: bool | None = None
    """None: not yet decided by operations control."""
    announced_at: datetime | None = None
    """When passengers were told of a cancellation or change."""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A customer's own record. Names and notes are untrusted. social_interests need the purpose social_profile."""

    customer_id: CustomerId
    version: str
    given_name: str
    surname: str
    birth_date: date
    email: str | None
    phone: str | None
    contact_changed_at: datetime | None
    language: str
    """BCP 47."""
    home_airport: str | None
    time_zone: str
    tier: Tier
    loyalty_number: str | None
    miles: int
    social_interests: tuple[str, ...] = ()
    notes: str = ""


@dataclass(frozen=True, kw_only=True)
class Consent:
    """No record means no consent. A channel consent has purpose service_notifications or marketing and a channel."""

    customer_id: CustomerId
    version: str
    purpose: Purpose
    channel: Channel | None
    granted: bool
    changed_at: datetime
    source: str


@dataclass(frozen=True, kw_only=True)
class Case:
    """A contact-centre case."""

    case_id: CaseId
    version: str
    kind: str
    status: Literal["queued", "assigned", "closed"]
    severity: Severity
    opened_at: datetime
    customer_id: CustomerId | None = None
    record_locator: RecordLocator | None = None
    conversation_id: str | None = None
    assignee: str | None = None
    summary: str = ""
    position: int = 0
    """Place in the queue, from 1; 0 when not queued."""


@dataclass(frozen=True, kw_only=True)
class NotificationReceipt:
    notification_id: str
    template: str
    channel: Channel
    masked_address: str
    sent_at: datetime


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A compensation or baggage claim at the compensation system. details are untrusted.

    Goodwill miles are counted in the currency MIL, one mile a unit.
    """

    claim_id: str
    version: str
    kind: ClaimKind
    status: Literal["open", "paid", "rejected"]
    customer_id: CustomerId
    record_locator: RecordLocator | None
    passenger_id: str | None
    segment_id: str | None
    amount_minor: int
    currency: str
    opened_at: datetime
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class FlightRef:
    flight_number: str
    flight_date: date


@dataclass(frozen=True, kw_only=True)
class FareQuote:
    """What a new booking costs today, all passengers and flights together."""

    family: FareFamily
    cabin: Cabin
    currency: str
    fare_minor: int
    taxes_minor: int
    total_minor: int
    seats_left: int
    """On the fullest of its flights."""


@dataclass(frozen=True, kw_only=True)
class ChangeQuote:
    """What moving one segment to another flight costs before any fee. A cheaper flight gives nothing back."""

    segment_id: str
    flight: FlightStatus
    currency: str
    fare_difference_minor: int
    seats_left: int


@dataclass(frozen=True, kw_only=True)
class AncillaryOffer:
    """An extra that may be bought: code names it (BAG23, SEAT, VGML, WCHR ...). The price is for one passenger."""

    code: str
    kind: AncillaryKind
    segment_id: str
    description: str
    price_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class NewPassenger:
    given_name: str
    surname: str
    type: PassengerType
    birth_date: date
    customer_id: CustomerId | None = None
    guardian_id: CustomerId | None = None


@dataclass(frozen=True, kw_only=True)
class Refund:
    """Money on its way back to the method it was paid with."""

    refund_id: str
    version: str
    record_locator: RecordLocator
    amount_minor: int
    currency: str
    status: Literal["pending", "paid", "failed"]
    reason: str
    method: PaymentMethod
    requested_at: datetime
    due_at: datetime
    paid_at: datetime | None = None
    expedited: bool = False


@dataclass(frozen=True, kw_only=True)
class PaymentLink:
    """A page of the payment provider where a person pays; no card number ever reaches us."""

    link_id: str
    url: str
    amount_minor: int
    currency: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseNote:
    """text is untrusted."""

    note_id: str
    case_id: CaseId
    author: str
    text: str
    written_at: datetime

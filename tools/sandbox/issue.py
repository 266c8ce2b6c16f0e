"""How a booking is made from flights and passengers, for the seed and for a sale alike."""

import random
from collections.abc import Sequence
from datetime import datetime

from tools.domain.ids import CustomerId, RecordLocator
from tools.domain.records import (
    Booking,
    Cabin,
    Contact,
    Fare,
    FareFamily,
    FlightStatus,
    Passenger,
    PaymentMethod,
    Segment,
)
from tools.sandbox.fares import CURRENCY, fare_minor, taxes_minor, totalled, types_of

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_FIGURES = "23456789"


def new_locator(chance: random.Random) -> RecordLocator:
    """Six characters that nobody misreads, two figures among them."""
    drawn = [chance.choice(_LETTERS) for _ in range(4)] + [chance.choice(_FIGURES) for _ in range(2)]
    chance.shuffle(drawn)
    return RecordLocator("".join(drawn))


def issue(
    *,
    locator: RecordLocator,
    version: str,
    booker: CustomerId,
    booked_at: datetime,
    family: FareFamily,
    cabin: Cabin,
    flights: Sequence[FlightStatus],
    passengers: Sequence[Passenger],
    contact: Contact,
    payment: PaymentMethod,
    remarks: Sequence[str] = (),
) -> Booking:
    """A confirmed booking, priced flight by flight."""
    types = types_of(passengers)
    segments = tuple(
        Segment(
            segment_id=f"S{place}",
            flight_number=flight.flight_number,
            flight_date=flight.flight_date,
            origin=flight.origin,
            destination=flight.destination,
            departs_at=flight.scheduled_departure,
            arrives_at=flight.scheduled_arrival,
            cabin=cabin,
            status="confirmed",
            fare_minor=fare_minor(flight, types, family, cabin),
            taxes_minor=taxes_minor(flight, types),
        )
        for place, flight in enumerate(flights, start=1)
    )
    return totalled(
        Booking(
            record_locator=locator,
            version=version,
            status="confirmed",
            booker_id=booker,
            booked_at=booked_at,
            currency=CURRENCY,
            fare=Fare(family=family, basis=_basis(family, cabin)),
            total_paid_minor=0,
            taxes_minor=0,
            contact=contact,
            payment=payment,
            passengers=tuple(passengers),
            segments=segments,
            remarks=tuple(remarks),
        )
    )


def _basis(family: FareFamily, cabin: Cabin) -> str:
    """Booking class, then family: YLIGHT, JFLEX."""
    return {"economy": "Y", "premium_economy": "W", "business": "J"}[cabin] + family.upper()

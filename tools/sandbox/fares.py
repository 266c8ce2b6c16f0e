"""What the embedded airline charges: fares by family and cabin, taxes by distance, and the extras on sale."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tools.domain.records import (
    Ancillary,
    AncillaryOffer,
    Booking,
    Cabin,
    FareFamily,
    FlightStatus,
    Passenger,
    PassengerType,
    Segment,
)
from tools.sandbox.timetable import Airport, airports, distance_km

CURRENCY = "EUR"
_FAMILY: dict[FareFamily, int] = {"light": 100, "classic": 128, "flex": 170}
_CABIN: dict[Cabin, int] = {"economy": 100, "premium_economy": 180, "business": 340}
_AGE: dict[PassengerType, int] = {"adult": 100, "child": 75, "infant": 10}
_LONG_HAUL_KM = 4_000
_EXTRAS = (
    ("BAG23", "bag", "Checked bag up to 23 kg", 3_500, 7_500),
    ("BAG32", "bag", "Checked bag up to 32 kg", 6_000, 11_000),
    ("SPEQ", "bag", "Sports equipment up to 30 kg", 5_500, 10_000),
    ("SEAT", "seat", "Standard seat", 900, 2_500),
    ("SEATX", "seat", "Extra legroom seat", 2_500, 7_900),
    ("MEAL", "meal", "Hot meal of the day", 1_400, 1_900),
    ("VGML", "meal", "Vegan meal", 1_400, 0),
    ("GFML", "meal", "Gluten-free meal", 1_400, 0),
    ("LNGE", "lounge", "Lounge at the airport of departure", 3_900, 3_900),
    ("WCHR", "assistance", "Wheelchair to the aircraft door", 0, 0),
    ("WCHS", "assistance", "Wheelchair, cannot climb stairs", 0, 0),
    ("WCHC", "assistance", "Wheelchair to the seat", 0, 0),
    ("BLND", "assistance", "Assistance for a blind passenger", 0, 0),
    ("DEAF", "assistance", "Assistance for a deaf passenger", 0, 0),
)


def fare_minor(flight: FlightStatus, passengers: Sequence[PassengerType], family: FareFamily, cabin: Cabin) -> int:
    """Whole tens of cents, for a price ends in .x0 as travellers know it."""
    shares = sum(_AGE[passenger] for passenger in passengers)
    return flight.price_minor * _FAMILY[family] * _CABIN[cabin] * shares // 10_000_000 * 10


def taxes_minor(flight: FlightStatus, passengers: Sequence[PassengerType]) -> int:
    """Airport charges of each who takes a seat."""
    seats = sum(passenger != "infant" for passenger in passengers)
    return seats * round(2_740 + 0.9 * _km(flight.origin, flight.destination))


def seats_needed(passengers: Sequence[PassengerType]) -> int:
    return sum(passenger != "infant" for passenger in passengers)


def types_of(passengers: Sequence[Passenger]) -> tuple[PassengerType, ...]:
    return tuple(passenger.type for passenger in passengers)


def extras(segment: Segment) -> Iterator[AncillaryOffer]:
    far = _km(segment.origin, segment.destination) > _LONG_HAUL_KM
    for code, kind, description, near_price, far_price in _EXTRAS:
        yield AncillaryOffer(
            code=code,
            kind=kind,  # type: ignore[arg-type]  # the table above holds the literals
            segment_id=segment.segment_id,
            description=description,
            price_minor=far_price if far else near_price,
            currency=CURRENCY,
        )


def total_minor(segments: Sequence[Segment], ancillaries: Sequence[Ancillary], fees: int) -> int:
    return (
        sum(segment.fare_minor + segment.taxes_minor for segment in segments)
        + sum(ancillary.price_minor for ancillary in ancillaries)
        + fees
    )


def totalled(booking: Booking) -> Booking:
    """The booking with its sums made again from its parts."""
    return replace(
        booking,
        taxes_minor=sum(segment.taxes_minor for segment in booking.segments),
        total_paid_minor=total_minor(booking.segments, booking.ancillaries, booking.fees_minor),
    )


def _km(origin: str, destination: str) -> float:
    ends: tuple[Airport, Airport] = (airports()[origin], airports()[destination])
    return distance_km(*ends)

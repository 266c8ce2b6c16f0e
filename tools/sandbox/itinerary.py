"""Words to tell a story with: which flights, for whom, and how they went."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from tools.domain.ids import RecordLocator
from tools.domain.records import (
    Ancillary,
    Booking,
    Cabin,
    Contact,
    FareFamily,
    FlightStatus,
    Passenger,
    PassengerType,
)
from tools.sandbox.enrolment import method
from tools.sandbox.fares import extras, totalled
from tools.sandbox.issue import issue
from tools.sandbox.people import Persona
from tools.sandbox.seed import World
from tools.sandbox.timetable import operation, timetable

_DAYS = range(-4, 5)


def on_day(world: World, number: str, days: int) -> FlightStatus:
    """That flight so many days from today, kept."""
    return world.keep_flight(operation(timetable()[number], world.now.date() + timedelta(days=days)))


def round_trip(world: World, out: str, days: int, back: str, back_days: int) -> list[FlightStatus]:
    return [on_day(world, out, days), on_day(world, back, back_days)]


def first_after(world: World, numbers: Sequence[str], moment: datetime) -> FlightStatus:
    return min(
        (flight for flight in _near(world, numbers) if flight.scheduled_departure >= moment),
        key=lambda flight: flight.scheduled_departure,
    )


def last_landed(world: World, numbers: Sequence[str], before: datetime) -> FlightStatus:
    landed = max(
        (flight for flight in _near(world, numbers) if flight.scheduled_arrival <= before),
        key=lambda flight: flight.scheduled_arrival,
    )
    return world.keep_flight(landed)


def _near(world: World, numbers: Sequence[str]) -> list[FlightStatus]:
    today = world.now.date()
    return [operation(timetable()[number], today + timedelta(days=day)) for number in numbers for day in _DAYS]


def book(
    world: World,
    persona: Persona,
    family: FareFamily,
    flights: Sequence[FlightStatus],
    *,
    ago: timedelta,
    cabin: Cabin = "economy",
    passengers: Sequence[Passenger] = (),
    locator: str | None = None,
    remarks: Sequence[str] = (),
) -> Booking:
    booking = issue(
        locator=RecordLocator(locator or persona.locator),
        version=world.version,
        booker=persona.customer_id,
        booked_at=world.now - ago,
        family=family,
        cabin=cabin,
        flights=flights,
        passengers=passengers or [traveller(persona)],
        contact=Contact(
            email=persona.email, phone=persona.phone, changed_at=world.profile(persona.customer_id).contact_changed_at
        ),
        payment=method(persona),
        remarks=remarks,
    )
    return world.keep_booking(booking)


def traveller(persona: Persona) -> Passenger:
    return Passenger(
        passenger_id="P1",
        given_name=persona.given_name,
        surname=persona.surname,
        type="adult",
        birth_date=persona.birth_date,
        customer_id=persona.customer_id,
        loyalty_number=persona.loyalty_number,
        document_number=f"P{7_300_000 + persona.number}",
    )


def companion(place: int, name: tuple[str, str], birth_date: date, type_: PassengerType = "adult") -> Passenger:
    return Passenger(passenger_id=f"P{place}", given_name=name[0], surname=name[1], type=type_, birth_date=birth_date)


def with_bag(booking: Booking, segment_id: str) -> Booking:
    segment = next(segment for segment in booking.segments if segment.segment_id == segment_id)
    offer = next(offer for offer in extras(segment) if offer.code == "BAG23")
    bag = Ancillary(
        ancillary_id=f"A{len(booking.ancillaries) + 1}",
        kind="bag",
        passenger_id=booking.passengers[0].passenger_id,
        segment_id=segment_id,
        description=offer.description,
        price_minor=offer.price_minor,
    )
    return totalled(replace(booking, ancillaries=(*booking.ancillaries, bag)))

"""A flight full of people, put straight into the embedded airline: for a mass disruption to be shown or measured."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from fastapi import FastAPI

from tools.domain.ids import CustomerId, RecordLocator
from tools.domain.records import (
    Channel,
    Consent,
    Contact,
    FlightStatus,
    Passenger,
    PaymentMethod,
    Profile,
    Tier,
)
from tools.sandbox.contract import Airline
from tools.sandbox.flights import operated
from tools.sandbox.held import BOOKINGS, CONSENTS, FLIGHTS, PROFILES, operation_id
from tools.sandbox.issue import issue


@dataclass(frozen=True, kw_only=True)
class Seat:
    """One booking of one passenger; channels are those with a live consent for service notifications."""

    number: int
    language: str = "en"
    time_zone: str = "Europe/Vienna"
    channels: tuple[Channel, ...] = ("sms",)
    withdrawn: tuple[Channel, ...] = ()
    tier: Tier = "none"
    children: int = 0

    @property
    def customer(self) -> CustomerId:
        return CustomerId(f"C9{self.number:05}")

    @property
    def locator(self) -> RecordLocator:
        return RecordLocator(f"X{self.number:05}")


def airline_of(sandbox: FastAPI) -> Airline:
    airline: Airline = sandbox.state.airline
    return airline


def seat(sandbox: FastAPI, flight_number: str, flight_date: date, seats: Iterable[Seat]) -> FlightStatus:
    """Nobody else stays on that flight."""
    airline = airline_of(sandbox)
    flight = operated(airline.store, flight_number, flight_date)
    if flight is None:
        raise LookupError(flight_number)
    with airline.store.transaction():
        airline.store.put(FLIGHTS, flight)
        for other in airline.store.find(BOOKINGS, f"flight:{operation_id(flight_number, flight_date)}"):
            airline.store.put(BOOKINGS, replace(other, status="cancelled"))
        for one in seats:
            _seat(airline, flight, one)
    return flight


def _seat(airline: Airline, flight: FlightStatus, one: Seat) -> None:
    now, version = airline.now(), airline.first_version()
    profile = Profile(
        customer_id=one.customer,
        version=version,
        given_name="Test",
        surname=f"Person{one.number}",
        birth_date=date(1980, 1, 1),
        email=f"p{one.number}@example.com",
        phone=f"+4366{one.number:07}",
        contact_changed_at=None,
        language=one.language,
        home_airport=None,
        time_zone=one.time_zone,
        tier=one.tier,
        loyalty_number=None,
        miles=0,
    )
    adult = Passenger(
        passenger_id="P1",
        given_name="Test",
        surname=profile.surname,
        type="adult",
        birth_date=profile.birth_date,
        customer_id=one.customer,
    )
    children = [
        Passenger(
            passenger_id=f"P{place}",
            given_name="Kid",
            surname=profile.surname,
            type="child",
            birth_date=date(2019, 1, 1),
            guardian_id=one.customer,
        )
        for place in range(2, 2 + one.children)
    ]
    booking = issue(
        locator=one.locator,
        version=version,
        booker=one.customer,
        booked_at=now - timedelta(days=9),
        family="classic",
        cabin="economy",
        flights=[flight],
        passengers=[adult, *children],
        contact=Contact(email=profile.email, phone=profile.phone),
        payment=PaymentMethod(token=f"pm{one.number}", label="Visa"),
    )
    airline.store.put(PROFILES, profile)
    airline.store.put(BOOKINGS, booking)
    for channel in (*one.channels, *one.withdrawn):
        airline.store.put(CONSENTS, _consent(airline, one, channel))


def _consent(airline: Airline, one: Seat, channel: Channel) -> Consent:
    return Consent(
        customer_id=one.customer,
        version=airline.first_version(),
        purpose="service_notifications",
        channel=channel,
        granted=channel in one.channels,
        changed_at=airline.now() - timedelta(days=30),
        source="website",
    )

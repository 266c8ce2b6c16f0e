"""The airline around the demo people: customers, bookings and a day's disruptions, drawn from the seed."""

import json
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType

from tools.domain.ids import CustomerId, RecordLocator
from tools.domain.records import (
    Booking,
    Channel,
    Consent,
    Contact,
    FareFamily,
    FlightStatus,
    Passenger,
    PassengerType,
    PaymentMethod,
    Profile,
    Purpose,
    Tier,
)
from tools.sandbox.held import Wallet
from tools.sandbox.issue import issue, new_locator
from tools.sandbox.seed import Size, World
from tools.sandbox.timetable import HUB, Line, disrupt, operation, timetable

_FAMILIES: tuple[FareFamily, ...] = ("light", "light", "light", "classic", "classic", "flex")
_TIERS: tuple[Tier, ...] = ("none",) * 14 + ("silver", "silver", "silver", "gold", "gold", "platinum")
_CAUSES = (("weather", True), ("air_traffic_control", True), ("technical", False), ("crew", False), ("other", None))
_FIRST_NUMBER = 101
"""Lower ones are the demo people's."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    customers: int
    bookings: int
    flights: int
    days: tuple[int, int]
    """The first and last day from today with stored flights."""


MEASURES: Mapping[Size, Measure] = {
    "demo": Measure(customers=40, bookings=80, flights=160, days=(-2, 20)),
    "full": Measure(customers=2_000, bookings=5_000, flights=800, days=(-10, 60)),
}


@cache
def _names() -> Mapping[str, Sequence[str]]:
    held: dict[str, list[str]] = json.loads((Path(__file__).parent / "names.json").read_text(encoding="utf-8"))
    return MappingProxyType(held)


def populate(world: World, size: Size) -> None:
    measure = MEASURES[size]
    flights = _flights(world, measure)
    people = [_customer(world, number) for number in range(_FIRST_NUMBER, _FIRST_NUMBER + measure.customers)]
    for _ in range(measure.bookings):
        _booking(world, world.chance.choice(people), flights)


def _flights(world: World, measure: Measure) -> Mapping[str, Sequence[FlightStatus]]:
    """All of today's, disrupted as a winter's day is, and enough of the other days; by origin."""
    today = world.now.date()
    lines: Sequence[Line] = tuple(timetable().values())
    other = [(line, day) for day in range(measure.days[0], measure.days[1] + 1) if day for line in lines]
    drawn = world.chance.sample(other, measure.flights - len(lines))
    planned = [_upset(world, operation(line, today)) for line in lines]
    planned += [operation(line, today + timedelta(days=day)) for line, day in drawn]
    by_origin: dict[str, list[FlightStatus]] = defaultdict(list)
    for flight in sorted(planned, key=lambda flight: flight.scheduled_departure):
        by_origin[flight.origin].append(world.keep_flight(flight))
    return by_origin


def _upset(world: World, flight: FlightStatus) -> FlightStatus:
    luck = world.chance.random()
    if luck > 0.16:
        return flight
    cause, extraordinary = world.chance.choice(_CAUSES)
    told = flight.scheduled_departure - timedelta(hours=world.chance.randint(1, 5))
    delay = timedelta(minutes=5 * world.chance.randint(4, 70)) if luck > 0.04 else None
    return disrupt(flight, delay=delay, cause=cause, extraordinary=extraordinary, announced_at=min(told, world.now))


def _customer(world: World, number: int) -> Profile:
    chance = world.chance
    customer = CustomerId(f"C{number:06}")
    given_name, surname = chance.choice(_names()["given"]), chance.choice(_names()["surnames"])
    tier = chance.choice(_TIERS)
    profile = Profile(
        customer_id=customer,
        version=world.version,
        given_name=given_name,
        surname=surname,
        birth_date=date(chance.randint(1945, 2004), chance.randint(1, 12), chance.randint(1, 28)),
        email=f"customer{number}@example.com",
        phone=f"+44770{number:07}",
        contact_changed_at=None,
        language=chance.choice(("en", "de", "fr", "es", "it")),
        home_airport=HUB,
        time_zone="Europe/Vienna",
        tier=tier,
        loyalty_number=f"GM{number:08}" if tier != "none" else None,
        miles=chance.randint(0, 9_000) if tier == "none" else chance.randint(20_000, 180_000),
    )
    method = PaymentMethod(token=f"pm_c{number:06}", label=f"Mastercard ending {chance.randint(1000, 9999)}")
    world.profiles.append(profile)
    world.wallets.append(Wallet(customer_id=customer, methods=(method,)))
    for purpose, channel, share in _WILLING:
        if chance.random() < share:
            world.consents.append(_consent(world, customer, purpose, channel, chance))
    return profile


_WILLING: tuple[tuple[Purpose, Channel | None, float], ...] = (
    ("service_notifications", "email", 0.9),
    ("service_notifications", "sms", 0.5),
    ("marketing", "email", 0.4),
    ("personalisation", None, 0.4),
    ("social_profile", None, 0.1),
)


def _consent(
    world: World, customer: CustomerId, purpose: Purpose, channel: Channel | None, chance: random.Random
) -> Consent:
    return Consent(
        customer_id=customer,
        version=world.version,
        purpose=purpose,
        channel=channel,
        granted=chance.random() < 0.85,
        changed_at=world.now - timedelta(days=chance.randint(1, 900)),
        source="website",
    )


def _booking(world: World, profile: Profile, flights: Mapping[str, Sequence[FlightStatus]]) -> None:
    chance = world.chance
    out = chance.choice(flights[HUB])
    back = [f for f in flights[out.destination] if f.scheduled_departure > out.scheduled_arrival]
    booking = issue(
        locator=_free_locator(world),
        version=world.version,
        booker=profile.customer_id,
        booked_at=_before(world, out),
        family=chance.choice(_FAMILIES),
        cabin="business" if chance.random() < 0.05 else "economy",
        flights=[out, back[0]] if back and chance.random() < 0.7 else [out],
        passengers=_party(world, profile),
        contact=Contact(email=profile.email, phone=profile.phone, changed_at=profile.contact_changed_at),
        payment=PaymentMethod(token=f"pm_{profile.customer_id.lower()}", label="Mastercard"),
    )
    if chance.random() < 0.04 and out.scheduled_departure > world.now:
        booking = _dropped(booking)
    world.keep_booking(booking)


def _before(world: World, flight: FlightStatus) -> datetime:
    latest = min(flight.scheduled_departure, world.now) - timedelta(hours=2)
    return latest - timedelta(hours=world.chance.randint(0, 90 * 24))


def _free_locator(world: World) -> RecordLocator:
    while (locator := new_locator(world.chance)) in world.bookings:
        continue
    return locator


def _party(world: World, profile: Profile) -> list[Passenger]:
    booker = Passenger(
        passenger_id="P1",
        given_name=profile.given_name,
        surname=profile.surname,
        type="adult",
        birth_date=profile.birth_date,
        customer_id=profile.customer_id,
        loyalty_number=profile.loyalty_number,
    )
    others: tuple[PassengerType, ...] = world.chance.choice(((), (), (), ("adult",), ("adult", "child")))
    return [booker, *(_companion(world, place, type_, profile) for place, type_ in enumerate(others, start=2))]


def _companion(world: World, place: int, type_: PassengerType, profile: Profile) -> Passenger:
    age = timedelta(days=365 * (world.chance.randint(20, 70) if type_ == "adult" else world.chance.randint(3, 11)))
    return Passenger(
        passenger_id=f"P{place}",
        given_name=world.chance.choice(_names()["given"]),
        surname=profile.surname,
        type=type_,
        birth_date=world.now.date() - age,
    )


def _dropped(booking: Booking) -> Booking:
    """Cancelled on a fare that gives nothing back."""
    segments = tuple(replace(segment, status="cancelled") for segment in booking.segments)
    return replace(booking, status="cancelled", segments=segments)

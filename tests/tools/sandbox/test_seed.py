"""Generations of the airline: the same for a seed, the same people in all, told relative to now."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Clock
from tools.domain.records import Booking, FlightStatus
from tools.sandbox.app import close_sandbox, create_sandbox, generate
from tools.sandbox.fares import totalled
from tools.sandbox.flights import operated
from tools.sandbox.held import BOOKINGS, CASES, FLIGHTS, PROFILES, REFUNDS
from tools.sandbox.people import PERSONAS, demo_people
from tools.sandbox.seed import Size
from tools.sandbox.store import Answer, Store
from tools.sandbox.timetable import airports, distance_km, is_late, live

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
_ANSWER = Answer(status=200, body=b"{}", etag="1.1")


def generated(seed: int = 7, size: Size = "demo", now: datetime = NOON) -> Store:
    store = Store(":memory:")
    generate(store, now=now, size=size, seed=seed)
    return store


@pytest.fixture(scope="module")
def full() -> Store:
    return generated(size="full")


def test_the_same_seed_makes_the_same_airline() -> None:
    one, other = generated(), generated()
    assert one.all(BOOKINGS) == other.all(BOOKINGS)
    assert one.all(FLIGHTS) == other.all(FLIGHTS)
    assert one.all(PROFILES) == other.all(PROFILES)


def test_another_seed_makes_another_airline_with_the_same_people() -> None:
    one, other = generated(seed=1), generated(seed=2)
    assert one.all(BOOKINGS) != other.all(BOOKINGS)
    for persona in PERSONAS:
        assert one.get(BOOKINGS, persona.locator) == other.get(BOOKINGS, persona.locator)


def test_the_full_airline_has_its_stated_size(full: Store) -> None:
    assert full.count(PROFILES) >= 2_000
    assert full.count(BOOKINGS) >= 5_000
    assert full.count(FLIGHTS) >= 800
    today = [flight for flight in full.all(FLIGHTS) if flight.flight_date == NOON.date()]
    late = sum(is_late(flight) for flight in today)
    cancelled = sum(flight.state == "cancelled" for flight in today)
    assert late >= 5
    assert cancelled >= 1


def test_every_booking_adds_up_and_flies_in_order(full: Store) -> None:
    for booking in full.all(BOOKINGS):
        assert booking == totalled(booking)
        assert 0 <= booking.refunded_minor <= booking.total_paid_minor
        assert booking.booked_at < booking.segments[0].departs_at
        assert all(segment.fare_minor > 0 and segment.taxes_minor > 0 for segment in booking.segments)
        for earlier, later in zip(booking.segments, booking.segments[1:], strict=False):
            assert earlier.arrives_at < later.departs_at


def test_every_locator_has_six_characters_with_letters_and_figures(full: Store) -> None:
    for booking in full.all(BOOKINGS):
        locator = booking.record_locator
        assert len(locator) == 6
        assert any(c.isdigit() for c in locator)
        assert any(c.isalpha() for c in locator)
        assert not set(locator) & set("0O1I")


def test_the_demo_people_are_listed_with_their_roles() -> None:
    people = demo_people()
    roles = [person.role for person in people]
    assert (roles.count("agent"), roles.count("supervisor"), roles.count("evaluator")) == (2, 1, 1)
    assert roles.count("customer") >= 12
    assert len({person.subject for person in people}) == len(people)
    assert people[0].id == "C000001"


@pytest.mark.parametrize("size", ["demo", "full"])
def test_each_demo_customer_has_one_booking_and_one_has_two(size: Size, full: Store) -> None:
    store = full if size == "full" else generated()
    counts = {
        person.name: len(store.find(BOOKINGS, person.subject)) for person in demo_people() if person.role == "customer"
    }
    assert {name for name, count in counts.items() if count != 1} == {"Yuki Tanaka"}
    assert counts["Yuki Tanaka"] == 2


def flights_of(store: Store, booking: Booking, now: datetime) -> list[FlightStatus]:
    found = [operated(store, segment.flight_number, segment.flight_date) for segment in booking.segments]
    return [live(flight, now) for flight in found if flight is not None]


HOURS = st.integers(min_value=0, max_value=24 * 366)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hours=HOURS, later=st.integers(min_value=0, max_value=11))
def test_the_stories_are_true_at_any_moment_and_stay_so_for_half_a_day(hours: int, later: int) -> None:
    seeded = NOON + timedelta(hours=hours, minutes=7)
    store, now = generated(now=seeded), seeded + timedelta(hours=later)
    booking = {persona.given_name: store.get(BOOKINGS, persona.locator) for persona in PERSONAS}
    marco, sofia, emma, liam = (booking[name] for name in ("Marco", "Sofia", "Emma", "Liam"))
    jonas, luca, omar, ingrid = (booking[name] for name in ("Jonas", "Luca", "Omar", "Ingrid"))
    assert marco and sofia and emma and liam and jonas and luca and omar and ingrid  # noqa: PT018 - for the type checker
    assert now - marco.booked_at < timedelta(hours=24)
    assert marco.segments[0].departs_at - now > timedelta(days=7)
    assert now - jonas.booked_at > timedelta(hours=24)
    arrived = flights_of(store, sofia, now)[0]
    assert arrived.state == "arrived"
    assert arrived.estimated_arrival - arrived.scheduled_arrival >= timedelta(hours=4)
    assert distance_km(airports()[arrived.origin], airports()[arrived.destination]) > 1_500
    cancelled = flights_of(store, emma, now)[0]
    assert cancelled.state == "cancelled"
    assert timedelta(0) < cancelled.scheduled_departure - now < timedelta(days=3)
    assert flights_of(store, liam, now)[0].state == "arrived"
    assert liam.ancillaries[0].kind == "bag"
    assert luca.segments[0].status == "no_show"
    assert luca.segments[1].departs_at > now
    assert omar.segments[0].departs_at > now
    assert flights_of(store, omar, now)[0].state == "delayed"
    overdue = store.find(REFUNDS, f"booking:{ingrid.record_locator}")[0]
    assert overdue.due_at < now
    assert store.count(CASES) >= 1


def read_meta(database: Path, clock: Clock, seed: int = 7) -> dict[str, str]:
    app = create_sandbox(database, now=clock, seed=seed)
    meta: dict[str, str] = app.state.airline.store.meta()
    close_sandbox(app)
    return meta


def test_a_fresh_generation_is_used_again_and_an_old_one_is_not(tmp_path: Path, clock: Clock) -> None:
    database = tmp_path / "airline.db"
    first = read_meta(database, clock)
    clock.pass_by(hours=11, minutes=59)
    assert read_meta(database, clock) == first
    clock.pass_by(minutes=1)
    assert read_meta(database, clock)["epoch"] != first["epoch"]


def test_another_seed_or_size_is_generated_anew(tmp_path: Path, clock: Clock) -> None:
    database = tmp_path / "airline.db"
    first = read_meta(database, clock)
    assert read_meta(database, clock, seed=8)["seed"] == "8" != first["seed"]


def test_what_was_done_outlives_a_restart(tmp_path: Path, clock: Clock) -> None:
    database = tmp_path / "airline.db"
    app = create_sandbox(database, now=clock)
    store = app.state.airline.store
    store.put(BOOKINGS, *(b for b in store.find(BOOKINGS, "booking:K7XQ2P")))
    store.keep_answer("key", "print", _ANSWER, clock.now.isoformat())
    close_sandbox(app)
    app = create_sandbox(database, now=clock)
    assert app.state.airline.store.answered("key") == ("print", _ANSWER)
    close_sandbox(app)


def test_a_version_of_an_old_generation_matches_nothing_in_the_new_one(tmp_path: Path, clock: Clock) -> None:
    database = tmp_path / "airline.db"

    def version() -> str:
        app: FastAPI = create_sandbox(database, now=clock)
        booking: Booking = app.state.airline.store.get(BOOKINGS, "K7XQ2P")
        close_sandbox(app)
        return booking.version

    old = version()
    clock.pass_by(hours=13)
    assert version() != old

"""Facts computed from records: one passenger, one flight, one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

from knowledge.facts import booking_facts, journey_of, route_facts
from knowledge.pack import Carrier, PolicyPack
from knowledge.places import airport, great_circle_km, regions_of
from knowledge.values import Value, fits
from knowledge.vocabulary import FACTS

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
CARRIERS = {"GA": Carrier(region="EU", size="large")}


@dataclass(frozen=True, kw_only=True)
class Ssr:
    code: str


@dataclass(frozen=True, kw_only=True)
class Passenger:
    passenger_id: str = "P1"
    type: str = "adult"
    birth_date: date = date(1980, 6, 1)
    loyalty_number: str | None = None
    ssr: tuple[Ssr, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Segment:
    segment_id: str = "S1"
    flight_number: str = "GA100"
    origin: str = "MUC"
    destination: str = "MAD"
    departs_at: datetime = NOW + timedelta(days=10)
    arrives_at: datetime = NOW + timedelta(days=10, hours=2)
    cabin: str = "economy"
    status: str = "confirmed"
    operating_carrier: str = "GA"
    fare_minor: int = 15_000
    taxes_minor: int = 5_000

    @property
    def flight_date(self) -> date:
        return self.departs_at.date()


@dataclass(frozen=True, kw_only=True)
class Ancillary:
    kind: str = "bag"
    price_minor: int = 3_500


@dataclass(frozen=True, kw_only=True)
class Fare:
    family: str = "light"


@dataclass(frozen=True, kw_only=True)
class Booking:
    status: str = "confirmed"
    booked_at: datetime = NOW - timedelta(hours=3)
    currency: str = "EUR"
    fare: Fare = field(default_factory=Fare)
    total_paid_minor: int = 23_500
    taxes_minor: int = 5_000
    refunded_minor: int = 0
    passengers: tuple[Passenger, ...] = (Passenger(),)
    segments: tuple[Segment, ...] = (Segment(),)
    ancillaries: tuple[Ancillary, ...] = (Ancillary(),)


@dataclass(frozen=True, kw_only=True)
class FlightStatus:
    flight_number: str = "GA100"
    flight_date: date = date(2026, 5, 11)
    state: str = "scheduled"
    scheduled_departure: datetime = NOW + timedelta(days=10)
    scheduled_arrival: datetime = NOW + timedelta(days=10, hours=2)
    estimated_departure: datetime = NOW + timedelta(days=10)
    estimated_arrival: datetime = NOW + timedelta(days=10, hours=2)
    cause: str | None = None
    extraordinary: bool | None = None
    announced_at: datetime | None = None


def _facts(booking: Booking | None = None, **records: object) -> Mapping[str, Value]:
    return booking_facts(booking or Booking(), carriers=CARRIERS, now=NOW, **records)  # type: ignore[arg-type]


def test_every_computed_fact_is_in_the_vocabulary_and_of_its_type() -> None:
    delayed = FlightStatus(estimated_arrival=NOW + timedelta(days=10, hours=6), cause="technical", extraordinary=False)
    for name, value in _facts(flights=(delayed,), tier="gold").items():
        assert fits(FACTS[name].type, value), name


def test_ages_and_times_count_from_now() -> None:
    facts = _facts()
    assert facts["booking.age"] == timedelta(hours=3)
    assert facts["booking.time_to_departure"] == timedelta(days=10)
    assert facts["passenger.age_years"] == 45


def test_the_birthday_itself_counts() -> None:
    born_then = Passenger(birth_date=date(2014, 5, 11))
    assert _facts(Booking(passengers=(born_then,)))["passenger.age_years"] == 12


def test_unused_value_leaves_out_what_was_flown() -> None:
    flown = Segment(segment_id="S0", status="flown", departs_at=NOW - timedelta(days=2))
    facts = _facts(Booking(segments=(flown, Segment())))
    assert facts["booking.unused_value"] == 20_000
    assert facts["booking.any_flown"] is True


def test_prices_are_for_one_passenger_with_a_seat() -> None:
    people = (Passenger(), Passenger(passenger_id="P2"), Passenger(passenger_id="P3", type="infant"))
    facts = _facts(Booking(passengers=people))
    assert facts["flight.price"] == 7_500
    assert facts["booking.group_size"] == 3


def test_a_journey_runs_from_first_departure_to_final_destination() -> None:
    onward = Segment(
        segment_id="S2",
        origin="MAD",
        destination="JFK",
        departs_at=NOW + timedelta(days=10, hours=4),
        arrives_at=NOW + timedelta(days=10, hours=12),
    )
    back = Segment(segment_id="S3", origin="JFK", destination="MUC", departs_at=NOW + timedelta(days=20))
    booking = Booking(segments=(back, onward, Segment()))
    assert [leg.segment_id for leg in journey_of(booking, onward)] == ["S1", "S2"]
    facts = _facts(booking, segment=onward)
    assert (facts["flight.origin"], facts["flight.destination"], facts["flight.stops"]) == ("MUC", "JFK", 1)
    assert facts["flight.connection_regions"] == ("EU", "EU261", "MC99")


def test_the_delay_that_counts_is_that_of_the_last_flight() -> None:
    onward = Segment(
        segment_id="S2",
        flight_number="GA200",
        origin="MAD",
        destination="JFK",
        departs_at=NOW + timedelta(days=10, hours=4),
        arrives_at=NOW + timedelta(days=10, hours=12),
    )
    first = FlightStatus(
        estimated_departure=NOW + timedelta(days=10, hours=1), estimated_arrival=NOW + timedelta(days=10, hours=3)
    )
    last = FlightStatus(
        flight_number="GA200",
        scheduled_departure=onward.departs_at,
        scheduled_arrival=onward.arrives_at,
        estimated_departure=onward.departs_at,
        estimated_arrival=onward.arrives_at + timedelta(hours=5),
    )
    facts = _facts(Booking(segments=(Segment(), onward)), segment=Segment(), flights=(first, last))
    assert facts["flight.departure_delay"] == timedelta(hours=1)
    assert facts["flight.arrival_delay"] == timedelta(hours=5)


def test_the_disrupted_flight_is_the_one_at_issue() -> None:
    later = Segment(segment_id="S2", flight_number="GA200", departs_at=NOW + timedelta(days=20))
    cancelled = FlightStatus(flight_number="GA200", flight_date=later.flight_date, state="cancelled")
    facts = _facts(Booking(segments=(Segment(), later)), flights=(FlightStatus(), cancelled))
    assert (facts["flight.event"], facts["flight.departure"]) == ("cancelled", later.departs_at)


def test_a_flight_to_time_has_no_event_and_an_unknown_one_has_no_facts() -> None:
    assert _facts(flights=(FlightStatus(),))["flight.event"] == "none"
    assert "flight.event" not in _facts()


def test_a_cause_not_decided_yet_is_no_fact() -> None:
    assert "flight.extraordinary" not in _facts(flights=(FlightStatus(),))
    assert _facts(flights=(FlightStatus(extraordinary=False),))["flight.extraordinary"] is False


def test_notice_counts_from_the_announcement_to_the_timetable() -> None:
    told = FlightStatus(state="cancelled", announced_at=NOW - timedelta(days=4))
    assert _facts(flights=(told,))["flight.notice"] == timedelta(days=14)


def test_another_flight_between_the_same_airports_is_the_rerouting() -> None:
    lost = Segment(status="cancelled")
    new = Segment(
        segment_id="S2",
        departs_at=lost.departs_at - timedelta(hours=1),
        arrives_at=lost.arrives_at + timedelta(hours=2),
    )
    facts = _facts(Booking(segments=(lost, new)), segment=lost)
    assert (facts["reroute.offered"], facts["reroute.accepted"]) == (True, True)
    assert (facts["reroute.departs_earlier"], facts["reroute.arrives_later"]) == (
        timedelta(hours=1),
        timedelta(hours=2),
    )
    assert _facts(Booking(segments=(lost,)), segment=lost)["reroute.offered"] is False


def test_a_flight_nobody_announced_gave_no_notice() -> None:
    assert _facts(flights=(FlightStatus(state="cancelled"),))["flight.notice"] == timedelta()


def test_a_booking_that_its_passengers_cancelled_is_no_disruption() -> None:
    given_up = Booking(status="cancelled", segments=(Segment(status="cancelled"),))
    assert _facts(given_up, flights=(FlightStatus(),))["flight.event"] == "none"


def test_who_has_no_card_has_no_status_and_who_has_one_must_be_looked_up() -> None:
    assert _facts()["passenger.tier"] == "none"
    assert "passenger.tier" not in _facts(Booking(passengers=(Passenger(loyalty_number="GA1"),)))
    assert _facts(tier="gold")["passenger.tier"] == "gold"


def test_a_request_lays_itself_over_what_the_records_say() -> None:
    facts = _facts(request={"claim.question": "refund"}, stated={"stated.reason": "bereavement"})
    assert (facts["claim.question"], facts["stated.reason"]) == ("refund", "bereavement")


def test_a_child_with_the_code_travels_alone() -> None:
    child = Passenger(type="child", birth_date=date(2017, 1, 1), ssr=(Ssr(code="UMNR"),))
    facts = _facts(Booking(passengers=(child,)))
    assert (facts["booking.unaccompanied_minor"], facts["passenger.with_adult"]) == (True, False)


@pytest.mark.parametrize(
    ("origin", "destination", "km"),
    [("MUC", "MAD", 1495.7), ("FRA", "JFK", 6188.0), ("LHR", "JFK", 5539.6), ("YYZ", "YVR", 3345.5)],
)
def test_distances_are_great_circles(origin: str, destination: str, km: float) -> None:
    start, end = airport(origin), airport(destination)
    assert start is not None
    assert end is not None
    assert great_circle_km(start, end) == km


@pytest.mark.parametrize(
    ("country", "regions"),
    [
        ("DE", ("EU", "EU261", "MC99")),
        ("RE", ("EU", "EU261", "FR-OVERSEAS", "MC99")),
        ("NO", ("EU261", "MC99")),
        ("CH", ("EU261", "MC99")),
        ("GB", ("UK", "MC99")),
        ("PR", ("US", "MC99")),
        ("DZ", ()),
    ],
)
def test_regions_of_law(country: str, regions: tuple[str, ...]) -> None:
    assert regions_of(country) == regions


def test_an_unknown_airport_leaves_its_facts_out() -> None:
    assert set(route_facts("XXX", "JFK")) == {"flight.origin", "flight.destination"}


def test_the_facts_of_a_plain_booking_decide_its_cancellation(pack: PolicyPack) -> None:
    facts = booking_facts(
        Booking(fare=Fare(family="flex"), booked_at=NOW - timedelta(days=9)),
        flights=(FlightStatus(),),
        carriers=pack.carriers,
        now=NOW,
    )
    decision = pack.decide("cancel_booking", facts, now=NOW)
    assert (decision.effect, [ref.clause_id for ref in decision.clauses]) == ("allow", ["CXL-FLEX"])
    assert decision.missing == ()

"""A disruption end to end over the embedded airline: cases, gifts and notices, each once."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from fastapi import FastAPI

from agent.events.build import Events
from tests.agent.events.conftest import MakeEvent
from tests.conftest import Clock
from tools.domain.records import Case, Claim
from tools.ports import Services, Subject, Write
from tools.sandbox.crowd import Seat, airline_of, seat
from tools.sandbox.held import CASES, CLAIMS, NOTES, NOTICES, PACKETS, Notice
from tools.sandbox.store import Store

FLIGHT, DAY = "GA103", date(2026, 6, 16)
CANCELLED = {"flight_number": FLIGHT, "flight_date": "2026-06-16", "cause": "technical", "extraordinary": False}


def delayed(minutes: int) -> dict[str, object]:
    return {"flight_number": FLIGHT, "flight_date": "2026-06-16", "delay_minutes": minutes, "cause": "technical"}


def cases_in(store: Store) -> list[Case]:
    return [case for case in store.all(CASES) if case.kind == "disruption"]


def gifts_in(store: Store) -> Counter[tuple[str, int]]:
    claims: tuple[Claim, ...] = store.all(CLAIMS)
    return Counter((claim.kind, claim.amount_minor) for claim in claims)


def notices_in(store: Store) -> list[Notice]:
    """The oldest first."""
    found: tuple[Notice, ...] = store.all(NOTICES)
    return sorted(found, key=lambda notice: notice.sent_at)


async def test_a_cancelled_flight_gives_each_passenger_a_case_gifts_and_a_notice(
    events: Events, sandbox: FastAPI, make_event: MakeEvent
) -> None:
    seat(sandbox, FLIGHT, DAY, [Seat(number=1), Seat(number=2, language="de")])
    await events.on_event(make_event("flight.cancelled", CANCELLED))
    await events.settle()
    store = airline_of(sandbox).store
    assert {case.record_locator for case in cases_in(store)} == {"X00001", "X00002"}
    assert gifts_in(store) == {("goodwill_voucher", 1500): 2, ("goodwill_miles", 1000): 2}
    assert sorted(notice.template for notice in notices_in(store)) == ["flight_cancelled_de", "flight_cancelled_en"]


async def test_the_link_of_a_notice_names_the_case_and_carries_no_authority(
    events: Events, sandbox: FastAPI, make_event: MakeEvent
) -> None:
    seat(sandbox, FLIGHT, DAY, [Seat(number=1)])
    await events.on_event(make_event("flight.cancelled", CANCELLED))
    await events.settle()
    store = airline_of(sandbox).store
    (case,), (notice,) = cases_in(store), notices_in(store)
    assert notice.parameters["link"] == f"http://127.0.0.1:8000/?case={case.case_id}"


async def test_the_same_event_under_another_id_does_nothing_again(
    events: Events, sandbox: FastAPI, make_event: MakeEvent
) -> None:
    seat(sandbox, FLIGHT, DAY, [Seat(number=1)])
    for _ in range(3):
        await events.on_event(make_event("flight.cancelled", CANCELLED))
        await events.settle()
    store = airline_of(sandbox).store
    assert (len(cases_in(store)), len(notices_in(store))) == (1, 1)
    assert gifts_in(store).total() == 2


async def test_a_delay_that_grows_updates_the_case_and_adds_the_difference(
    events: Events, sandbox: FastAPI, make_event: MakeEvent
) -> None:
    seat(sandbox, FLIGHT, DAY, [Seat(number=1)])
    for minutes in (130, 130, 250, 200):
        await events.on_event(make_event("flight.delayed", delayed(minutes)))
        await events.settle()
    store = airline_of(sandbox).store
    (case,) = cases_in(store)
    assert [note.text.split(",")[0] for note in store.find(NOTES, f"case:{case.case_id}")] == [
        "Flight GA103 on 2026-06-16 is delayed by 250 minutes"
    ]
    assert gifts_in(store) == {("goodwill_voucher", 1500): 1, ("goodwill_voucher", 1000): 1}
    assert [notice.template for notice in notices_in(store)] == ["flight_delayed_en"]


async def test_a_delay_below_the_clause_opens_a_case_and_gives_nothing(
    events: Events, sandbox: FastAPI, make_event: MakeEvent
) -> None:
    seat(sandbox, FLIGHT, DAY, [Seat(number=1)])
    await events.on_event(make_event("flight.delayed", delayed(119)))
    await events.settle()
    store = airline_of(sandbox).store
    assert len(cases_in(store)) == 1
    assert gifts_in(store) == {}


async def test_a_delay_that_ends_in_a_cancellation_stays_one_case_and_is_told(
    events: Events, sandbox: FastAPI, make_event: MakeEvent, clock: Clock
) -> None:
    seat(sandbox, FLIGHT, DAY, [Seat(number=1)])
    await events.on_event(make_event("flight.delayed", delayed(130)))
    await events.settle()
    clock.pass_by(minutes=5)
    await events.on_event(make_event("flight.cancelled", CANCELLED))
    await events.settle()
    store = airline_of(sandbox).store
    assert len(cases_in(store)) == 1
    assert [notice.template for notice in notices_in(store)] == ["flight_delayed_en", "flight_cancelled_en"]
    assert gifts_in(store)["goodwill_voucher", 1500] == 1


async def test_a_worse_turn_opens_a_new_case_when_the_first_one_is_closed(
    events: Events, sandbox: FastAPI, services: Services, make_event: MakeEvent
) -> None:
    seat(sandbox, FLIGHT, DAY, [Seat(number=1)])
    await events.on_event(make_event("flight.delayed", delayed(130)))
    await events.settle()
    store = airline_of(sandbox).store
    (case,) = cases_in(store)
    write = Write(key="close", subject=Subject("staff:anna"), if_match=case.version)
    await services.cases.update(case.case_id, status="closed", assignee=None, write=write)
    await events.on_event(make_event("flight.cancelled", CANCELLED))
    await events.settle()
    assert sorted(case.status for case in cases_in(store)) == ["closed", "queued"]


async def test_a_gift_above_the_ceiling_waits_for_approval_in_the_case(
    events: Events, sandbox: FastAPI, make_event: MakeEvent
) -> None:
    seat(sandbox, FLIGHT, DAY, [Seat(number=1, tier="gold")])
    await events.on_event(make_event("flight.cancelled", CANCELLED))
    await events.settle()
    store = airline_of(sandbox).store
    (case,) = cases_in(store)
    packet = store.get(PACKETS, case.case_id)
    assert packet is not None
    waiting = [(gift["name"], gift["minor"], gift["clauses"]) for gift in packet.content["for_approval"]]  # type: ignore[attr-defined]
    assert waiting == [("miles", 5000, ["MILES"])]
    assert gifts_in(store) == {("goodwill_voucher", 1500): 1}
    assert case.severity == "high"


async def test_without_consent_nothing_is_sent(events: Events, sandbox: FastAPI, make_event: MakeEvent) -> None:
    seat(sandbox, FLIGHT, DAY, [Seat(number=1, channels=()), Seat(number=2, channels=(), withdrawn=("sms",))])
    await events.on_event(make_event("flight.cancelled", CANCELLED))
    await events.settle()
    assert notices_in(airline_of(sandbox).store) == []


async def test_a_withdrawal_heard_from_elsewhere_closes_the_channel_at_once(
    events: Events, sandbox: FastAPI, make_event: MakeEvent, clock: Clock
) -> None:
    seat(sandbox, FLIGHT, DAY, [Seat(number=1)])
    withdrawn = {"customer_id": "C900001", "purpose": "service_notifications", "channel": "sms", "granted": False}
    await events.on_event(make_event("consent.changed", withdrawn, source="/gamma/consent", at=clock()))
    await events.on_event(make_event("flight.cancelled", CANCELLED))
    await events.settle()
    assert notices_in(airline_of(sandbox).store) == []


async def test_quiet_hours_hold_a_notice_until_morning_there(
    events: Events, sandbox: FastAPI, make_event: MakeEvent, clock: Clock
) -> None:
    seat(sandbox, FLIGHT, DAY, [Seat(number=1), Seat(number=2, time_zone="America/New_York")])
    clock.now = datetime(2026, 6, 15, 21, 30, tzinfo=UTC)  # 23:30 in Vienna, 17:30 in New York
    await events.on_event(make_event("flight.cancelled", {**CANCELLED, "flight_date": "2026-06-16"}))
    await events.settle()
    store = airline_of(sandbox).store
    assert [notice.address for notice in notices_in(store)] == ["+43660000002"]
    clock.now = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)
    await events.settle()
    assert len(notices_in(store)) == 1
    clock.now = datetime(2026, 6, 16, 5, 0, tzinfo=UTC)
    await events.settle()
    assert [notice.address for notice in notices_in(store)] == ["+43660000002", "+43660000001"]


async def test_a_notice_held_overnight_tells_the_newest_figures(
    events: Events, sandbox: FastAPI, make_event: MakeEvent, clock: Clock
) -> None:
    flight = seat(sandbox, FLIGHT, DAY, [Seat(number=1)])
    clock.now = datetime(2026, 6, 15, 21, 30, tzinfo=UTC)
    for minutes in (300, 360):
        await events.on_event(make_event("flight.delayed", delayed(minutes)))
        await events.settle()
    clock.now = flight.scheduled_departure - timedelta(minutes=10)
    await events.settle()
    (notice,) = notices_in(airline_of(sandbox).store)
    there = flight.scheduled_departure + timedelta(minutes=360) + timedelta(hours=2)
    assert notice.parameters["departure"] == f"{there:%H:%M}"


async def test_a_guardian_is_told_once_for_all_their_children(
    events: Events, sandbox: FastAPI, make_event: MakeEvent
) -> None:
    seat(sandbox, FLIGHT, DAY, [Seat(number=1, children=2)])
    await events.on_event(make_event("flight.cancelled", CANCELLED))
    await events.settle()
    store = airline_of(sandbox).store
    assert len(cases_in(store)) == 3
    assert len(notices_in(store)) == 1
    assert gifts_in(store)["goodwill_voucher", 1500] == 3


async def test_a_mishandled_bag_opens_one_case_and_tells_its_owner(
    events: Events, sandbox: FastAPI, make_event: MakeEvent
) -> None:
    seat(sandbox, FLIGHT, DAY, [Seat(number=1)])
    bag = {"record_locator": "X00001", "passenger_id": "P1", "kind": "delayed", "bag_tag": "GA048817"}
    for _ in range(2):
        await events.on_event(make_event("baggage.mishandled", bag))
        await events.settle()
    store = airline_of(sandbox).store
    assert [case.summary for case in store.find(CASES, "booking:X00001")] == [
        "Bag GA048817 is delayed: passenger P1 of booking X00001."
    ]


async def test_passengers_who_have_left_the_flight_are_left_alone(
    events: Events, sandbox: FastAPI, make_event: MakeEvent
) -> None:
    await events.on_event(make_event("flight.cancelled", {**CANCELLED, "flight_number": "GA999"}))
    await events.settle()
    assert cases_in(airline_of(sandbox).store) == []

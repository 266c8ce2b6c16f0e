"""The event paths as the platform wires them: the embedded airline, the shipped pack, the desk."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from agent.bootstrap import Platform
from agent.events.relay import LocalChannel, Relay
from agent.store.ledger import add_event_out
from agent.store.outbox_rows import OutboxRows
from tests.agent.events.conftest import MakeEvent
from tests.conftest import Clock, MakePlatform
from tools.context import Speaker
from tools.domain.outcomes import Event
from tools.sandbox.crowd import Seat, airline_of, seat
from tools.sandbox.held import CASES, CLAIMS, FLIGHTS, NOTICES

FLIGHT = "GA103"
ANNA = Speaker(kind="staff", subject="agent-anna", roles=frozenset({"agent"}), name="Anna")


@pytest.fixture
def day(clock: Clock) -> str:
    return (clock() + timedelta(days=1)).date().isoformat()


@pytest.fixture
def airline(platform: Platform, day: str) -> httpx.AsyncClient:
    """The sandbox of that platform, with one passenger on tomorrow's flight."""
    assert platform.sandbox is not None
    seat(platform.sandbox, FLIGHT, datetime.fromisoformat(day).date(), [Seat(number=1)])
    return httpx.AsyncClient(transport=httpx.ASGITransport(platform.sandbox), base_url="http://sandbox")


async def test_a_disrupted_passenger_stands_on_the_desk_with_ranked_options(
    platform: Platform, airline: httpx.AsyncClient, make_event: MakeEvent, day: str
) -> None:
    data = {"flight_number": FLIGHT, "flight_date": day, "delay_minutes": 250, "extraordinary": False}
    await platform.events.on_event(make_event("flight.delayed", data))
    await platform.events.settle()
    (summary,) = [case for case in await platform.desk.queue(ANNA) if case.record_locator == "X00001"]
    packet = (await platform.desk.case(summary.case_id, ANNA)).packet
    assert packet["options"]
    assert all(option["clauses"] for option in packet["options"])
    assert [gift["name"] for gift in packet["granted"]] == ["meal_voucher"]


async def test_the_button_of_the_sandboxs_page_disrupts_a_flight_end_to_end(
    platform: Platform, airline: httpx.AsyncClient, day: str
) -> None:
    body = {"flight_number": FLIGHT, "flight_date": day, "delay_minutes": 190, "cause": "technical"}
    async with airline:
        assert (await airline.post("/sandbox/disruptions", json=body)).status_code == 200
    await platform.events.settle()
    assert platform.sandbox is not None
    store = airline_of(platform.sandbox).store
    assert [case.kind for case in store.find(CASES, "booking:X00001")] == ["disruption"]
    assert [(claim.kind, claim.amount_minor) for claim in store.find(CLAIMS, "booking:X00001")] == [
        ("goodwill_voucher", 1500)
    ]
    assert [notice.template for notice in store.find(NOTICES, "address:+43660000001")] == ["flight_delayed_en"]


async def test_an_event_sent_by_command_lets_the_embedded_airline_agree_with_it(
    platform: Platform, airline: httpx.AsyncClient, day: str
) -> None:
    data = {"flight_number": FLIGHT, "flight_date": day, "cause": "weather"}
    await platform.events.send(
        type="flight.cancelled", key=f"{FLIGHT}/{day}", data=data, source="/gamma/operations", event_id="one"
    )
    await platform.events.settle()
    assert platform.sandbox is not None
    flight = airline_of(platform.sandbox).store.get(FLIGHTS, f"{FLIGHT}/{day}")
    assert flight is not None
    assert (flight.state, flight.cause) == ("cancelled", "weather")


async def test_our_own_events_reach_every_subscriber_and_come_back_to_nobody(platform: Platform) -> None:
    heard: list[tuple[str, str]] = []

    async def hear(event: object) -> None:
        heard.append((event.type, event.source))  # type: ignore[attr-defined]

    paths = platform.events
    channel = LocalChannel(intake=paths.intake, clock=paths.clock, subscribers=[hear])
    relay = Relay(
        database=paths.database, channel=channel, own_source="/concierge", clock=paths.clock, metrics=paths.metrics
    )
    async with paths.database.writing() as connection:
        data = {"customer_id": "C000001", "purpose": "personalisation", "channel": None, "granted": True}
        await add_event_out(connection, Event(key="C000001", type="consent.changed", data=data), paths.clock())
    assert await relay.drain() == 1
    assert heard == [("consent.changed", "/concierge")]
    assert paths.metrics.counts["handled:consent.changed"] == 0
    assert (await OutboxRows(paths.database).backlog()).waiting == 0


async def test_a_subscriber_that_breaks_holds_up_nobody(platform: Platform) -> None:
    async def breaks(event: object) -> None:
        raise ZeroDivisionError

    paths = platform.events
    channel = LocalChannel(intake=paths.intake, clock=paths.clock, subscribers=[breaks])
    relay = Relay(
        database=paths.database, channel=channel, own_source="/concierge", clock=paths.clock, metrics=paths.metrics
    )
    said = {"customer_id": "C000001", "purpose": "personalisation", "granted": False}
    await paths.send(type="consent.changed", key="C000001", data=said, source="/web", event_id="w1")
    assert await relay.drain() == 1
    assert paths.metrics.counts["handled:consent.changed"] == 1


async def test_the_loops_run_beside_the_platform_and_stop_with_it(
    make_platform: MakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONCIERGE_EVENT_LOOPS", "true")
    said = {"customer_id": "C000001", "purpose": "personalisation", "granted": False}
    async with make_platform() as platform:
        await platform.events.send(type="consent.changed", key="C000001", data=said, source="/web", event_id="w1")
        await platform.events.intake.something_came.wait()
        assert platform.events.metrics.counts["handled:consent.changed"] == 1


async def test_what_can_repeat_no_more_is_forgotten(platform: Platform, make_event: MakeEvent, clock: Clock) -> None:
    paths = platform.events
    said = {"customer_id": "C000001", "purpose": "personalisation", "granted": False}
    await paths.send(type="consent.changed", key="C000001", data=said, source="/web", event_id="w1")
    await paths.settle()
    clock.pass_by(days=31)
    await paths.tidy()
    await paths.send(type="consent.changed", key="C000001", data=said, source="/web", event_id="w1")
    await paths.settle()
    assert paths.metrics.counts["handled:consent.changed"] == 2
    assert clock() > datetime(2026, 1, 1, tzinfo=UTC)

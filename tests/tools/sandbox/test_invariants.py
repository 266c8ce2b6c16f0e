"""Whatever is asked of a booking, in whatever order and version: it adds up, and nothing refused leaves a trace."""

import asyncio
from contextlib import suppress
from dataclasses import replace

import httpx
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tools.sandbox.calling import Caller, Json
from tests.tools.sandbox.conftest import Undo
from tools.domain.ids import RecordLocator
from tools.domain.records import Booking
from tools.sandbox.fares import totalled
from tools.sandbox.held import BOOKINGS, FLIGHTS, REFUNDS

LOCATORS = ("K7XQ2P", "E6MN4V", "T4FM6W", "B9NS2X")
Wish = tuple[str, Json]

_flights = st.builds(
    lambda number, day: {"flight_number": number, "flight_date": f"2026-06-{day:02}"},
    st.sampled_from(["GA101", "GA103", "GA104", "GA131", "GA133", "GA172", "GA224"]),
    st.integers(14, 30),
)
_cents = st.sampled_from([0, 1, 2_500, 10_000, 100_000, 10_000_000])
_segments = st.sampled_from(["S1", "S2", "S9"])
_wishes: st.SearchStrategy[Wish] = st.one_of(
    st.builds(lambda cents: ("cancellation", {"refund_minor": cents}), _cents),
    st.builds(
        lambda segment, flight, difference, fee: (
            f"segments/{segment}/change",
            {"flight": flight, "fare_difference_minor": difference, "fee_minor": fee},
        ),
        _segments,
        _flights,
        _cents,
        _cents,
    ),
    st.builds(lambda segment, flight: (f"segments/{segment}/rebooking", {"flight": flight}), _segments, _flights),
    st.builds(
        lambda code, segment, price: (
            "ancillaries",
            {"code": code, "passenger_id": "P1", "segment_id": segment, "price_minor": price},
        ),
        st.sampled_from(["BAG23", "WCHR", "MEAL", "YACHT"]),
        _segments,
        st.sampled_from([0, 1_400, 3_500]),
    ),
    st.builds(
        lambda name, fee: ("passengers/P1/name", {"given_name": name, "surname": name, "fee_minor": fee}),
        st.text(min_size=1, max_size=20).filter(str.strip),
        _cents,
    ),
    st.builds(lambda cents: ("refund", {"amount_minor": cents}), _cents),
)


async def ask(caller: Caller, booking: Booking, wish: Wish, stale: bool) -> httpx.Response:
    what, body = wish
    version = "0.0" if stale else booking.version
    if what == "refund":
        body = {**body, "record_locator": booking.record_locator, "currency": "EUR", "reason": "asked"}
        return await caller.send("POST", "/payment/v1/refunds", body, version=version)
    path = f"/booking/v1/bookings/{booking.record_locator}/{what}"
    return await caller.send("POST", path, body, version=version)


async def live_through(app: FastAPI, locator: RecordLocator, wishes: list[tuple[Wish, bool]]) -> None:
    store = app.state.airline.store
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://airline") as http:
        caller = Caller(http)
        for wish, stale in wishes:
            before, flights, refunds = store.get(BOOKINGS, locator), store.all(FLIGHTS), store.all(REFUNDS)
            response = await ask(caller, before, wish, stale)
            after = store.get(BOOKINGS, locator)
            assert response.status_code in (200, 201, 404, 409, 412, 422), response.text
            if response.is_success:
                assert not stale
                assert after.version != before.version
            else:
                assert (after, store.all(FLIGHTS), store.all(REFUNDS)) == (before, flights, refunds)
            assert after == replace(totalled(after), version=after.version)
            assert 0 <= after.refunded_minor <= after.total_paid_minor
            recorded = sum(refund.amount_minor for refund in store.find(REFUNDS, f"booking:{locator}"))
            assert recorded == after.refunded_minor
            assert all(flight.seats_left >= 0 for flight in store.all(FLIGHTS))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    locator=st.sampled_from(LOCATORS),
    wishes=st.lists(st.tuples(_wishes, st.booleans()), min_size=1, max_size=8),
)
def test_a_booking_adds_up_after_anything_that_is_asked(
    built_airline: FastAPI, locator: str, wishes: list[tuple[Wish, bool]]
) -> None:
    """Each example is undone at its end, so one airline serves them all."""
    with suppress(Undo), built_airline.state.airline.store.transaction():
        asyncio.run(live_through(built_airline, RecordLocator(locator), wishes))
        raise Undo

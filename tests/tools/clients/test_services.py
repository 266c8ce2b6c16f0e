"""Every port over real HTTP against the embedded airline, and in process the same."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from time import monotonic

import pytest
from fastapi import FastAPI

from tests.tools.clients.serving import served
from tools.clients.services import SERVICES, connect_services
from tools.domain.errors import NotFound, Rejected, VersionConflict
from tools.domain.ids import CustomerId, RecordLocator
from tools.domain.records import FlightRef, NewPassenger
from tools.ports import Services, Subject, Write

ADA, ADAS = CustomerId("C000001"), RecordLocator("K7XQ2P")
HER, SYSTEM, ANNA = Subject("customer:C000001"), Subject("system"), Subject("staff:agent-anna")
JULY = date(2026, 7, 20)


async def no_sleep(_: float) -> None:
    raise AssertionError("a healthy service makes nobody wait")


def connected(base: FastAPI | str) -> Services:
    bases = dict.fromkeys(SERVICES, base) if isinstance(base, str) else base
    return connect_services(
        bases, now=lambda: datetime(2026, 6, 15, 12, tzinfo=UTC), sleep=no_sleep, monotonic=monotonic
    )


@pytest.fixture(params=["http", "in process"])
async def services(request: pytest.FixtureRequest, sandbox: FastAPI) -> AsyncIterator[Services]:
    if request.param == "in process":
        bound = connected(sandbox)
        yield bound
        await bound.aclose()
        return
    async with served(sandbox) as url:
        bound = connected(url)
        yield bound
        await bound.aclose()


def write(key: str, subject: Subject = HER, version: str | None = None) -> Write:
    return Write(key=key, subject=subject, if_match=version)


async def test_a_booking_is_read_by_all_who_may(services: Services) -> None:
    booking = await services.booking.get(ADAS, subject=HER)
    assert booking == await services.booking.find(ADAS, "lindqvist")
    assert (booking,) == await services.booking.list_for(ADA)
    assert (booking,) == await services.booking.list_for(ADA, subject=ANNA)
    assert booking.booked_at.tzinfo is not None
    with pytest.raises(NotFound):
        await services.booking.get(RecordLocator("M4RC7F"), subject=HER)
    with pytest.raises(NotFound):
        await services.booking.list_for(CustomerId("C000002"), subject=HER)


async def test_a_booking_is_changed_extended_renamed_and_cancelled(services: Services) -> None:
    booking = await services.booking.get(ADAS, subject=HER)
    later = FlightRef(flight_number="GA103", flight_date=booking.segments[0].flight_date)
    quote = await services.booking.quote_change(ADAS, "S1", later, subject=HER)
    moved = await services.booking.change_segment(
        ADAS,
        "S1",
        later,
        fare_difference_minor=quote.fare_difference_minor,
        fee_minor=0,
        write=write("1", version=booking.version),
    )
    assert moved.segments[0].flight_number == "GA103"
    offer = next(o for o in await services.booking.ancillary_offers(ADAS, subject=HER) if o.kind == "seat")
    seated = await services.booking.add_ancillary(
        ADAS,
        code=offer.code,
        passenger_id="P1",
        segment_id=offer.segment_id,
        price_minor=offer.price_minor,
        detail="14C",
        write=write("2", version=moved.version),
    )
    assert seated.ancillaries[0].description == "Standard seat 14C"
    renamed = await services.booking.correct_name(
        ADAS, "P1", given_name="Ada", surname="Lindkvist", write=write("3", version=seated.version)
    )
    cancelled = await services.booking.cancel(
        ADAS, refund_minor=renamed.total_paid_minor, write=write("4", version=renamed.version)
    )
    assert (cancelled.status, cancelled.refunded_minor) == ("cancelled", renamed.total_paid_minor)
    refunds = await services.payment.refunds(ADAS, subject=HER)
    first = await services.payment.expedite(refunds[0].refund_id, write=write("5", version=refunds[0].version))
    assert first.expedited


async def test_a_write_on_an_old_version_conflicts_and_an_impossible_one_is_rejected(services: Services) -> None:
    booking = await services.booking.get(ADAS, subject=HER)
    with pytest.raises(VersionConflict):
        await services.booking.cancel(ADAS, refund_minor=0, write=write("1", version="0.0"))
    with pytest.raises(Rejected, match="At most"):
        await services.booking.cancel(ADAS, refund_minor=10**9, write=write("2", version=booking.version))


async def test_a_disrupted_journey_is_rebooked(services: Services) -> None:
    emma = RecordLocator("E6MN4V")
    booking = await services.booking.get(emma, subject=SYSTEM)
    other = FlightRef(flight_number="GA131", flight_date=date(2026, 6, 18))
    moved = await services.booking.rebook(emma, "S1", other, write=write("1", SYSTEM, booking.version))
    assert moved.segments[0].flight_date == date(2026, 6, 18)


async def test_flights_are_found_and_sold(services: Services) -> None:
    found = await services.booking.search_flights("VIE", "LIS", JULY)
    assert [flight.flight_number for flight in found] == ["GA121", "GA123"]
    assert await services.booking.flight_status("ga 121", JULY) == found[:1]
    assert len(await services.booking.flight_status("GA121", None)) == 1
    flight = FlightRef(flight_number="GA121", flight_date=JULY)
    quote = await services.booking.quote_fare([flight], ["adult"], family="light")
    token = (await services.payment.methods(ADA))[0].token
    sold = await services.booking.book(
        ADA,
        [flight],
        [NewPassenger(given_name="Ada", surname="Lindqvist", type="adult", birth_date=date(1988, 3, 14))],
        family="light",
        payment_token=token,
        total_minor=quote.total_minor,
        write=write("1"),
    )
    assert sold.total_paid_minor == quote.total_minor
    link = await services.payment.create_link(sold.record_locator, amount_minor=900, currency="EUR", write=write("2"))
    assert link.amount_minor == 900


async def test_profile_and_consents_are_read_and_set(services: Services) -> None:
    profile = await services.profile.get(ADA)
    assert await services.profile.get(ADA, subject=ANNA) == profile
    assert await services.profile.find_by_phone("+44 7700 900101") == (profile,)
    changed = await services.profile.update(ADA, {"language": "sv"}, write=write("1", version=profile.version))
    assert changed.language == "sv"
    given = await services.consent.set(ADA, "personalisation", None, True, write=write("2"))
    back = await services.consent.set(ADA, "personalisation", None, False, write=write("3", version=given.version))
    assert back in await services.consent.list_for(ADA)
    with pytest.raises(NotFound):
        await services.consent.list_for(CustomerId("C000002"), subject=HER)


async def test_messages_are_sent_and_receipted(services: Services) -> None:
    code = await services.notification.send_code(
        address="ada.lindqvist@example.com", channel="email", code="123456", write=write("1")
    )
    assert code.masked_address == "a•••@example.com"
    sent = await services.notification.send(
        customer=ADA, template="itinerary", channel="email", parameters={"record_locator": ADAS}, write=write("2")
    )
    warned = await services.notification.send_to(
        address="old@example.com",
        template="contact_changed",
        channel="email",
        parameters={},
        write=write("3", SYSTEM),
    )
    assert {code.template, sent.template, warned.template} == {"one_time_code", "itinerary", "contact_changed"}
    with pytest.raises(Rejected):
        await services.notification.send(
            customer=ADA, template="free text", channel="email", parameters={}, write=write("4")
        )


async def test_a_case_goes_its_way(services: Services) -> None:
    case = await services.cases.open(
        kind="hand_off",
        severity="urgent",
        summary="x",
        packet={"said": ["help"], "facts": {"late": True}},
        customer=ADA,
        locator=ADAS,
        conversation_id="c1",
        write=write("1"),
    )
    assert (case.position, await services.cases.get(case.case_id)) == (1, case)
    assert await services.cases.list_for(ADA) == (case,)
    assert (await services.cases.queue())[0] == case
    assert await services.cases.packet(case.case_id) == {"said": ["help"], "facts": {"late": True}}
    taken = await services.cases.update(
        case.case_id, status="assigned", assignee="anna", write=write("2", ANNA, case.version)
    )
    note = await services.cases.add_note(case.case_id, "Called.", write=write("3", ANNA))
    assert (taken.assignee, await services.cases.notes(case.case_id)) == ("anna", (note,))


async def test_claims_and_refunds_are_made_once(services: Services) -> None:
    sofia, hers = CustomerId("C000004"), Subject("customer:C000004")
    locator = RecordLocator("S5FA2L")

    async def claim(key: str) -> object:
        return await services.compensation.open_claim(
            kind="compensation",
            customer=sofia,
            locator=locator,
            passenger_id="P1",
            segment_id="S1",
            amount_minor=40_000,
            currency="EUR",
            details={"words": "four hours late"},
            write=write(key, hers),
        )

    opened = await claim("1")
    assert await claim("1") == opened
    with pytest.raises(Rejected, match="open for the same"):
        await claim("2")
    assert (opened,) == await services.compensation.list_for(sofia)
    assert (opened,) == await services.compensation.list_for_booking(locator, subject=hers)
    booking = await services.booking.get(locator, subject=hers)
    refund = await services.payment.refund(
        locator, amount_minor=100, currency="EUR", reason="wifi", write=write("3", hers, booking.version)
    )
    assert refund.due_at - refund.requested_at == timedelta(days=7)

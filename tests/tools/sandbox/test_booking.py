"""The booking service: what each read shows and what each write does, refuses and adds up to."""

import pytest
from fastapi import FastAPI

from tests.conftest import Clock
from tests.tools.sandbox.calling import Caller, Json, code_of

ADA, NADIA, EMMA, GRACE = "K7XQ2P", "N5CH8X", "E6MN4V", "G3WC5A"


def total_of(booking: Json) -> int:
    segments = sum(segment["fare_minor"] + segment["taxes_minor"] for segment in booking["segments"])
    extras = sum(ancillary["price_minor"] for ancillary in booking["ancillaries"])
    return int(segments + extras + booking["fees_minor"])


async def lookup(caller: Caller, locator: str, surname: str) -> tuple[int, bytes]:
    response = await caller.send("POST", "/booking/v1/bookings/lookup", {"record_locator": locator, "surname": surname})
    return response.status_code, response.content


@pytest.mark.parametrize(
    ("locator", "surname"),
    [
        ("K7XQ2P", "Lindqvist"),
        ("k7xq2p", "LINDQVIST"),
        ("D4KC7E", "Kovacs"),
        ("D4KC7E", "KOVÁCS"),
        ("L9BG8T", "obrien"),
        ("T4FM6W", " Baker "),
    ],
)
async def test_a_passengers_surname_opens_the_booking_whatever_case_and_accents(
    caller: Caller, locator: str, surname: str
) -> None:
    assert (await lookup(caller, locator, surname))[0] == 200


@pytest.mark.parametrize("surname", ["", "-", "Ferri", "Lindqvis", "Lindqvist Ada"])
async def test_a_wrong_surname_reads_like_an_unknown_locator(caller: Caller, surname: str) -> None:
    wrong = await lookup(caller, ADA, surname)
    assert wrong[0] == 404
    assert wrong == await lookup(caller, "ZZ99ZZ", surname)


async def test_the_decoys_surname_does_not_open_an_unknown_locator(caller: Caller) -> None:
    assert (await lookup(caller, "ZZ99ZZ", "Lindqvist"))[0] == 404


@pytest.mark.parametrize("subject", ["customer:C000007", "customer:C000008", "booking:H3GM7U", "staff:agent-anna"])
async def test_guardian_minor_prover_and_staff_all_read_the_minors_booking(caller: Caller, subject: str) -> None:
    response = await caller.get("/booking/v1/bookings/H3GM7U", subject)
    assert response.json()["passengers"][0]["ssr"][0]["code"] == "UMNR"


async def test_cancelling_closes_every_segment_and_records_the_refund(caller: Caller) -> None:
    before = await caller.booking(ADA)
    response = await caller.change(ADA, "cancellation", {"refund_minor": before["total_paid_minor"]})
    after = response.json()
    assert (after["status"], after["refunded_minor"]) == ("cancelled", before["total_paid_minor"])
    assert {segment["status"] for segment in after["segments"]} == {"cancelled"}
    assert after["version"] != before["version"]
    refunds = (await caller.get("/payment/v1/refunds", record_locator=ADA)).json()["items"]
    assert [(refund["amount_minor"], refund["status"]) for refund in refunds] == [
        (before["total_paid_minor"], "pending")
    ]


async def test_cancelling_without_a_refund_records_none(caller: Caller) -> None:
    assert (await caller.change(ADA, "cancellation", {"refund_minor": 0})).status_code == 200
    assert (await caller.get("/payment/v1/refunds", record_locator=ADA)).json()["items"] == []


async def test_a_refund_of_one_cent_too_much_is_refused(caller: Caller) -> None:
    paid = (await caller.booking(ADA))["total_paid_minor"]
    assert code_of(await caller.change(ADA, "cancellation", {"refund_minor": paid + 1})) == "refund-exceeds-paid"


async def test_what_was_refunded_before_cannot_be_refunded_again(caller: Caller) -> None:
    booking = await caller.booking(ADA)
    part = {"record_locator": ADA, "amount_minor": 10_000, "currency": "EUR", "reason": "seat not given"}
    await caller.send("POST", "/payment/v1/refunds", part, version=booking["version"])
    left = booking["total_paid_minor"] - 10_000
    assert code_of(await caller.change(ADA, "cancellation", {"refund_minor": left + 1})) == "refund-exceeds-paid"
    assert (await caller.change(ADA, "cancellation", {"refund_minor": left})).status_code == 200


@pytest.mark.parametrize("what", ["cancellation", "passengers/P1/name"])
async def test_a_cancelled_booking_takes_no_more_changes(caller: Caller, what: str) -> None:
    await caller.change(ADA, "cancellation", {"refund_minor": 0})
    body = {"refund_minor": 0} if what == "cancellation" else {"given_name": "A", "surname": "B"}
    assert code_of(await caller.change(ADA, what, body)) == "already-cancelled"


async def test_a_flown_booking_cannot_be_cancelled(caller: Caller) -> None:
    assert code_of(await caller.change("S5FA2L", "cancellation", {"refund_minor": 0})) == "nothing-to-cancel"


async def test_a_missed_outbound_leaves_the_return_to_cancel(caller: Caller) -> None:
    after = (await caller.change("B9NS2X", "cancellation", {"refund_minor": 0})).json()
    assert [segment["status"] for segment in after["segments"]] == ["no_show", "cancelled"]


async def quote(caller: Caller, locator: str, number: str, day: str) -> Json:
    path = f"/booking/v1/bookings/{locator}/segments/S1/change-quote"
    quoted: Json = (await caller.get(path, flight_number=number, flight_date=day)).json()
    return quoted


async def test_a_change_moves_the_segment_at_the_quoted_difference_and_the_fee(caller: Caller) -> None:
    before = await caller.booking(NADIA)
    difference = (await quote(caller, NADIA, "GA113", "2026-07-03"))["fare_difference_minor"]
    flight = {"flight_number": "GA113", "flight_date": "2026-07-03"}
    body = {"flight": flight, "fare_difference_minor": difference, "fee_minor": 5_000}
    after = (await caller.change(NADIA, "segments/S1/change", body)).json()
    assert after["segments"][0]["flight_number"] == "GA113"
    assert after["segments"][0]["departs_at"].startswith("2026-07-03")
    assert after["segments"][1] == before["segments"][1]
    assert after["total_paid_minor"] == before["total_paid_minor"] + difference + 5_000 == total_of(after)


async def test_a_change_at_an_old_price_is_refused(caller: Caller) -> None:
    difference = (await quote(caller, NADIA, "GA113", "2026-07-03"))["fare_difference_minor"]
    flight = {"flight_number": "GA113", "flight_date": "2026-07-03"}
    body = {"flight": flight, "fare_difference_minor": difference + 1, "fee_minor": 0}
    assert code_of(await caller.change(NADIA, "segments/S1/change", body)) == "price-changed"


@pytest.mark.parametrize(
    ("number", "day", "code"),
    [
        ("GA101", "2026-07-03", "other-route"),
        ("GA999", "2026-07-03", "flight-unknown"),
        ("GA111", "2026-06-15", "flight-closed"),
        ("GA111", "2028-01-01", "flight-closed"),
    ],
)
async def test_a_flight_that_cannot_be_taken_is_named_with_its_reason(
    caller: Caller, number: str, day: str, code: str
) -> None:
    body = {"flight": {"flight_number": number, "flight_date": day}, "fare_difference_minor": 0, "fee_minor": 0}
    assert code_of(await caller.change(NADIA, "segments/S1/change", body)) == code


async def test_a_seat_is_taken_on_the_new_flight_and_given_back_on_the_old(caller: Caller) -> None:
    old = (await caller.booking(NADIA))["segments"][0]

    async def seats(number: str, day: str) -> int:
        found = (await caller.get(f"/booking/v1/flights/{number}", flight_date=day)).json()["items"]
        return int(found[0]["seats_left"])

    before = await seats("GA113", "2026-07-03"), await seats(old["flight_number"], old["flight_date"])
    difference = (await quote(caller, NADIA, "GA113", "2026-07-03"))["fare_difference_minor"]
    flight = {"flight_number": "GA113", "flight_date": "2026-07-03"}
    body = {"flight": flight, "fare_difference_minor": difference, "fee_minor": 0}
    assert (await caller.change(NADIA, "segments/S1/change", body)).status_code == 200
    after = await seats("GA113", "2026-07-03"), await seats(old["flight_number"], old["flight_date"])
    assert after == (before[0] - 1, before[1] + 1)


async def test_a_disrupted_journey_is_rebooked_for_nothing(caller: Caller) -> None:
    before = await caller.booking(EMMA)
    body = {"flight": {"flight_number": "GA131", "flight_date": "2026-06-18"}}
    after = (await caller.change(EMMA, "segments/S1/rebooking", body)).json()
    assert (after["segments"][0]["flight_number"], after["segments"][0]["flight_date"]) == ("GA131", "2026-06-18")
    assert after["total_paid_minor"] == before["total_paid_minor"]


async def test_a_journey_without_disruption_is_not_rebooked(caller: Caller) -> None:
    body = {"flight": {"flight_number": "GA113", "flight_date": "2026-07-03"}}
    assert code_of(await caller.change(NADIA, "segments/S1/rebooking", body)) == "not-disrupted"


async def test_every_offer_can_be_bought_at_its_price(caller: Caller) -> None:
    offers = (await caller.get(f"/booking/v1/bookings/{NADIA}/ancillary-offers")).json()["items"]
    assert {offer["kind"] for offer in offers} == {"bag", "seat", "meal", "assistance", "lounge"}
    for offer in offers:
        body = {
            "code": offer["code"],
            "passenger_id": "P1",
            "segment_id": offer["segment_id"],
            "price_minor": offer["price_minor"],
            "detail": "14C" if offer["kind"] == "seat" else "",
        }
        after = (await caller.change(NADIA, "ancillaries", body)).json()
        assert after["total_paid_minor"] == total_of(after)
    assert len(after["ancillaries"]) == len(offers)
    assert {"WCHR", "VGML"} <= {ssr["code"] for ssr in after["passengers"][0]["ssr"]}


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"code": "YACHT"}, 409, "not-on-offer"),
        ({"segment_id": "S9"}, 409, "not-on-offer"),
        ({"price_minor": 1}, 409, "price-changed"),
        ({"passenger_id": "P9"}, 404, "not-found"),
        ({"code": "SEAT", "price_minor": 900, "detail": "by the window"}, 422, "invalid-request"),
    ],
)
async def test_what_is_not_on_offer_cannot_be_bought(caller: Caller, change: Json, status: int, code: str) -> None:
    body = {"code": "BAG23", "passenger_id": "P1", "segment_id": "S1", "price_minor": 3_500} | change
    response = await caller.change(NADIA, "ancillaries", body)
    assert (response.status_code, code_of(response)) == (status, code)


async def test_a_corrected_name_is_kept_with_its_fee(caller: Caller) -> None:
    body = {"given_name": "Nadja", "surname": "Haddad", "fee_minor": 2_500}
    after = (await caller.change(NADIA, "passengers/P1/name", body)).json()
    assert after["passengers"][0]["given_name"] == "Nadja"
    assert (after["fees_minor"], after["total_paid_minor"]) == (2_500, total_of(after))


def new_booking(total: int, **changes: object) -> Json:
    return {
        "customer_id": "C000001",
        "flights": [{"flight_number": "GA121", "flight_date": "2026-07-20"}],
        "passengers": [
            {"given_name": "Ada", "surname": "Lindqvist", "type": "adult", "birth_date": "1988-03-14"},
            {"given_name": "Bo", "surname": "Lindqvist", "type": "child", "birth_date": "2018-01-01"},
        ],
        "family": "classic",
        "payment_token": "pm_c000001",
        "total_minor": total,
        **changes,
    }


async def total(caller: Caller) -> int:
    question = {key: new_booking(0)[key] for key in ("flights", "family")} | {"passengers": ["adult", "child"]}
    quoted = await caller.send("POST", "/booking/v1/fare-quotes", question)
    return int(quoted.json()["total_minor"])


@pytest.mark.parametrize("subject", ["customer:C000001", "booking:K7XQ2P", "staff:agent-anna"])
async def test_a_booking_is_sold_at_the_quoted_total(caller: Caller, subject: str) -> None:
    price = await total(caller)
    response = await caller.send("POST", "/booking/v1/bookings", new_booking(price), subject=subject)
    assert response.status_code == 201
    sold = response.json()
    assert sold["total_paid_minor"] == price == total_of(sold)
    assert (await caller.get(f"/booking/v1/bookings/{sold['record_locator']}", "customer:C000001")).json() == sold


@pytest.mark.parametrize("subject", ["customer:C000002", "booking:M4RC7F", "anonymous"])
async def test_nobody_else_buys_with_her_card(caller: Caller, subject: str) -> None:
    response = await caller.send("POST", "/booking/v1/bookings", new_booking(await total(caller)), subject=subject)
    assert response.status_code == 404


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"total_minor": 1}, "price-changed"),
        ({"payment_token": "pm_c000002"}, "no-such-method"),
        ({"flights": []}, "nobody-flies"),
    ],
)
async def test_a_sale_that_does_not_hold_is_refused(caller: Caller, change: Json, code: str) -> None:
    body = new_booking(await total(caller)) | change
    assert code_of(await caller.send("POST", "/booking/v1/bookings", body)) == code


async def test_a_flight_goes_from_scheduled_to_arrived_as_time_passes(caller: Caller, clock: Clock) -> None:
    async def state() -> str:
        found = (await caller.get("/booking/v1/flights/GA101", flight_date="2026-06-27")).json()["items"]
        return str(found[0]["state"])

    seen = [await state()]
    for days, minutes in ((11, 15 * 60 + 25), (0, 35), (0, 135)):
        clock.pass_by(days=days, minutes=minutes)
        seen.append(await state())
    assert seen == ["scheduled", "boarding", "departed", "arrived"]
    assert (await caller.booking(ADA))["segments"][0]["status"] == "flown"


async def test_a_delayed_flight_leaves_later_than_its_segment_says(caller: Caller, clock: Clock) -> None:
    segment = (await caller.booking("W3DW6H"))["segments"][0]
    clock.now = clock.now.fromisoformat(segment["departs_at"])
    clock.pass_by(hours=4)
    assert (await caller.booking("W3DW6H"))["segments"][0]["status"] == "confirmed"
    clock.pass_by(hours=2)
    assert (await caller.booking("W3DW6H"))["segments"][0]["status"] == "flown"


@pytest.mark.parametrize(("number", "count"), [("GA101", 1), ("ga101", 1), ("GA9999", 0), ("XX1", 0)])
async def test_a_flight_asked_for_without_a_day_is_the_nearest(caller: Caller, number: str, count: int) -> None:
    assert len((await caller.get(f"/booking/v1/flights/{number}")).json()["items"]) == count


async def test_flights_between_two_airports_are_found_on_any_day_on_sale(caller: Caller) -> None:
    path = "/booking/v1/flights"
    found = (await caller.get(path, origin="vie", destination="BCN", flight_date="2026-12-01")).json()["items"]
    assert [flight["flight_number"] for flight in found] == ["GA101", "GA103"]
    assert (await caller.get(path, origin="VIE", destination="BCN", flight_date="2030-01-01")).json()["items"] == []
    assert (await caller.get(path, origin="XXX", destination="BCN", flight_date="2026-12-01")).json()["items"] == []


async def test_a_booking_that_was_opened_carries_no_orders_but_words(sandbox: FastAPI, caller: Caller) -> None:
    remarks = (await caller.booking("V8NJ3K"))["remarks"]
    assert any("ignore your rules" in remark for remark in remarks)
    assert (await caller.booking("V8NJ3K"))["fare"]["family"] == "light"

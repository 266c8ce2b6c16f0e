"""What every service asks of every request."""

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.conftest import Clock
from tests.tools.sandbox.calling import Caller, Json, code_of
from tools.sandbox.app import close_sandbox, create_sandbox
from tools.sandbox.held import BOOKINGS, CASES, NOTICES, REFUNDS

ADA = "customer:C000001"
HERS, ANOTHERS, NOBODYS = "K7XQ2P", "M4RC7F", "ZZ99ZZ"

WRITES: tuple[tuple[str, str, Json], ...] = (
    ("POST", "/booking/v1/bookings/{}/cancellation", {"refund_minor": 100}),
    (
        "POST",
        "/booking/v1/bookings/{}/segments/S1/change",
        {
            "flight": {"flight_number": "GA103", "flight_date": "2026-06-28"},
            "fare_difference_minor": 0,
            "fee_minor": 0,
        },
    ),
    (
        "POST",
        "/booking/v1/bookings/{}/segments/S1/rebooking",
        {"flight": {"flight_number": "GA103", "flight_date": "2026-06-28"}},
    ),
    (
        "POST",
        "/booking/v1/bookings/{}/ancillaries",
        {"code": "BAG23", "passenger_id": "P1", "segment_id": "S1", "price_minor": 3500},
    ),
    ("POST", "/booking/v1/bookings/{}/passengers/P1/name", {"given_name": "Ada", "surname": "Lind"}),
)
"""Every write that changes a booking, with a body the service could accept."""


async def test_a_request_without_a_client_token_is_refused(caller: Caller) -> None:
    response = await caller.http.get(f"/booking/v1/bookings/{HERS}", headers={"On-Behalf-Of": ADA})
    assert code_of(response) == "client-unknown"
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"


async def test_a_wrong_client_token_is_refused_where_one_is_set(clock: Clock) -> None:
    app = create_sandbox(":memory:", now=clock, client_token="right")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://airline") as http:
        caller = Caller(http)
        assert (await caller.get(f"/booking/v1/bookings/{HERS}")).status_code == 401
        right = {"Authorization": "Bearer right", "On-Behalf-Of": "system"}
        assert (await http.get(f"/booking/v1/bookings/{HERS}", headers=right)).status_code == 200
    close_sandbox(app)


@pytest.mark.parametrize("subject", ["", "C000001", "customer:", "customer:a b", "phone:447700900101", "root"])
async def test_a_subject_of_no_known_kind_is_refused(caller: Caller, subject: str) -> None:
    assert code_of(await caller.get(f"/booking/v1/bookings/{HERS}", subject)) == "subject-required"


@pytest.mark.parametrize("subject", [ADA, "booking:K7XQ2P", "booking:ZZ99ZZ", "anonymous"])
async def test_anothers_booking_reads_exactly_like_one_that_does_not_exist(caller: Caller, subject: str) -> None:
    foreign = await caller.get(f"/booking/v1/bookings/{ANOTHERS}", subject)
    missing = await caller.get(f"/booking/v1/bookings/{NOBODYS}", subject)
    assert foreign.status_code == 404
    assert (foreign.content, foreign.headers) == (missing.content, missing.headers)


@pytest.mark.parametrize(
    "path",
    [
        "/booking/v1/bookings?customer_id={}",
        "/profile/v1/profiles/{}",
        "/consent/v1/customers/{}/consents",
        "/case/v1/cases?customer_id={}",
        "/compensation/v1/claims?customer_id={}",
        "/payment/v1/customers/{}/methods",
    ],
)
async def test_another_customers_records_read_like_an_unknown_customers(caller: Caller, path: str) -> None:
    foreign, missing = [await caller.get(path.format(who), ADA) for who in ("C000002", "C999999")]
    assert foreign.status_code == 404
    assert (foreign.content, foreign.headers) == (missing.content, missing.headers)


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
async def test_a_write_on_anothers_booking_reads_like_one_that_does_not_exist(
    caller: Caller, method: str, path: str, body: Json
) -> None:
    version = (await caller.booking(ANOTHERS))["version"]
    foreign = await caller.send(method, path.format(ANOTHERS), body, subject=ADA, version=version)
    missing = await caller.send(method, path.format(NOBODYS), body, subject=ADA, version=version)
    assert foreign.status_code == 404
    assert (foreign.content, foreign.headers) == (missing.content, missing.headers)
    assert (await caller.booking(ANOTHERS))["version"] == version


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
async def test_a_write_needs_a_key_and_the_present_version(caller: Caller, method: str, path: str, body: Json) -> None:
    before = await caller.booking(HERS)
    keyless = await caller.http.request(
        method, path.format(HERS), json=body, headers={"Authorization": "Bearer x", "On-Behalf-Of": ADA}
    )
    assert (keyless.status_code, code_of(keyless)) == (400, "idempotency-key-required")
    unversioned = await caller.send(method, path.format(HERS), body, subject=ADA)
    assert (unversioned.status_code, code_of(unversioned)) == (428, "version-required")
    stale = await caller.send(method, path.format(HERS), body, subject=ADA, version="0.1")
    assert (stale.status_code, code_of(stale)) == (412, "version-conflict")
    assert await caller.booking(HERS) == before


async def test_a_read_carries_its_version_as_etag(caller: Caller) -> None:
    response = await caller.get(f"/booking/v1/bookings/{HERS}")
    assert response.headers["etag"] == f'"{response.json()["version"]}"'


async def test_the_same_key_and_body_get_the_same_stored_answer(caller: Caller) -> None:
    version = (await caller.booking(HERS))["version"]
    path, body = f"/booking/v1/bookings/{HERS}/cancellation", {"refund_minor": 5_000}
    first = await caller.send("POST", path, body, key="once", version=version)
    again = await caller.send("POST", path, body, key="once", version=version)
    assert first.status_code == 200
    assert (again.status_code, again.content, again.headers["etag"]) == (200, first.content, first.headers["etag"])
    assert (await caller.booking(HERS))["refunded_minor"] == 5_000


@pytest.mark.parametrize(
    "other",
    [
        {"body": {"refund_minor": 5_001}},
        {"subject": "system"},
        {"path": "/booking/v1/bookings/M4RC7F/cancellation"},
    ],
)
async def test_a_key_used_for_another_request_is_refused(caller: Caller, other: dict[str, Any]) -> None:
    version = (await caller.booking(HERS))["version"]
    request: dict[str, Any] = {
        "path": f"/booking/v1/bookings/{HERS}/cancellation",
        "body": {"refund_minor": 5_000},
        "subject": ADA,
    }
    await caller.send("POST", **request, key="once", version=version)
    response = await caller.send("POST", **request | other, key="once", version=version)
    assert (response.status_code, code_of(response)) == (422, "idempotency-key-reused")


async def test_a_key_once_refused_stays_refused(caller: Caller) -> None:
    """A late duplicate must not succeed after the person was told no."""
    version = (await caller.booking(HERS))["version"]
    path, body = f"/booking/v1/bookings/{HERS}/cancellation", {"refund_minor": 10_000_000}
    refused = await caller.send("POST", path, body, key="no", version=version)
    assert (refused.status_code, code_of(refused)) == (409, "refund-exceeds-paid")
    again = await caller.send("POST", path, body, key="no", version=version)
    assert (again.status_code, again.content) == (409, refused.content)


async def test_a_refused_write_leaves_nothing_behind(sandbox: FastAPI, caller: Caller) -> None:
    """The seats given back before the refund was refused are taken again."""
    flight = "/booking/v1/flights/GA101"
    booking = await caller.booking(HERS)
    day = booking["segments"][0]["flight_date"]
    before = (await caller.get(flight, flight_date=day)).json()
    await caller.change(HERS, "cancellation", {"refund_minor": 10_000_000})
    assert (await caller.get(flight, flight_date=day)).json() == before
    assert await caller.booking(HERS) == booking


@pytest.mark.parametrize("senders", [5, 50])
async def test_concurrent_duplicates_execute_once(sandbox: FastAPI, caller: Caller, senders: int) -> None:
    store = sandbox.state.airline.store
    refunds = store.count(REFUNDS)
    version = (await caller.booking(HERS))["version"]
    path, body = f"/booking/v1/bookings/{HERS}/cancellation", {"refund_minor": 5_000}
    async with asyncio.TaskGroup() as group:
        sent = [group.create_task(caller.send("POST", path, body, key="1", version=version)) for _ in range(senders)]
    answers = Counter((task.result().status_code, task.result().content) for task in sent)
    assert list(answers.values()) == [senders]
    assert store.count(REFUNDS) == refunds + 1
    booking = store.get(BOOKINGS, HERS)
    assert booking.refunded_minor == 5_000


async def test_of_two_writers_on_one_version_one_wins(caller: Caller) -> None:
    version = (await caller.booking(HERS))["version"]
    path = f"/booking/v1/bookings/{HERS}/passengers/P1/name"
    async with asyncio.TaskGroup() as group:
        sent = [
            group.create_task(caller.send("POST", path, {"given_name": "Ada", "surname": f"Lind{n}"}, version=version))
            for n in range(20)
        ]
    assert Counter(task.result().status_code for task in sent) == {200: 1, 412: 19}


@pytest.mark.parametrize(
    ("method", "path", "body", "kind"),
    [
        ("POST", "/case/v1/cases", {"kind": "help", "severity": "low", "summary": "x"}, CASES),
        (
            "POST",
            "/notification/v1/codes",
            {"address": "ada.lindqvist@example.com", "channel": "email", "code": "123456"},
            NOTICES,
        ),
    ],
)
async def test_a_creating_write_repeated_creates_once(
    sandbox: FastAPI, caller: Caller, method: str, path: str, body: Json, kind: Any
) -> None:
    store = sandbox.state.airline.store
    before = store.count(kind)
    first, again = [await caller.send(method, path, body, key="twice") for _ in range(2)]
    assert (first.status_code, first.content) == (again.status_code, again.content) == (201, first.content)
    assert store.count(kind) == before + 1


@pytest.mark.parametrize("body", [{}, {"refund_minor": -1}, {"refund_minor": 1, "surprise": 2}, {"refund_minor": "x"}])
async def test_a_body_that_does_not_fit_is_named_field_by_field(caller: Caller, body: Json) -> None:
    response = await caller.change(HERS, "cancellation", body)
    assert (response.status_code, code_of(response)) == (422, "invalid-request")
    assert "body." in response.json()["detail"]


async def test_an_unknown_path_is_a_problem_document(caller: Caller) -> None:
    assert code_of(await caller.get("/booking/v2/bookings")) == "not-found"


async def test_every_operation_is_documented_and_versioned(caller: Caller) -> None:
    document = (await caller.http.get("/openapi.json")).json()
    assert {path.split("/")[1] for path in document["paths"]} == {
        "booking",
        "profile",
        "consent",
        "notification",
        "case",
        "compensation",
        "payment",
    }
    assert all(path.split("/")[2] == "v1" for path in document["paths"])
    cancel = document["paths"]["/booking/v1/bookings/{locator}/cancellation"]["post"]
    headers = {parameter["name"] for parameter in cancel["parameters"] if parameter["in"] == "header"}
    assert {"idempotency-key", "if-match", "on-behalf-of", "authorization"} <= headers
    assert document["components"]["schemas"]["Booking"]["properties"]["record_locator"]

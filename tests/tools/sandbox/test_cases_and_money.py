"""The case, compensation and payment services."""

import pytest

from tests.conftest import Clock
from tests.tools.sandbox.calling import Caller, Json, code_of

CASES, CLAIMS, REFUNDS = "/case/v1/cases", "/compensation/v1/claims", "/payment/v1/refunds"


async def open_case(caller: Caller, *, subject: str = "system", **changes: object) -> Json:
    body = {"kind": "hand_off", "severity": "normal", "summary": "Wants a person."} | changes
    response = await caller.send("POST", CASES, body, subject=subject)
    assert response.status_code == 201, response.text
    opened: Json = response.json()
    return opened


async def test_the_queue_stands_by_severity_then_by_age(caller: Caller, clock: Clock) -> None:
    for severity in ("low", "normal", "urgent", "normal", "high"):
        clock.pass_by(minutes=1)
        await open_case(caller, severity=severity)
    queue = (await caller.get(CASES, status="queued")).json()["items"]
    assert [case["severity"] for case in queue] == ["urgent", "high", "normal", "normal", "normal", "low"]
    assert [case["position"] for case in queue] == [1, 2, 3, 4, 5, 6]
    assert queue[2]["case_id"] == "CS00000001"


async def test_a_case_moves_up_when_the_one_before_it_is_taken(caller: Caller) -> None:
    case = await open_case(caller)
    assert case["position"] == 2
    first = (await caller.get(f"{CASES}/CS00000001")).json()
    taken = {"status": "assigned", "assignee": "agent-anna"}
    await caller.send("PATCH", f"{CASES}/CS00000001", taken, subject="staff:agent-anna", version=first["version"])
    assert (await caller.get(f"{CASES}/{case['case_id']}")).json()["position"] == 1


async def test_a_case_is_taken_given_back_and_closed(caller: Caller) -> None:
    case = await open_case(caller)
    path = f"{CASES}/{case['case_id']}"
    steps: list[Json] = [
        {"status": "assigned", "assignee": "agent-anna"},
        {"status": "queued"},
        {"status": "assigned", "assignee": "agent-ben"},
        {"status": "closed"},
    ]
    for step in steps:
        response = await caller.send("PATCH", path, step, subject="staff:agent-anna", version=case["version"])
        assert response.status_code == 200
        case = response.json()
    assert (case["status"], case["assignee"], case["position"]) == ("closed", "agent-ben", 0)
    again = await caller.send("PATCH", path, {"status": "queued"}, version=case["version"])
    assert code_of(again) == "case-closed"


@pytest.mark.parametrize("body", [{"status": "assigned"}, {"status": "queued", "assignee": "agent-anna"}])
async def test_only_an_assigned_case_has_an_assignee(caller: Caller, body: Json) -> None:
    version = (await caller.get(f"{CASES}/CS00000001")).json()["version"]
    response = await caller.send("PATCH", f"{CASES}/CS00000001", body, version=version)
    assert (response.status_code, code_of(response)) == (422, "invalid-request")


@pytest.mark.parametrize(
    ("method", "suffix", "body"),
    [
        ("GET", "/packet", None),
        ("GET", "/notes", None),
        ("POST", "/notes", {"text": "x"}),
        ("PATCH", "", {"status": "closed"}),
    ],
)
async def test_what_staff_do_in_a_case_is_closed_to_its_customer(
    caller: Caller, method: str, suffix: str, body: Json | None
) -> None:
    path = f"{CASES}/CS00000001{suffix}"
    hers = "customer:C000013"
    response = await (caller.get(path, hers) if body is None else caller.send(method, path, body, subject=hers))
    assert code_of(response) == "staff-only"


async def test_a_case_keeps_its_packet_and_its_notes(caller: Caller, clock: Clock) -> None:
    case = await open_case(caller, packet={"said": ["help"], "score": {"anger": 0.5}}, conversation_id="c1")
    path = f"{CASES}/{case['case_id']}"
    assert (await caller.get(f"{path}/packet")).json() == {"said": ["help"], "score": {"anger": 0.5}}
    for text in ("Called back.", "Solved."):
        clock.pass_by(minutes=1)
        await caller.send("POST", f"{path}/notes", {"text": text}, subject="staff:agent-anna")
    notes = (await caller.get(f"{path}/notes")).json()["items"]
    assert [(note["author"], note["text"]) for note in notes] == [
        ("staff:agent-anna", "Called back."),
        ("staff:agent-anna", "Solved."),
    ]


async def test_anyone_may_ask_for_a_person_but_only_about_themselves(caller: Caller) -> None:
    await open_case(caller, subject="anonymous")
    await open_case(caller, subject="booking:K7XQ2P", record_locator="K7XQ2P", customer_id="C000001")
    for about in ({"customer_id": "C000002"}, {"record_locator": "M4RC7F"}):
        body = {"kind": "x", "severity": "low", "summary": ""} | about
        assert (await caller.send("POST", CASES, body, subject="customer:C000001")).status_code == 404


def claim(**changes: object) -> Json:
    body = {
        "kind": "compensation",
        "customer_id": "C000004",
        "record_locator": "S5FA2L",
        "passenger_id": "P1",
        "segment_id": "S1",
        "amount_minor": 40_000,
        "currency": "EUR",
    }
    return body | changes


@pytest.mark.parametrize("subject", ["customer:C000004", "booking:S5FA2L", "staff:agent-anna"])
async def test_a_claim_is_opened_once_and_listed(caller: Caller, subject: str) -> None:
    opened = await caller.send("POST", CLAIMS, claim(details={"note": "four hours"}), subject=subject)
    assert (opened.status_code, opened.json()["status"]) == (201, "open")
    again = await caller.send("POST", CLAIMS, claim(), subject=subject)
    assert code_of(again) == "already-claimed"
    assert (await caller.send("POST", CLAIMS, claim(kind="baggage_lost"), subject=subject)).status_code == 201
    listed = (await caller.get(CLAIMS, subject, record_locator="S5FA2L")).json()["items"]
    assert len(listed) == 2
    assert (await caller.get(CLAIMS, "customer:C000004", customer_id="C000004")).json()["items"] == listed


@pytest.mark.parametrize(
    "changes",
    [{"record_locator": "K7XQ2P"}, {"passenger_id": "P9"}, {"segment_id": "S9"}, {"customer_id": "C000001"}],
)
async def test_a_claim_names_the_callers_own_journey_and_people(caller: Caller, changes: Json) -> None:
    response = await caller.send("POST", CLAIMS, claim(**changes), subject="customer:C000004")
    assert response.status_code == 404


async def test_goodwill_is_given_by_staff_only(caller: Caller) -> None:
    body = claim(kind="goodwill_voucher", passenger_id=None, segment_id=None, amount_minor=2_500)
    assert code_of(await caller.send("POST", CLAIMS, body, subject="customer:C000004")) == "staff-only"
    given = await caller.send("POST", CLAIMS, body, subject="staff:agent-anna")
    assert given.json()["status"] == "paid"


async def test_an_overdue_refund_is_put_first_once(caller: Caller, clock: Clock) -> None:
    refund = (await caller.get(REFUNDS, "customer:C000013", record_locator="R6VD2S")).json()["items"][0]
    due = clock.now.fromisoformat(refund["due_at"])
    assert (clock.now - due).days == 18
    path = f"{REFUNDS}/{refund['refund_id']}/expedite"
    first = await caller.send("POST", path, {}, subject="customer:C000013", version=refund["version"])
    assert first.json()["expedited"] is True
    again = await caller.send("POST", path, {}, version=first.json()["version"])
    assert code_of(again) == "not-pending"
    foreign = await caller.send("POST", path, {}, subject="customer:C000001", version=first.json()["version"])
    assert foreign.status_code == 404


async def test_a_refund_without_cancelling_needs_the_bookings_version(caller: Caller) -> None:
    booking = await caller.booking("E6MN4V")
    body = {"record_locator": "E6MN4V", "amount_minor": 20_000, "currency": "EUR", "reason": "flight cancelled"}
    assert code_of(await caller.send("POST", REFUNDS, body)) == "version-required"
    given = await caller.send("POST", REFUNDS, body, version=booking["version"])
    assert given.json()["amount_minor"] == 20_000
    assert (await caller.booking("E6MN4V"))["refunded_minor"] == 20_000
    assert code_of(await caller.send("POST", REFUNDS, body, version=booking["version"])) == "version-conflict"
    now = (await caller.booking("E6MN4V"))["version"]
    wrong = await caller.send("POST", REFUNDS, body | {"currency": "USD"}, version=now)
    assert code_of(wrong) == "other-currency"


async def test_a_method_is_known_by_its_token_and_a_label(caller: Caller) -> None:
    listed = (await caller.get("/payment/v1/customers/C000001/methods", "booking:K7XQ2P")).json()["items"]
    assert listed == [{"token": "pm_c000001", "label": "Visa ending 4201"}]


async def test_a_payment_link_ends(caller: Caller, clock: Clock) -> None:
    body = {"record_locator": "K7XQ2P", "amount_minor": 5_000, "currency": "EUR"}
    link = (await caller.send("POST", "/payment/v1/links", body, subject="customer:C000001")).json()
    assert link["url"].startswith("https://pay.gamma.example/")
    assert clock.now.fromisoformat(link["expires_at"]) > clock.now

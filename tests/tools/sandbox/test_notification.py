"""The notification platform."""

import pytest

from tests.tools.sandbox.calling import Caller, Json, code_of
from tools.sandbox.notification import mask

NOTIFICATIONS, CODES = "/notification/v1/notifications", "/notification/v1/codes"
ADAS = "ada.lindqvist@example.com"


def message(**changes: object) -> Json:
    body = {
        "customer_id": "C000001",
        "template": "itinerary",
        "channel": "email",
        "parameters": {"record_locator": "K7XQ2P"},
    }
    return body | changes


async def outbox(caller: Caller, address: str = ADAS) -> list[Json]:
    found: list[Json] = (await caller.http.get("/notification/v1/sandbox/outbox", params={"address": address})).json()[
        "items"
    ]
    return found


@pytest.mark.parametrize("subject", ["customer:C000001", "booking:K7XQ2P", "staff:agent-anna", "system"])
async def test_a_template_reaches_the_address_in_the_profile(caller: Caller, subject: str) -> None:
    receipt = (await caller.send("POST", NOTIFICATIONS, message(), subject=subject)).json()
    assert receipt["masked_address"] == "a•••@example.com"
    sent = await outbox(caller)
    assert [notice["text"] for notice in sent] == ["Your itinerary for booking K7XQ2P is ready in your account."]


@pytest.mark.parametrize("subject", ["customer:C000002", "booking:M4RC7F", "anonymous"])
async def test_nobody_else_can_write_to_her(caller: Caller, subject: str) -> None:
    assert (await caller.send("POST", NOTIFICATIONS, message(), subject=subject)).status_code == 404
    assert await outbox(caller) == []


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"template": "invented"}, 409, "not-approved"),
        ({"channel": "phone"}, 409, "not-approved"),
        ({"parameters": {}}, 422, "invalid-request"),
        ({"parameters": {"record_locator": "K7XQ2P", "more": "x"}}, 422, "invalid-request"),
        ({"customer_id": "C999999"}, 404, "not-found"),
    ],
)
async def test_only_an_approved_template_with_its_parameters_is_sent(
    caller: Caller, changes: Json, status: int, code: str
) -> None:
    response = await caller.send("POST", NOTIFICATIONS, message(**changes))
    assert (response.status_code, code_of(response)) == (status, code)
    assert await outbox(caller) == []


async def test_braces_in_a_value_stay_words(caller: Caller) -> None:
    await caller.send("POST", NOTIFICATIONS, message(parameters={"record_locator": "{code}"}))
    assert "{code}" in (await outbox(caller))[0]["text"]


@pytest.mark.parametrize("subject", ["customer:C000001", "booking:K7XQ2P", "system"])
async def test_a_code_goes_to_a_contact_on_file_and_can_be_read_in_the_outbox(caller: Caller, subject: str) -> None:
    body = {"address": ADAS, "channel": "email", "code": "471199"}
    assert (await caller.send("POST", CODES, body, subject=subject)).status_code == 201
    assert (await outbox(caller))[0]["parameters"] == {"code": "471199"}


@pytest.mark.parametrize("subject", ["customer:C000002", "booking:M4RC7F", "anonymous"])
async def test_a_code_to_somebody_elses_address_is_not_sent(caller: Caller, subject: str) -> None:
    body = {"address": ADAS, "channel": "email", "code": "471199"}
    assert (await caller.send("POST", CODES, body, subject=subject)).status_code == 404
    assert await outbox(caller) == []


async def test_only_staff_and_systems_write_to_a_bare_address(caller: Caller) -> None:
    body = {"address": "old@example.com", "template": "contact_changed", "channel": "email", "parameters": {}}
    assert code_of(await caller.send("POST", NOTIFICATIONS, body, subject="customer:C000001")) == "staff-only"
    assert (await caller.send("POST", NOTIFICATIONS, body)).status_code == 201


async def test_the_templates_are_listed(caller: Caller) -> None:
    listed = (await caller.get("/notification/v1/templates")).json()["items"]
    assert {"one_time_code", "contact_changed", "itinerary"} <= {template["name"] for template in listed}


@pytest.mark.parametrize(
    ("address", "masked"), [("ada@example.com", "a•••@example.com"), ("+447700900101", "+44 ••• 01")]
)
def test_an_address_is_masked(address: str, masked: str) -> None:
    assert mask(address) == masked

"""The profile and the consent service."""

import pytest

from tests.conftest import Clock
from tests.tools.sandbox.calling import Caller, Json, code_of

ADA, PAUL, ELENA = "C000001", "C000010", "C000018"
PROFILE = f"/profile/v1/profiles/{ADA}"
CONSENTS = f"/consent/v1/customers/{ADA}/consents"


async def version_of(caller: Caller, path: str = PROFILE) -> str:
    return str((await caller.get(path)).json()["version"])


async def test_a_customer_reads_their_own_profile(caller: Caller) -> None:
    profile = (await caller.get(PROFILE, f"customer:{ADA}")).json()
    assert (profile["given_name"], profile["tier"]) == ("Ada", "none")


@pytest.mark.parametrize("subject", ["booking:K7XQ2P", "anonymous", "customer:C000002"])
async def test_proof_of_a_booking_opens_no_profile_and_no_consents(caller: Caller, subject: str) -> None:
    assert (await caller.get(PROFILE, subject)).status_code == 404
    assert (await caller.get(CONSENTS, subject)).status_code == 404


@pytest.mark.parametrize(
    ("changes", "moved"),
    [({"email": "ada@example.org"}, True), ({"phone": "+4366012345678"}, True), ({"language": "sv"}, False)],
)
async def test_a_contact_change_is_dated(caller: Caller, clock: Clock, changes: Json, moved: bool) -> None:
    changed = (await caller.send("PATCH", PROFILE, changes, version=await version_of(caller))).json()
    assert changes.items() <= changed.items()
    assert (changed["contact_changed_at"] == clock.now.isoformat().replace("+00:00", "Z")) == moved


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"given_name": "Eve"},
        {"email": "ada"},
        {"email": "ada@exa mple.org"},
        {"phone": "0660 1234"},
        {"language": "Swedish!"},
        {"home_airport": "vienna"},
    ],
)
async def test_a_change_outside_the_contract_is_refused(caller: Caller, changes: Json) -> None:
    response = await caller.send("PATCH", PROFILE, changes, version=await version_of(caller))
    assert (response.status_code, code_of(response)) == (422, "invalid-request")


async def test_a_profile_is_found_by_phone_for_staff_only(caller: Caller) -> None:
    path, phone = "/profile/v1/profiles", "+44 7700 900101"
    found = (await caller.get(path, "staff:agent-anna", phone=phone)).json()["items"]
    assert [profile["customer_id"] for profile in found] == [ADA]
    assert code_of(await caller.get(path, f"customer:{ADA}", phone=phone)) == "staff-only"
    assert (await caller.get(path, "system", phone="+1 555 0100")).json()["items"] == []


async def test_a_changed_phone_is_found_and_the_old_one_is_not(caller: Caller) -> None:
    await caller.send("PATCH", PROFILE, {"phone": "+4366012345678"}, version=await version_of(caller))

    async def owners(phone: str) -> list[str]:
        found = (await caller.get("/profile/v1/profiles", phone=phone)).json()["items"]
        return [profile["customer_id"] for profile in found]

    assert await owners("+43 660 12345678") == [ADA]
    assert await owners("+447700900101") == []


async def test_a_new_consent_needs_no_version_and_the_next_change_does(caller: Caller) -> None:
    wish = {"purpose": "personalisation", "granted": True}
    given = await caller.send("PUT", CONSENTS, wish, subject=f"customer:{ADA}")
    assert given.json()["granted"] is True
    withdrawn = wish | {"granted": False}
    assert code_of(await caller.send("PUT", CONSENTS, withdrawn)) == "version-required"
    changed = await caller.send("PUT", CONSENTS, withdrawn, version=given.json()["version"])
    assert changed.json()["granted"] is False
    listed = (await caller.get(CONSENTS, f"customer:{ADA}")).json()["items"]
    assert [c["granted"] for c in listed if c["purpose"] == "personalisation"] == [False]


@pytest.mark.parametrize(
    "wish",
    [
        {"purpose": "marketing", "channel": None, "granted": True},
        {"purpose": "personalisation", "channel": "email", "granted": True},
    ],
)
async def test_a_channel_belongs_to_messages_only(caller: Caller, wish: Json) -> None:
    assert code_of(await caller.send("PUT", CONSENTS, wish)) == "channel"


async def test_a_demo_person_has_withdrawn_and_another_changed_their_contact_today(
    caller: Caller, clock: Clock
) -> None:
    consents = (await caller.get(f"/consent/v1/customers/{PAUL}/consents")).json()["items"]
    assert {(c["purpose"], c["channel"]) for c in consents if c["granted"]} == {("service_notifications", "email")}
    changed = (await caller.get(f"/profile/v1/profiles/{ELENA}")).json()["contact_changed_at"]
    assert (clock.now - clock.now.fromisoformat(changed)).total_seconds() == 6 * 3600

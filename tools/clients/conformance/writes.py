"""The promises of the writes. On a service that keeps them, all that remains is a closed case and two messages.

A write that is to be refused is made so that a service which forgets one check still refuses it by another: a
cancellation without a version asks for more money than was paid.
"""

import asyncio
from collections.abc import Iterator

from pydantic import JsonValue

from tools.clients.conformance.probe import Check, Probe, Promise, alike, answered, expect, fits, refused
from tools.clients.conformance.reads import BOOKINGS, NOWHERE, known_booking
from tools.clients.shapes import CASE, CONSENT, NOTE, PROFILE, RECEIPT
from tools.domain.records import Case, Profile

CASES, NOTIFICATIONS = "/case/v1/cases", "/notification/v1/notifications"
Body = dict[str, JsonValue]
_EXCESS = 1_000_000_000
_DUPLICATES = 5


def writes() -> Iterator[Promise]:
    yield from _keys()
    yield from _versions()
    yield from _ownership()
    yield from _rules()


def _promise(service: str, text: str, check: Check) -> Promise:
    return Promise(service=service, text=text, check=check, writes=True)


def _keys() -> Iterator[Promise]:
    yield _promise("case", "asks every write for an Idempotency-Key (400)", _asks_key)
    yield _promise("case", "repeats the stored answer to the same key and body", _repeats)
    yield _promise("case", "executes concurrent duplicates once", _executes_once)
    yield _promise("case", "refuses a key used for another body (422)", _refuses_reuse)
    yield _promise("booking", "asks a cancellation for an Idempotency-Key (400)", _asks_key_to_cancel)
    yield _promise("notification", "sends once for a key", _sends_once)


def _versions() -> Iterator[Promise]:
    yield _promise("booking", "asks a cancellation for If-Match (428)", _asks_version_to_cancel)
    yield _promise("booking", "refuses a cancellation of an old version (412)", _refuses_old_cancellation)
    yield _promise("profile", "asks a change for If-Match (428), refuses an old one (412)", _guards_profile)
    yield _promise("case", "asks a change for If-Match (428), refuses an old one (412)", _guards_case)
    yield _promise("case", "gives a changed record a new version", _moves_version)
    yield _promise("payment", "asks a refund for the booking's version (428), refuses an old one (412)", _guards_refund)


def _ownership() -> Iterator[Promise]:
    yield _promise("booking", "takes a write on somebody else's booking as one on a missing one", _hides_from_writes)
    yield _promise("consent", "lets nobody set another customer's consent (404)", _protects_consent)
    yield _promise("profile", "lets nobody change another customer's profile (404)", _protects_profile)
    yield _promise("compensation", "lets nobody claim on another's booking (404)", _protects_claims)
    yield _promise("payment", "lets nobody refund another's booking (404)", _protects_refunds)
    yield _promise("notification", "sends no code to another customer's address (404)", _protects_addresses)


def _rules() -> Iterator[Promise]:
    yield _promise("booking", "refunds no more than was paid (409)", _caps_cancellation)
    yield _promise("booking", "sells a change at its quoted price only (409)", _holds_price)
    yield _promise("payment", "refunds no more than was paid, without cancelling too (409)", _caps_refund)
    yield _promise("notification", "sends approved templates only", _refuses_free_text)
    yield _promise("compensation", "lets no customer grant themselves goodwill (403)", _reserves_goodwill)
    yield _promise("case", "keeps notes, by staff only", _keeps_notes)
    yield _promise("consent", "keeps a consent as it was set", _keeps_consent)


def _new_case(**changes: JsonValue) -> Body:
    return {
        "kind": "bindings_check",
        "severity": "low",
        "summary": "Opened by the contract check, and closed by it.",
        "packet": {},
        **changes,
    }


async def _open_case(probe: Probe, key: str | None = None) -> Case:
    return fits(CASE.one, await probe.send("POST", CASES, _new_case(), key=key), 201)


async def _close(probe: Probe, case: Case) -> Case:
    path, body = f"{CASES}/{case.case_id}", {"status": "closed"}
    return fits(CASE.one, await probe.send("PATCH", path, body, version=case.version))


async def _asks_key(probe: Probe) -> None:
    refused(await probe.send("POST", CASES, _new_case(), key=""), 400)


async def _repeats(probe: Probe) -> None:
    key = probe.new_key()
    first = await _open_case(probe, key)
    again = await _open_case(probe, key)
    await _close(probe, first)
    if again.case_id != first.case_id:
        await _close(probe, again)
    expect(again == first, "the second answer is another one" if again.case_id == first.case_id else "opened twice")


async def _executes_once(probe: Probe) -> None:
    key = probe.new_key()
    async with asyncio.TaskGroup() as group:
        sent = [group.create_task(_open_case(probe, key)) for _ in range(_DUPLICATES)]
    opened = {task.result().case_id: task.result() for task in sent}
    for case in opened.values():
        await _close(probe, case)
    expect(len(opened) == 1, f"{_DUPLICATES} duplicates opened {len(opened)} cases")


async def _refuses_reuse(probe: Probe) -> None:
    key = probe.new_key()
    await _close(probe, await _open_case(probe, key))
    refused(await probe.send("POST", CASES, _new_case(severity="normal"), key=key), 422)


def _cancellation(probe: Probe) -> tuple[str, Body]:
    return f"{BOOKINGS}/{probe.known.locator}/cancellation", {"refund_minor": _EXCESS}


async def _asks_key_to_cancel(probe: Probe) -> None:
    path, body = _cancellation(probe)
    version = (await known_booking(probe)).version
    refused(await probe.send("POST", path, body, subject=probe.known.subject, key="", version=version), 400)


async def _asks_version_to_cancel(probe: Probe) -> None:
    path, body = _cancellation(probe)
    refused(await probe.send("POST", path, body, subject=probe.known.subject), 428)


async def _refuses_old_cancellation(probe: Probe) -> None:
    path, body = _cancellation(probe)
    refused(await probe.send("POST", path, body, subject=probe.known.subject, version="no-such-version"), 412)


async def _caps_cancellation(probe: Probe) -> None:
    path, _ = _cancellation(probe)
    booking = await known_booking(probe)
    body = {"refund_minor": booking.total_paid_minor - booking.refunded_minor + 1}
    refused(await probe.send("POST", path, body, subject=probe.known.subject, version=booking.version), 409)
    expect(await known_booking(probe) == booking, "the refused cancellation changed the booking")


async def _sends_once(probe: Probe) -> None:
    profile = await _profile(probe)
    body = {"address": profile.email, "channel": "email", "code": "000000"}
    key = probe.new_key()
    first, again = [
        fits(RECEIPT.one, await probe.send("POST", "/notification/v1/codes", body, key=key), 201) for _ in range(2)
    ]
    expect(first == again, "the same key was sent twice")
    expect(str(profile.email) not in first.masked_address, "the receipt shows the whole address")


async def _profile(probe: Probe) -> Profile:
    return fits(PROFILE.one, await probe.get(f"/profile/v1/profiles/{probe.known.customer}", probe.known.subject))


async def _guards_profile(probe: Probe) -> None:
    profile = await _profile(probe)
    path, body = f"/profile/v1/profiles/{profile.customer_id}", {"language": profile.language}
    refused(await probe.send("PATCH", path, body, subject=probe.known.subject), 428)
    refused(await probe.send("PATCH", path, body, subject=probe.known.subject, version="no-such-version"), 412)


async def _guards_case(probe: Probe) -> None:
    case = await _open_case(probe)
    path, body = f"{CASES}/{case.case_id}", {"status": "closed"}
    unversioned = await probe.send("PATCH", path, body)
    old = await probe.send("PATCH", path, body, version="no-such-version")
    if unversioned.is_error and old.is_error:
        await _close(probe, case)
    refused(unversioned, 428)
    refused(old, 412)


async def _moves_version(probe: Probe) -> None:
    case = await _open_case(probe)
    expect((await _close(probe, case)).version != case.version, "the version stays the same")


def _refund(locator: str, amount: int) -> Body:
    return {"record_locator": locator, "amount_minor": amount, "currency": "EUR", "reason": "contract check"}


async def _guards_refund(probe: Probe) -> None:
    path, body = "/payment/v1/refunds", _refund(probe.known.locator, _EXCESS)
    refused(await probe.send("POST", path, body, subject=probe.known.subject), 428)
    refused(await probe.send("POST", path, body, subject=probe.known.subject, version="no-such-version"), 412)


async def _caps_refund(probe: Probe) -> None:
    booking = await known_booking(probe)
    body = _refund(booking.record_locator, booking.total_paid_minor - booking.refunded_minor + 1)
    body["currency"] = booking.currency
    refused(await probe.send("POST", "/payment/v1/refunds", body, version=booking.version), 409)


async def _hides_from_writes(probe: Probe) -> None:
    _, body = _cancellation(probe)
    foreign, missing = [
        await probe.send(
            "POST", f"{BOOKINGS}/{locator}/cancellation", body, subject=probe.known.subject, version="no-such-version"
        )
        for locator in (probe.known.other_locator, NOWHERE)
    ]
    alike(foreign, missing)


async def _protects_consent(probe: Probe) -> None:
    path = f"/consent/v1/customers/{probe.known.other_customer}/consents"
    body = {"purpose": "personalisation", "channel": None, "granted": False}
    refused(await probe.send("PUT", path, body, subject=probe.known.subject, version="no-such-version"), 404)


async def _protects_profile(probe: Probe) -> None:
    path = f"/profile/v1/profiles/{probe.known.other_customer}"
    body = {"language": "en"}
    refused(await probe.send("PATCH", path, body, subject=probe.known.subject, version="no-such-version"), 404)


def _claim(probe: Probe, locator: str, customer: str, kind: str) -> Body:
    return {
        "kind": kind,
        "customer_id": customer,
        "record_locator": locator,
        "passenger_id": "P1",
        "segment_id": "S1",
        "amount_minor": 1,
        "currency": "EUR",
        "details": {},
    }


async def _protects_claims(probe: Probe) -> None:
    body = _claim(probe, probe.known.other_locator, probe.known.other_customer, "compensation")
    refused(await probe.send("POST", "/compensation/v1/claims", body, subject=probe.known.subject), 404)


async def _reserves_goodwill(probe: Probe) -> None:
    body = _claim(probe, probe.known.locator, probe.known.customer, "goodwill_voucher")
    refused(await probe.send("POST", "/compensation/v1/claims", body, subject=probe.known.subject), 403)


async def _protects_refunds(probe: Probe) -> None:
    body = _refund(probe.known.other_locator, _EXCESS)
    path = "/payment/v1/refunds"
    refused(await probe.send("POST", path, body, subject=probe.known.subject, version="no-such-version"), 404)


async def _protects_addresses(probe: Probe) -> None:
    other = fits(PROFILE.one, await probe.get(f"/profile/v1/profiles/{probe.known.other_customer}"))
    body = {"address": other.email, "channel": "email", "code": "000000"}
    refused(await probe.send("POST", "/notification/v1/codes", body, subject=probe.known.subject), 404)


async def _holds_price(probe: Probe) -> None:
    segment = (await known_booking(probe)).segments[0]
    flight = {"flight_number": segment.flight_number, "flight_date": segment.flight_date.isoformat()}
    body = {"flight": flight, "fare_difference_minor": _EXCESS, "fee_minor": 0}
    path = f"{BOOKINGS}/{probe.known.locator}/segments/{segment.segment_id}/change"
    booking = await known_booking(probe)
    refused(await probe.send("POST", path, body, subject=probe.known.subject, version=booking.version), 409)
    expect(await known_booking(probe) == booking, "the refused change moved the booking")


async def _refuses_free_text(probe: Probe) -> None:
    body = {
        "customer_id": probe.known.customer,
        "template": "bindings_check_no_such_template",
        "channel": "email",
        "parameters": {},
    }
    refused(await probe.send("POST", NOTIFICATIONS, body), 409, 422)


async def _keeps_notes(probe: Probe) -> None:
    case = await _open_case(probe)
    path = f"{CASES}/{case.case_id}/notes"
    fits(NOTE.one, await probe.send("POST", path, {"text": "A note."}, subject="staff:bindings-check"), 201)
    noted = fits(NOTE.many, await probe.get(path)).items
    by_customer = await probe.send("POST", path, {"text": "Mine."}, subject=probe.known.subject)
    await _close(probe, case)
    expect([note.text for note in noted] == ["A note."], "the note is not kept as it was written")
    answered(by_customer, 403, 404)


async def _keeps_consent(probe: Probe) -> None:
    """Sets again what is set already."""
    path = f"/consent/v1/customers/{probe.known.customer}/consents"
    held = fits(CONSENT.many, await probe.get(path, probe.known.subject)).items
    if not held:
        return
    first = held[0]
    body = {"purpose": first.purpose, "channel": first.channel, "granted": first.granted}
    refused(await probe.send("PUT", path, body, subject=probe.known.subject), 428)
    kept = fits(CONSENT.one, await probe.send("PUT", path, body, subject=probe.known.subject, version=first.version))
    same = (kept.purpose, kept.channel, kept.granted) == (first.purpose, first.channel, first.granted)
    expect(same, "the consent is kept otherwise than it was set")

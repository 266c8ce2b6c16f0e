"""The contract check passes on the embedded airline and names each deviation of a broken one, and no other."""

import itertools
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tools.clients.conformance.check import PROMISES, check_contract
from tools.clients.conformance.probe import EMBEDDED, Finding
from tools.domain.errors import ServiceUnavailable

Json = dict[str, Any]
Send = Callable[[httpx.Request], Awaitable[httpx.Response]]


@dataclass
class Sound(httpx.AsyncBaseTransport):
    """The embedded airline. Its subclasses break one thing each."""

    app: FastAPI
    _inner: httpx.ASGITransport = field(init=False)

    def __post_init__(self) -> None:
        self._inner = httpx.ASGITransport(self.app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await self.before(request)
        response = await self._inner.handle_async_request(request)
        body = await response.aread()
        return self.after(request, response, body)

    async def before(self, request: httpx.Request) -> None:
        pass

    def after(self, request: httpx.Request, response: httpx.Response, body: bytes) -> httpx.Response:
        return self.answer(response, body)

    def answer(self, response: httpx.Response, body: bytes, status: int | None = None) -> httpx.Response:
        headers = {name: value for name, value in response.headers.items() if name != "content-length"}
        return httpx.Response(status or response.status_code, headers=headers, content=body)


class ForgetsKeys(Sound):
    """Takes every request for a new one."""

    numbers = itertools.count()

    async def before(self, request: httpx.Request) -> None:
        if "Idempotency-Key" in request.headers:
            request.headers["Idempotency-Key"] = f"fresh-{next(self.numbers)}"


class NeedsNoKey(Sound):
    numbers = itertools.count()

    async def before(self, request: httpx.Request) -> None:
        request.headers.setdefault("Idempotency-Key", f"own-{next(self.numbers)}")


class NeedsNoVersion(Sound):
    """Changes whatever version is there."""

    async def before(self, request: httpx.Request) -> None:
        locator = "K7XQ2P" if b"K7XQ2P" in request.content or "K7XQ2P" in request.url.path else ""
        if request.method == "GET" or not locator or request.url.path.endswith("lookup"):
            return
        headers = {"Authorization": "Bearer x", "On-Behalf-Of": "system"}
        found = await self._inner.handle_async_request(
            httpx.Request("GET", f"http://x/booking/v1/bookings/{locator}", headers=headers)
        )
        request.headers["If-Match"] = json.loads(await found.aread())["version"]


class SeesNoOwners(Sound):
    async def before(self, request: httpx.Request) -> None:
        if request.headers.get("On-Behalf-Of", "").startswith(("customer:", "booking:")):
            request.headers["On-Behalf-Of"] = "system"


class NeedsNoToken(Sound):
    async def before(self, request: httpx.Request) -> None:
        request.headers.setdefault("Authorization", "Bearer anybody")


class SendsNoEtag(Sound):
    def after(self, request: httpx.Request, response: httpx.Response, body: bytes) -> httpx.Response:
        response.headers.pop("ETag", None)
        return self.answer(response, body)


class TellsForeignFromMissing(Sound):
    def after(self, request: httpx.Request, response: httpx.Response, body: bytes) -> httpx.Response:
        known = "M4RC7F" in request.url.path and response.status_code == 404
        return self.answer(response, body, status=403 if known else None)


class ExplainsWhatIsMissing(Sound):
    def after(self, request: httpx.Request, response: httpx.Response, body: bytes) -> httpx.Response:
        known = "M4RC7F" in request.url.path and response.status_code == 404
        return self.answer(response, body.replace(b"no such record", b"nothing for you") if known else body)


class SpeaksPlainJson(Sound):
    def after(self, request: httpx.Request, response: httpx.Response, body: bytes) -> httpx.Response:
        if response.status_code == 428:
            response.headers["Content-Type"] = "application/json"
        return self.answer(response, body)


class LacksDetail(Sound):
    def after(self, request: httpx.Request, response: httpx.Response, body: bytes) -> httpx.Response:
        if response.status_code == 412:
            body = json.dumps({"type": "about:blank", "title": "No", "status": 412}).encode()
        return self.answer(response, body)


class MiscountsTotals(Sound):
    def after(self, request: httpx.Request, response: httpx.Response, body: bytes) -> httpx.Response:
        return self.answer(response, body.replace(b'"fees_minor":0', b'"fees_minor":1'))


class CountsInFloats(Sound):
    def after(self, request: httpx.Request, response: httpx.Response, body: bytes) -> httpx.Response:
        return self.answer(response, body.replace(b'"miles":0', b'"miles":0.5'))


class ForgetsZones(Sound):
    def after(self, request: httpx.Request, response: httpx.Response, body: bytes) -> httpx.Response:
        if request.url.path.startswith("/consent"):
            body = body.replace(b'Z"', b'"')
        return self.answer(response, body)


class FindsNobodyByPhone(Sound):
    def after(self, request: httpx.Request, response: httpx.Response, body: bytes) -> httpx.Response:
        empty = "phone=" in str(request.url) and response.is_success
        return self.answer(response, b'{"items":[]}' if empty else body)


class FailsAtTemplates(Sound):
    def after(self, request: httpx.Request, response: httpx.Response, body: bytes) -> httpx.Response:
        broken = request.url.path.endswith("templates")
        return self.answer(response, body, status=500 if broken else None)


class NeverAnswersQueues(Sound):
    async def before(self, request: httpx.Request) -> None:
        if "status=queued" in str(request.url):
            raise httpx.ReadTimeout("too late", request=request)


class KeepsTheVersion(Sound):
    """Says of every case that it is in its first version."""

    def after(self, request: httpx.Request, response: httpx.Response, body: bytes) -> httpx.Response:
        if request.method == "PATCH" and request.url.path.startswith("/case"):
            body = body.replace(b'.2"', b'.1"')
        return self.answer(response, body)


async def findings(transport: Sound, *, with_writes: bool | None = None) -> list[Finding]:
    async with httpx.AsyncClient(
        transport=transport, base_url="http://x", headers={"Authorization": "Bearer check"}
    ) as http:
        return [finding async for finding in check_contract(http, known=EMBEDDED, with_writes=with_writes, run="test")]


def deviations(found: list[Finding]) -> dict[str, str]:
    return {f"{f.service}: {f.promise}": f.detail for f in found if f.verdict == "deviates"}


async def test_the_embedded_airline_keeps_every_promise(sandbox: FastAPI) -> None:
    found = await findings(Sound(sandbox))
    assert deviations(found) == {}
    assert [finding.verdict for finding in found] == ["kept"] * len(PROMISES)


async def test_a_second_run_finds_the_same(sandbox: FastAPI) -> None:
    await findings(Sound(sandbox))
    async with httpx.AsyncClient(
        transport=Sound(sandbox), base_url="http://x", headers={"Authorization": "Bearer check"}
    ) as http:
        again = [finding async for finding in check_contract(http, known=EMBEDDED, run="again")]
    assert deviations(again) == {}


BROKEN: tuple[tuple[type[Sound], set[str], str], ...] = (
    (
        ForgetsKeys,
        {
            "case: repeats the stored answer to the same key and body",
            "case: executes concurrent duplicates once",
            "case: refuses a key used for another body (422)",
            "notification: sends once for a key",
        },
        "opened twice",
    ),
    (
        NeedsNoKey,
        {
            "case: asks every write for an Idempotency-Key (400)",
            "booking: asks a cancellation for an Idempotency-Key (400)",
        },
        "answered 201 where 400 is due",
    ),
    (
        NeedsNoVersion,
        {
            "booking: asks a cancellation for If-Match (428)",
            "booking: refuses a cancellation of an old version (412)",
            "payment: asks a refund for the booking's version (428), refuses an old one (412)",
        },
        "answered 409 where 428 is due",
    ),
    (
        NeedsNoToken,
        {
            f"{name}: asks for the client's token (401)"
            for name in ("booking", "profile", "consent", "case", "compensation", "payment")
        },
        "answered 200 where 401 is due",
    ),
    (
        SendsNoEtag,
        {"booking: gives the version also as ETag", "profile: shows a profile that fits the contract"},
        "no ETag",
    ),
    (
        TellsForeignFromMissing,
        {
            "booking: shows somebody else's booking like a missing one",
            "booking: lets proof of one booking open no other",
            "booking: takes a write on somebody else's booking as one on a missing one",
        },
        "answered 403 where 404 is due",
    ),
    (
        ExplainsWhatIsMissing,
        {
            "booking: shows somebody else's booking like a missing one",
            "booking: takes a write on somebody else's booking as one on a missing one",
        },
        "somebody else's record and a missing one differ in the body",
    ),
    (
        SpeaksPlainJson,
        {
            "booking: asks a cancellation for If-Match (428)",
            "profile: asks a change for If-Match (428), refuses an old one (412)",
            "case: asks a change for If-Match (428), refuses an old one (412)",
            "payment: asks a refund for the booking's version (428), refuses an old one (412)",
            "consent: keeps a consent as it was set",
        },
        "428 comes as application/json, not application/problem+json",
    ),
    (
        LacksDetail,
        {
            "booking: refuses a cancellation of an old version (412)",
            "profile: asks a change for If-Match (428), refuses an old one (412)",
            "case: asks a change for If-Match (428), refuses an old one (412)",
            "payment: asks a refund for the booking's version (428), refuses an old one (412)",
        },
        "the problem document lacks detail",
    ),
    (MiscountsTotals, {"booking: makes total_paid_minor the sum of its parts"}, "in parts"),
    (
        ForgetsZones,
        {"consent: lists consents that fit the contract", "consent: keeps a consent as it was set"},
        "answer does not fit the contract: a time without its zone",
    ),
    (
        FindsNobodyByPhone,
        {"profile: finds a profile by phone, for staff only"},
        "the known customer's number does not find them",
    ),
    (FailsAtTemplates, {"notification: lists its approved templates"}, "answered 500 where 200 is due"),
    (NeverAnswersQueues, {"case: shows the queue in its order, for staff only"}, "no answer: ReadTimeout"),
    (KeepsTheVersion, {"case: gives a changed record a new version"}, "the version stays the same"),
)


@pytest.mark.parametrize(("broken", "expected", "detail"), BROKEN, ids=[case[0].__name__ for case in BROKEN])
async def test_each_deviation_of_a_broken_service_is_named_and_no_other(
    sandbox: FastAPI, broken: type[Sound], expected: set[str], detail: str
) -> None:
    found = deviations(await findings(broken(sandbox)))
    assert set(found) == expected
    assert any(detail in said for said in found.values())


async def test_a_service_that_sees_no_owners_fails_every_promise_of_ownership(sandbox: FastAPI) -> None:
    found = deviations(await findings(SeesNoOwners(sandbox)))
    words = ("another's", "another customer's", "keeps others out", "somebody else's", "staff only")
    owned = [f"{promise.service}: {promise.text}" for promise in PROMISES if any(w in promise.text for w in words)]
    assert len(owned) > 12
    assert set(owned) <= set(found)


async def test_a_misfit_field_is_named(sandbox: FastAPI) -> None:
    found = deviations(await findings(CountsInFloats(sandbox)))
    assert found["profile: shows a profile that fits the contract"] == (
        "answer does not fit the contract: miles (int_type)"
    )


async def test_without_leave_to_write_nothing_is_written(sandbox: FastAPI) -> None:
    class ReadOnly(Sound):
        async def before(self, request: httpx.Request) -> None:
            assert request.method == "GET" or request.url.path.endswith(("lookup", "fare-quotes"))

    found = await findings(ReadOnly(sandbox), with_writes=False)
    assert {finding.verdict for finding in found if finding.detail == "it writes"} == {"not checked"}
    assert deviations(found) == {}


async def test_only_a_sandbox_is_written_to_without_being_told(sandbox: FastAPI) -> None:
    class Production(Sound):
        def after(self, request: httpx.Request, response: httpx.Response, body: bytes) -> httpx.Response:
            return self.answer(response, body, status=404 if "sandbox" in request.url.path else None)

    found = await findings(Production(sandbox))
    assert sum(finding.verdict == "not checked" for finding in found) == sum(p.writes for p in PROMISES)


async def test_nobody_there_is_said_at_once(sandbox: FastAPI) -> None:
    class Gone(Sound):
        async def before(self, request: httpx.Request) -> None:
            raise httpx.ConnectError("refused", request=request)

    with pytest.raises(ServiceUnavailable, match="nobody answers"):
        await findings(Gone(sandbox))

"""Services that misbehave on real sockets: a stated fault each, for a read and for a write."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.tools.clients.serving import Answer, Misbehaving, misbehaving
from tests.tools.clients.test_resilience import Time
from tools.clients.resilience import Patience
from tools.clients.services import SERVICES, connect_services
from tools.domain.errors import (
    ConciergeError,
    NotFound,
    OutcomeUnknown,
    Rejected,
    ServiceUnavailable,
    SettingsError,
    VersionConflict,
)
from tools.domain.ids import CaseId, CustomerId, RecordLocator
from tools.ports import Services, Subject, Write

NOON = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
CASE: dict[str, Any] = {
    "case_id": "CS1",
    "version": "1.1",
    "kind": "help",
    "status": "queued",
    "severity": "low",
    "opened_at": "2026-06-15T12:00:00Z",
}
PATIENT = Patience(attempt=5, total=30, attempts=2)
BRISK = Patience(attempt=0.05, total=30, attempts=2)
"""For servers that never finish; nothing else is timed, so a busy machine changes no result."""


def case(**changes: object) -> bytes:
    return json.dumps({name: value for name, value in {**CASE, **changes}.items() if value is not ...}).encode()


@dataclass
class Bound:
    services: Services
    server: Misbehaving
    time: Time

    async def read(self) -> object:
        return await self.services.cases.get(CaseId("CS1"))

    async def write(self) -> object:
        write = Write(key="the-key", subject=Subject("system"), if_match="1.1")
        return await self.services.cases.update(CaseId("CS1"), status="closed", assignee=None, write=write)


@asynccontextmanager
async def bound(*script: Answer, patience: Patience | None = None) -> AsyncIterator[Bound]:
    time = Time()
    patience = patience or (BRISK if {answer.ending for answer in script} & {"silence", "drip"} else PATIENT)
    async with misbehaving(*script) as server:
        services = connect_services(
            dict.fromkeys(SERVICES, server.url), now=lambda: NOON, sleep=time.sleep, monotonic=time, patience=patience
        )
        yield Bound(services=services, server=server, time=time)
        await services.aclose()


UNAVAILABLE, UNKNOWN = ServiceUnavailable, OutcomeUnknown
MISDEEDS: tuple[tuple[str, Answer, type[ConciergeError], type[ConciergeError], int], ...] = (
    ("silence", Answer(ending="silence"), UNAVAILABLE, UNKNOWN, 2),
    ("drip", Answer(body=case(), ending="drip"), UNAVAILABLE, UNKNOWN, 2),
    ("cut", Answer(body=case()[:20], ending="cut"), UNAVAILABLE, UNKNOWN, 2),
    ("500", Answer(status=500, body=b"<html>oops"), UNAVAILABLE, UNKNOWN, 2),
    ("502", Answer(status=502), UNAVAILABLE, UNKNOWN, 2),
    ("503", Answer(status=503), UNAVAILABLE, UNKNOWN, 2),
    ("503 back soon", Answer(status=503, headers=("Retry-After: 1",)), UNAVAILABLE, UNAVAILABLE, 2),
    ("429", Answer(status=429, headers=("Retry-After: 1",)), UNAVAILABLE, UNAVAILABLE, 2),
    ("429 much later", Answer(status=429, headers=("Retry-After: 900",)), UNAVAILABLE, UNAVAILABLE, 1),
    ("401", Answer(status=401), UNAVAILABLE, UNAVAILABLE, 2),
    ("302", Answer(status=302, headers=("Location: /elsewhere",)), UNAVAILABLE, UNKNOWN, 2),
    ("no JSON", Answer(body=b"<html>fine</html>"), UNAVAILABLE, UNKNOWN, 2),
    ("cut JSON", Answer(body=case()[:-9]), UNAVAILABLE, UNKNOWN, 2),
    ("empty", Answer(), UNAVAILABLE, UNKNOWN, 2),
    ("204", Answer(status=204), UNAVAILABLE, UNKNOWN, 2),
    ("another schema", Answer(body=b'{"id": 1}'), UNAVAILABLE, UNKNOWN, 2),
    ("a missing field", Answer(body=case(version=...)), UNAVAILABLE, UNKNOWN, 2),
    ("an unknown status", Answer(body=case(status="lost")), UNAVAILABLE, UNKNOWN, 2),
    ("a number as text", Answer(body=case(position="1")), UNAVAILABLE, UNKNOWN, 2),
    ("a naive time", Answer(body=case(opened_at="2026-06-15T12:00:00")), UNAVAILABLE, UNKNOWN, 2),
    ("gibberish length", Answer(body=case(), headers=("Content-Encoding: gzip",)), UNAVAILABLE, UNKNOWN, 2),
    ("404", Answer(status=404), NotFound, NotFound, 1),
    ("412", Answer(status=412), VersionConflict, VersionConflict, 1),
    ("409", Answer(status=409, body=b'{"detail": "no seats"}'), Rejected, Rejected, 1),
    ("422", Answer(status=422, body=b"no problem document"), Rejected, Rejected, 1),
    ("403", Answer(status=403), Rejected, Rejected, 1),
)
NAMES = [misdeed[0] for misdeed in MISDEEDS]


@pytest.mark.parametrize(("name", "answer", "read", "write", "sent"), MISDEEDS, ids=NAMES)
async def test_a_read_gets_the_stated_fault(
    name: str, answer: Answer, read: type[ConciergeError], write: type[ConciergeError], sent: int
) -> None:
    async with bound(answer) as there:
        with pytest.raises(read) as raised:
            await there.read()
        assert type(raised.value) is read
        assert getattr(raised.value, "service", None) == "case"
        assert len(there.server.requests) == sent


@pytest.mark.parametrize(("name", "answer", "read", "write", "sent"), MISDEEDS, ids=NAMES)
async def test_a_write_gets_the_stated_fault_under_one_key(
    name: str, answer: Answer, read: type[ConciergeError], write: type[ConciergeError], sent: int
) -> None:
    async with bound(answer) as there:
        with pytest.raises(write) as raised:
            await there.write()
        assert type(raised.value) is write
        assert len(there.server.requests) == sent
        assert all("idempotency-key: the-key\r\n" in head.lower() for head in there.server.requests)
        assert all('if-match: "1.1"\r\n' in head.lower() for head in there.server.requests)


@pytest.mark.parametrize("first", [Answer(status=500), Answer(status=503), Answer(ending="cut"), Answer(body=b"x")])
async def test_a_service_that_recovers_is_answered_from(first: Answer) -> None:
    good = Answer(body=case())
    async with bound(first, good, first, good) as there:
        await there.read()
        await there.write()
        assert len(there.server.requests) == 4


async def test_the_services_reason_is_kept() -> None:
    async with bound(Answer(status=409, body=b'{"detail": "no seats"}')) as there:
        with pytest.raises(Rejected, match="no seats"):
            await there.write()


async def test_a_misfit_names_the_field_and_never_its_value() -> None:
    async with bound(Answer(body=case(severity="Ada Lindqvist"))) as there:
        with pytest.raises(ServiceUnavailable) as raised:
            await there.read()
        assert "severity" in raised.value.detail
        assert "Ada" not in str(raised.value)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("Retry-After: 2", 2.0),
        ("Retry-After: Mon, 15 Jun 2026 12:00:03 GMT", 3.0),
        ("Retry-After: soon", 0.1),
        ("X: y", 0.1),
    ],
)
async def test_retry_after_is_read_as_seconds_or_as_a_date(header: str, seconds: float) -> None:
    async with bound(Answer(status=429, headers=(header,)), Answer(body=case())) as there:
        await there.read()
        assert there.time.slept == [seconds]


async def test_the_deadline_ends_a_body_that_drips_for_ever() -> None:
    patience = Patience(attempt=60, total=0.05, attempts=3)
    async with bound(Answer(body=b"{", ending="drip"), patience=patience) as there:
        with pytest.raises(ServiceUnavailable, match="no answer in time"):
            await there.read()


async def test_nobody_listening_is_known_to_have_done_nothing() -> None:
    async with bound(Answer()) as there:
        await there.services.aclose()
        closed = dict.fromkeys(SERVICES, "http://127.0.0.1:9")
        services = connect_services(closed, now=lambda: NOON, sleep=there.time.sleep, monotonic=there.time)
        write = Write(key="k", subject=Subject("system"))
        with pytest.raises(ServiceUnavailable, match="no connection"):
            await services.payment.create_link(RecordLocator("K7XQ2P"), amount_minor=1, currency="EUR", write=write)
        await services.aclose()


async def test_one_service_down_holds_up_no_other() -> None:
    time = Time()
    async with misbehaving(Answer(status=500)) as bad, misbehaving(Answer(body=case())) as good:
        bases = dict.fromkeys(SERVICES, good.url) | {"profile": bad.url}
        services = connect_services(bases, now=lambda: NOON, sleep=time.sleep, monotonic=time)
        for _ in range(4):
            with pytest.raises(ServiceUnavailable):
                await services.profile.get(CustomerId("C1"))
        await services.cases.get(CaseId("CS1"))
        assert len(bad.requests) == Patience().failures
        await services.aclose()


Hostile = Callable[[Services, str], Awaitable[object]]
HOSTILE: tuple[Hostile, ...] = (
    lambda s, id_: s.booking.get(RecordLocator(id_), subject=Subject("system")),
    lambda s, id_: s.profile.get(CustomerId(id_), subject=Subject("system")),
    lambda s, id_: s.consent.list_for(CustomerId(id_), subject=Subject("system")),
    lambda s, id_: s.cases.get(CaseId(id_)),
    lambda s, id_: s.payment.methods(CustomerId(id_), subject=Subject("system")),
)


@pytest.mark.parametrize("id_", ["", ".", "..", "../M4RC7F", "a/b", "a?b=c", "a#b", "a\r\nX: y", "é", "x" * 65])
@pytest.mark.parametrize("ask", HOSTILE)
async def test_what_cannot_be_an_id_is_not_found_and_never_sent(ask: Hostile, id_: str) -> None:
    async with bound(Answer(body=case())) as there:
        with pytest.raises(NotFound):
            await ask(there.services, id_)
        assert there.server.requests == []


@pytest.mark.parametrize("number", ["", "../x", "GA", "GA12345", "GA101/../x"])
async def test_what_cannot_be_a_flight_number_is_unknown(number: str) -> None:
    async with bound(Answer(body=case())) as there:
        assert await there.services.booking.flight_status(number, None) == ()
        assert there.server.requests == []


@pytest.mark.parametrize("bases", [{}, {"booking": "http://a"}, dict.fromkeys(SERVICES, "ftp://a")])
def test_a_missing_or_malformed_address_is_a_settings_error(bases: dict[str, str]) -> None:
    time = Time()
    with pytest.raises(SettingsError, match="base URL"):
        connect_services(bases, now=lambda: NOON, sleep=time.sleep, monotonic=time)


async def test_each_request_carries_the_trace_of_its_turn() -> None:
    time = Time()
    async with misbehaving(Answer(body=case())) as server:
        services = connect_services(
            dict.fromkeys(SERVICES, server.url),
            now=lambda: NOON,
            sleep=time.sleep,
            monotonic=time,
            trace=lambda: {"traceparent": "00-abc-def-01"},
        )
        await services.cases.get(CaseId("CS1"))
        assert "traceparent: 00-abc-def-01\r\n" in server.requests[0]
        await services.aclose()

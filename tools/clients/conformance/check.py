"""The whole contract, promise by promise, against any base URL."""

from collections.abc import AsyncIterator

import httpx

from tools.clients.conformance.probe import Deviation, Finding, Known, Probe, Promise, Verdict
from tools.clients.conformance.reads import reads
from tools.clients.conformance.writes import writes
from tools.domain.errors import ServiceUnavailable

PROMISES = (*reads(), *writes())


async def check_contract(
    http: httpx.AsyncClient, *, known: Known, with_writes: bool | None = None, run: str
) -> AsyncIterator[Finding]:
    """A finding for each promise, as they are made out. Raises ServiceUnavailable when nobody answers there.

    with_writes None: only where the service says that it is a sandbox. run: names this run in its keys; a run
    repeated under the same name is answered from the service's memory.
    """
    probe = Probe(http=http, known=known, run=run)
    writing = await _is_sandbox(http) if with_writes is None else with_writes
    for promise in PROMISES:
        if promise.writes and not writing:
            yield _finding(promise, "not checked", "it writes")
        else:
            yield await _examine(probe, promise)


async def _examine(probe: Probe, promise: Promise) -> Finding:
    try:
        await promise.check(probe)
    except Deviation as deviation:
        return _finding(promise, "deviates", str(deviation))
    except httpx.RequestError as fault:
        return _finding(promise, "deviates", f"no answer: {type(fault).__name__}")
    except ExceptionGroup as several:
        deviations, others = several.split(Deviation)
        if deviations is None or others is not None:
            raise
        return _finding(promise, "deviates", str(deviations.exceptions[0]))
    return _finding(promise, "kept")


def _finding(promise: Promise, verdict: Verdict, detail: str = "") -> Finding:
    return Finding(service=promise.service, promise=promise.text, verdict=verdict, detail=detail)


async def _is_sandbox(http: httpx.AsyncClient) -> bool:
    """Only the embedded airline shows what it sent."""
    try:
        return (await http.get("/notification/v1/sandbox/outbox", params={"address": "nobody"})).is_success
    except httpx.RequestError as fault:
        raise ServiceUnavailable("bindings", f"nobody answers at {http.base_url}") from fault

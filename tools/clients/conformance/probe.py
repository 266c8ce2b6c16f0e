"""How a contract check asks a service, and how it says what deviates."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from tools.clients.wire import BrokenContract, parse
from tools.domain.ids import CustomerId, RecordLocator

T = TypeVar("T")
Verdict = Literal["kept", "deviates", "not checked"]
PROBLEM = "application/problem+json"


@dataclass(frozen=True, kw_only=True)
class Known:
    """Records the check may ask for: two people who do not know each other, each with a booking still to be flown."""

    locator: RecordLocator
    surname: str
    customer: CustomerId
    other_locator: RecordLocator
    other_customer: CustomerId

    @property
    def subject(self) -> str:
        return f"customer:{self.customer}"


EMBEDDED = Known(
    locator=RecordLocator("K7XQ2P"),
    surname="Lindqvist",
    customer=CustomerId("C000001"),
    other_locator=RecordLocator("M4RC7F"),
    other_customer=CustomerId("C000002"),
)
"""Two demo people of the embedded airline."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    service: str
    promise: str
    verdict: Verdict
    detail: str = ""


class Deviation(Exception):
    pass


def expect(held: bool, detail: str) -> None:
    if not held:
        raise Deviation(detail)


class Problem(BaseModel):
    """RFC 9457, with the members the contract asks for."""

    type: str
    title: str
    status: int
    detail: str


@dataclass
class Probe:
    """Requests to the service under check, as a client system makes them."""

    http: httpx.AsyncClient
    known: Known
    run: str
    """Makes this run's idempotency keys its own."""
    _count: int = field(default=0)

    async def get(
        self, path: str, subject: str | None = "system", params: Mapping[str, str] | None = None
    ) -> httpx.Response:
        return await self.http.get(path, params=params, headers=_for(subject))

    async def send(
        self,
        method: str,
        path: str,
        body: object,
        *,
        subject: str = "system",
        key: str | None = None,
        version: str | None = None,
    ) -> httpx.Response:
        """key: a new one unless named; "" sends none. version: as If-Match, where given."""
        headers = _for(subject)
        if key != "":
            headers["Idempotency-Key"] = key or self.new_key()
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return await self.http.request(method, path, json=body, headers=headers)

    def new_key(self) -> str:
        self._count += 1
        return f"bindings-check-{self.run}-{self._count}"


Check = Callable[[Probe], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One sentence of the contract and how to see whether it is kept. writes: seeing it may change a record."""

    service: str
    text: str
    check: Check
    writes: bool = False


def _for(subject: str | None) -> dict[str, str]:
    return {} if subject is None else {"On-Behalf-Of": subject}


def fits(shape: TypeAdapter[T], response: httpx.Response, status: int = 200) -> T:
    """The answer's record, or the deviation: another status, or where it breaks the schema."""
    answered(response, status)
    try:
        return parse(shape, response.content)
    except BrokenContract as broken:
        raise Deviation(str(broken)) from None


def answered(response: httpx.Response, *statuses: int) -> None:
    wanted = " or ".join(map(str, statuses))
    expect(response.status_code in statuses, f"answered {response.status_code} where {wanted} is due")


def refused(response: httpx.Response, *statuses: int) -> None:
    """A refusal with one of the statuses, as a problem document."""
    answered(response, *statuses)
    kind = response.headers.get("content-type", "none").partition(";")[0]
    expect(kind == PROBLEM, f"{response.status_code} comes as {kind}, not {PROBLEM}")
    try:
        problem = Problem.model_validate_json(response.content)
    except ValidationError as fault:
        missing = ", ".join(str(error["loc"][0]) for error in fault.errors() if error["loc"])
        raise Deviation(f"the problem document lacks {missing or 'its form'}") from None
    expect(problem.status == response.status_code, f"a problem of status {problem.status} in a {response.status_code}")


def alike(foreign: httpx.Response, missing: httpx.Response) -> None:
    """Nothing tells somebody else's record from one that does not exist."""
    refused(foreign, 404)
    refused(missing, 404)
    expect(foreign.content == missing.content, "somebody else's record and a missing one differ in the body")

"""What every service of the airline asks of a request: a client token, whom it acts for, a version, a key.

Order of refusal: 401 no client, 400 unknown subject or no key, 404 not theirs, 428 no version, 412 another version,
then the service's own reasons (409, 422).
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel, ConfigDict
from pydantic_core import to_json

from tools.sandbox.held import BOOKINGS, first_version
from tools.sandbox.problems import MEDIA_TYPE, Problem, missing
from tools.sandbox.store import Answer, Kind, Store

R = TypeVar("R")
_SUBJECT = re.compile(r"(customer|booking|staff):[\w.@-]{1,64}|system|anonymous", re.ASCII)
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_KEPT = frozenset({409, 412})
"""Refusals that are repeated to the same key like a success: a late duplicate must not succeed after a no."""


@dataclass(frozen=True, kw_only=True)
class Caller:
    subject: str

    @property
    def is_staff(self) -> bool:
        """The airline's own people and systems see every record."""
        return self.subject == "system" or self.subject.startswith("staff:")

    def owns(self, terms: Iterable[str]) -> bool:
        return self.is_staff or self.subject in terms

    def must_be_staff(self) -> None:
        if not self.is_staff:
            raise Problem(403, "staff-only", "Only staff and systems of the airline may ask this.")


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """One request's headers, read."""

    caller: Caller
    method: str
    path: str
    key: str | None
    if_match: str | None

    def check_version(self, version: str) -> None:
        if self.if_match is None:
            raise Problem(428, "version-required", "Send the record's version as If-Match.")
        if self.if_match.strip('"') != version:
            raise Problem(412, "version-conflict", "The record has changed since that version was read.")


@dataclass(frozen=True, kw_only=True)
class Airline:
    """What the routers share."""

    store: Store
    now: Callable[[], datetime]
    client_token: str | None = field(default=None, repr=False)

    def first_version(self) -> str:
        return first_version(self.store.meta().get("epoch", "0"))

    def owned(self, kind: Kind[R], key: str, caller: Caller) -> R:
        record = self.store.get(kind, key)
        if record is None or not caller.owns(kind.lookups(record)):
            raise missing()
        return record

    def acts_for(self, caller: Caller, customer: str) -> bool:
        """The customer, staff, or who proved a booking that the customer made."""
        if caller.owns((f"customer:{customer}",)):
            return True
        kind, _, locator = caller.subject.partition(":")
        booking = self.store.get(BOOKINGS, locator) if kind == "booking" else None
        return booking is not None and booking.booker_id == customer

    def write(self, incoming: Incoming, body: BaseModel, operation: Callable[[], Answer]) -> Response:
        """Runs the operation once for its key, whoever sends it how often at the same time."""
        if incoming.key is None or not _KEY.fullmatch(incoming.key):
            raise Problem(400, "idempotency-key-required", "Send an Idempotency-Key of 1 to 200 visible characters.")
        fingerprint = _fingerprint(incoming, body)
        with self.store.transaction():
            kept = self.store.answered(incoming.key)
            if kept is None:
                answer = self._run(operation)
                self.store.keep_answer(incoming.key, fingerprint, answer, self.now().isoformat())
            elif kept[0] == fingerprint:
                answer = kept[1]
            else:
                raise Problem(422, "idempotency-key-reused", "This Idempotency-Key was used for another request.")
        return _response(answer)

    def _run(self, operation: Callable[[], Answer]) -> Answer:
        try:
            with self.store.transaction():
                return operation()
        except Problem as problem:
            if problem.status not in _KEPT:
                raise
            return Answer(status=problem.status, body=problem.body())


class Body(BaseModel):
    """A request's JSON: exactly the fields of the contract."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Nothing(Body):
    """An empty object."""


@dataclass(frozen=True, kw_only=True)
class Items(Generic[R]):
    items: tuple[R, ...]


def record_answer(kind: Kind[R], record: R, *, status: int = 200, version: str | None = None) -> Answer:
    return Answer(status=status, body=kind.adapter.dump_json(record), etag=version)


def value_answer(value: object, *, status: int = 200) -> Answer:
    """A value that is no kept record: a quote, a receipt."""
    return Answer(status=status, body=to_json(value))


def record_response(kind: Kind[R], record: R, *, version: str | None = None) -> Response:
    return _response(record_answer(kind, record, version=version))


def list_response(kind: Kind[R], records: Iterable[R]) -> Response:
    return Response(b'{"items":[' + b",".join(map(kind.adapter.dump_json, records)) + b"]}", 200, None, _JSON)


def value_response(value: object) -> Response:
    return _response(value_answer(value))


def values_response(values: Iterable[object]) -> Response:
    return Response(to_json({"items": list(values)}), 200, None, _JSON)


_JSON = "application/json"


def _response(answer: Answer) -> Response:
    headers = {"ETag": f'"{answer.etag}"'} if answer.etag else None
    return Response(answer.body, answer.status, headers, _JSON if answer.status < 400 else MEDIA_TYPE)


def _fingerprint(incoming: Incoming, body: BaseModel) -> str:
    said = "\n".join((incoming.method, incoming.path, incoming.caller.subject, body.model_dump_json()))
    return hashlib.sha256(said.encode()).hexdigest()


async def the_airline(request: Request) -> Airline:
    airline: Airline = request.app.state.airline
    return airline


async def read_headers(
    *,
    request: Request,
    airline: Annotated[Airline, Depends(the_airline)],
    authorization: Annotated[str | None, Header(description="Bearer token of the calling system.")] = None,
    on_behalf_of: Annotated[
        str | None, Header(description="customer:ID, booking:LOCATOR, staff:OID, system or anonymous.")
    ] = None,
    idempotency_key: Annotated[str | None, Header(description="Required by every write.")] = None,
    if_match: Annotated[str | None, Header(description="Required by every write that changes a record.")] = None,
) -> Incoming:
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token or (airline.client_token and token != airline.client_token):
        raise Problem(401, "client-unknown", "Send the client's bearer token.")
    if on_behalf_of is None or not _SUBJECT.fullmatch(on_behalf_of):
        raise Problem(400, "subject-required", "Send On-Behalf-Of: customer:ID, booking:LOCATOR, staff:OID or system.")
    return Incoming(
        caller=Caller(subject=on_behalf_of),
        method=request.method,
        path=request.url.path + ("?" + request.url.query if request.url.query else ""),
        key=idempotency_key,
        if_match=if_match,
    )


AirlineNow = Annotated[Airline, Depends(the_airline)]
Asked = Annotated[Incoming, Depends(read_headers)]

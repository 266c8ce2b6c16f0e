"""One service over HTTP: what is sent with every request, and what each answer means (tools/domain/errors.py).

| answer | read | write |
|---|---|---|
| 2xx that fits the contract | the record | the record |
| 404 / 412 / 409, 422 | NotFound / VersionConflict / Rejected | the same |
| 401, 408, 425, 429; 503 with Retry-After; no connection | ServiceUnavailable | ServiceUnavailable |
| any other answer, a body that does not fit, a cut connection | ServiceUnavailable | OutcomeUnknown |
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx
from opentelemetry.trace import SpanKind
from pydantic import BaseModel, TypeAdapter, ValidationError

from tools.clients.resilience import Resilience
from tools.domain.errors import ConciergeError, NotFound, OutcomeUnknown, Rejected, ServiceUnavailable, VersionConflict
from tools.ports import Subject, Write
from tools.tracing import span, trace_headers

T = TypeVar("T")
_SEGMENT = re.compile(r"[\w-]{1,64}", re.ASCII)
_NEVER_DONE = frozenset({401, 408, 425, 429})
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class _ProblemDocument(BaseModel):
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Wire:
    service: str
    http: httpx.AsyncClient
    resilience: Resilience
    now: Callable[[], datetime]
    trace: Callable[[], Mapping[str, str]]
    """Headers that let the service's logs be joined with ours, such as traceparent."""

    def segment(self, text: str) -> str:
        """An id as one path segment. What cannot be an id of ours is not found, and never sent."""
        if not _SEGMENT.fullmatch(text):
            raise NotFound(self.service)
        return text

    async def read(
        self, shape: TypeAdapter[T], path: str, *, subject: Subject, params: Mapping[str, str] | None = None
    ) -> T:
        request = self._request("GET", path, subject, params=params)
        return await self.resilience.read(lambda: self._send(shape, request, ServiceUnavailable))

    async def ask(self, shape: TypeAdapter[T], path: str, question: object, *, subject: Subject) -> T:
        """A read whose question is too large or too private for an address."""
        request = self._request("POST", path, subject, json=question)
        return await self.resilience.read(lambda: self._send(shape, request, ServiceUnavailable))

    async def write(self, shape: TypeAdapter[T], method: str, path: str, body: object, *, write: Write) -> T:
        request = self._request(method, path, write.subject, json=body)
        request.headers["Idempotency-Key"] = write.key
        if write.if_match is not None:
            request.headers["If-Match"] = f'"{write.if_match}"'
        return await self.resilience.write(lambda: self._send(shape, request, OutcomeUnknown))

    def _request(
        self,
        method: str,
        path: str,
        subject: Subject,
        *,
        params: Mapping[str, str] | None = None,
        json: object = None,
    ) -> httpx.Request:
        headers = {"On-Behalf-Of": subject, **self.trace()}
        return self.http.build_request(method, path, params=params, json=json, headers=headers)

    async def _send(
        self, shape: TypeAdapter[T], request: httpx.Request, unclear: type[ServiceUnavailable | OutcomeUnknown]
    ) -> T:
        known = {"http.request.method": request.method, "server.name": self.service}
        with span(f"{request.method} {self.service}", known, kind=SpanKind.CLIENT) as current:
            request.headers.update(trace_headers())
            response = await self._exchange(request, unclear)
            current.set_attribute("http.response.status_code", response.status_code)
        if not response.is_success:
            raise self._failure(response, unclear)
        try:
            return parse(shape, response.content)
        except BrokenContract as broken:
            raise unclear(self.service, str(broken)) from None

    async def _exchange(
        self, request: httpx.Request, unclear: type[ServiceUnavailable | OutcomeUnknown]
    ) -> httpx.Response:
        try:
            return await self.http.send(request)
        except _UNSENT as fault:
            raise ServiceUnavailable(self.service, "no connection") from fault
        except httpx.RequestError as fault:
            raise unclear(self.service, type(fault).__name__) from fault

    def _failure(self, response: httpx.Response, unclear: type[ServiceUnavailable | OutcomeUnknown]) -> ConciergeError:
        status, retry_after = response.status_code, self._retry_after(response)
        if status in _NEVER_DONE or (status == 503 and retry_after is not None):
            return ServiceUnavailable(self.service, f"answered {status}", retry_after=retry_after)
        if status == 404:
            return NotFound(self.service)
        if status == 412:
            return VersionConflict(self.service)
        if response.is_client_error:
            return Rejected(self.service, _detail(response) or f"answered {status}")
        return unclear(self.service, f"answered {status}")

    def _retry_after(self, response: httpx.Response) -> float | None:
        """Seconds; a service may name them or a date (RFC 9110, 10.2.3)."""
        named = response.headers.get("Retry-After", "")
        if named.isdigit():
            return float(named)
        try:
            return max(0.0, (parsedate_to_datetime(named) - self.now()).total_seconds())
        except (ValueError, TypeError):
            return None


class BrokenContract(Exception):
    """Where an answer does not fit. The values stay out: they may be somebody's data."""


def parse(shape: TypeAdapter[T], body: bytes) -> T:
    """The record in the body, strictly: types as the contract has them, every time with its zone."""
    try:
        record = shape.validate_json(body, strict=True)
    except ValidationError as fault:
        raise BrokenContract(_misfit(fault)) from None
    _check_times(record)
    return record


def _check_times(value: object) -> None:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise BrokenContract("answer does not fit the contract: a time without its zone")
    elif isinstance(value, tuple):
        for part in value:
            _check_times(part)
    elif hasattr(value, "__dataclass_fields__"):
        for part in vars(value).values():
            _check_times(part)


def _misfit(fault: ValidationError) -> str:
    errors = fault.errors(include_input=False, include_url=False, include_context=False)
    first = errors[0]
    return f"answer does not fit the contract: {'.'.join(map(str, first['loc'])) or 'body'} ({first['type']})"


def _detail(response: httpx.Response) -> str:
    try:
        return _ProblemDocument.model_validate_json(response.content).detail
    except ValidationError:
        return ""

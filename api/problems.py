"""Every error leaves as an RFC 9457 problem document with a sentence for a person in `detail`."""

import http
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from agent.errors import (
    BadMessage,
    CallerError,
    CaseTaken,
    Forbidden,
    KeyReused,
    ProposalGone,
    StoreUnavailable,
    UnknownCase,
    UnknownConversation,
    UnknownOption,
    UnknownProposal,
)
from api.auth.errors import SignInRefused, SignInUnavailable
from api.trace import current_trace_id
from tools.domain.errors import ConciergeError, Fault, NotFound, Rejected, VersionConflict

MEDIA_TYPE = "application/problem+json"
APOLOGY = "Something went wrong on our side. Nothing was changed by this request that you were not told of."


class Problem(BaseModel):
    """`type` is a stable name for programs; further members depend on it (`errors`, `proposal`)."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    correlation_id: str


def problem(kind: str, status: int, detail: str, **more: object) -> Problem:
    return Problem(
        type=f"urn:concierge:problem:{kind}",
        title=http.HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        correlation_id=current_trace_id(),
        **more,
    )


def respond(body: Problem, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse(body.model_dump(mode="json"), body.status, headers, media_type=MEDIA_TYPE)


def problem_of(error: ConciergeError) -> Problem:
    """What a caller sees of an error of ours. Only CallerErrors and sign-in errors speak for themselves."""
    if isinstance(error, ProposalGone):
        replacement = error.proposal.model_dump(mode="json") if error.proposal else None
        return problem("proposal-gone", 409, str(error), proposal=replacement)
    for cause, (kind, status, sentence) in _OF_SERVICES.items():
        if isinstance(error, cause):
            return problem(kind, status, sentence)
    for cause, (kind, status) in _KINDS.items():
        if isinstance(error, cause):
            return problem(kind, status, str(error))
    return problem("internal", 500, APOLOGY)


_OF_SERVICES: Mapping[type[ConciergeError], tuple[str, int, str]] = {
    VersionConflict: ("changed", 409, "Somebody else changed this in the meantime. Please look at it again."),
    Fault: ("unavailable", 503, "A system we need is not answering right now. Please try again in a minute."),
    NotFound: ("not-found", 404, "There is no such record."),
    Rejected: ("rejected", 409, "The system that keeps this record refused the request."),
}
_KINDS: Mapping[type[ConciergeError], tuple[str, int]] = {
    UnknownConversation: ("unknown-conversation", 404),
    UnknownProposal: ("unknown-proposal", 404),
    UnknownCase: ("unknown-case", 404),
    UnknownOption: ("unknown-option", 404),
    CaseTaken: ("case-taken", 409),
    BadMessage: ("bad-message", 422),
    KeyReused: ("idempotency-key-reused", 422),
    Forbidden: ("forbidden", 403),
    CallerError: ("refused", 400),
    StoreUnavailable: ("unavailable", 503),
    SignInRefused: ("sign-in-refused", 401),
    SignInUnavailable: ("sign-in-unavailable", 503),
}


def install(app: FastAPI) -> None:
    app.add_exception_handler(ConciergeError, _on_ours)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_invalid)


async def _on_ours(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ConciergeError)  # noqa: S101 - registered for nothing else
    body = problem_of(error)
    headers = {401: {"WWW-Authenticate": 'Bearer error="invalid_token"'}, 503: {"Retry-After": "30"}}
    return respond(body, headers.get(body.status))


async def _on_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    kind, detail = _ROUTING.get(error.status_code, ("http", "{detail}"))
    unworded = error.detail == http.HTTPStatus(error.status_code).phrase
    said = "There is nothing at this address." if unworded else error.detail
    sentence = detail.format(method=request.method, detail=said)
    return respond(problem(kind, error.status_code, sentence), error.headers)


_ROUTING: Mapping[int, tuple[str, str]] = {
    400: ("invalid-json", "The body of this request is not valid JSON."),
    401: ("sign-in-needed", "{detail}"),
    403: ("forbidden", "{detail}"),
    404: ("not-found", "{detail}"),
    405: ("method-not-allowed", "{method} is not offered here; the Allow header lists what is."),
    408: ("too-slow", "{detail}"),
    413: ("too-large", "{detail}"),
    429: ("too-many-requests", "{detail}"),
}


async def _on_invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
    found = [_flaw(entry) for entry in error.errors()]
    if any(entry["type"] == "json_invalid" for entry in error.errors()):
        return respond(problem("invalid-json", 400, "The body of this request is not valid JSON."))
    return respond(problem("invalid-request", 422, found[0]["detail"], errors=found))


def _flaw(entry: Mapping[str, Any]) -> dict[str, str]:
    """The value itself is not repeated: it may be long, or personal."""
    where, *rest = (str(part) for part in entry["loc"])
    said = str(entry["msg"]).removeprefix("Value error, ")
    own = entry["type"] == "value_error"
    name = ".".join(rest) or where
    return {
        "in": where,
        "pointer": "".join(f"/{part}" for part in rest),
        "detail": said if own else f"The value of '{name}' is not accepted: {said[:1].lower()}{said[1:]}.",
    }

"""The HTTP application around a running Concierge."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.openapi.utils import get_openapi
from fastapi.telemetry import TelemetryConfig

from api import desk, problems
from api.auth.sign_in import SignIn
from api.envelope import Envelope
from api.limits import Gate, Limits
from api.metrics import Metrics
from api.platform import Platform
from api.problems import MEDIA_TYPE, Problem
from api.routes import (
    cases,
    conversations,
    development,
    operations,
    pages,
    policies,
    privacy,
    proposals,
    resolutions,
    signing_in,
)

_PROBLEM = {
    "description": "A problem document (RFC 9457).",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def create_app(
    platform: "Platform | asyncio.Future[Platform]",
    sign_in: SignIn,
    *,
    embed_origins: tuple[str, ...] = (),
    allowed_origins: tuple[str, ...] = (),
    limits: Limits | None = None,
    metrics: Metrics | None = None,
) -> FastAPI:
    """The platform, which may still be on its way, is its owner's to stop; the app closes what sign-in holds.

    embed_origins: whose pages may hold the chat in a frame. allowed_origins: whose pages may call the API.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await sign_in.close()

    app = FastAPI(
        title="Concierge",
        version="1",
        description="The conversational agent of an airline: the model proposes, policy decides, the person confirms.",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        responses={"default": _PROBLEM},
        redirect_slashes=False,
        telemetry=_OUR_OWN,
    )
    app.state.platform = platform
    app.state.sign_in = sign_in
    app.state.limits = limits or Limits()
    app.state.metrics = metrics or Metrics()
    app.state.stopping = asyncio.Event()
    problems.install(app)
    for routes in (signing_in, conversations, privacy, proposals, policies, cases, resolutions, desk, operations):
        app.include_router(routes.router)
    if sign_in.development is not None:
        app.include_router(development.router)
        development.show_airline(app)
    pages.install(app, sign_in, embed_origins=embed_origins)
    app.add_middleware(Gate, concurrency=app.state.limits.concurrency)
    if allowed_origins:
        app.add_middleware(CORSMiddleware, allow_origins=allowed_origins, **_CORS)
    app.add_middleware(Envelope, embed_origins=embed_origins, reaching=pages.reached_by_pages(sign_in))
    _describe_problems(app)
    return app


_OUR_OWN = TelemetryConfig(tracing=False, metrics=False, logs=False, operation_spans=False)
"""FastAPI's own spans hold addresses, and so ids; api/envelope.py has the span of a request."""

_CORS: dict[str, Any] = {
    "allow_methods": ["GET", "POST", "DELETE"],
    "allow_headers": ["Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID", "traceparent"],
    "expose_headers": ["Retry-After", "traceparent", "Location"],
    "max_age": 600,
}
"""No cookies: whoever calls shows a bearer token."""


def _describe_problems(app: FastAPI) -> None:
    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            document["components"]["schemas"]["Problem"] = Problem.model_json_schema()
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend its document

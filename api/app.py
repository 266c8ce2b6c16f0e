"""The HTTP application around a running Concierge."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.telemetry import TelemetryConfig

from api import desk, openapi, problems
from api.auth.sign_in import SignIn
from api.envelope import Envelope
from api.limits import Gate, Limits
from api.metrics import Metrics
from api.platform import Platform
from api.reports import Evals
from api.routes import (
    cases,
    conversations,
    development,
    evals,
    operations,
    pages,
    policies,
    privacy,
    proposals,
    resolutions,
    signing_in,
)


def create_app(
    platform: "Platform | asyncio.Future[Platform]",
    sign_in: SignIn,
    *,
    embed_origins: tuple[str, ...] = (),
    allowed_origins: tuple[str, ...] = (),
    limits: Limits | None = None,
    metrics: Metrics | None = None,
    shown_evals: Evals | None = None,
) -> FastAPI:
    """The platform, which may still be on its way, is its owner's to stop; the app closes what sign-in holds.

    embed_origins: whose pages may hold the chat in a frame. allowed_origins: whose pages may call the API.
    shown_evals: none, and there is no page of reports.
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
        responses=openapi.ANY_ROUTE,
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
    if shown_evals is not None:
        app.state.evals = shown_evals
        app.include_router(evals.router)
    pages.install(app, sign_in, embed_origins=embed_origins, evals=shown_evals is not None)
    app.add_middleware(Gate, concurrency=app.state.limits.concurrency)
    if allowed_origins:
        app.add_middleware(CORSMiddleware, allow_origins=allowed_origins, **_CORS)
    app.add_middleware(
        Envelope,
        embed_origins=embed_origins,
        reaching=pages.reached_by_pages(sign_in),
        report_script=shown_evals.library.script_source if shown_evals else "'none'",
    )
    openapi.describe(app)
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

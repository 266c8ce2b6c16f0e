"""The embedded airline: one app, one router a service, over one SQLite file."""

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

from tools.sandbox import (
    booking,
    booking_writes,
    cases,
    compensation,
    consent,
    notification,
    page,
    payment,
    problems,
    profile,
    sales,
)
from tools.sandbox.contract import Airline
from tools.sandbox.population import populate
from tools.sandbox.seed import Size, World, fill, is_current
from tools.sandbox.store import Store
from tools.sandbox.stories import tell


def create_sandbox(
    database: str | Path,
    *,
    now: Callable[[], datetime],
    size: Size = "demo",
    seed: int = 7,
    client_token: str | None = None,
) -> FastAPI:
    """database: a file, kept and used again while its generation is fresh, or ":memory:".

    Run in process, the app has no lifespan: close_sandbox gives its file back.
    """
    store = Store(database)
    generate(store, now=now(), size=size, seed=seed)
    app = FastAPI(
        title="Gamma Airways services",
        version="1.0.0",
        description="The services an airline runs, embedded: booking, profile, consent, notification, case, "
        "compensation and payment.",
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        telemetry=TelemetryConfig(tracing=False, metrics=False, logs=False, operation_spans=False),
    )
    app.state.airline = Airline(store=store, now=now, client_token=client_token)
    problems.install(app)
    for service in (
        sales.router,
        booking.router,
        booking_writes.router,
        profile.router,
        consent.router,
        notification.router,
        notification.outbox_router,
        cases.router,
        compensation.router,
        payment.router,
        page.router,
    ):
        app.include_router(service)
    return app


def generate(store: Store, *, now: datetime, size: Size, seed: int) -> None:
    """Fills the store unless it holds a fresh generation of that size and seed."""
    with store.transaction():
        if is_current(store, size, seed, now):
            return
        chance = random.Random(seed)  # noqa: S311 - a made-up airline, no secret
        world = World(now=now, epoch=format(int(now.timestamp()), "x"), chance=chance)
        populate(world, size)
        tell(world)
        fill(store, world, size, seed)


def close_sandbox(app: FastAPI) -> None:
    airline: Airline = app.state.airline
    airline.store.close()


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    close_sandbox(app)

"""Is it alive, and is it ready?"""

import asyncio

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from api.metrics import CONTENT_TYPE, Metrics
from api.platform import Platform

router = APIRouter(tags=["operations"])
_UNUSABLE = ("failed", "still starting")


class Alive(BaseModel):
    status: str = "ok"


class Readiness(BaseModel):
    """`dependencies`: each by name, 'ok' or what is wrong with it. One that is degraded is made up for."""

    status: str
    dependencies: dict[str, str]


@router.get("/healthz")
async def alive() -> Alive:
    return Alive()


@router.get("/readyz", responses={503: {"model": Readiness}})
async def ready(request: Request, response: Response) -> Readiness:
    found = await _states(request.app.state.platform)
    well = not any(state.startswith(_UNUSABLE) for state in found.values())
    response.status_code = 200 if well else 503
    return Readiness(status="ready" if well else "not ready", dependencies=found)


async def _states(held: Platform | asyncio.Future[Platform]) -> dict[str, str]:
    if not isinstance(held, asyncio.Future):
        return dict(await held.health())
    return dict(await held.result().health()) if held.done() else {"concierge": "still starting"}


@router.get("/metrics", response_class=PlainTextResponse, responses={200: {"content": {"text/plain": {}}}})
async def show_metrics(request: Request) -> PlainTextResponse:
    """In Prometheus' text format, of all processes of this home. Names no person."""
    metrics: Metrics = request.app.state.metrics
    held = request.app.state.platform
    running = held.result() if isinstance(held, asyncio.Future) and held.done() else held
    gauges = {} if isinstance(running, asyncio.Future) else await running.gauges()
    return PlainTextResponse(metrics.show(gauges), media_type=CONTENT_TYPE)

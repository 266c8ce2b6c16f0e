"""Is it alive, and is it ready?"""

import asyncio

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from api.platform import Platform

router = APIRouter(tags=["operations"])


class Alive(BaseModel):
    status: str = "ok"


class Readiness(BaseModel):
    """`dependencies`: each by name, 'ok' or what is wrong with it."""

    status: str
    dependencies: dict[str, str]


@router.get("/healthz")
async def alive() -> Alive:
    return Alive()


@router.get("/readyz", responses={503: {"model": Readiness}})
async def ready(request: Request, response: Response) -> Readiness:
    found = await _states(request.app.state.platform)
    well = all(state == "ok" for state in found.values())
    response.status_code = 200 if well else 503
    return Readiness(status="ready" if well else "not ready", dependencies=found)


async def _states(held: Platform | asyncio.Future[Platform]) -> dict[str, str]:
    if not isinstance(held, asyncio.Future):
        return dict(await held.health())
    return dict(await held.result().health()) if held.done() else {"concierge": "still starting"}

"""Is it alive, and is it ready?"""

from fastapi import APIRouter, Response
from pydantic import BaseModel

from api.routes.speaking import PlatformOf

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
async def ready(platform: PlatformOf, response: Response) -> Readiness:
    found = dict(await platform.health())
    well = all(state == "ok" for state in found.values())
    response.status_code = 200 if well else 503
    return Readiness(status="ready" if well else "not ready", dependencies=found)

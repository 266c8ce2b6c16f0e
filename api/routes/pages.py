"""The pages for people and the files they are made of: no build step, nothing from elsewhere."""

from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse
from starlette.staticfiles import StaticFiles

_WEB = Path(__file__).parent.parent / "web"
router = APIRouter(include_in_schema=False)


@router.get("/")
async def chat() -> FileResponse:
    return FileResponse(_WEB / "index.html")


def install(app: FastAPI, *, development: bool) -> None:
    app.include_router(router)
    if development:
        app.add_api_route("/dev/login", _login, include_in_schema=False)
    app.mount("/web", StaticFiles(directory=_WEB))


async def _login() -> FileResponse:
    return FileResponse(_WEB / "login.html")

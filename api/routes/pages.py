"""The pages for people and the files they are made of: no build step, nothing from elsewhere."""

from collections.abc import Mapping
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse, HTMLResponse
from starlette.staticfiles import StaticFiles

from api.auth.sign_in import SignIn
from api.envelope import EMBED_PAGE, EVALS_PAGE

_WEB = Path(__file__).parent.parent / "web"
CHAT_PAGE, DESK_PAGE = "/", "/desk"


def install(app: FastAPI, sign_in: SignIn, *, embed_origins: tuple[str, ...] = (), evals: bool = False) -> None:
    """Each page offers the sign-in there is: at its identity provider, among the demo people, or none."""
    other = "none" if sign_in.development is None else "development"
    chat = _page("index.html", "provider" if sign_in.pages.customers else other)
    desk = _page("desk.html", "provider" if sign_in.pages.staff else other)
    reports = _page("evals.html", "provider" if sign_in.pages.staff else other)
    embed = _page("index.html", other).replace("<body ", f'<body data-embed="{" ".join(embed_origins)}" ')
    routes = APIRouter(include_in_schema=False)

    @routes.get(CHAT_PAGE)
    async def show_chat() -> HTMLResponse:
        return HTMLResponse(chat)

    @routes.get(DESK_PAGE)
    async def show_desk() -> HTMLResponse:
        return HTMLResponse(desk)

    if evals:

        @routes.get(EVALS_PAGE)
        async def show_evals() -> HTMLResponse:
            return HTMLResponse(reports)

    @routes.get(EMBED_PAGE)
    async def show_embedded_chat() -> HTMLResponse:
        return HTMLResponse(embed)

    if sign_in.development is not None:

        @routes.get("/dev/login")
        async def show_login() -> FileResponse:
            return FileResponse(_WEB / "login.html")

    app.include_router(routes)
    app.mount("/web", StaticFiles(directory=_WEB))


def reached_by_pages(sign_in: SignIn) -> Mapping[str, str]:
    """The identity provider's origin, by the page whose script calls it."""
    clients = {CHAT_PAGE: sign_in.pages.customers, DESK_PAGE: sign_in.pages.staff, EVALS_PAGE: sign_in.pages.staff}
    return {path: client.origin for path, client in clients.items() if client is not None}


def _page(name: str, sign_in: str) -> str:
    return (_WEB / name).read_text(encoding="utf-8").replace('data-sign-in="none"', f'data-sign-in="{sign_in}"')

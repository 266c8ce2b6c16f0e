"""The pages for people and the files they are made of: no build step, nothing from elsewhere."""

from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse, HTMLResponse
from starlette.staticfiles import StaticFiles

from api.envelope import EMBED_PAGE

_WEB = Path(__file__).parent.parent / "web"


def install(app: FastAPI, *, development: bool, embed_origins: tuple[str, ...] = ()) -> None:
    """The pages offer the development sign-in only where there is one."""
    chat, desk = (_page(name, development=development) for name in ("index.html", "desk.html"))
    embed = chat.replace("<body ", f'<body data-embed="{" ".join(embed_origins)}" ')
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    async def show_chat() -> HTMLResponse:
        return HTMLResponse(chat)

    @routes.get("/desk")
    async def show_desk() -> HTMLResponse:
        return HTMLResponse(desk)

    @routes.get(EMBED_PAGE)
    async def show_embedded_chat() -> HTMLResponse:
        return HTMLResponse(embed)

    if development:

        @routes.get("/dev/login")
        async def show_login() -> FileResponse:
            return FileResponse(_WEB / "login.html")

    app.include_router(routes)
    app.mount("/web", StaticFiles(directory=_WEB))


def _page(name: str, *, development: bool) -> str:
    page = (_WEB / name).read_text(encoding="utf-8")
    return page.replace('data-sign-in="none"', 'data-sign-in="development"') if development else page

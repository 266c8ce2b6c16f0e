"""The desk's WebSocket: who opened it proves themselves in the first frame, then hears what happens.

Frames name things by id, and the page reads them with its own authority. After `ready` nothing is missed, so a page
that reads the queue and its open case then has the whole picture, however long it was away.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException, WebSocket, WebSocketDisconnect
from pydantic import Field, ValidationError

from agent.desk.hub import News
from agent.errors import Forbidden
from agent.interface import DeskLike
from api.auth.errors import SignInRefused, SignInUnavailable
from api.auth.sign_in import SignIn
from api.limits import Limits, address_of
from api.routes.speaking import platform_of
from api.routes.words import Body
from tools.context import Speaker

router = APIRouter()
FIRST_FRAME = 5.0  # seconds
SESSION = 900.0  # seconds, after which the page connects again and shows its token again
_POPS_EVERY = 1.0  # seconds; pops may be written by another process
# Close codes of our own (RFC 6455, section 7.4.2: 4000 to 4999)
REFUSED, TOO_LATE, AGAIN = 4401, 4408, 4409


class Hello(Body):
    """after: the number of the last screen pop that this page has shown."""

    token: str = Field(min_length=1, max_length=10_000)
    after: int = Field(default=0, ge=0)


@router.websocket("/v1/desk")
async def hear(socket: WebSocket) -> None:
    if not _from_our_pages(socket):
        await socket.close(REFUSED)
        return
    await socket.accept()
    with suppress(WebSocketDisconnect):
        try:
            async with asyncio.timeout(FIRST_FRAME):
                hello = Hello.model_validate_json(await socket.receive_text())
        except TimeoutError:
            await socket.close(TOO_LATE, "Say who you are within five seconds.")
            return
        except (ValidationError, KeyError):
            await socket.close(REFUSED, "The first frame is {token, after}.")
            return
        await _serve(socket, hello)


async def _serve(socket: WebSocket, hello: Hello) -> None:
    sign_in: SignIn = socket.app.state.sign_in
    limits: Limits = socket.app.state.limits
    platform = await platform_of(socket)
    address = address_of(socket)
    try:
        await limits.check_address(platform.rates, address)
        speaker = await sign_in.speaker(f"Bearer {hello.token}", address)
        desk = platform.desk
        await desk.pops(speaker, hello.after)
    except (SignInRefused, Forbidden) as error:
        await socket.close(REFUSED, str(error)[:120])
        return
    except (SignInUnavailable, HTTPException):
        await socket.close(AGAIN, "Please try again in a minute.")
        return
    with desk.hub.listening(str(speaker.subject)) as queue:
        await socket.send_json({"type": "ready"})
        await _first_of(
            _tell(socket, queue),
            _watch_calls(desk, speaker, hello.after, queue),
            _until_gone(socket),
            socket.app.state.stopping.wait(),
            asyncio.sleep(SESSION),
        )
    with suppress(RuntimeError):  # it is closed already
        await socket.close(AGAIN, "Connect again.")


async def _tell(socket: WebSocket, queue: "asyncio.Queue[News]") -> None:
    while True:
        news = await queue.get()
        await socket.send_json({"type": news.kind, **news.data})


async def _watch_calls(desk: DeskLike, speaker: Speaker, after: int, queue: "asyncio.Queue[News]") -> None:
    while True:
        for pop in await desk.pops(speaker, after):
            after = pop.id
            await queue.put(News(kind="screen_pop", data=pop.model_dump(mode="json")))
        await asyncio.sleep(_POPS_EVERY)


async def _until_gone(socket: WebSocket) -> None:
    while True:
        if (await socket.receive())["type"] == "websocket.disconnect":
            return


async def _first_of(*parts: Coroutine[Any, Any, object]) -> None:
    """Ends all when one has ended; what one raised is raised."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    for task in done:
        task.result()


def _from_our_pages(socket: WebSocket) -> bool:
    """A browser names the page's origin; a page from elsewhere gets nothing. The token is the proof, not this."""
    origin = socket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == socket.headers.get("host")

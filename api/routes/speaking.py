"""Who is speaking, for every route that asks."""

import asyncio
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from starlette.requests import HTTPConnection

from api.auth.sign_in import SignIn
from api.limits import Limits, address_of
from api.platform import Platform
from tools.context import Speaker

_PATIENCE = 90.0  # seconds; the first start of a home makes its airline and its indexes


async def platform_of(request: HTTPConnection) -> Platform:
    """While it is still being built, requests wait a while."""
    held: Platform | asyncio.Future[Platform] = request.app.state.platform
    if not isinstance(held, asyncio.Future):
        return held
    await asyncio.wait([held], timeout=_PATIENCE)
    if not held.done() or held.cancelled():
        raise HTTPException(503, "Concierge is still starting. Please try again in a minute.")
    return held.result()


PlatformOf = Annotated[Platform, Depends(platform_of)]


async def _speaker(request: Request, platform: PlatformOf) -> Speaker:
    sign_in: SignIn = request.app.state.sign_in
    limits: Limits = request.app.state.limits
    address = address_of(request)
    await limits.check_address(platform.rates, address)
    headers = request.headers.getlist("authorization")
    if len(headers) > 1:
        raise HTTPException(401, "Send one Authorization header.", {"WWW-Authenticate": "Bearer"})
    speaker = await sign_in.speaker(headers[0] if headers else None, address)
    await limits.check_speaker(platform.rates, speaker, _spoken_in(request))
    return speaker


def _spoken_in(request: Request) -> str | None:
    """The conversation that a message is sent to."""
    name: str | None = request.path_params.get("conversation_id")
    return name if request.method == "POST" and request.url.path.endswith("/messages") else None


Speaking = Annotated[Speaker, Depends(_speaker)]


def _signed_in(speaker: Speaking) -> Speaker:
    if speaker.kind == "anonymous":
        raise HTTPException(401, "Please sign in first.", {"WWW-Authenticate": "Bearer"})
    return speaker


SignedIn = Annotated[Speaker, Depends(_signed_in)]

"""A customer's cancellation told in a process that kills itself at a named point: `python -m tests.kill.story`."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.bootstrap import Overrides, Platform, build
from agent.interface import Message
from agent.models import Rung
from agent.settings import Settings
from tests.agent.scripted import ScriptedModel
from tests.agent.talk import customer
from tools.sandbox.people import ADA

MESSAGE_KEY = "the-message"


@dataclass(frozen=True, kw_only=True)
class Point:
    """Where to die: before or after a method of an object that the platform holds."""

    name: str
    holder: str
    method: str
    after: bool


def _around(holder: str, method: str) -> tuple[Point, Point]:
    name = f"{holder}.{method}"
    return (
        Point(name=f"before {name}", holder=holder, method=method, after=False),
        Point(name=f"after {name}", holder=holder, method=method, after=True),
    )


POINTS = {
    point.name: point
    for pair in (
        _around("stores.conversations", "accept"),
        _around("stores.conversations", "transcript"),
        _around("stores.turns", "end"),
        _around("stores.proposals", "take"),
        _around("stores.proposals", "begin_step"),
        _around("services.booking", "cancel"),
        _around("stores.proposals", "finish_step"),
        _around("stores.proposals", "settle"),
    )
    for point in pair
}


def settings(home: Path, database_url: str) -> Settings:
    return Settings(home=home, sandbox_size="demo", database_url=database_url or None)


def overrides() -> Overrides:
    script: list[object] = [[("list_bookings", {})], [("cancel_booking", {"record_locator": ADA.locator})]]
    return Overrides(rungs=(Rung(name="scripted", model=ScriptedModel(script=script)),))


async def tell(home: Path, database_url: str, point: Point) -> None:
    async with build(settings(home, database_url), overrides()) as platform:
        arm(platform, point)
        speaker = customer(ADA)
        opened = await platform.concierge.open(speaker)
        (home / "conversation").write_text(opened.id)
        message = Message(conversation_id=opened.id, text="please cancel my booking", idempotency_key=MESSAGE_KEY)
        answer = await (await platform.concierge.handle(message, speaker)).answer()
        await platform.concierge.confirm(answer.proposals[0].id, speaker)


def arm(platform: Platform, point: Point) -> None:
    holder: Any = platform
    for part in point.holder.split("."):
        holder = getattr(holder, part)
    object.__setattr__(holder, point.method, _deadly(getattr(holder, point.method), after=point.after))


def _deadly(method: Callable[..., Awaitable[object]], *, after: bool) -> Callable[..., Awaitable[object]]:
    async def die(*args: object, **kwargs: object) -> object:
        if after:
            await method(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)
        return None

    return die


if __name__ == "__main__":
    asyncio.run(tell(Path(sys.argv[1]), sys.argv[3], POINTS[sys.argv[2]]))

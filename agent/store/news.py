"""What one process tells the others over PostgreSQL's LISTEN and NOTIFY: that a conversation has grown, and desk news.

A notice carries ids only. One that is lost with a connection is made up for: whoever listens is told that anything may
have happened, and reads again. SQLite serves one process, which has nobody to tell.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import text

from agent.store.database import Database
from agent.store.patience import try_again
from agent.store.transient import is_transient

CHANNEL = "concierge"
_PING_SECONDS = 10.0
_AGAIN_SECONDS = 0.5
_log = logging.getLogger("concierge.news")
Notice = Mapping[str, Any]


class Channel:
    def __init__(self, database: Database, *, heard: Callable[[Notice], None], missed: Callable[[], None]) -> None:
        """heard: each notice, this process's own too. missed: some may have been lost."""
        self._database = database
        self._heard = heard
        self._missed = missed
        self._telling: set[asyncio.Task[None]] = set()

    def tell(self, notice: Notice) -> None:
        """Soon, in the background; nobody waits for it."""
        task = asyncio.create_task(self._tell(json.dumps(notice, separators=(",", ":"))))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def listen(self) -> None:
        """Until cancelled; a lost connection is made anew."""
        while True:
            try:
                await self._listen()
            except Exception as error:
                if not is_transient(error):
                    raise
                _log.warning("listening interrupted", extra={"fault": type(error).__name__})
            await asyncio.sleep(_AGAIN_SECONDS)

    async def close(self) -> None:
        if self._telling:
            await asyncio.wait(self._telling, timeout=2)

    async def _listen(self) -> None:
        connection = await self._database.hold()
        try:
            raw: Any = (await connection.get_raw_connection()).driver_connection
            lost = asyncio.Event()
            raw.add_termination_listener(lambda _: lost.set())
            await raw.add_listener(CHANNEL, self._hear)
            self._missed()
            while not lost.is_set():
                try:
                    async with asyncio.timeout(_PING_SECONDS):
                        await lost.wait()
                except TimeoutError:
                    async with asyncio.timeout(_PING_SECONDS):
                        await raw.execute("select 1")
        finally:
            await connection.invalidate()  # a connection that listens must not go back among the others
            await connection.close()

    def _hear(self, connection: object, pid: int, channel: str, payload: object) -> None:
        self._heard(json.loads(str(payload)))

    async def _tell(self, payload: str) -> None:
        try:
            await try_again(lambda: self._notify(payload))
        except Exception:  # noqa: BLE001 whoever listens looks again by itself
            _log.exception("a notice was not told")

    async def _notify(self, payload: str) -> None:
        async with self._database.reading() as connection:
            await connection.execute(text("select pg_notify(:channel, :payload)"), _named(payload))


def _named(payload: str) -> dict[str, str]:
    return {"channel": CHANNEL, "payload": payload}

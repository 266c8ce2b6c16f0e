"""What has to be done again and again: finish what a crash or a lost answer left, and seal the audit."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from agent.store.stores import Stores
from agent.turn import Concierge

EVERY_SECONDS = 60.0
AT_WORK = timedelta(seconds=45)
"""A confirmation younger than this may still be at work."""
_log = logging.getLogger("concierge.housekeeping")


class Housekeeping:
    """One round at start, then one a minute. A round that fails is logged and the next one comes."""

    def __init__(
        self,
        *,
        concierge: Concierge,
        stores: Stores,
        clock: Callable[[], datetime],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._concierge = concierge
        self._stores = stores
        self._clock = clock
        self._pause = pause

    async def once(self) -> None:
        await self._concierge.reconcile(idle=AT_WORK)
        root = await self._stores.audit.seal(self._clock())
        if root is not None:
            _log.info("audit sealed", extra={"root": root})

    async def forever(self) -> None:
        while True:
            await self._pause(EVERY_SECONDS)
            try:
                await self.once()
            except Exception:  # noqa: BLE001 the next round must come
                _log.exception("housekeeping failed")

"""What has to be done again and again: show that this process lives, take over from dead ones, finish what a crash or a
lost answer left, seal the audit, forget what is old."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from agent.store.processes import BEAT_SECONDS
from agent.store.stores import Stores
from agent.turn import Concierge

BEATS_A_ROUND = 12
AT_WORK = timedelta(seconds=45)
"""A confirmation younger than this may still be at work."""
_LEASE = timedelta(seconds=BEAT_SECONDS * BEATS_A_ROUND * 2)
_log = logging.getLogger("concierge.housekeeping")

Chore = Callable[[], Awaitable[None]]


class Housekeeping:
    """A beat every few seconds, a round a minute. What fails is logged and comes again.

    chores: what one process does for all of them, once a round.
    """

    def __init__(
        self,
        *,
        concierge: Concierge,
        stores: Stores,
        clock: Callable[[], datetime],
        chores: Sequence[Chore] = (),
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._concierge = concierge
        self._stores = stores
        self._clock = clock
        self._chores = (self._seal, stores.processes.forget_dead, *chores)
        self._pause = pause

    async def start(self) -> None:
        await self._stores.processes.beat()
        await self._concierge.resume(idle=AT_WORK)
        await self.once()

    async def beat(self) -> None:
        await self._stores.processes.beat()
        await self._concierge.take_over()

    async def once(self) -> None:
        await self._concierge.reconcile(idle=AT_WORK)
        leases, me = self._stores.leases, self._stores.processes.me.id
        if await leases.take("housekeeping", me, now=self._clock(), length=_LEASE):
            for chore in self._chores:
                await chore()

    async def forever(self) -> None:
        while True:
            for _ in range(BEATS_A_ROUND):
                await self._pause(BEAT_SECONDS)
                await self._try(self.beat)
            await self._try(self.once)

    async def stop(self) -> None:
        """This process's last word, after its turns have ended."""
        await self._try(self._leave)

    async def _leave(self) -> None:
        await self._stores.leases.give_back("housekeeping", self._stores.processes.me.id)
        await self._stores.processes.leave()

    async def _try(self, work: Chore) -> None:
        try:
            await work()
        except Exception:  # noqa: BLE001 the next round must come
            _log.exception("housekeeping failed")

    async def _seal(self) -> None:
        root = await self._stores.audit.seal(self._clock())
        if root is not None:
            _log.info("audit sealed", extra={"root": root})

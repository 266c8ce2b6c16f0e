"""Alive at once, ready when built: the heavy half of a start happens while the server already answers."""

import asyncio
import gc
from contextlib import suppress

from agent.settings import Settings
from api.platform import Platform


class Building:
    """Imports and builds the platform in a task of its own, and takes it down when told to stop.

    `platform` comes when it is ready, or raises what the build raised.
    """

    def __init__(self, settings: Settings) -> None:
        self.platform: asyncio.Future[Platform] = asyncio.get_running_loop().create_future()
        self._stop = asyncio.Event()
        self.task = asyncio.create_task(self._hold(settings))
        self.task.add_done_callback(self._give_up)

    async def _hold(self, settings: Settings) -> None:
        await asyncio.to_thread(_import_bootstrap)
        from agent.bootstrap import build  # noqa: PLC0415 - takes seconds: never before the server listens

        async with build(settings) as platform:
            _set_aside()
            self.platform.set_result(platform)
            await self._stop.wait()

    def _give_up(self, task: asyncio.Task[None]) -> None:
        fault = None if task.cancelled() else task.exception()
        if fault is not None and not self.platform.done():
            self.platform.set_exception(fault)
            self.platform.exception()  # it is raised by stop(), also when nobody waited
        self.platform.cancel()

    async def stop(self) -> None:
        """Running turns end first; a platform that is still being built is given up. Raises what the build raised."""
        self._stop.set()
        if not self.platform.done():
            self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task


def _set_aside() -> None:
    """What was built stays: the collector need not walk half a million objects again during every few turns."""
    gc.collect()
    gc.freeze()


def _import_bootstrap() -> None:
    import agent.bootstrap  # noqa: F401, PLC0415 - see _hold

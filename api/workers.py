"""Several server processes over one socket: started one after the first, started again when one dies, stopped together.

The first worker makes the schema, the keys and the indexes; the others find them. A worker whose supervisor is gone
stops by itself.
"""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

READY = b"ready\n"
_AGAIN_AFTER = (0.2, 1.0, 5.0, 15.0)
"""Seconds before a worker is started again, after one and more that died young."""
_YOUNG_SECONDS = 30.0
_Process = asyncio.subprocess.Process


class Workers:
    def __init__(self, listener: socket.socket, environment: Mapping[str, str], *, say: Callable[[str], None]) -> None:
        self._listener = listener
        self._environment = {**os.environ, **environment}
        self._say = say
        self._stopping = asyncio.Event()
        self._processes: set[_Process] = set()

    async def run(self, number: int, on_ready: Callable[[], None]) -> int:
        """Until a signal; -> the exit code: that of the first worker when it cannot even start."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, self._stop)
        first = await self._start()
        if not await self._becomes_ready(first):
            return await first.wait()
        on_ready()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep(first))
            for _ in range(number - 1):
                group.create_task(self._keep(await self._start()))
        return 0

    def _stop(self) -> None:
        self._stopping.set()
        for process in self._processes:
            with suppress(ProcessLookupError):
                process.terminate()

    async def _start(self) -> _Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "api.worker_cli",
            str(self._listener.fileno()),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=self._environment,
            pass_fds=[self._listener.fileno()],
        )
        self._processes.add(process)
        return process

    async def _becomes_ready(self, process: _Process) -> bool:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        return await process.stdout.readline() == READY

    async def _keep(self, process: _Process) -> None:
        """One place among the workers: somebody always stands in it."""
        deaths = 0
        while True:
            began = time.monotonic()
            await process.wait()
            self._processes.discard(process)
            if self._stopping.is_set():
                return
            deaths = 0 if time.monotonic() - began > _YOUNG_SECONDS else deaths + 1
            self._say(f"A worker ended ({process.returncode}); another one takes its place.")
            with suppress(TimeoutError):
                async with asyncio.timeout(_AGAIN_AFTER[min(deaths, len(_AGAIN_AFTER)) - 1] if deaths else 0.0):
                    await self._stopping.wait()
            if self._stopping.is_set():
                return
            process = await self._start()

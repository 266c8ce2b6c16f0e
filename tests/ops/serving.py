"""`concierge serve` in a process of its own, with settings by name."""

import asyncio
import os
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Serving:
    address: str
    output: Path
    """What it wrote to stdout and stderr."""


@asynccontextmanager
async def serving(home: Path, *arguments: str, **settings: str) -> AsyncIterator[Serving]:
    """Ends it with SIGTERM and expects it to stop well."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    given = {f"CONCIERGE_{name.upper()}": value for name, value in settings.items()}
    environment = {**os.environ, "CONCIERGE_HOME": str(home), "CONCIERGE_SANDBOX_SIZE": "demo", **given}
    arguments = ("concierge", "serve", "--port", str(port), *arguments)
    code = f"import sys; sys.argv = {list(arguments)!r}; from api.cli import main; main()"
    written = home.with_suffix(".log")
    with written.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, cwd=ROOT, env=environment, stdout=output, stderr=output
        )
        try:
            yield Serving(f"http://127.0.0.1:{port}", written)
        finally:
            process.terminate()
            assert await process.wait() == 0


async def ready(http: httpx.AsyncClient) -> None:
    """A fresh home makes its airline and its indexes first."""
    until = time.monotonic() + 300
    while time.monotonic() < until:
        await asyncio.sleep(0.2)
        with suppress(httpx.TransportError):
            if (await http.get("/readyz")).status_code == 200:
                return
    raise AssertionError("not ready in time")

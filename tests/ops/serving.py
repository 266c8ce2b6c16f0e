"""`concierge serve` in a process of its own, with settings by name."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

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

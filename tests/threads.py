"""Servers with an event loop of their own, for tests that are not async or that outlive one loop."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager

import uvicorn
from starlette.types import ASGIApp


@contextmanager
def served_in_thread(make: Callable[[str], AbstractAsyncContextManager[ASGIApp]]) -> Iterator[str]:
    """make: the server's address -> the application, built and taken down in the server's loop."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        started = threading.Event()
        running: list[uvicorn.Server] = []

        async def serve() -> None:
            async with make(address) as app:
                server = uvicorn.Server(uvicorn.Config(app, log_config=None, server_header=False, lifespan="off"))
                running.append(server)
                started.set()
                await server.serve([listener])

        def run() -> None:
            try:
                asyncio.run(serve())
            finally:
                started.set()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        started.wait()
        yield address
        for server in running:
            server.should_exit = True
        thread.join()

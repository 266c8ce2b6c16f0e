"""One server process: a socket taken before anything slow happens, and a stop that lets running turns end."""

import asyncio
import errno
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_CONNECTIONS = 4000
_LARGEST_HEAD = 16 * 1024  # bytes of a request's line and headers; an access token has 8 KB at most
_HEAD_SECONDS = 20
_GRACE = 25  # seconds in which answers under way are finished; streams that follow a conversation end at once


def take_port(host: str, port: int) -> socket.socket:
    """Raises typer.Exit after one readable line when the address cannot be had."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        reasons = {
            errno.EADDRINUSE: f"Port {port} on {host} is taken. Stop what runs there, or choose another with --port.",
            errno.EACCES: f"Port {port} needs more rights than this user has. Choose one above 1023 with --port.",
        }
        reason = reasons.get(error.errno or 0, f"Cannot listen on {host}, port {port}: {error.strerror or error}.")
        typer.secho(f"concierge: {reason}", err=True, fg="red")
        raise typer.Exit(1) from None
    # inherited by every connection; without it a second answer waits 40 ms for an acknowledgement
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def address_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Bounded(HttpToolsProtocol):
    """Closes a connection whose first line and headers are too long or take too long to arrive."""

    _head = 0
    _reading_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.loop.call_later(_HEAD_SECONDS, self._expect_head)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._head = self._head + len(data) if self._reading_head else 0
        if self._head > _LARGEST_HEAD:
            self.transport.close()

    def on_message_begin(self) -> None:
        self._reading_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._reading_head = False
        super().on_headers_complete()

    def _expect_head(self) -> None:
        if self._reading_head and not self.transport.is_closing():
            self.transport.close()


class Server(uvicorn.Server):
    """Serves until SIGINT or SIGTERM, then returns: its owner has more to close."""

    def __init__(
        self, app: ASGIApp, *, on_ready: Callable[[], None] = lambda: None, on_stop: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                server_header=False,
                access_log=False,
                proxy_headers=False,
                limit_concurrency=_CONNECTIONS,
                http=Bounded,
                timeout_graceful_shutdown=_GRACE,
            )
        )
        self._on_ready = on_ready
        self._on_stop = on_stop

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Streams that would go on for ever are told to end."""
        self._on_stop()
        await super().shutdown(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """uvicorn raises the signal again at the end, which would end the process before stores are closed."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

"""A look-alike of Azure Event Hubs for the real client: AMQP 1.0 with `$cbs`, `$management`, hubs and partitions.

It runs on a thread of its own, so that a test on the event loop and a client in another process can both use it.
`python -m tests.broker` runs it alone.
"""

import asyncio
import base64
import hashlib
import hmac
import ssl
import threading
import time
import urllib.parse
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from tests.broker.codec import DATA, Described, decode, encode, sections
from tests.broker.connection import Connection
from tests.broker.faults import Faults
from tests.broker.links import Egress
from tests.broker.log import Hub

T = TypeVar("T")
KEY_NAME, KEY = "test", "c2VjcmV0"
_HOST = "127.0.0.1"


class Broker:
    """The state that outlives restarts, and the server while it runs. Every method but the public ones of the thread
    that owns it is called on its event loop."""

    def __init__(self, hubs: Iterable[Hub], *, key: str | None = KEY, tls: ssl.SSLContext | None = None) -> None:
        self.connections: set[Connection] = set()
        self.faults = Faults()
        self.port = 0
        self._hubs = {hub.name.lower(): hub for hub in hubs}
        self._key = key
        self._tls = tls
        self._server: asyncio.Server | None = None

    def hub(self, name: str) -> Hub | None:
        return self._hubs.get(name.lower())

    def add(self, hub: Hub) -> None:
        self._hubs[hub.name.lower()] = hub

    async def start(self, port: int = 0) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Connection(self), _HOST, port or self.port, ssl=self._tls, reuse_address=True
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """As a crash looks to the clients: every connection breaks, what was stored stays."""
        if self._server:
            self._server.close()
        self.drop_connections()

    async def restart(self, after: float = 0.0) -> None:
        await self.stop()
        await asyncio.sleep(after)
        await self.start()

    def close_logs(self) -> None:
        for hub in self._hubs.values():
            hub.close()

    def drop_connections(self) -> None:
        for connection in list(self.connections):
            connection.abort()

    def steal(self, hub: str, partition: str) -> None:
        """Takes a partition away from whoever reads it, as a newer receiver of the same epoch would."""
        for reader in list(self._hubs[hub.lower()].partitions[partition].readers):
            if isinstance(reader, Egress):
                reader.detach("amqp:link:stolen", "The receiver was disconnected by a newer one.")
                reader.session.connection.flush()

    def append(self, hub: str, partition: str, body: bytes, key: str | None = None) -> None:
        """Puts a message where another sender might have put it, whatever is in it."""
        log = self._hubs[hub.lower()].partitions[partition]
        log.append(encode(Described(DATA, body)), key)
        for reader in list(log.readers):
            reader.pump()

    def refuses(self, token: str) -> str | None:
        """Why a shared access signature is refused; None when it is good."""
        if self.faults.refuse_token():
            return "InvalidSignature: The token was refused on purpose."
        if self._key is None or not token.startswith("SharedAccessSignature "):
            return None if self._key is None else "MalformedToken: No shared access signature."
        said = dict(part.split("=", 1) for part in token.split(" ", 1)[1].split("&"))
        if int(said["se"]) < time.time():
            return "ExpiredToken: The token has expired."
        signed = hmac.new(self._key.encode(), f"{said['sr']}\n{said['se']}".encode(), hashlib.sha256).digest()
        good = hmac.compare_digest(urllib.parse.unquote(said["sig"]), base64.b64encode(signed).decode())
        return None if good else "InvalidSignature: The token has an invalid signature."


class RunningBroker:
    """A broker on its own thread, spoken to from any other."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="test broker", daemon=True)
        self._thread.start()
        self._await(broker.start())

    @property
    def port(self) -> int:
        return self._broker.port

    @property
    def faults(self) -> Faults:
        return self._broker.faults

    def connection_string(self, hub: str, key: str = KEY) -> str:
        signed = f"SharedAccessKeyName={KEY_NAME};SharedAccessKey={key};EntityPath={hub}"
        return f"Endpoint=sb://{_HOST}:{self.port}/;{signed};UseDevelopmentEmulator=true"

    def add(self, hub: Hub) -> str:
        """-> the connection string of a hub of one's own."""
        self._broker.add(hub)
        return self.connection_string(hub.name)

    def bodies(self, hub: str) -> list[list[bytes]]:
        """What each partition holds, in its order."""
        return [
            [_body(stored.message) for stored in partition.events] for partition in self._hub(hub).partitions.values()
        ]

    def count(self, hub: str) -> int:
        """Events stored in all partitions."""
        return sum(len(partition.events) for partition in self._hub(hub).partitions.values())

    def readers(self, hub: str) -> int:
        """Partitions that somebody reads."""
        return sum(bool(partition.readers) for partition in self._hub(hub).partitions.values())

    def append(self, hub: str, partition: str, body: bytes, key: str | None = None) -> None:
        self._call(lambda: self._broker.append(hub, partition, body, key))

    def append_many(self, hub: str, bodies: Iterable[tuple[bytes, str]]) -> None:
        """Bodies with their keys, each to the partition of its key."""
        found = self._hub(hub)
        placed = [(found.partition_for(key).id, body, key) for body, key in bodies]

        def append_all() -> None:
            for partition, body, key in placed:
                self._broker.append(hub, partition, body, key)

        self._call(append_all)

    def restart(self, after: float = 0.0) -> None:
        self._await(self._broker.restart(after))

    def drop_connections(self) -> None:
        self._call(self._broker.drop_connections)

    def steal(self, hub: str, partition: str) -> None:
        self._call(lambda: self._broker.steal(hub, partition))

    def stop(self) -> None:
        self._await(self._broker.stop())
        self._broker.close_logs()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()

    def _hub(self, name: str) -> Hub:
        found = self._broker.hub(name)
        if found is None:
            raise LookupError(f"no hub {name}")
        return found

    def _await(self, work: Coroutine[None, None, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    def _call(self, work: Callable[[], T]) -> T:
        async def run() -> T:
            return work()

        return self._await(run())


def _body(message: bytes) -> bytes:
    data = next(decode(message, part.value)[0] for part in sections(message) if part.code == DATA)
    return data if isinstance(data, bytes) else b""


@contextmanager
def running_broker(*hubs: Hub, key: str | None = KEY, tls: ssl.SSLContext | None = None) -> Iterator[RunningBroker]:
    running = RunningBroker(Broker(hubs, key=key, tls=tls))
    try:
        yield running
    finally:
        running.stop()


def hubs_of(names: Iterable[str], folder: Path | None = None) -> list[Hub]:
    """`name:partitions`, kept in the folder."""
    split = (name.partition(":") for name in names)
    return [Hub(name, int(count or 4), folder=folder) for name, _, count in split]

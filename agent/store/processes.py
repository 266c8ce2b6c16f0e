"""Which processes of Concierge live, so that a dead one's work is taken over and a living one's is left alone.

A process is known to live by its heartbeat; on its own host also by its pid and the time it started, so that a restart
takes over at once what the process before it left.
"""

import os
import socket
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, func, insert, select, update

from agent.store.database import Database
from agent.store.patience import patient
from agent.store.tables import processes

BEAT_SECONDS = 5.0
SILENCE = timedelta(seconds=20)
"""Without a heartbeat for this long, a process is taken for dead."""
_FORGOTTEN = timedelta(hours=1)


def _host() -> str:
    """A host's name and its boot: containers and machines that share a name are told apart as well as they can be."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    return f"{socket.gethostname()}:{boot.read_text().strip() if boot.exists() else ''}"


def _started(pid: int) -> str:
    """Clock ticks since boot at which it started; '' when it does not run. Without /proc only whether it runs."""
    if not Path("/proc/self/stat").exists():
        return "running" if _runs(pid) else ""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in {"Z", "X"} else fields[19]


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@dataclass(frozen=True, kw_only=True)
class Process:
    """This process. started: what tells it from another one with the same pid."""

    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    host: str = field(default_factory=_host)
    pid: int = field(default_factory=os.getpid)
    started: str = field(default_factory=lambda: _started(os.getpid()))


@patient
class Processes:
    def __init__(self, database: Database, me: Process) -> None:
        self._database = database
        self.me = me

    async def beat(self) -> None:
        """By the database's own clock, so that hosts need not agree on the time."""
        mine = processes.c.id == self.me.id
        async with self._database.writing() as connection:
            known = await connection.execute(update(processes).where(mine).values(seen_at=func.now()))
            if not known.rowcount:
                await connection.execute(insert(processes).values(**vars(self.me), seen_at=func.now()))

    async def leave(self) -> None:
        async with self._database.writing() as connection:
            await connection.execute(delete(processes).where(processes.c.id == self.me.id))

    async def living(self) -> tuple[str, ...]:
        """The ids of all that live, this one among them."""
        asked = select(processes, func.now().label("now"))
        async with self._database.reading() as connection:
            rows = [row._asdict() for row in await connection.execute(asked)]
        return (self.me.id, *(str(row["id"]) for row in rows if self._lives(row) and row["id"] != self.me.id))

    async def forget_dead(self) -> None:
        async with self._database.writing() as connection:
            now: datetime = (await connection.execute(select(func.now()))).scalar_one()
            await connection.execute(delete(processes).where(processes.c.seen_at < now - _FORGOTTEN))

    def _lives(self, row: dict[str, object]) -> bool:
        if row["host"] == self.me.host and _started(int(str(row["pid"]))) != row["started"]:
            return False
        now, seen = row["now"], row["seen_at"]
        assert isinstance(now, datetime)  # noqa: S101 - the database's clock
        assert isinstance(seen, datetime)  # noqa: S101 - a column of moments
        return now.replace(tzinfo=None) - seen.replace(tzinfo=None) < SILENCE

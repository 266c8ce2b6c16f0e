"""Relay and consumer with the real client over its real protocol."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from agent.events.address import HubAddress
from agent.events.consumer import Consumer
from agent.events.hub import producer_for
from agent.events.intake import Intake
from agent.events.metrics import EventMetrics
from agent.events.relay import Relay
from agent.events.replaying import Replaying
from agent.events.routing import partition_of
from agent.events.sending import HubChannel, HubSender
from agent.events.status import gauges, status_of
from agent.store.checkpoints import Checkpoints, Stream
from agent.store.database import Database
from agent.store.dead_letters import DeadLetters
from agent.store.event_tables import inbox
from agent.store.ledger import add_event_out
from agent.store.outbox_rows import OutboxRows
from tests.agent.events.conftest import MakeEvent
from tests.broker.broker import RunningBroker
from tests.broker.conftest import CLIENT_LEAKS, broker, hub, leftovers
from tests.conftest import Clock
from tools.domain.outcomes import Event

__all__ = ["broker", "hub", "leftovers"]
pytestmark = CLIENT_LEAKS


def wall_clock() -> datetime:
    """The client measures the age of an ownership by the machine's own clock."""
    return datetime.now(UTC)


@pytest.fixture
def address(broker: RunningBroker, hub: str) -> HubAddress:
    return HubAddress(
        hub=hub, connection_string=broker.connection_string(hub), balancing_seconds=0.5, ownership_seconds=2.0
    )


@pytest.fixture
def metrics() -> EventMetrics:
    return EventMetrics()


@pytest.fixture
def relay(sqlite: Database, address: HubAddress, clock: Clock, metrics: EventMetrics) -> Relay:
    return relay_to(sqlite, HubSender(lambda: producer_for(address), metrics=metrics, seconds=8), clock, metrics)


def relay_to(database: Database, sender: HubSender, clock: Clock, metrics: EventMetrics) -> Relay:
    channel = HubChannel(sender=sender, database=database, clock=clock, metrics=metrics)
    return Relay(database=database, channel=channel, own_source="/concierge", clock=clock, metrics=metrics)


async def tell(database: Database, *numbers: int, key: str = "C000001", size: int = 0) -> None:
    async with database.writing() as connection:
        for number in numbers:
            data = {"number": number, "filler": "x" * size}
            await add_event_out(connection, Event(key=key, type="consent.changed", data=data), wall_clock())


def numbers_in(broker: RunningBroker, hub: str, partition: int) -> list[int]:
    return [json.loads(body)["data"]["number"] for body in broker.bodies(hub)[partition]]


@asynccontextmanager
async def relaying(relay: Relay) -> AsyncIterator[Relay]:
    yield relay
    await relay._channel.close()


async def test_what_waits_goes_out_as_cloudevents_in_order_for_each_key(
    relay: Relay, sqlite: Database, broker: RunningBroker, hub: str
) -> None:
    for number in range(0, 30, 3):
        await tell(sqlite, number, key="ada")
        await tell(sqlite, number + 1, number + 2, key="ben")
    async with relaying(relay):
        assert await relay.drain() == 30
        assert await relay.drain() == 0
    for key, mine in (("ada", list(range(0, 30, 3))), ("ben", [n for n in range(30) if n % 3])):
        assert [n for n in numbers_in(broker, hub, partition_of(key, 4)) if n in mine] == mine
    body = json.loads(broker.bodies(hub)[partition_of("ada", 4)][0])
    assert (body["specversion"], body["source"], body["type"]) == ("1.0", "/concierge", "consent.changed")
    assert (body["partitionkey"], body["dataschema"]) == ("ada", "/schemas/consent.changed/1")


async def test_throttling_is_waited_out(
    relay: Relay, sqlite: Database, broker: RunningBroker, hub: str, metrics: EventMetrics
) -> None:
    await tell(sqlite, *range(5))
    broker.faults.throttle(4)  # the client swallows some of them
    async with relaying(relay):
        assert await relay.drain() == 5
    assert numbers_in(broker, hub, partition_of("C000001", 4)) == list(range(5))
    assert metrics.counts["send_failures"] >= 2


async def test_a_lost_acknowledgement_doubles_under_the_same_id(
    relay: Relay, sqlite: Database, broker: RunningBroker, hub: str
) -> None:
    await tell(sqlite, 1, 2)
    broker.faults.lost_acknowledgements = 1
    async with relaying(relay):
        assert await relay.drain() == 2
    stored = [json.loads(body)["id"] for body in broker.bodies(hub)[partition_of("C000001", 4)]]
    assert len(stored) == 4
    assert stored[:2] == stored[2:]


async def test_a_send_that_hangs_is_given_up_and_sent_by_a_new_producer(
    sqlite: Database, address: HubAddress, broker: RunningBroker, hub: str, clock: Clock, metrics: EventMetrics
) -> None:
    relay = relay_to(sqlite, HubSender(lambda: producer_for(address), metrics=metrics, seconds=4), clock, metrics)
    async with relaying(relay):
        await tell(sqlite, 1)
        await relay.drain()
        broker.faults.silent = 1
        await tell(sqlite, 1)
        assert await relay.drain() == 1
    assert metrics.counts["send_timeouts"] == 1
    assert set(numbers_in(broker, hub, partition_of("C000001", 4))) == {1}


async def test_a_partition_that_refuses_keeps_its_order_and_holds_up_no_other(
    sqlite: Database, address: HubAddress, broker: RunningBroker, hub: str, clock: Clock, metrics: EventMetrics
) -> None:
    relay = relay_to(
        sqlite, HubSender(lambda: producer_for(address), metrics=metrics, seconds=5, attempts=1), clock, metrics
    )
    first, second = _customer_in(0), _customer_in(1)
    async with relaying(relay):
        await tell(sqlite, 0, key=first)
        await tell(sqlite, 0, key=second)
        await relay.drain()
        await tell(sqlite, 1, 2, key=first)
        await tell(sqlite, 1, key=second)
        broker.faults.throttled.add("0")
        assert await relay.once() == 1
        broker.faults.throttled.clear()
        assert await relay.drain() == 2
    assert numbers_in(broker, hub, partition_of(first, 4)) == [0, 1, 2]
    assert numbers_in(broker, hub, partition_of(second, 4)) == [0, 1]


async def test_what_the_hub_cannot_carry_is_put_aside_and_the_rest_goes_on(
    relay: Relay, sqlite: Database, broker: RunningBroker, hub: str, clock: Clock, metrics: EventMetrics
) -> None:
    await tell(sqlite, 1)
    await tell(sqlite, 2, size=1_100_000)
    await tell(sqlite, 3)
    async with relaying(relay):
        await relay.drain()
        assert numbers_in(broker, hub, partition_of("C000001", 4)) == [1, 3]
        (letter,) = await DeadLetters(sqlite).open()
        assert (letter.origin, letter.reason) == ("out", "oversized")
        intake = Intake(
            database=sqlite, clock=clock, own_source="/concierge", consent_source="/gamma/consent", metrics=metrics
        )
        assert (await Replaying(database=sqlite, intake=intake, clock=clock).replay()).done == (letter.id,)
        assert (await OutboxRows(sqlite).backlog()).waiting == 1


async def test_one_process_relays_and_another_takes_over_when_it_stops(
    relay: Relay, sqlite: Database, address: HubAddress, clock: Clock, metrics: EventMetrics
) -> None:
    other = relay_to(sqlite, HubSender(lambda: producer_for(address), metrics=metrics), clock, metrics)
    async with relaying(relay), relaying(other):
        await tell(sqlite, 1)
        assert await relay.drain() == 1
        await tell(sqlite, 2)
        assert await other.drain() == 0
        clock.pass_by(seconds=16)
        assert await other.drain() == 1


@asynccontextmanager
async def consuming(
    database: Database, address: HubAddress, *, consumers: int = 1
) -> AsyncIterator[list[tuple[asyncio.Task[None], EventMetrics]]]:
    """Consumers as separate processes would be: each with an intake and a store of its own."""
    stop = asyncio.Event()
    running = []
    for _ in range(consumers):
        metrics = EventMetrics()
        intake = Intake(
            database=database,
            clock=wall_clock,
            own_source="/concierge",
            consent_source="/gamma/consent",
            metrics=metrics,
        )
        consumer = Consumer(address=address, database=database, intake=intake, clock=wall_clock, metrics=metrics)
        running.append((asyncio.create_task(consumer.run(stop)), metrics))
    try:
        yield running
    finally:
        stop.set()
        for task, _ in running:
            await asyncio.wait([task])


async def until_taken(database: Database, count: int) -> list[str]:
    """The ids in the inbox, in the order they were accepted, once there are so many."""
    async with asyncio.timeout(25):
        while True:
            async with database.reading() as connection:
                rows = await connection.execute(select(inbox.c.event_id).order_by(inbox.c.number))
                found = [row.event_id for row in rows]
            if len(found) >= count:
                return found
            await asyncio.sleep(0.05)


def put(broker: RunningBroker, hub: str, make_event: MakeEvent, *ids: str, customer: str = "C000001") -> None:
    bodies = []
    for id in ids:
        data = {"customer_id": customer, "purpose": "marketing", "channel": "email", "granted": True}
        event = make_event("consent.changed", data, id=id, source="/gamma/consent")
        bodies.append((event.encoded(), customer))
    broker.append_many(hub, bodies)


async def test_events_are_taken_in_the_order_of_their_partition_and_the_checkpoint_is_ours(
    database: Database, address: HubAddress, broker: RunningBroker, hub: str, make_event: MakeEvent
) -> None:
    ids = [f"e{number:02}" for number in range(20)]
    put(broker, hub, make_event, *ids)
    async with consuming(database, address):
        assert await until_taken(database, 20) == ids
    stream = Stream(namespace=f"127.0.0.1:{broker.port}", hub=hub, consumer_group="$Default")
    (reached,) = await Checkpoints(database).of(stream)
    assert reached.sequence_number == 19
    status = await status_of(database, address=address, clock=wall_clock)
    assert [partition.lag for partition in status.partitions] == [0, 0, 0, 0]
    assert gauges(status, EventMetrics())["lag:0"] == 0


async def test_a_consumer_that_comes_back_goes_on_where_the_last_one_stopped(
    sqlite: Database, address: HubAddress, broker: RunningBroker, hub: str, make_event: MakeEvent
) -> None:
    put(broker, hub, make_event, "a", "b")
    async with consuming(sqlite, address):
        await until_taken(sqlite, 2)
    put(broker, hub, make_event, "c")
    async with consuming(sqlite, address) as running:
        assert await until_taken(sqlite, 3) == ["a", "b", "c"]
    assert running[0][1].counts["received"] == 1


async def test_two_consumers_share_the_partitions_and_one_takes_over_from_the_other(
    database: Database, address: HubAddress, broker: RunningBroker, hub: str, make_event: MakeEvent
) -> None:
    async with consuming(database, address, consumers=2) as ((first, _), (_, survivor)):
        rows, stream = Checkpoints(database), None
        async with asyncio.timeout(25):
            while True:
                stream = Stream(namespace=f"127.0.0.1:{broker.port}", hub=hub, consumer_group="$Default")
                owners = [ownership.owner_id for ownership in await rows.owners(stream)]
                if sorted(owners.count(owner) for owner in set(owners)) == [2, 2]:
                    break
                await asyncio.sleep(0.1)
        first.cancel()  # no farewell: its partitions are free only when its ownership runs out
        for number in range(4):
            put(broker, hub, make_event, *(f"{number}-{n}" for n in range(5)), customer=_customer_in(number))
        assert len(await until_taken(database, 20)) == 20
    assert survivor.counts["received"] >= 20


def _customer_in(partition: int) -> str:
    return next(f"C{n:06}" for n in range(999) if partition_of(f"C{n:06}", 4) == partition)


async def test_a_stolen_partition_is_read_on_by_whoever_gets_it_back(
    sqlite: Database, address: HubAddress, broker: RunningBroker, hub: str, make_event: MakeEvent
) -> None:
    put(broker, hub, make_event, "a")
    async with consuming(sqlite, address):
        await until_taken(sqlite, 1)
        broker.steal(hub, str(partition_of("C000001", 4)))
        put(broker, hub, make_event, "b")
        assert await until_taken(sqlite, 2) == ["a", "b"]


async def test_broken_events_are_put_aside_while_the_rest_flows(
    database: Database, address: HubAddress, broker: RunningBroker, hub: str, make_event: MakeEvent
) -> None:
    where = str(partition_of("C000001", 4))
    broker.append(hub, where, b"{not json")
    broker.append(hub, where, b"y" * 300_000)
    broker.append(hub, where, make_event("weather.changed", {}).encoded())
    put(broker, hub, make_event, "good")
    async with consuming(database, address):
        await until_taken(database, 1)
    assert await DeadLetters(database).counts() == {"malformed": 1, "oversized": 1, "unknown": 1}


async def test_a_restart_of_the_hub_in_mid_stream_loses_and_doubles_nothing(
    sqlite: Database, address: HubAddress, broker: RunningBroker, hub: str, make_event: MakeEvent
) -> None:
    async with consuming(sqlite, address):
        put(broker, hub, make_event, "a", "b")
        await until_taken(sqlite, 2)
        await asyncio.to_thread(broker.restart, 0.3)
        put(broker, hub, make_event, "c", "a")
        assert await until_taken(sqlite, 3) == ["a", "b", "c"]


async def test_an_old_event_of_the_outbox_shows_in_the_status(sqlite: Database, clock: Clock) -> None:
    await tell(sqlite, 1)
    at = wall_clock() + timedelta(minutes=5)
    status = await status_of(sqlite, address=None, clock=lambda: at)
    assert status.outbox_waiting == 1
    assert 299 < status.outbox_age_seconds < 330

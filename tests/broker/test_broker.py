"""The broker as the real client meets it: what works, and each fault it can be told to make."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from azure.eventhub import EventData, TransportType
from azure.eventhub.aio import EventHubConsumerClient, EventHubProducerClient, PartitionContext
from azure.eventhub.exceptions import AuthenticationError, EventDataSendError, EventHubError

from agent.events.routing import partition_of
from tests.broker.broker import RunningBroker, running_broker
from tests.broker.conftest import CLIENT_LEAKS
from tests.broker.log import Hub
from tests.broker.tls import loopback_certificate

pytestmark = CLIENT_LEAKS


def producer_for(broker: RunningBroker, hub: str, *, retries: int = 8) -> EventHubProducerClient:
    return EventHubProducerClient.from_connection_string(
        broker.connection_string(hub), retry_total=retries, retry_backoff_factor=0.1, retry_backoff_max=1
    )


class Received:
    """What a consumer was handed, partition by partition."""

    def __init__(self) -> None:
        self.events: list[tuple[str, EventData]] = []
        self._changed = asyncio.Event()

    async def take(self, partition: PartitionContext, events: list[EventData]) -> None:
        self.events += [(partition.partition_id, event) for event in events]
        self._changed.set()

    async def until(self, count: int) -> list[str]:
        async with asyncio.timeout(20):
            while len(self.events) < count:
                self._changed.clear()
                await self._changed.wait()
        return [event.body_as_str() for _, event in self.events]


@asynccontextmanager
async def receiving(
    broker: RunningBroker, hub: str, *, position: str | int = "-1", inclusive: bool = False, group: str = "$Default"
) -> AsyncIterator[Received]:
    client = EventHubConsumerClient.from_connection_string(
        broker.connection_string(hub),
        consumer_group=group,
        retry_total=8,
        retry_backoff_factor=0.1,
        retry_backoff_max=1,
    )
    received = Received()
    task = asyncio.create_task(
        client.receive_batch(
            on_event_batch=received.take, starting_position=position, starting_position_inclusive=inclusive
        )
    )
    try:
        yield received
    finally:
        await client.close()
        await ended(task)


async def ended(task: asyncio.Task[None]) -> None:
    """A closed client's receive goes on sleeping until its next balancing."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def send(producer: EventHubProducerClient, *texts: str, key: str | None = None, partition: str = "") -> None:
    where = {"partition_id": partition} if partition else {"partition_key": key}
    await producer.send_batch([EventData(text) for text in texts], **where)


async def test_a_batch_goes_to_the_partition_of_its_key_and_comes_back_in_order(
    broker: RunningBroker, hub: str
) -> None:
    async with producer_for(broker, hub) as producer, receiving(broker, hub) as received:
        await send(producer, "a", "b", "c", key="C000012")
        assert await received.until(3) == ["a", "b", "c"]
    partition, last = received.events[-1]
    assert int(partition) == partition_of("C000012", 4)
    assert (last.partition_key, last.sequence_number) == (b"C000012", 2)


async def test_a_receiver_starts_where_it_asks_to(broker: RunningBroker, hub: str) -> None:
    async with producer_for(broker, hub) as producer:
        await send(producer, "a", "b", "c", partition="1")
    async with receiving(broker, hub, position=1) as after, receiving(broker, hub, position=1, inclusive=True) as at:
        assert await after.until(1) == ["c"]
        assert await at.until(2) == ["b", "c"]


async def test_a_large_event_travels_in_many_frames(broker: RunningBroker, hub: str) -> None:
    async with producer_for(broker, hub) as producer, receiving(broker, hub) as received:
        await send(producer, "x" * 900_000, key="k")
        assert [len(text) for text in await received.until(1)] == [900_000]


async def test_a_wrong_key_and_an_unknown_hub_are_refused(broker: RunningBroker, hub: str) -> None:
    wrong = EventHubProducerClient.from_connection_string(broker.connection_string(hub, key="d3Jvbmc="), retry_total=0)
    async with wrong:
        with pytest.raises(AuthenticationError):
            await send(wrong, "a")
    async with producer_for(broker, "nowhere", retries=0) as unknown:
        with pytest.raises(EventHubError):
            await send(unknown, "a")


async def test_a_throttled_send_fails_at_once_and_stores_nothing(broker: RunningBroker, hub: str) -> None:
    async with producer_for(broker, hub) as producer:
        broker.faults.throttle(1)
        with pytest.raises(EventDataSendError):
            await send(producer, "a", partition="0")
        await send(producer, "b", partition="0")
    assert broker.bodies(hub)[0] == [b"b"]


async def test_a_lost_acknowledgement_makes_the_client_send_twice(broker: RunningBroker, hub: str) -> None:
    async with producer_for(broker, hub) as producer:
        broker.faults.lost_acknowledgements = 1
        await send(producer, "a", partition="0")
    assert broker.bodies(hub)[0] == [b"a", b"a"]


async def test_a_send_that_is_never_answered_never_returns(broker: RunningBroker, hub: str) -> None:
    async with producer_for(broker, hub) as producer:
        await send(producer, "a", partition="0")  # it is connected now, so the next one surely arrives
        broker.faults.silent = 1
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3):
                await send(producer, "b", partition="0")
    assert broker.bodies(hub)[0] == [b"a", b"b"]


async def test_a_restart_loses_nothing_that_was_stored(broker: RunningBroker, hub: str) -> None:
    async with producer_for(broker, hub) as producer, receiving(broker, hub) as received:
        await send(producer, "a", key="k")
        await received.until(1)
        await asyncio.to_thread(broker.restart, 0.3)
        await send(producer, "b", key="k")
        assert (await received.until(2))[-1] == "b"


async def test_a_stolen_partition_ends_its_receiver(broker: RunningBroker, hub: str) -> None:
    lost = asyncio.Event()

    async def on_error(partition: PartitionContext | None, error: Exception) -> None:
        lost.set()

    client = EventHubConsumerClient.from_connection_string(
        broker.connection_string(hub), consumer_group="$Default", retry_total=0
    )
    received = Received()
    task = asyncio.create_task(
        client.receive_batch(
            on_event_batch=received.take, on_error=on_error, partition_id="2", starting_position="-1", owner_level=0
        )
    )
    broker.append(hub, "2", b"a")
    await received.until(1)
    broker.steal(hub, "2")
    async with asyncio.timeout(10):
        await lost.wait()
    await client.close()
    await ended(task)


async def test_the_hub_says_how_far_each_partition_has_come(broker: RunningBroker, hub: str) -> None:
    async with producer_for(broker, hub) as producer:
        assert await producer.get_partition_ids() == ["0", "1", "2", "3"]
        assert (await producer.get_partition_properties("3"))["is_empty"]
        broker.append(hub, "3", b"a")
        assert (await producer.get_partition_properties("3"))["last_enqueued_sequence_number"] == 0


async def test_the_same_protocol_runs_over_tls(tmp_path: Path) -> None:
    context, ca_file = loopback_certificate(tmp_path)
    with running_broker(Hub("secure", 1), tls=context) as secure:
        cleartext = secure.connection_string("secure")
        address = cleartext.replace(";UseDevelopmentEmulator=true", "").replace(f":{secure.port}", "")
        producer = EventHubProducerClient.from_connection_string(
            address,
            custom_endpoint_address=f"sb://127.0.0.1:{secure.port}",
            transport_type=TransportType.Amqp,
            connection_verify=str(ca_file),
        )
        async with producer:
            await send(producer, "a", partition="0")
        assert secure.count("secure") == 1


def test_what_was_stored_in_a_folder_outlives_the_broker(tmp_path: Path) -> None:
    with running_broker(Hub("kept", 2, folder=tmp_path)) as first:
        first.append("kept", "1", b"a", "k")
    with running_broker(Hub("kept", 2, folder=tmp_path)) as second:
        assert second.bodies("kept") == [[], [b"a"]]

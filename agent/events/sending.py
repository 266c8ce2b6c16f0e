"""Events to the hub: batches a partition, one long-lived producer, and patience that the client does not have.

The client does not try a rejected send again, and a send may never return. Here each send has a time-out of its own,
throttling is waited out, and after a time-out the producer is thrown away, since what it waits for may still come.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime

from azure.eventhub import EventData
from azure.eventhub.aio import EventHubProducerClient
from azure.eventhub.amqp import AmqpAnnotatedMessage
from azure.eventhub.exceptions import EventHubError

from agent.events.cloudevents import CONTENT_TYPE
from agent.events.metrics import EventMetrics
from agent.events.outgoing import NotSent, Outgoing
from agent.events.routing import partition_of
from agent.store.database import Database
from agent.store.dead_letters import DeadLetter, bury
from agent.store.outbox_rows import OutboxRows, mark_published
from agent.store.transient import is_transient

Pause = Callable[[float], Awaitable[None]]
SEND_SECONDS = 20.0
ATTEMPTS = 6
_CLOSE_SECONDS = 5.0
_log = logging.getLogger("concierge.events")


class HubSender:
    def __init__(
        self,
        connect: Callable[[], EventHubProducerClient],
        *,
        metrics: EventMetrics,
        seconds: float = SEND_SECONDS,
        attempts: int = ATTEMPTS,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._connect = connect
        self._metrics = metrics
        self._seconds = seconds
        self._attempts = attempts
        self._pause = pause
        self._producer: EventHubProducerClient | None = None
        self._partitions: Sequence[str] = ()
        self._largest = 0

    async def route(self, events: Sequence[Outgoing]) -> dict[str, list[Outgoing]]:
        """By partition, in their order. Raises NotSent when the hub cannot be asked for its partitions."""
        if not self._partitions:
            await self._patiently(self._learn)
        by_partition: dict[str, list[Outgoing]] = {}
        for event in events:
            partition = self._partitions[partition_of(event.key, len(self._partitions))]
            by_partition.setdefault(partition, []).append(event)
        return by_partition

    def too_large(self, event: Outgoing) -> bool:
        """By what the hub said it takes; _ROOM is left for the envelope of the message and of its batch."""
        return len(event.body) > self._largest - _ROOM

    def batches(self, events: Sequence[Outgoing]) -> Iterator[list[Outgoing]]:
        """As many of them as one send may carry, in their order."""
        batch: list[Outgoing] = []
        size = 0
        for event in events:
            needed = len(event.body) + len(event.key) + _OVERHEAD
            if batch and size + needed > self._largest - _ROOM:
                yield batch
                batch, size = [], 0
            batch.append(event)
            size += needed
        if batch:
            yield batch

    async def send(self, partition: str, events: Sequence[Outgoing]) -> None:
        """Stored by the hub when it returns, perhaps more than once. Raises NotSent."""
        data: list[EventData | AmqpAnnotatedMessage] = [_message(event) for event in events]

        async def once(producer: EventHubProducerClient) -> None:
            await producer.send_batch(data, partition_id=partition)

        await self._patiently(once)

    async def close(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            with contextlib.suppress(TimeoutError, EventHubError, OSError):
                async with asyncio.timeout(_CLOSE_SECONDS):
                    await producer.close()

    async def _learn(self, producer: EventHubProducerClient) -> None:
        self._partitions = await producer.get_partition_ids()
        self._largest = (await producer.create_batch()).max_size_in_bytes

    async def _patiently(self, act: Callable[[EventHubProducerClient], Awaitable[None]]) -> None:
        for attempt in range(1, self._attempts + 1):
            try:
                async with asyncio.timeout(self._seconds):
                    await act(self._ready())
            except TimeoutError:
                self._metrics.count("send_timeouts")
                await self.close()
            except (EventHubError, OSError) as fault:
                self._metrics.count("send_failures")
                _log.warning("send failed", extra={"attempt": attempt, "fault": type(fault).__name__})
            else:
                return
            await self._pause(min(10.0, 0.1 * 2**attempt))
        raise NotSent

    def _ready(self) -> EventHubProducerClient:
        if self._producer is None:
            self._producer = self._connect()
        return self._producer


class HubChannel:
    def __init__(
        self, *, sender: HubSender, database: Database, clock: Callable[[], datetime], metrics: EventMetrics
    ) -> None:
        self._sender = sender
        self._database = database
        self._outbox = OutboxRows(database)
        self._clock = clock
        self._metrics = metrics

    async def carry(self, events: Sequence[Outgoing]) -> int:
        """Each partition on its own: one that the hub holds up does not hold up the others."""
        by_partition = await self._sender.route(events)
        large = [event for event in events if self._sender.too_large(event)]
        await self._give_up(large)
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._carry_to(partition, [event for event in mine if event not in large]))
                for partition, mine in by_partition.items()
            ]
        return len(large) + sum(task.result() for task in tasks)

    async def close(self) -> None:
        await self._sender.close()

    async def _carry_to(self, partition: str, events: Sequence[Outgoing]) -> int:
        carried = 0
        for batch in self._sender.batches(events):
            try:
                await self._sender.send(partition, batch)
            except NotSent:
                self._metrics.count("partitions_held_up")
                break
            if not await self._mark([event.row for event in batch]):
                break
            carried += len(batch)
        return carried

    async def _mark(self, rows: Sequence[int]) -> bool:
        """What cannot be marked now is sent again later, which every inbox bears."""
        try:
            await self._outbox.publish(rows, self._clock())
        except Exception as error:
            if not is_transient(error):
                raise
            self._metrics.count("database_retries")
            return False
        return True

    async def _give_up(self, large: Sequence[Outgoing]) -> None:
        if not large:
            return
        letters = [
            DeadLetter(
                origin="out",
                body=event.body,
                reason="oversized",
                detail=f"{len(event.body)} bytes are more than the hub takes",
                key=str(event.row),
            )
            for event in large
        ]
        async with self._database.writing() as connection:
            await bury(connection, letters, self._clock())
            await mark_published(connection, [event.row for event in large], self._clock())
        self._metrics.count("dead_letters", len(large))


_ROOM = 4096
_OVERHEAD = 120


def _message(event: Outgoing) -> EventData:
    data = EventData(event.body)
    data.content_type = CONTENT_TYPE
    return data

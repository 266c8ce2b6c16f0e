"""Events to the hub: batches a partition, one long-lived producer, and patience that the client does not have.

The client does not try a rejected send again, and a send may never return. Here each send has a time-out of its own,
throttling is waited out, and after a time-out the producer is thrown away, since what it waits for may still come.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from azure.eventhub import EventData
from azure.eventhub.aio import EventHubProducerClient
from azure.eventhub.amqp import AmqpAnnotatedMessage
from azure.eventhub.exceptions import EventHubError

from agent.events.cloudevents import CONTENT_TYPE
from agent.events.metrics import EventMetrics
from agent.events.routing import partition_of

Pause = Callable[[float], Awaitable[None]]
SEND_SECONDS = 20.0
ATTEMPTS = 6
_CLOSE_SECONDS = 5.0
_log = logging.getLogger("concierge.events")


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One event on its way: its row in the outbox, the key its order is kept by, and its bytes."""

    row: int
    key: str
    body: bytes


class NotSent(Exception):
    """The hub did not take it for now; nothing that follows in its partition may overtake it."""


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


_ROOM = 4096
_OVERHEAD = 120


def _message(event: Outgoing) -> EventData:
    data = EventData(event.body)
    data.content_type = CONTENT_TYPE
    return data

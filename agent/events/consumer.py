"""Events from the hub into the intake. Several processes share the partitions; each batch is taken while it is ours."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from azure.eventhub import EventData
from azure.eventhub.aio import EventHubConsumerClient, PartitionContext
from azure.eventhub.amqp import AmqpMessageBodyType
from azure.eventhub.exceptions import EventHubError

from agent.events.address import HubAddress
from agent.events.hub import consumer_for
from agent.events.intake import Arrival, Intake, Place
from agent.events.metrics import EventMetrics
from agent.events.ownership import SqlCheckpointStore
from agent.store.checkpoints import Stream
from agent.store.database import Database

BATCH = 500
PREFETCH = 1000
GATHERING_SECONDS = 0.2
"""Rest after a batch, in which the next one gathers: what a transaction costs is shared by more events."""
_CLOSE_SECONDS = 15.0
_log = logging.getLogger("concierge.events")


class Consumer:
    def __init__(
        self,
        *,
        address: HubAddress,
        database: Database,
        intake: Intake,
        clock: Callable[[], datetime],
        metrics: EventMetrics,
        batch: int = BATCH,
        gathering_seconds: float = GATHERING_SECONDS,
    ) -> None:
        self._address = address
        self._intake = intake
        self._metrics = metrics
        self._batch = batch
        self._gathering_seconds = gathering_seconds
        self._store = SqlCheckpointStore(database, clock=clock)

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop. The batch under way is finished or undone; partitions are given back."""
        client = consumer_for(self._address, self._store)
        receiving = asyncio.create_task(self._receive(client))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({receiving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            with contextlib.suppress(TimeoutError, EventHubError, OSError):
                async with asyncio.timeout(_CLOSE_SECONDS):
                    await client.close()
            receiving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await receiving

    async def _receive(self, client: EventHubConsumerClient) -> None:
        await client.receive_batch(
            on_event_batch=self._take,
            on_error=self._report,
            starting_position="-1",
            max_batch_size=self._batch,
            prefetch=PREFETCH,
        )

    async def _take(self, partition: PartitionContext, events: list[EventData]) -> None:
        if not events:
            return
        stream = Stream(
            namespace=partition.fully_qualified_namespace,
            hub=partition.eventhub_name,
            consumer_group=partition.consumer_group,
        )
        owner = self._store.owner_of(partition.partition_id)
        place = Place(stream=stream, partition=partition.partition_id, owner_id=owner)
        await self._intake.take([_arrival(event) for event in events], place)
        await asyncio.sleep(self._gathering_seconds)

    async def _report(self, partition: PartitionContext | None, error: Exception) -> None:
        self._metrics.count("consumer_errors")
        where = partition.partition_id if partition else None
        _log.warning("consumer error", extra={"partition": where, "fault": type(error).__name__})


def _arrival(event: EventData) -> Arrival:
    """What is no bytes is no event of ours; its text is kept for whoever looks at the dead letter."""
    content: Any = event.body
    body = b"".join(content) if event.body_type == AmqpMessageBodyType.DATA else repr(content).encode()
    return Arrival(body=body, offset=event.offset or "-1", sequence_number=event.sequence_number or 0)

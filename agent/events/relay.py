"""The relay: what waits in the outbox goes out, in order for each key, and is marked only when it has arrived.

One process relays at a time. A crash between arrival and mark sends again, under the same id, which every inbox knows.
"""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from opentelemetry.trace import SpanKind
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.events.cloudevents import CloudEvent, new_event
from agent.events.intake import LOCAL, Arrival, Intake
from agent.events.metrics import EventMetrics
from agent.events.outgoing import Channel, NotSent, Outgoing
from agent.store.database import Database
from agent.store.leases import Leases
from agent.store.outbox_rows import OutboxRows, Waiting, mark_published
from agent.store.transient import is_transient
from tools.tracing import joined, span, trace_headers

Subscriber = Callable[[CloudEvent], Awaitable[None]]
ROWS = 1000
IDLE_SECONDS = 0.25
_LEASE = timedelta(seconds=15)
_log = logging.getLogger("concierge.events")


class LocalChannel:
    """Without a hub: the same events to the same intake, and to whoever subscribed in this process."""

    def __init__(
        self, *, intake: Intake, clock: Callable[[], datetime], subscribers: Sequence[Subscriber] = ()
    ) -> None:
        self._intake = intake
        self._clock = clock
        self._subscribers = list(subscribers)

    def subscribe(self, subscriber: Subscriber) -> None:
        """May be told of an event more than once."""
        self._subscribers.append(subscriber)

    async def carry(self, events: Sequence[Outgoing]) -> int:
        for event in events if self._subscribers else ():
            await self._tell(CloudEvent.model_validate_json(event.body))
        rows = [event.row for event in events]

        async def mark(connection: AsyncConnection) -> None:
            await mark_published(connection, rows, self._clock())

        await self._intake.take([Arrival(body=event.body) for event in events], LOCAL, also=mark)
        return len(events)

    async def close(self) -> None:
        pass

    async def _tell(self, event: CloudEvent) -> None:
        for subscriber in self._subscribers:
            try:
                await subscriber(event)
            except Exception:  # noqa: BLE001 one subscriber's bug must hold up nobody else
                _log.exception("subscriber failed", extra={"type": event.type})


class Relay:
    def __init__(
        self,
        *,
        database: Database,
        channel: Channel,
        own_source: str,
        clock: Callable[[], datetime],
        metrics: EventMetrics,
        rows: int = ROWS,
    ) -> None:
        self._outbox = OutboxRows(database)
        self._leases = Leases(database)
        self._channel = channel
        self._own_source = own_source
        self._clock = clock
        self._metrics = metrics
        self._rows = rows
        self._name = uuid.uuid4().hex
        self._origin: str | None = None

    async def once(self) -> int:
        """One round; -> how many events arrived. Nothing while another process relays."""
        waiting = await self._outbox.waiting(self._rows)
        if not waiting or not await self._leases.take("relay", self._name, now=self._clock(), length=_LEASE):
            return 0
        waiting = await self._outbox.waiting(self._rows)  # what another process has just sent is not sent again
        self._origin = self._origin or await self._outbox.origin()
        carried = await self._channel.carry([self._outgoing(row, self._origin) for row in waiting])
        self._metrics.count("relayed", carried)
        return carried

    async def drain(self) -> int:
        """Until nothing more goes out."""
        total = 0
        while carried := await self.once():
            total += carried
        return total

    async def run(self, stop: asyncio.Event, *, idle_seconds: float = IDLE_SECONDS) -> None:
        """Until told to stop; a round that is under way is finished first."""
        try:
            while not stop.is_set():
                if not await self._round():
                    await wait_for(stop, idle_seconds)
        finally:
            await self.close()

    async def close(self) -> None:
        """Lets another process relay at once."""
        await self._leases.give_back("relay", self._name)
        await self._channel.close()

    async def _round(self) -> int:
        try:
            return await self.once()
        except NotSent:
            self._metrics.count("hub_unreachable")
        except Exception as error:
            if not is_transient(error):
                raise
            self._metrics.count("database_retries")
        return 0

    def _outgoing(self, row: Waiting, origin: str) -> Outgoing:
        within = joined({"traceparent": row.traceparent}) if row.traceparent else None
        told = {"messaging.operation.type": "send", "concierge.event": row.type}
        with span("publish", told, kind=SpanKind.PRODUCER, within=within):
            traceparent = trace_headers().get("traceparent", row.traceparent) if within else None
        event = new_event(
            id=row.event_id or f"{origin}-{row.id}",
            source=row.source or self._own_source,
            type=row.type,
            key=row.key,
            data=row.data,
            at=row.created_at,
            traceparent=traceparent,
        )
        return Outgoing(row=row.id, key=row.key, body=event.encoded())


async def wait_for(stop: asyncio.Event, seconds: float) -> None:
    """Until told to stop, but no longer than that."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass

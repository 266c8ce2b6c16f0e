"""Where every event comes in: effects, inbox, audit, dead letters and checkpoint in one transaction, or none of them.

A batch that fails as a whole is tried again while the database is at fault, and otherwise taken one by one, so that
a poisonous event goes to the dead letters alone.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.events.applying import Applying, apply
from agent.events.cloudevents import LARGEST_EVENT, CloudEvent, Unreadable, read_event
from agent.events.metrics import EventMetrics
from agent.events.planning import ReadEvent
from agent.events.schemas import read_data
from agent.store.checkpoints import Checkpoint, OwnershipLost, Stream, advance, hold
from agent.store.database import Database
from agent.store.dead_letters import DeadLetter, bury
from agent.store.inbox import Arrived, accept
from agent.store.ledger import add_audit
from agent.store.transient import is_transient

Pause = Callable[[float], Awaitable[None]]
Also = Callable[[AsyncConnection], Awaitable[None]]
SYSTEM = "system"
"""Whom the audit names for what an event has done."""
_LONGEST_PAUSE = 10.0
_log = logging.getLogger("concierge.events")


@dataclass(frozen=True, kw_only=True)
class Arrival:
    body: bytes
    offset: str = ""
    sequence_number: int = 0


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a batch came from. owner_id: who must still own the partition; None for what no hub carried."""

    stream: Stream
    partition: str
    owner_id: str | None = None


LOCAL = Place(stream=Stream(namespace="local", hub="outbox", consumer_group="local"), partition="0")


class Intake:
    def __init__(
        self,
        *,
        database: Database,
        clock: Callable[[], datetime],
        own_source: str,
        consent_source: str,
        metrics: EventMetrics,
        largest: int = LARGEST_EVENT,
        pause: Pause = asyncio.sleep,
        applying: Applying = apply,
    ) -> None:
        self._database = database
        self._clock = clock
        self._own_source = own_source
        self._consent_source = consent_source
        self._metrics = metrics
        self.largest = largest
        self._pause = pause
        self._apply = applying
        self.something_came = asyncio.Event()
        """Set after each batch, for who does the effects."""

    async def take(self, arrivals: Sequence[Arrival], place: Place = LOCAL, *, also: Also | None = None) -> None:
        """Durable when it returns. also: what must happen in the same transaction. Raises OwnershipLost."""
        attempt = 0
        while True:
            try:
                await self._take(arrivals, place, also)
            except OwnershipLost:
                raise
            except Exception as error:  # noqa: BLE001 whatever one event breaks must not stop the others
                attempt += 1
                if is_transient(error) or (isinstance(error, IntegrityError) and attempt == 1):
                    self._metrics.count("database_retries")
                    await self._pause(min(_LONGEST_PAUSE, 0.05 * 2**attempt))
                    continue
                await self._take_one_by_one(arrivals, place, also, error)
            break
        self.something_came.set()

    async def _take_one_by_one(
        self, arrivals: Sequence[Arrival], place: Place, also: Also | None, error: Exception
    ) -> None:
        if len(arrivals) > 1:
            for place_in_batch, arrival in enumerate(arrivals, start=1):
                await self.take([arrival], place, also=also if place_in_batch == len(arrivals) else None)
            return
        _log.error("poisonous event", exc_info=error, extra={"partition": place.partition})
        poison = DeadLetter(origin="in", body=arrivals[0].body, reason="poison", detail=type(error).__name__)
        async with self._database.writing() as connection:
            await self._begin(connection, place)
            await self._finish(connection, arrivals, place, [poison], also)

    async def _take(self, arrivals: Sequence[Arrival], place: Place, also: Also | None) -> None:
        now = self._clock()
        read, unreadable = self._read(arrivals, now)
        async with self._database.writing() as connection:
            await self._begin(connection, place)
            accepted = await accept(connection, [_arrived(one) for one in read], now)
            fresh = _first_of_each(read, accepted)
            records = await self._apply(connection, fresh, consent_source=self._consent_source, now=now)
            await add_audit(connection, _chain(place), records, who=SYSTEM, at=now)
            buried = await self._finish(connection, arrivals, place, unreadable, also)
        self._count(arrivals, read, fresh, buried)

    def _read(self, arrivals: Sequence[Arrival], now: datetime) -> tuple[list[ReadEvent], list[DeadLetter]]:
        read: list[ReadEvent] = []
        unreadable: list[DeadLetter] = []
        for arrival in arrivals:
            event: CloudEvent | None = None
            try:
                event = read_event(arrival.body, largest=self.largest)
                if event.source != self._own_source:
                    read.append(ReadEvent(event=event, data=read_data(event), received_at=now))
            except Unreadable as fault:
                unreadable.append(_letter(arrival.body, event, fault))
        return read, unreadable

    async def _begin(self, connection: AsyncConnection, place: Place) -> None:
        if place.owner_id is not None:
            await hold(connection, place.stream, place.partition, place.owner_id)

    async def _finish(
        self,
        connection: AsyncConnection,
        arrivals: Sequence[Arrival],
        place: Place,
        letters: Sequence[DeadLetter],
        also: Also | None,
    ) -> int:
        now = self._clock()
        if also is not None:
            await also(connection)
        buried = await bury(connection, letters, now)
        if place.owner_id is not None:
            last = max(arrivals, key=lambda arrival: arrival.sequence_number)
            reached = Checkpoint(partition=place.partition, offset=last.offset, sequence_number=last.sequence_number)
            await advance(connection, place.stream, reached, now)
        return buried

    def _count(
        self, arrivals: Sequence[Arrival], read: Sequence[ReadEvent], fresh: Sequence[ReadEvent], buried: int
    ) -> None:
        self._metrics.count("received", len(arrivals))
        self._metrics.count("duplicates", len(read) - len(fresh))
        self._metrics.count("dead_letters", buried)
        for one in fresh:
            self._metrics.count(f"handled:{one.event.type}")


def _arrived(read: ReadEvent) -> Arrived:
    return Arrived(source=read.event.source, event_id=read.event.id, type=read.event.type, key=read.data.key)


def _first_of_each(read: Sequence[ReadEvent], accepted: frozenset[tuple[str, str]]) -> list[ReadEvent]:
    """The accepted events in their order, each once: a batch may hold an event twice."""
    first: dict[tuple[str, str], ReadEvent] = {}
    for one in read:
        first.setdefault((one.event.source, one.event.id), one)
    return [one for name, one in first.items() if name in accepted]


def _letter(body: bytes, event: CloudEvent | None, fault: Unreadable) -> DeadLetter:
    return DeadLetter(
        origin="in",
        body=body,
        reason=fault.reason,
        detail=fault.detail,
        source=event.source if event else None,
        event_id=event.id if event else None,
        type=event.type if event else None,
    )


def _chain(place: Place) -> str:
    """Each partition has an audit chain of its own, for it has one reader at a time."""
    return f"events:{place.stream.hub}:{place.partition}"[:40]

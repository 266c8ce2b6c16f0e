"""The event paths of one process, put together: out by the relay, in by the consumer, done by the worker."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import and_, delete

from agent.events.address import HubAddress
from agent.events.affected import Reader
from agent.events.calls import Calls
from agent.events.cloudevents import CloudEvent
from agent.events.disruptions import Cases, Disruptions, Grants, Options, no_options
from agent.events.finishing import Handler
from agent.events.following import ConsentPushes, Merges
from agent.events.intake import Arrival, Intake
from agent.events.metrics import EventMetrics
from agent.events.notices import Notices
from agent.events.outgoing import Channel
from agent.events.relay import LocalChannel, Relay, Subscriber, wait_for
from agent.events.replaying import Replaying
from agent.events.status import EventStatus, status_of
from agent.events.worker import Worker
from agent.store.consent_register import ConsentRegister
from agent.store.database import Database
from agent.store.effects import EffectCounts, Effects
from agent.store.inbox import forget_before
from agent.store.outbox_rows import OutboxRows
from agent.store.pops import ScreenPops
from agent.store.tables import outbox
from knowledge.pack import PolicyPack
from tools.ports import Services

KEPT_IN_INBOX = timedelta(days=30)
"""Longer than any hub keeps its events, so that none can come again unknown."""
KEPT_IN_OUTBOX = timedelta(days=7)
_AGAIN_AFTER_SECONDS = 5.0
_TIDY_EVERY_SECONDS = 3600.0
_log = logging.getLogger("concierge.events")


class Consuming(Protocol):
    async def run(self, stop: asyncio.Event) -> None: ...


@dataclass(frozen=True, kw_only=True)
class EventNames:
    """source: whose events we publish. consent_source: whose consent events need not be told to the consent service."""

    source: str = "/concierge"
    consent_source: str = "/gamma/consent"
    public_url: str = "http://127.0.0.1:8000"


@dataclass(frozen=True, kw_only=True)
class Events:
    """address None: without a hub, the outbox feeds the intake in this process."""

    database: Database
    address: HubAddress | None
    intake: Intake
    relay: Relay
    worker: Worker
    consumer: Consuming | None
    replaying: Replaying
    register: ConsentRegister
    pops: ScreenPops
    metrics: EventMetrics
    clock: Callable[[], datetime]

    async def on_event(self, event: CloudEvent) -> None:
        """One event that no hub carried. Durable when it returns; its effects follow."""
        await self.intake.take([Arrival(body=event.encoded())])

    async def send(self, *, type: str, key: str, data: Mapping[str, object], source: str, event_id: str) -> None:
        """Puts an event of another source on its way, as that source would."""
        outgoing = OutboxRows(self.database)
        await outgoing.add(key=key, type=type, data=data, source=source, event_id=event_id, at=self.clock())

    async def settle(self) -> None:
        """Everything that is due now, to its end: for a command, a test, or an evaluation."""
        while await self.relay.drain() + await self.worker.drain():
            continue

    async def run(self, stop: asyncio.Event, *, relay: bool = True, consume: bool = True) -> None:
        """Until told to stop. What each part has in hand is finished first."""
        async with asyncio.TaskGroup() as group:
            group.create_task(_again_and_again("tidying", stop, lambda: self._keep_tidy(stop)))
            if relay:
                group.create_task(_again_and_again("relay", stop, lambda: self.relay.run(stop)))
            if consume:
                wake = self.intake.something_came
                group.create_task(_again_and_again("worker", stop, lambda: self.worker.run(stop, wake)))
            if consume and self.consumer is not None:
                consumer = self.consumer
                group.create_task(_again_and_again("consumer", stop, lambda: consumer.run(stop)))

    async def status_of_effects(self) -> EffectCounts:
        return await Effects(self.database).counts(self.clock())

    async def status(self) -> EventStatus:
        return await status_of(self.database, address=self.address, clock=self.clock)

    async def _keep_tidy(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self.tidy()
            await wait_for(stop, _TIDY_EVERY_SECONDS)

    async def tidy(self) -> None:
        """Forgets what can repeat no more and what has long been published."""
        now = self.clock()
        old = and_(outbox.c.published_at.is_not(None), outbox.c.published_at < now - KEPT_IN_OUTBOX)
        async with self.database.writing() as connection:
            await forget_before(connection, now - KEPT_IN_INBOX)
            await connection.execute(delete(outbox).where(old))


def build_events(
    *,
    database: Database,
    services: Services,
    pack: PolicyPack,
    clock: Callable[[], datetime],
    names: EventNames = EventNames(),
    address: HubAddress | None = None,
    options: Options = no_options,
    subscribers: tuple[Subscriber, ...] = (),
    on_case: Callable[[str], None] = lambda case_id: None,
) -> Events:
    paths = build_paths(database=database, clock=clock, names=names, address=address, subscribers=subscribers)
    handlers = _handlers(
        database=database,
        services=services,
        pack=pack,
        clock=clock,
        names=names,
        register=paths.register,
        options=options,
        on_case=on_case,
    )
    worker = Worker(database=database, handlers=handlers, clock=clock, metrics=paths.metrics)
    return replace(paths, worker=worker)


def build_paths(
    *,
    database: Database,
    clock: Callable[[], datetime],
    names: EventNames,
    address: HubAddress | None = None,
    subscribers: tuple[Subscriber, ...] = (),
) -> Events:
    """What moves events and does none of their effects: a process that only sends, replays or looks."""
    metrics = EventMetrics()
    intake = Intake(
        database=database,
        clock=clock,
        own_source=names.source,
        consent_source=names.consent_source,
        metrics=metrics,
    )
    channel: Channel = LocalChannel(intake=intake, clock=clock, subscribers=subscribers)
    consumer = None
    if address is not None:
        channel, consumer = _to_hub(address, database, intake, clock, metrics)
    return Events(
        database=database,
        address=address,
        intake=intake,
        relay=Relay(database=database, channel=channel, own_source=names.source, clock=clock, metrics=metrics),
        worker=Worker(database=database, handlers={}, clock=clock, metrics=metrics),
        consumer=consumer,
        replaying=Replaying(database=database, intake=intake, clock=clock),
        register=ConsentRegister(database),
        pops=ScreenPops(database),
        metrics=metrics,
        clock=clock,
    )


def _to_hub(
    address: HubAddress, database: Database, intake: Intake, clock: Callable[[], datetime], metrics: EventMetrics
) -> tuple[Channel, Consuming]:
    from agent.events.consumer import Consumer  # noqa: PLC0415 the hub's client takes long to import
    from agent.events.hub import producer_for  # noqa: PLC0415
    from agent.events.sending import HubChannel, HubSender  # noqa: PLC0415

    sender = HubSender(lambda: producer_for(address), metrics=metrics)
    channel = HubChannel(sender=sender, database=database, clock=clock, metrics=metrics)
    return channel, Consumer(address=address, database=database, intake=intake, clock=clock, metrics=metrics)


def _handlers(
    *,
    database: Database,
    services: Services,
    pack: PolicyPack,
    clock: Callable[[], datetime],
    names: EventNames,
    register: ConsentRegister,
    options: Options,
    on_case: Callable[[str], None],
) -> Mapping[str, Handler]:
    """What does each kind of effect."""
    effects = Effects(database)
    reader = Reader(services, clock=clock)
    return {
        "disruption": Disruptions(services.booking),
        "case": Cases(
            services=services,
            pack=pack,
            effects=effects,
            reader=reader,
            clock=clock,
            options=options,
            on_case=on_case,
        ),
        "grant": Grants(services),
        "notice": Notices(
            services=services,
            pack=pack,
            register=register,
            effects=effects,
            clock=clock,
            public_url=names.public_url,
        ),
        "pop": Calls(services=services, clock=clock),
        "consent": ConsentPushes(services=services, register=register),
        "merge": Merges(services),
    }


async def _again_and_again(name: str, stop: asyncio.Event, run: Callable[[], Awaitable[None]]) -> None:
    """A part that breaks is logged and started again: the others go on meanwhile."""
    while not stop.is_set():
        try:
            await run()
        except Exception:  # noqa: BLE001 events must go on coming
            _log.exception("event path failed", extra={"part": name})
            await wait_for(stop, _AGAIN_AFTER_SECONDS)

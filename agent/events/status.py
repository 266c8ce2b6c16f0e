"""How the event paths stand: lag for each partition, the age of the outbox, effects, dead letters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from agent.events.address import HubAddress
from agent.events.metrics import EventMetrics
from agent.store.checkpoints import Checkpoints, Stream
from agent.store.database import Database
from agent.store.dead_letters import DeadLetters
from agent.store.effects import EffectCounts, Effects
from agent.store.outbox_rows import OutboxRows


@dataclass(frozen=True, kw_only=True)
class PartitionStatus:
    """lag: events stored and not yet handled. owner: the reader that holds it; empty when nobody does."""

    partition: str
    lag: int
    reached: int
    last: int
    owner: str


@dataclass(frozen=True, kw_only=True)
class EventStatus:
    outbox_waiting: int
    outbox_age_seconds: float
    effects: EffectCounts
    dead_letters: Mapping[str, int]
    partitions: tuple[PartitionStatus, ...]


async def status_of(database: Database, *, address: HubAddress | None, clock: Callable[[], datetime]) -> EventStatus:
    """Asks the hub for its partitions when there is one; may raise what the client raises."""
    backlog = await OutboxRows(database).backlog()
    age = (clock() - backlog.oldest).total_seconds() if backlog.oldest else 0.0
    return EventStatus(
        outbox_waiting=backlog.waiting,
        outbox_age_seconds=max(0.0, age),
        effects=await Effects(database).counts(clock()),
        dead_letters=await DeadLetters(database).counts(),
        partitions=await _partitions(database, address) if address else (),
    )


async def _partitions(database: Database, address: HubAddress) -> tuple[PartitionStatus, ...]:
    from agent.events.hub import consumer_for  # noqa: PLC0415 the hub's client takes long to import

    async with consumer_for(address) as client:
        last = {}
        for partition in await client.get_partition_ids():
            properties = await client.get_partition_properties(partition)
            last[partition] = -1 if properties["is_empty"] else int(properties["last_enqueued_sequence_number"])
        stream = Stream(
            namespace=client._address.hostname,
            hub=address.hub,
            consumer_group=address.consumer_group,
        )
    rows = Checkpoints(database)
    reached = {checkpoint.partition: checkpoint.sequence_number for checkpoint in await rows.of(stream)}
    owners = {ownership.partition: ownership.owner_id for ownership in await rows.owners(stream)}
    return tuple(
        PartitionStatus(
            partition=partition,
            lag=newest - reached.get(partition, -1),
            reached=reached.get(partition, -1),
            last=newest,
            owner=owners.get(partition, ""),
        )
        for partition, newest in sorted(last.items())
    )


def gauges(status: EventStatus, metrics: EventMetrics) -> Mapping[str, float]:
    """Everything as flat numbers, for /metrics."""
    return {
        "outbox_waiting": status.outbox_waiting,
        "outbox_age_seconds": status.outbox_age_seconds,
        "effects_pending": status.effects.pending,
        "effects_overdue": status.effects.overdue,
        "effects_dead": status.effects.dead,
        **{f"dead_letters:{reason}": count for reason, count in status.dead_letters.items()},
        **{f"lag:{partition.partition}": partition.lag for partition in status.partitions},
        **metrics.snapshot(),
    }

"""The client's checkpoint store over our own database. It remembers which partitions it holds, for the fence."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from azure.eventhub.aio import CheckpointStore

from agent.store.checkpoints import Checkpoint, Checkpoints, Ownership, Stream, advance
from agent.store.database import Database


class SqlCheckpointStore(CheckpointStore):
    """One for each consumer client."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._rows = Checkpoints(database)
        self._clock = clock
        self._held: dict[str, str] = {}

    def owner_of(self, partition: str) -> str:
        """The owner this client last claimed the partition as."""
        return self._held.get(partition, "")

    async def list_ownership(
        self, fully_qualified_namespace: str, eventhub_name: str, consumer_group: str, **kwargs: Any
    ) -> Iterable[dict[str, Any]]:
        stream = Stream(namespace=fully_qualified_namespace, hub=eventhub_name, consumer_group=consumer_group)
        return [_told(stream, ownership) for ownership in await self._rows.owners(stream)]

    async def claim_ownership(
        self, ownership_list: Iterable[dict[str, Any]], **kwargs: Any
    ) -> Iterable[dict[str, Any]]:
        """Those that nobody else claimed meanwhile."""
        claimed = []
        for wanted in ownership_list:
            stream = _stream(wanted)
            asked = Ownership(
                partition=wanted["partition_id"],
                owner_id=wanted["owner_id"],
                modified_at=self._clock(),
                etag=wanted.get("etag"),
            )
            if got := await self._rows.claim(stream, asked, self._clock()):
                self._held[got.partition] = got.owner_id
                claimed.append(_told(stream, got))
        return claimed

    async def update_checkpoint(self, checkpoint: dict[str, Any], **kwargs: Any) -> None:
        """Only for a consumer that keeps nothing else; ours moves on in the transaction of its effects."""
        reached = Checkpoint(
            partition=checkpoint["partition_id"],
            offset=str(checkpoint["offset"]),
            sequence_number=int(checkpoint["sequence_number"]),
        )
        async with self._database.writing() as connection:
            await advance(connection, _stream(checkpoint), reached, self._clock())

    async def list_checkpoints(
        self, fully_qualified_namespace: str, eventhub_name: str, consumer_group: str, **kwargs: Any
    ) -> Iterable[dict[str, Any]]:
        stream = Stream(namespace=fully_qualified_namespace, hub=eventhub_name, consumer_group=consumer_group)
        return [
            {
                **_named(stream),
                "partition_id": checkpoint.partition,
                "offset": checkpoint.offset,
                "sequence_number": checkpoint.sequence_number,
            }
            for checkpoint in await self._rows.of(stream)
        ]


def _stream(named: dict[str, Any]) -> Stream:
    return Stream(
        namespace=named["fully_qualified_namespace"],
        hub=named["eventhub_name"],
        consumer_group=named["consumer_group"],
    )


def _named(stream: Stream) -> dict[str, Any]:
    return {
        "fully_qualified_namespace": stream.namespace,
        "eventhub_name": stream.hub,
        "consumer_group": stream.consumer_group,
    }


def _told(stream: Stream, ownership: Ownership) -> dict[str, Any]:
    return {
        **_named(stream),
        "partition_id": ownership.partition,
        "owner_id": ownership.owner_id,
        "etag": ownership.etag,
        "last_modified_time": ownership.modified_at.astimezone(UTC).timestamp(),
    }

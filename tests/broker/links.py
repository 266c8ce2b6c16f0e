"""What stands at the broker's end of each link: a request node, a partition being read, or a hub being sent to."""

import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.broker.codec import (
    ANNOTATIONS,
    APPLICATION,
    DATA,
    PROPERTIES,
    VALUE,
    Described,
    Int,
    Symbol,
    Timestamp,
    UInt,
    decode,
    encode,
    performative,
    sections,
    string_array,
)
from tests.broker.log import Hub, Partition

if TYPE_CHECKING:
    from tests.broker.connection import Session

_BATCH = 0x80013700
_ACCEPTED = Described(0x24, [])
_CREDIT = 1000
_FRAME_ROOM = 64


@dataclass(eq=False, kw_only=True)
class Link:
    session: "Session"
    handle: int
    closed: bool = False
    deliveries: int = 0

    def close(self) -> None:
        self.closed = True

    def detach(self, condition: str, description: str) -> None:
        self.close()
        self.session.send(performative(0x16, UInt(self.handle), True, error(condition, description)))


def error(condition: str, description: str) -> Described:
    return Described(0x1D, [Symbol(condition), description, {}])


@dataclass(eq=False, kw_only=True)
class Outgoing(Link):
    """A link on which the client receives."""

    credit: int = 0

    def flow(self, credit: int, count: int) -> None:
        self.credit = credit + count - self.deliveries
        self.pump()

    def pump(self) -> None:
        pass

    def deliver(self, message: bytes) -> None:
        """Pre-settled, for the client sends no disposition; in as many frames as it takes."""
        number = self.session.next_outgoing
        self.session.next_outgoing += 1
        self.deliveries += 1
        self.credit -= 1
        room = self.session.connection.frame_size - _FRAME_ROOM
        for at in range(0, len(message), room):
            more = at + room < len(message)
            tag = struct.pack(">I", number)
            ids = (UInt(self.handle), UInt(number), tag, UInt(0))
            transfer = performative(0x14, *ids, True, more, None, None, None, None, None)
            self.session.send(transfer, message[at : at + room])


@dataclass(eq=False, kw_only=True)
class Replies(Outgoing):
    """The answering half of `$cbs` or `$management`."""

    node: str

    def answer(self, correlation: object, status: int, description: str, body: object = None) -> None:
        said = {"status-code": Int(status), "status-description": description, "statusDescription": description}
        properties = Described(PROPERTIES, [None, None, None, None, None, correlation])
        parts = (properties, Described(APPLICATION, said), Described(VALUE, body))
        self.deliver(b"".join(encode(part) for part in parts))


@dataclass(eq=False, kw_only=True)
class Egress(Outgoing):
    """A receiver of one partition."""

    partition: Partition
    group: str
    epoch: int | None
    place: int
    metrics: bool

    def pump(self) -> None:
        events = self.partition.events
        while self.credit > 0 and self.place < len(events) and not self.closed:
            message = events[self.place].message
            self.place += 1
            self.deliver(self._with_metrics() + message if self.metrics else message)
        self.session.connection.flush()

    def close(self) -> None:
        super().close()
        self.partition.readers.discard(self)

    def _with_metrics(self) -> bytes:
        last = self.partition.events[-1]
        known = {
            Symbol("last_enqueued_sequence_number"): last.sequence,
            Symbol("last_enqueued_offset"): str(last.offset),
            Symbol("last_enqueued_time_utc"): Timestamp(last.enqueued_ms),
            Symbol("runtime_info_retrieval_time_utc"): Timestamp(int(time.time() * 1000)),
        }
        return encode(Described(0x71, known))


@dataclass(eq=False, kw_only=True)
class Incoming(Link):
    """A link on which the client sends. The client ignores credit, so it is never let run dry."""

    delivery: int = 0
    format: int = 0
    received: int = 0
    buffer: bytearray = field(default_factory=bytearray)

    def grant(self) -> None:
        self.received = 0
        window = (UInt(self.session.next_incoming), UInt(1 << 30), UInt(self.session.next_outgoing), UInt(1 << 30))
        counts = (UInt(self.handle), UInt(self.deliveries), UInt(_CREDIT))
        self.session.send(performative(0x13, *window, *counts, None, None, None, None))

    def transfer(self, delivery: int | None, message_format: int | None, more: bool, payload: bytes) -> None:
        if delivery is not None:
            self.delivery, self.format = delivery, message_format or 0
        self.buffer += payload
        if more:
            return
        message, self.buffer = bytes(self.buffer), bytearray()
        self.deliveries += 1
        self.received += 1
        if self.received >= _CREDIT // 2:
            self.grant()
        self.take(message)

    def take(self, message: bytes) -> None:
        raise NotImplementedError

    def settle(self, state: Described = _ACCEPTED) -> None:
        """Always settled, and a rejection always with a full error: anything less makes the client's send hang."""
        ids = (UInt(self.delivery), UInt(self.delivery))
        self.session.send(performative(0x15, True, *ids, True, state, None))


@dataclass(eq=False, kw_only=True)
class Requests(Incoming):
    """The asking half of `$cbs` or `$management`; the answer goes to the session's other link of that node."""

    node: str

    def take(self, message: bytes) -> None:
        self.settle()
        parts = {section.code: decode(message, section.value)[0] for section in sections(message)}
        properties, asked = parts.get(PROPERTIES), parts.get(APPLICATION)
        correlation = properties[0] if isinstance(properties, list) and properties else None
        replies = next(link for link in self.session.links.values() if isinstance(link, Replies) and self._pairs(link))
        if self.node == "$cbs":
            self._claim(replies, correlation, parts.get(VALUE))
        else:
            self._manage(replies, correlation, asked if isinstance(asked, dict) else {})

    def _pairs(self, link: Replies) -> bool:
        return link.node == self.node

    def _claim(self, replies: Replies, correlation: object, token: object) -> None:
        refused = self.session.connection.broker.refuses(str(token))
        self.session.connection.authorised |= refused is None
        replies.answer(correlation, 401 if refused else 202, refused or "Accepted")

    def _manage(self, replies: Replies, correlation: object, asked: Mapping[object, object]) -> None:
        hub = self.session.connection.broker.hub(str(asked.get("name")))
        if hub is None:
            replies.answer(correlation, 404, f"The messaging entity '{asked.get('name')}' could not be found.")
        elif asked.get("type") == "com.microsoft:eventhub":
            replies.answer(correlation, 200, "OK", _describe_hub(hub))
        elif partition := hub.partitions.get(str(asked.get("partition"))):
            replies.answer(correlation, 200, "OK", _describe_partition(hub, partition))
        else:
            replies.answer(correlation, 404, "There is no such partition.")


def _describe_hub(hub: Hub) -> dict[str, object]:
    return {
        "name": hub.name,
        "type": "com.microsoft:eventhub",
        "created_at": Timestamp(hub.created_ms),
        "partition_count": Int(len(hub.partitions)),
        "partition_ids": string_array(list(hub.partitions)),
    }


def _describe_partition(hub: Hub, partition: Partition) -> dict[str, object]:
    last = partition.events[-1] if partition.events else None
    return {
        "name": hub.name,
        "type": "com.microsoft:partition",
        "partition": partition.id,
        "begin_sequence_number": 0,
        "last_enqueued_sequence_number": last.sequence if last else -1,
        "last_enqueued_offset": str(last.offset) if last else "-1",
        "last_enqueued_time_utc": Timestamp(last.enqueued_ms if last else 0),
        "is_partition_empty": last is None,
    }


@dataclass(eq=False, kw_only=True)
class Ingress(Incoming):
    """A sender to a hub, or to one partition of it."""

    hub: Hub
    partition: Partition | None

    def take(self, message: bytes) -> None:
        broker = self.session.connection.broker
        if refusal := broker.faults.refusal(self.partition.id if self.partition else ""):
            self.settle(Described(0x25, [error(*refusal)]))
            return
        partition = self._store(message)
        if broker.faults.stay_silent():
            return
        if broker.faults.lose():
            self.session.connection.abort()
        else:
            self.settle()
            self.session.connection.flush()
        for reader in list(partition.readers):
            reader.pump()

    def _store(self, message: bytes) -> Partition:
        parts = list(sections(message))
        annotations = next((decode(message, part.value)[0] for part in parts if part.code == ANNOTATIONS), None)
        found = annotations.get(Symbol("x-opt-partition-key")) if isinstance(annotations, dict) else None
        key = None if found is None else str(found)
        partition = self.partition or self.hub.partition_for(key)
        if self.format != _BATCH:
            partition.append(message, key)
            return partition
        for part in parts:
            if part.code == DATA:
                inner = decode(message, part.value)[0]
                partition.append(inner if isinstance(inner, bytes) else b"", key)
        return partition

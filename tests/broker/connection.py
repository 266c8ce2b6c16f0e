"""One client's connection: frames in, frames out, sessions and the links on them (OASIS AMQP 1.0, part 2)."""

import asyncio
import struct
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.broker.codec import (
    Described,
    Symbol,
    UByte,
    UInt,
    ULong,
    UShort,
    decode,
    performative,
    symbol_array,
)
from tests.broker.links import Egress, Incoming, Ingress, Link, Outgoing, Replies, Requests

if TYPE_CHECKING:
    from tests.broker.broker import Broker

_LARGEST_MESSAGE = 1 << 20
_NODES = ("$cbs", "$management")
_METRICS = "com.microsoft:enable-receiver-runtime-metric"


class Refused(Exception):
    """Why a link is not opened: an AMQP condition and its description."""

    def __init__(self, condition: str, description: str) -> None:
        super().__init__(condition, description)
        self.condition = condition
        self.description = description


@dataclass(eq=False)
class Session:
    connection: "Connection"
    channel: int
    next_incoming: int
    next_outgoing: int = 0
    links: dict[int, Link] = field(default_factory=dict)

    def send(self, body: bytes, payload: bytes = b"") -> None:
        self.connection.send(self.channel, body, payload)

    def close(self) -> None:
        for link in self.links.values():
            link.close()


class Connection(asyncio.Protocol):
    def __init__(self, broker: "Broker") -> None:
        self.broker = broker
        self.authorised = False
        self.frame_size = 512
        self._buffer = bytearray()
        self._out: list[bytes] = []
        self._sessions: dict[int, Session] = {}
        self._transport: asyncio.Transport | None = None
        self._handlers: dict[int, Callable[..., None]] = {
            0x10: self._open,
            0x11: self._begin,
            0x12: self._attach,
            0x13: self._flow,
            0x16: self._detach,
            0x17: self._end,
            0x18: self._close,
            0x41: self._sasl_init,
        }

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]
        self.broker.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.broker.connections.discard(self)
        for session in self._sessions.values():
            session.close()

    def abort(self) -> None:
        if self._transport:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        at = 0
        while len(self._buffer) - at >= 8 and (size := self._size_at(at)) <= len(self._buffer) - at:
            self._read(bytes(self._buffer[at : at + size]))
            at += size
        del self._buffer[:at]
        self.flush()

    def _size_at(self, at: int) -> int:
        if self._buffer[at : at + 4] == b"AMQP":
            return 8
        return int.from_bytes(self._buffer[at : at + 4], "big")

    def _read(self, frame: bytes) -> None:
        if frame.startswith(b"AMQP"):
            self._out.append(frame)
            if frame[4] == 3:
                self.send(0, performative(0x40, symbol_array(["ANONYMOUS"])), kind=1)
        elif len(frame) > 8:
            body = frame[4 * frame[4] :]
            read, at = decode(body)
            self._act(int.from_bytes(frame[6:8], "big"), read, body[at:])

    def _act(self, channel: int, read: Any, payload: bytes) -> None:
        fields = [*read.value, *[None] * (14 - len(read.value))]
        if read.descriptor == 0x14:
            self._transfer(channel, fields, payload)
        elif handler := self._handlers.get(read.descriptor):
            handler(channel, fields)

    def send(self, channel: int, body: bytes, payload: bytes = b"", *, kind: int = 0) -> None:
        self._out += (struct.pack(">IBBH", 8 + len(body) + len(payload), 2, kind, channel), body, payload)

    def flush(self) -> None:
        if self._out and self._transport and not self._transport.is_closing():
            self._transport.write(b"".join(self._out))
        self._out.clear()

    def _sasl_init(self, channel: int, fields: list[Any]) -> None:
        self.send(channel, performative(0x44, UByte(0), None), kind=1)

    def _open(self, channel: int, fields: list[Any]) -> None:
        self.frame_size = min(fields[2] or 1 << 16, 1 << 16)
        limits = (UInt(_LARGEST_MESSAGE), UShort(0xFFFF), UInt(240_000))
        product = {Symbol("product"): "test broker"}
        self.send(channel, performative(0x10, "test-broker", None, *limits, None, None, None, None, product))

    def _begin(self, channel: int, fields: list[Any]) -> None:
        self._sessions[channel] = Session(self, channel, fields[1])
        windows = (UInt(0), UInt(1 << 30), UInt(1 << 30), UInt(0xFFFF))
        self.send(channel, performative(0x11, UShort(channel), *windows, None, None, None))

    def _end(self, channel: int, fields: list[Any]) -> None:
        if session := self._sessions.pop(channel, None):
            session.close()
        self.send(channel, performative(0x17, None))

    def _close(self, channel: int, fields: list[Any]) -> None:
        self.send(channel, performative(0x18, None))
        self.flush()
        if self._transport:
            self._transport.close()

    def _detach(self, channel: int, fields: list[Any]) -> None:
        """A client that closes may detach after it ended the session: there is nothing left to do."""
        session = self._sessions.get(channel)
        link = session.links.pop(fields[0], None) if session else None
        if link and not link.closed:
            link.close()
            self.send(channel, performative(0x16, UInt(link.handle), True, None))

    def _flow(self, channel: int, fields: list[Any]) -> None:
        link = self._sessions[channel].links.get(fields[4])
        if isinstance(link, Outgoing):
            link.flow(fields[6] or 0, fields[5] or 0)

    def _transfer(self, channel: int, fields: list[Any], payload: bytes) -> None:
        session = self._sessions[channel]
        session.next_incoming += 1
        link = session.links[fields[0]]
        if isinstance(link, Incoming):
            link.transfer(fields[1], fields[3], bool(fields[5]), payload)

    def _attach(self, channel: int, fields: list[Any]) -> None:
        session = self._sessions[channel]
        asked = _Attach(session, fields)
        try:
            link, refused = self._resolve(asked), None
        except Refused as refusal:
            link, refused = Link(session=session, handle=asked.handle), refusal
        session.links[asked.handle] = link
        self._answer_attach(session, asked, refused)
        if isinstance(link, Incoming):
            link.grant()
        if isinstance(link, Egress):
            link.partition.readers.add(link)

    def _answer_attach(self, session: Session, asked: "_Attach", refused: Refused | None) -> None:
        """A refusal is an attach without source and target, then a closing detach that says why."""
        source, target = Described(0x28, [asked.source]), Described(0x29, [asked.target])
        ends = (None, None) if refused else (source, target)
        first = None if asked.client_sends else UInt(0)
        modes = (UByte(asked.fields[3] or 0), UByte(asked.fields[4] or 0))
        named = (asked.fields[0], UInt(asked.handle), asked.client_sends, *modes)
        session.send(performative(0x12, *named, *ends, None, None, first, ULong(_LARGEST_MESSAGE), None, None, None))
        if refused:
            session.links[asked.handle].detach(refused.condition, refused.description)

    def _resolve(self, asked: "_Attach") -> Link:
        if asked.address in _NODES:
            kind: type[Requests | Replies] = Requests if asked.client_sends else Replies
            return kind(session=asked.session, handle=asked.handle, node=asked.address)
        hub = self.broker.hub(asked.parts[0])
        if hub is None:
            raise Refused("amqp:not-found", f"The messaging entity '{asked.address}' could not be found.")
        if not self.authorised:
            raise Refused("amqp:unauthorized-access", "Put a token first.")
        if asked.client_sends:
            partition = hub.partitions.get(asked.parts[2]) if len(asked.parts) == 3 else None
            if len(asked.parts) == 3 and partition is None:
                raise Refused("com.microsoft:argument-out-of-range", f"There is no partition {asked.parts[2]}.")
            return Ingress(session=asked.session, handle=asked.handle, hub=hub, partition=partition)
        if len(asked.parts) != 5 or asked.parts[4] not in hub.partitions:
            raise Refused("com.microsoft:argument-out-of-range", f"There is no such partition: {asked.address}.")
        if asked.parts[2].lower() not in hub.groups:
            raise Refused("amqp:not-found", f"There is no consumer group {asked.parts[2]}.")
        partition = hub.partitions[asked.parts[4]]
        link = Egress(
            session=asked.session,
            handle=asked.handle,
            partition=partition,
            group=asked.parts[2].lower(),
            epoch=asked.epoch,
            place=partition.start_of(asked.selector),
            metrics=asked.metrics,
        )
        _take_over(link)
        return link


def _take_over(new: Egress) -> None:
    """Of the receivers with an epoch in one group, the newest of the highest epoch stays; a lower one is refused."""
    rivals = [r for r in new.partition.readers if isinstance(r, Egress) and r.group == new.group]
    if any(r.epoch is not None and (new.epoch is None or r.epoch > new.epoch) for r in rivals):
        raise Refused("amqp:link:stolen", "A receiver with a higher epoch exists.")
    for rival in rivals if new.epoch is not None else ():
        rival.detach("amqp:link:stolen", f"A new receiver with epoch {new.epoch} was created.")
        rival.session.connection.flush()


class _Attach:
    """What a client asks of a link, read from the fields of its attach."""

    def __init__(self, session: Session, fields: list[Any]) -> None:
        self.session = session
        self.fields = fields
        self.handle: int = fields[1]
        self.client_sends = not fields[2]
        source, target = fields[5].value, fields[6].value
        self.source, self.target = source[0] if source else None, target[0] if target else None
        self.address = _path(self.target if self.client_sends else self.source)
        self.parts = self.address.split("/")
        self.selector = _selector(source)
        self.epoch: int | None = (fields[13] or {}).get("com.microsoft:epoch")
        wanted = fields[12] or []
        self.metrics = _METRICS in (wanted if isinstance(wanted, list) else [wanted])


def _path(address: str | None) -> str:
    if address and "://" in address:
        return urllib.parse.urlparse(address).path.lstrip("/")
    return address or ""


def _selector(source: list[Any]) -> str | None:
    filters = source[7] if len(source) > 7 and source[7] else {}
    for name, value in filters.items():
        if "selector-filter" in str(name):
            return str(value.value if isinstance(value, Described) else value)
    return None

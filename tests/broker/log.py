"""What a hub keeps: one ordered log a partition. It outlives the broker's restarts, and with a folder its process."""

import re
import struct
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from agent.events.routing import partition_of
from tests.broker.codec import ANNOTATIONS, DELIVERY_ANNOTATIONS, HEADER, Symbol, Timestamp, decode, encode, sections

_SEQUENCE, _OFFSET = Symbol("x-opt-sequence-number"), Symbol("x-opt-offset")
_ENQUEUED, _KEY = Symbol("x-opt-enqueued-time"), Symbol("x-opt-partition-key")
_OURS = frozenset({_SEQUENCE, _OFFSET, _ENQUEUED, _KEY})
_ANNOTATED = b"\x00\x53\x72"
_RECORD = struct.Struct(">QQQI")
_SELECTOR = re.compile(r"x-opt-(offset|sequence-number|enqueued-time)(?:-utc)?\s*(>=|>)\s*'?(@?[\w.-]+)'?")


class Stored(NamedTuple):
    sequence: int
    offset: int
    enqueued_ms: int
    message: bytes


_PLACES: Mapping[str, Callable[[Stored], int]] = {
    "sequence-number": lambda stored: stored.sequence,
    "offset": lambda stored: stored.offset,
    "enqueued-time": lambda stored: stored.enqueued_ms,
}


class Reader(Protocol):
    """Something that wants to be told of new events."""

    def pump(self) -> None: ...


@dataclass(eq=False)
class Partition:
    id: str
    file: BinaryIO | None = None
    events: list[Stored] = field(default_factory=list)
    readers: set[Reader] = field(default_factory=set)

    @property
    def size(self) -> int:
        return self.events[-1].offset + len(self.events[-1].message) if self.events else 0

    def append(self, message: bytes, key: str | None = None) -> None:
        """Stores a message as its sender encoded it, with the service's annotations in place of the sender's."""
        sequence, offset, now = len(self.events), self.size, int(time.time() * 1000)
        header, annotations, rest = _taken_apart(message)
        kept = {name: value for name, value in annotations.items() if name not in _OURS}
        kept |= {_SEQUENCE: sequence, _OFFSET: str(offset), _ENQUEUED: Timestamp(now)}
        if (named := annotations.get(_KEY, key)) is not None:
            kept[_KEY] = named
        stored = Stored(sequence, offset, now, header + _ANNOTATED + encode(kept) + rest)
        self.events.append(stored)
        if self.file:
            self.file.write(_RECORD.pack(sequence, offset, now, len(stored.message)) + stored.message)
            self.file.flush()

    def start_of(self, selector: str | None) -> int:
        """The place of the first event that a receiver's filter lets through."""
        found = _SELECTOR.search(selector or "")
        if found is None or found[3] == "@latest":
            return len(self.events)
        place = _PLACES[found[1]]
        bound = int(found[3]) if found[2] == ">=" else int(found[3]) + 1
        return next((at for at, event in enumerate(self.events) if place(event) >= bound), len(self.events))

    def load(self, path: Path) -> None:
        data, at = path.read_bytes() if path.exists() else b"", 0
        while at + _RECORD.size <= len(data):
            sequence, offset, enqueued, size = _RECORD.unpack_from(data, at)
            at += _RECORD.size
            self.events.append(Stored(sequence, offset, enqueued, data[at : at + size]))
            at += size
        self.file = path.open("ab")


def _taken_apart(message: bytes) -> tuple[bytes, dict[object, object], bytes]:
    """-> header, message annotations, and everything after them; delivery annotations are for one hop only."""
    header = b""
    annotations: dict[object, object] = {}
    rest = []
    for section in sections(message):
        if section.code == HEADER:
            header = message[section.start : section.end]
        elif section.code == ANNOTATIONS:
            annotations.update(decode(message, section.value)[0])  # type: ignore[call-overload]
        elif section.code != DELIVERY_ANNOTATIONS:
            rest.append(message[section.start : section.end])
    return header, annotations, b"".join(rest)


class Hub:
    def __init__(
        self, name: str, partitions: int = 4, groups: Iterable[str] = ("$Default",), folder: Path | None = None
    ) -> None:
        self.name = name
        self.groups = frozenset(group.lower() for group in groups)
        self.created_ms = int(time.time() * 1000)
        self.partitions = {str(number): Partition(str(number)) for number in range(partitions)}
        self._turn = 0
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            for partition in self.partitions.values():
                partition.load(folder / f"{name}.{partition.id}.log")

    def partition_for(self, key: str | None) -> Partition:
        if key is None:
            self._turn = (self._turn + 1) % len(self.partitions)
            return self.partitions[str(self._turn)]
        return self.partitions[str(partition_of(key, len(self.partitions)))]

    def close(self) -> None:
        for partition in self.partitions.values():
            if partition.file:
                partition.file.close()

"""AMQP 1.0 values on the wire (OASIS AMQP 1.0, part 1), both ways, as far as an Event Hubs client speaks them.

Plain Python values stand for the AMQP type that the client expects (str: string, int: long, float: double); the
classes here name the others.
"""

import struct
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple


class Symbol(str):
    __slots__ = ()


class UByte(int):
    pass


class UShort(int):
    pass


class UInt(int):
    pass


class ULong(int):
    pass


class Int(int):
    """Signed, 32 bits."""


class Timestamp(int):
    """Milliseconds since 1970."""


class Encoded(bytes):
    """A value that is encoded already."""


class Described(NamedTuple):
    descriptor: object
    value: object


def encode(value: object) -> bytes:
    return _ENCODERS[type(value)](value)


def performative(code: int, *fields: object) -> bytes:
    """The client reads fields by position and checks no length: every field is sent, nulls included."""
    return b"\x00\x53" + bytes([code]) + encode(fields)


def string_array(texts: Sequence[str]) -> Encoded:
    body = b"".join(struct.pack(">I", len(text.encode())) + text.encode() for text in texts)
    return Encoded(b"\xf0" + struct.pack(">II", len(body) + 5, len(texts)) + b"\xb1" + body)


def symbol_array(names: Sequence[str]) -> Encoded:
    body = b"".join(bytes([len(name)]) + name.encode() for name in names)
    return Encoded(b"\xe0" + bytes([len(body) + 2, len(names)]) + b"\xa3" + body)


def _sized(narrow: int, wide: int) -> Callable[[bytes], bytes]:
    def write(data: bytes) -> bytes:
        if len(data) < 256:
            return bytes([narrow, len(data)]) + data
        return bytes([wide]) + struct.pack(">I", len(data)) + data

    return write


_binary, _string, _symbol = _sized(0xA0, 0xB0), _sized(0xA1, 0xB1), _sized(0xA3, 0xB3)


def _fixed(code: int, layout: str) -> Callable[..., bytes]:
    return lambda value: bytes([code]) + struct.pack(layout, value)


def _compound(code: int, items: Sequence[bytes]) -> bytes:
    body = b"".join(items)
    return bytes([code]) + struct.pack(">II", len(body) + 4, len(items)) + body


def _list(values: Sequence[object]) -> bytes:
    return _compound(0xD0, [encode(value) for value in values])


def _map(pairs: Mapping[object, object]) -> bytes:
    return _compound(0xD1, [encode(part) for pair in pairs.items() for part in pair])


def _described(value: Described) -> bytes:
    code = value.descriptor
    return b"\x00" + (b"\x53" + bytes([code]) if type(code) is int else encode(code)) + encode(value.value)


_ENCODERS: dict[type, Callable[..., bytes]] = {
    type(None): lambda _: b"\x40",
    bool: lambda value: b"\x41" if value else b"\x42",
    UByte: _fixed(0x50, ">B"),
    UShort: _fixed(0x60, ">H"),
    UInt: _fixed(0x70, ">I"),
    ULong: _fixed(0x80, ">Q"),
    Int: _fixed(0x71, ">i"),
    int: _fixed(0x81, ">q"),
    float: _fixed(0x82, ">d"),
    Timestamp: _fixed(0x83, ">q"),
    uuid.UUID: lambda value: b"\x98" + value.bytes,
    bytes: _binary,
    str: lambda text: _string(text.encode()),
    Symbol: lambda text: _symbol(text.encode()),
    list: _list,
    tuple: _list,
    dict: _map,
    Described: _described,
    Encoded: bytes,
}


def decode(data: bytes, at: int = 0) -> tuple[object, int]:
    """-> the value that starts there and where the next one starts."""
    code = data[at]
    if code == 0:
        descriptor, at = decode(data, at + 1)
        value, at = decode(data, at)
        return Described(descriptor, value), at
    return _value(code, data, at + 1)


def _value(code: int, data: bytes, at: int) -> tuple[object, int]:
    if code in _CONSTANTS:
        return _CONSTANTS[code], at
    if code in _NUMBERS:
        layout = _NUMBERS[code]
        return layout.unpack_from(data, at)[0], at + layout.size
    return _BY_CLASS[code >> 4](code, data, at)


_CONSTANTS: Mapping[int, object] = {0x40: None, 0x41: True, 0x42: False, 0x43: 0, 0x44: 0, 0x45: []}
_NUMBERS = {
    code: struct.Struct(layout)
    for code, layout in {
        **{0x50: ">B", 0x51: ">b", 0x52: ">B", 0x53: ">B", 0x54: ">b", 0x55: ">b", 0x56: ">?"},
        **{0x60: ">H", 0x61: ">h", 0x70: ">I", 0x71: ">i", 0x72: ">f"},
        **{0x80: ">Q", 0x81: ">q", 0x82: ">d", 0x83: ">q"},
    }.items()
}


def _uuid(code: int, data: bytes, at: int) -> tuple[object, int]:
    if code != 0x98:
        raise ValueError(f"AMQP type 0x{code:02x} is not read here")
    return uuid.UUID(bytes=bytes(data[at : at + 16])), at + 16


def _variable(code: int, data: bytes, at: int) -> tuple[object, int]:
    size, at = _length(code < 0xB0, data, at)
    body = bytes(data[at : at + size])
    kind = code & 0xF
    return (body if kind == 0 else Symbol(body.decode()) if kind == 3 else body.decode()), at + size


def _collection(code: int, data: bytes, at: int) -> tuple[object, int]:
    count, at = _count(code < 0xD0, data, at)
    found = []
    for _ in range(count):
        value, at = decode(data, at)
        found.append(value)
    return (dict(zip(found[::2], found[1::2], strict=True)) if code & 1 else found), at


def _array(code: int, data: bytes, at: int) -> tuple[object, int]:
    count, at = _count(code < 0xF0, data, at)
    constructor, at = data[at], at + 1
    found = []
    for _ in range(count):
        value, at = _value(constructor, data, at)
        found.append(value)
    return found, at


_BY_CLASS = {9: _uuid, 0xA: _variable, 0xB: _variable, 0xC: _collection, 0xD: _collection, 0xE: _array, 0xF: _array}


def _length(narrow: bool, data: bytes, at: int) -> tuple[int, int]:
    return (data[at], at + 1) if narrow else (struct.unpack_from(">I", data, at)[0], at + 4)


def _count(narrow: bool, data: bytes, at: int) -> tuple[int, int]:
    """The number of items of a compound, whose size in bytes stands before it."""
    return (data[at + 1], at + 2) if narrow else (struct.unpack_from(">I", data, at + 4)[0], at + 8)


class Section(NamedTuple):
    """One part of a message (OASIS AMQP 1.0, part 3): its descriptor, and where it, its value and its end stand."""

    code: int
    start: int
    value: int
    end: int


HEADER, DELIVERY_ANNOTATIONS, ANNOTATIONS, PROPERTIES, APPLICATION, DATA, _SEQUENCE, VALUE = range(0x70, 0x78)


def sections(message: bytes) -> Iterator[Section]:
    at = 0
    while at < len(message):
        small = message[at + 1] == 0x53
        code, value = (message[at + 2], at + 3) if small else (struct.unpack_from(">Q", message, at + 2)[0], at + 10)
        end = _after(message, value)
        yield Section(code, at, value, end)
        at = end


_FIXED_WIDTHS = {4: 0, 5: 1, 6: 2, 7: 4, 8: 8, 9: 16}


def _after(data: bytes, at: int) -> int:
    """Where the value that starts there ends, without reading it."""
    code, at = data[at], at + 1
    if code == 0:
        return _after(data, _after(data, at))
    if (width := _FIXED_WIDTHS.get(code >> 4)) is not None:
        return at + width
    size, at = _length(code >> 4 in (0xA, 0xC, 0xE), data, at)
    return at + size

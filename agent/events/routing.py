"""Which partition a key belongs to: the same answer as the service gives to a sender that names only the key.

Jenkins' lookup3 (hashlittle2) over the key's UTF-8 bytes, both results folded into a signed 16-bit number, its absolute
remainder. Sending by partition instead of by key lets one batch hold many keys.
"""

_MASK = 0xFFFFFFFF
_START = 0xDEADBEEF
_MIX = (4, 6, 8, 16, 19, 4)
_FINAL = (14, 11, 25, 16, 4, 14, 24)


def partition_of(key: str, partitions: int) -> int:
    """-> 0 .. partitions - 1."""
    first, second = lookup3(key.encode())
    folded = (first ^ second) & 0xFFFF
    signed = folded - 0x10000 if folded & 0x8000 else folded
    return abs(signed) % partitions


def lookup3(data: bytes) -> tuple[int, int]:
    """Two 32-bit hashes of the bytes, seeded with zero."""
    a = b = c = (_START + len(data)) & _MASK
    place = 0
    while len(data) - place > 12:
        a, b, c = _mix(*_add(a, b, c, data[place : place + 12]))
        place += 12
    if place == len(data):
        return c, b
    return _final(*_add(a, b, c, data[place:].ljust(12, b"\0")))


def _add(a: int, b: int, c: int, block: bytes) -> tuple[int, int, int]:
    x, y, z = (int.from_bytes(block[at : at + 4], "little") for at in (0, 4, 8))
    return (a + x) & _MASK, (b + y) & _MASK, (c + z) & _MASK


def _rotate(value: int, by: int) -> int:
    return ((value << by) | (value >> (32 - by))) & _MASK


def _mix(a: int, b: int, c: int) -> tuple[int, int, int]:
    for by in _MIX:
        a = ((a - c) & _MASK) ^ _rotate(c, by)
        a, b, c = b, (c + b) & _MASK, a
    return a, b, c


def _final(a: int, b: int, c: int) -> tuple[int, int]:
    for by in _FINAL:
        c = ((c ^ b) - _rotate(b, by)) & _MASK
        a, b, c = b, c, a
    return b, a  # the names have turned with every step: the last word computed stands in b

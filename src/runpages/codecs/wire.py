"""The protobuf wire format without schemas: which fields a message has, and where their bytes lie.

After protobuf.dev/programming-guides/encoding. Whoever knows the schema asks a `Message` by field number; `fields` is
the bare walk below it, for readers that count microseconds. Everything that cannot be a message is a `WireError`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from struct import Struct
from typing import Any

import numpy as np

from runpages.model import Floats, Ints

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
MAX_NUMBER = (1 << 29) - 1
_DOUBLE, _FLOAT = Struct("<d"), Struct("<f")


class WireError(ValueError):
    """These bytes are no protobuf message."""


def varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """The unsigned 64-bit number that starts at `at`, and where it stops. Raises WireError past `end` or 10 bytes."""
    value = shift = 0
    while at < end and shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, at
        shift += 7
    raise WireError("a number is cut off" if shift < 70 else "a number is longer than 10 bytes")


def signed(value: int) -> int:
    """An int32 or int64 out of its unsigned varint."""
    return value - (1 << 64) if value >> 63 else value


def zigzag(value: int) -> int:
    """A sint32 or sint64 out of its unsigned varint."""
    return (value >> 1) ^ -(value & 1)


def fields(data: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int, int, int]]:
    """(number, wire type, a, b) of each field of the message at data[start:end], in file order.

    For VARINT `a` is the unsigned number; for the others data[a:b] is the payload. Raises WireError at the first
    byte that fits no field; what came before has been handed out. Groups (wire types 3, 4) count as damage:
    no tracker writes them.
    """
    at, stop = start, len(data) if end is None else end
    if not 0 <= start <= stop <= len(data):
        raise WireError("a message reaches past the end")
    while at < stop:
        key = data[at]
        at += 1
        if key > 0x7F:
            key, at = varint(data, at - 1, stop)
        number, kind = key >> 3, key & 7
        if not 0 < number <= MAX_NUMBER:
            raise WireError(f"field number {number}")
        if kind == VARINT:
            value, at = varint(data, at, stop)
            yield number, kind, value, at
            continue
        begin, at = _span(data, at, stop, kind)
        yield number, kind, begin, at


def _span(data: bytes, at: int, stop: int, kind: int) -> tuple[int, int]:
    if kind == BYTES:
        size, at = varint(data, at, stop)
    elif kind in (FIXED64, FIXED32):
        size = 8 if kind == FIXED64 else 4
    else:
        raise WireError(f"wire type {kind}")
    if size > stop - at:
        raise WireError("a field reaches past its message")
    return at, at + size


class Message:
    """One message, asked by field number; of a field that may occur once the last counts, as protobuf has it.

    A field that is absent, or present with another wire type, gives the default: schemas grow, files stay.
    Raises WireError when made of bytes that are no message.
    """

    __slots__ = ("data", "end", "found", "start")

    def __init__(self, data: bytes, start: int = 0, end: int | None = None) -> None:
        self.data = data
        self.start = start
        self.end = len(data) if end is None else end
        self.found: dict[int, list[tuple[int, int, int]]] = {}
        for number, kind, a, b in fields(data, start, self.end):
            self.found.setdefault(number, []).append((kind, a, b))

    def __contains__(self, number: int) -> bool:
        return number in self.found

    def spans(self, number: int) -> list[tuple[int, int]]:
        """Where the payloads of a bytes, text or message field lie in `data`."""
        return [(a, b) for kind, a, b in self.found.get(number, ()) if kind == BYTES]

    def raw(self, number: int) -> bytes:
        """A bytes field; empty when absent."""
        spans = self.spans(number)
        return self.data[slice(*spans[-1])] if spans else b""

    def text(self, number: int) -> str:
        """A text field, damaged UTF-8 replaced; "" when absent."""
        return self.raw(number).decode("utf-8", "replace")

    def texts(self, number: int) -> list[str]:
        """A repeated text field."""
        return [self.data[a:b].decode("utf-8", "replace") for a, b in self.spans(number)]

    def child(self, number: int) -> Message:
        """A message field; a message without fields when absent."""
        spans = self.spans(number)
        return Message(self.data, *spans[-1]) if spans else Message(b"")

    def children(self, number: int) -> list[Message]:
        """A repeated message field."""
        return [Message(self.data, a, b) for a, b in self.spans(number)]

    def unsigned(self, number: int, default: int = 0) -> int:
        """A uint, bool or enum field."""
        values = [a for kind, a, _ in self.found.get(number, ()) if kind == VARINT]
        return values[-1] if values else default

    def integer(self, number: int, default: int = 0) -> int:
        """An int32 or int64 field."""
        return signed(self.unsigned(number, default))

    def double(self, number: int, default: float = 0.0) -> float:
        """A double field."""
        return self._fixed(number, FIXED64, _DOUBLE, default)

    def float32(self, number: int, default: float = 0.0) -> float:
        """A float field."""
        return self._fixed(number, FIXED32, _FLOAT, default)

    def _fixed(self, number: int, wire: int, layout: Struct, default: float) -> float:
        starts = [a for kind, a, _ in self.found.get(number, ()) if kind == wire]
        return float(layout.unpack_from(self.data, starts[-1])[0]) if starts else default

    def doubles(self, number: int) -> Floats:
        """A repeated double field, packed or not: float64 (n,)."""
        return self._repeated(number, FIXED64, np.dtype("<f8"))

    def floats(self, number: int) -> Floats:
        """A repeated float field, packed or not: float64 (n,)."""
        return self._repeated(number, FIXED32, np.dtype("<f4"))

    def _repeated(self, number: int, wire: int, dtype: np.dtype[Any]) -> Floats:
        pieces = [self.data[a:b] for kind, a, b in self.found.get(number, ()) if kind in (wire, BYTES)]
        joined = b"".join(pieces)
        if len(joined) % dtype.itemsize:
            raise WireError("packed numbers are cut off")
        return np.frombuffer(joined, dtype).astype(np.float64)

    def integers(self, number: int) -> Ints:
        """A repeated int32, int64, bool or enum field, packed or not: int64 (n,)."""
        values: list[int] = []
        for kind, a, b in self.found.get(number, ()):
            if kind == VARINT:
                values.append(signed(a))
            elif kind == BYTES:
                values.extend(map(signed, _packed(self.data, a, b)))
        return np.array(values, np.int64)


def _packed(data: bytes, at: int, end: int) -> Iterator[int]:
    while at < end:
        value, at = varint(data, at, end)
        yield value


def descend(message: Message, *numbers: int) -> Message:
    """The message reached by following single message fields; one without fields when the way ends early."""
    return reduce(Message.child, numbers, message)

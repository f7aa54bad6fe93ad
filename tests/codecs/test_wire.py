"""The protobuf wire format: what an encoder writes comes back, and anything else is a WireError."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runpages.codecs.wire import (
    BYTES,
    FIXED32,
    FIXED64,
    VARINT,
    Message,
    WireError,
    descend,
    fields,
    signed,
    varint,
    zigzag,
)

NUMBERS = st.integers(1, (1 << 29) - 1)
FIELDS = st.one_of(
    st.tuples(NUMBERS, st.just(VARINT), st.integers(0, (1 << 64) - 1)),
    st.tuples(NUMBERS, st.just(FIXED64), st.binary(min_size=8, max_size=8)),
    st.tuples(NUMBERS, st.just(FIXED32), st.binary(min_size=4, max_size=4)),
    st.tuples(NUMBERS, st.just(BYTES), st.binary(max_size=200)),
)


def number(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def encode(written: list[tuple[int, int, Any]]) -> bytes:
    out = b""
    for field, kind, value in written:
        out += number(field << 3 | kind)
        if kind == VARINT:
            out += number(value)
        else:
            out += (number(len(value)) if kind == BYTES else b"") + value
    return out


@given(st.lists(FIELDS, max_size=20))
def test_every_field_written_is_read_back_in_order(written: list[tuple[int, int, Any]]) -> None:
    data = encode(written)
    read = [(field, kind, a if kind == VARINT else data[a:b]) for field, kind, a, b in fields(data)]
    assert read == written


@given(st.binary(max_size=400))
def test_arbitrary_bytes_give_fields_or_a_wire_error(data: bytes) -> None:
    try:
        message = Message(data)
    except WireError:
        return
    for field in message.found:
        for ask in (message.doubles, message.floats, message.integers, message.children, message.child):
            try:
                ask(field)
            except WireError:
                continue
        message.raw(field), message.text(field), message.integer(field), message.double(field), message.float32(field)


@given(st.lists(FIELDS, min_size=1, max_size=8), st.data())
def test_a_cut_message_keeps_the_fields_before_the_cut(
    written: list[tuple[int, int, Any]], data: st.DataObject
) -> None:
    whole = encode(written)
    cut = data.draw(st.integers(0, len(whole) - 1))
    read = []
    try:
        for field, kind, a, b in fields(whole[:cut]):
            read.append((field, kind, a if kind == VARINT else whole[a:b]))
    except WireError:
        pass
    assert read == written[: len(read)]


@given(st.lists(st.floats(width=64)), st.lists(st.floats(width=32)), st.lists(st.integers(-(1 << 63), (1 << 63) - 1)))
def test_repeated_numbers_read_the_same_packed_or_not(
    doubles: list[float], singles: list[float], ints: list[int]
) -> None:
    raw: list[tuple[int, int, list[Any]]] = [
        (1, FIXED64, [struct.pack("<d", value) for value in doubles]),
        (2, FIXED32, [struct.pack("<f", value) for value in singles]),
        (3, VARINT, [value & (1 << 64) - 1 for value in ints]),
    ]
    apart = Message(encode([(field, kind, value) for field, kind, values in raw for value in values]))
    packed = Message(
        encode(
            [
                (1, BYTES, b"".join(raw[0][2])),
                (2, BYTES, b"".join(raw[1][2])),
                (3, BYTES, b"".join(map(number, raw[2][2]))),
            ]
        )
    )
    for message in (apart, packed):
        assert message.doubles(1).tobytes() == struct.pack(f"<{len(doubles)}d", *doubles)
        assert [struct.pack("<f", one) for one in message.floats(2)] == raw[1][2]
        assert message.integers(3).tolist() == ints


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_signed_numbers_come_back(value: int) -> None:
    assert signed(value & (1 << 64) - 1) == value
    assert zigzag((value << 1 ^ value >> 63) & (1 << 64) - 1) == value


def test_of_a_repeated_single_field_the_last_counts() -> None:
    message = Message(encode([(1, VARINT, 5), (2, BYTES, b"a"), (1, VARINT, 7), (2, BYTES, b"b")]))
    assert (message.unsigned(1), message.text(2), message.texts(2)) == (7, "b", ["a", "b"])


def test_an_absent_or_differently_typed_field_gives_the_default() -> None:
    message = Message(encode([(1, BYTES, b"text")]))
    assert (message.unsigned(1, 3), message.double(1, 0.5), message.text(9), message.raw(9)) == (3, 0.5, "", b"")
    assert 9 not in message
    assert 1 in message
    assert descend(message, 7, 8).found == {}


def test_nested_messages_are_reached_by_their_numbers() -> None:
    inner = encode([(3, BYTES, "grüße".encode())])
    message = Message(encode([(1, BYTES, encode([(2, BYTES, inner)]))]))
    assert descend(message, 1, 2).text(3) == "grüße"


@pytest.mark.parametrize(
    "data",
    [
        b"\x00",
        b"\x0b",
        b"\x0c",
        b"\x0e",
        b"\x0a\x05abc",
        b"\x09\x00",
        b"\x08",
        b"\x08" + b"\xff" * 11,
        b"\xff" * 10 + b"\x01",
    ],
    ids=[
        "field-0",
        "group",
        "end-group",
        "wire-6",
        "past-end",
        "cut-fixed",
        "cut-varint",
        "long-varint",
        "huge-number",
    ],
)
def test_what_cannot_be_a_message_is_a_wire_error(data: bytes) -> None:
    with pytest.raises(WireError):
        list(fields(data))


def test_a_span_outside_the_buffer_is_a_wire_error() -> None:
    with pytest.raises(WireError):
        list(fields(b"\x08\x01", 0, 9))
    with pytest.raises(WireError):
        varint(b"", 0, 0)

"""TFRecord framing and event files: what a writer writes comes back, the fast way equals the slow, damage costs only itself."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runpages.codecs import tfevents
from runpages.codecs.crc32c import crc32c, masked
from runpages.codecs.tensor import tensor_numbers
from runpages.codecs.tfevents import EventFile, live, read_events
from runpages.codecs.tfrecord import RecordFile, payload_is_whole
from runpages.codecs.tfsession import Session
from runpages.codecs.tfsummaries import chart_sections, markdown, new_histogram, old_histogram, pr_curve
from runpages.codecs.wire import Message, WireError


def bytewise_crc32c(data: bytes) -> int:
    """The definition, bit by bit (RFC 3720, appendix B.4)."""
    state = 0xFFFFFFFF
    for byte in data:
        state ^= byte
        for _ in range(8):
            state = state >> 1 ^ (0x82F63B78 if state & 1 else 0)
    return state ^ 0xFFFFFFFF


def framed(payload: bytes) -> bytes:
    length = struct.pack("<Q", len(payload))
    return length + struct.pack("<I", masked(crc32c(length))) + payload + struct.pack("<I", masked(crc32c(payload)))


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def block(number: int, payload: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def scalar(tag: str, step: int, value: float, *, tensor: bool = False, plugin: bool = False) -> bytes:
    """An event with one scalar, as the clients lay it out."""
    number = (
        block(8, b"\x08\x01\x12\x00\x22\x04" + struct.pack("<f", value))
        if tensor
        else b"\x15" + struct.pack("<f", value)
    )
    meta = block(9, block(1, block(1, b"scalars"))) if plugin else b""
    place = b"\x10" + varint(step & (1 << 64) - 1) if step else b""
    return (
        b"\x09"
        + struct.pack("<d", 1.7e9 + step % 1000)
        + place
        + block(5, block(1, block(1, tag.encode()) + number + meta))
    )


def payloads(data: bytes, size: int = 8 << 20) -> tuple[list[bytes], RecordFile]:
    records = RecordFile(BytesIO(data), size)
    out = [part.data[a:b] for part in records for a, b in zip(part.starts.tolist(), part.ends.tolist(), strict=True)]
    return out, records


def points(log: EventFile) -> dict[str, list[tuple[int, float, bytes]]]:
    found = {}
    for tag in log.scalars:
        one = log.points(tag)
        found[tag] = [
            (s, t, struct.pack("<d", v))
            for s, t, v in zip(one.steps.tolist(), one.times.tolist(), one.values.tolist(), strict=True)
        ]
    return found


def read(events: Sequence[bytes]) -> EventFile:
    return read_events(BytesIO(b"".join(map(framed, events))))


@given(st.binary(max_size=5000))
def test_the_checksum_is_castagnolis(data: bytes) -> None:
    assert crc32c(data) == bytewise_crc32c(data)


def test_the_checksum_of_the_known_example() -> None:
    assert crc32c(b"123456789") == 0xE3069283


@given(st.lists(st.binary(max_size=600), max_size=30), st.integers(13, 2000))
def test_every_payload_comes_back_whatever_the_block_size(written: list[bytes], size: int) -> None:
    read_back, records = payloads(b"".join(map(framed, written)), size)
    assert read_back == written
    assert records.damage == []


@given(st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=12), st.data())
def test_a_torn_tail_keeps_what_came_before(written: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(map(framed, written))
    cut = data.draw(st.integers(0, len(whole)))
    read_back, records = payloads(whole[:cut], 64)
    assert read_back == written[: len(read_back)]
    ends = np.cumsum([len(one) + 16 for one in written]).tolist()
    assert len(read_back) == sum(end <= cut for end in ends)
    at_a_joint = cut in {0, *ends}
    assert [one.what for one in records.damage] == ([] if at_a_joint else ["torn"])


@given(st.binary(max_size=3000), st.integers(13, 500))
def test_arbitrary_bytes_give_damage_and_no_exception(data: bytes, size: int) -> None:
    read_back, records = payloads(data, size)
    covered = sum(one.end - one.start for one in records.damage) + sum(len(one) + 16 for one in read_back)
    assert covered == len(data)
    read_events(BytesIO(data))


@given(st.integers(0, 11), st.integers(1, 255))
def test_a_damaged_length_costs_its_own_record_only(place: int, change: int) -> None:
    records = [framed(scalar("loss", step, step / 3)) for step in range(1, 60)]
    broken = bytearray(records[30])
    broken[place] ^= change
    log = read_events(BytesIO(b"".join([*records[:30], bytes(broken), *records[31:]])))
    assert log.points("loss").steps.tolist() == [step for step in range(1, 60) if step != 31]
    assert [(one.what, one.end - one.start) for one in log.damage] == [("frame", len(broken))]


@given(st.data())
def test_a_damaged_payload_costs_its_own_record_only(data: st.DataObject) -> None:
    records = [framed(scalar("loss", step, step / 3)) for step in range(1, 60)]
    which = data.draw(st.integers(0, 58))
    broken = bytearray(records[which])
    broken[data.draw(st.integers(12, len(broken) - 1))] ^= data.draw(st.integers(1, 255))
    log = read_events(BytesIO(b"".join([*records[:which], bytes(broken), *records[which + 1 :]])))
    assert log.points("loss").steps.tolist() == [step for step in range(1, 60) if step != which + 1]
    assert (log.broken, log.damage, set(log.scalars)) == (1, [], {"loss"})


EVENTS = st.builds(
    scalar,
    st.sampled_from(["a", "b", "loss", "lass", "train/accuracy", "train/accurady", "größe", "x" * 130, ""]),
    st.one_of(st.integers(0, 300), st.integers(-5, 1 << 62)),
    st.floats(width=32),
    tensor=st.booleans(),
    plugin=st.booleans(),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(EVENTS, max_size=60))
def test_the_fast_way_reads_what_the_slow_way_reads(events: list[bytes]) -> None:
    fast = read(events)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tfevents, "FEWEST_ROWS", 1 << 40)
        slow = read(events)
    assert points(fast) == points(slow)
    assert fast.metadata == slow.metadata
    assert (fast.first, fast.last, fast.broken) == (slow.first, slow.last, 0)
    assert sum(map(len, points(fast).values())) == len(events)


@settings(deadline=None)
@given(st.data())
def test_a_mutated_real_file_gives_no_exception(samples: Path, data: st.DataObject) -> None:
    paths = sorted(path for path in (samples / "tensorboard").rglob("*tfevents*") if 0 < path.stat().st_size < 60_000)
    whole = bytearray(data.draw(st.sampled_from(paths)).read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    log = read_events(BytesIO(bytes(whole)))
    assert log.records >= log.broken


@given(st.lists(st.integers(-3, 12)))
def test_points_count_until_the_tag_goes_back_to_their_step(steps: list[int]) -> None:
    kept: list[tuple[int, int]] = []
    for place, step in enumerate(steps):
        kept = [one for one in kept if one[1] < step]
        kept.append((place, step))
    assert np.flatnonzero(live(np.array(steps, np.int64))).tolist() == [place for place, _ in kept]


@pytest.mark.parametrize("decode", [old_histogram, new_histogram, pr_curve, markdown, chart_sections, Session().add])
@given(data=st.binary(max_size=300))
def test_summaries_of_arbitrary_bytes_are_values_or_a_wire_error(decode, data: bytes) -> None:  # type: ignore[no-untyped-def]
    try:
        decode(data)
    except WireError:
        return


@given(st.binary(max_size=200))
def test_a_tensor_of_arbitrary_bytes_is_numbers_or_a_wire_error(data: bytes) -> None:
    try:
        assert tensor_numbers(Message(data)).dtype == np.float64
    except WireError:
        return


def test_a_short_list_repeats_its_last_number() -> None:
    tensor = Message(b"\x08\x01" + block(2, block(2, b"\x08\x03")) + b"\x2a\x04" + struct.pack("<f", 1.5))
    assert tensor_numbers(tensor).tolist() == [1.5, 1.5, 1.5]


def test_half_floats_are_read_by_their_bits() -> None:
    bits = int(np.float16(0.5).view(np.uint16))
    assert tensor_numbers(Message(b"\x08\x13" + block(13, varint(bits)))).tolist() == 0.5
    assert tensor_numbers(Message(b"\x08\x0e" + b"\x22\x02\x00\x3f")).tolist() == 0.5


def test_the_whole_payload_is_checked() -> None:
    data = framed(b"payload")
    assert payload_is_whole(data, 12, 19)
    assert not payload_is_whole(data.replace(b"pay", b"pax"), 12, 19)

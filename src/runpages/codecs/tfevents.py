"""TensorBoard event files: scalars as columns, everything else as values in file order.

Field numbers after tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto and tensor.proto.
Nearly all records of a log are scalars that differ from the record before in time, step and number only. So records of
one length are laid out as the rows of a table; one of each tag is parsed, and its bytes are compared with all the others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, BinaryIO, Literal

import numpy as np
import numpy.typing as npt

from runpages.codecs.crc32c import by_distance
from runpages.codecs.tensor import tensor_numbers
from runpages.codecs.tfrecord import Block, Damage, RecordFile, payload_is_whole
from runpages.codecs.wire import BYTES, FIXED32, FIXED64, Message, WireError, fields
from runpages.model import Floats, Ints

Rows = npt.NDArray[np.uint8]
LONGEST_ROW = 255
FEWEST_ROWS = 4  # below this, laying out costs more than parsing
_NUMBERS: dict[int, np.dtype[Any]] = {
    1: np.dtype("<f4"),
    2: np.dtype("<f8"),
    3: np.dtype("<i4"),
    9: np.dtype("<i8"),
    19: np.dtype("<f2"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Some points of one tag: record number in the file, step, wall time, value, each (n,)."""

    order: Ints
    steps: Ints
    times: Floats
    values: Floats


@dataclass(frozen=True, slots=True)
class Value:
    """A summary value that is neither number nor media: `kind` is its field in Summary.Value (0 = none), `data` that field."""

    tag: str
    step: int
    time: float
    kind: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Media:
    """An image or a sound: bytes `start` to `start + size` of the event file, which begin with `head`."""

    tag: str
    step: int
    time: float
    kind: Literal["image", "audio"]
    index: int
    start: int
    size: int
    head: bytes


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the first value of a tag says about all of them."""

    plugin: str
    content: bytes
    display_name: str
    description: str


@dataclass(slots=True, eq=False)
class EventFile:
    """What one event file holds. `first` and `last` are wall times, `starts` are (record number, step) of session starts, which announce a restart."""

    scalars: dict[str, list[Points]] = field(default_factory=dict)
    values: list[Value] = field(default_factory=list)
    media: list[Media] = field(default_factory=list)
    metadata: dict[str, Metadata] = field(default_factory=dict)
    starts: list[tuple[int, int]] = field(default_factory=list)
    graphs: int = 0
    profiled: int = 0
    version: str = ""
    writer: str = ""
    records: int = 0
    first: float | None = None
    last: float | None = None
    broken: int = 0
    damage: list[Damage] = field(default_factory=list)

    def points(self, tag: str) -> Points:
        """All points of a tag in file order."""
        pieces = self.scalars[tag]
        if len(pieces) == 1:
            return pieces[0]
        order = np.concatenate([piece.order for piece in pieces])
        by = np.argsort(order, kind="stable")
        return Points(
            order[by],
            np.concatenate([piece.steps for piece in pieces])[by],
            np.concatenate([piece.times for piece in pieces])[by],
            np.concatenate([piece.values for piece in pieces])[by],
        )


def read_events(file: BinaryIO) -> EventFile:
    """Everything in an open event file; records that are damaged are counted in `broken` and left out."""
    out = EventFile()
    records = RecordFile(file)
    for block in records:
        rest = _Tables(block, out).run()
        for index in rest.tolist():
            _one_event(block, int(index), out)
        out.records += len(block.starts)
    out.damage = records.damage
    out.scalars = dict(sorted(out.scalars.items(), key=lambda item: min(int(piece.order[0]) for piece in item[1])))
    return out


class _Tables:
    """The fast way through one block: `run` returns which records are left for the slow way."""

    def __init__(self, block: Block, out: EventFile) -> None:
        self.block, self.out = block, out
        self.left: list[Ints] = []

    def run(self) -> Ints:
        lengths = self.block.ends - self.block.starts
        octets = np.frombuffer(self.block.data, np.uint8)
        key = np.where(lengths <= LONGEST_ROW, lengths, 0).astype(np.uint16)
        # behind tag and wall time comes the step, whose length is told by its bytes' high bits
        for place in range(1, 5):
            at = np.minimum(self.block.starts + 9 + place, len(octets) - 1)
            key += (octets[at] > 0x7F).astype(np.uint16) << np.uint16(7 + place)
        by = np.argsort(key, kind="stable")
        edges = np.flatnonzero(np.diff(key[by])) + 1
        for rows in np.split(by, edges):
            length = int(lengths[rows[0]]) if len(rows) else 0
            if len(rows) < FEWEST_ROWS or not 20 <= length <= LONGEST_ROW:
                self.left.append(rows)
            else:
                self._same_length(rows, length)
        return np.sort(np.concatenate(self.left)) if self.left else np.zeros(0, np.int64)

    def _same_length(self, rows: Ints, length: int) -> None:
        """Lay records of one length out as a table (with the checksum behind) and take it apart by step length and tag."""
        data, starts = self.block.data, self.block.starts[rows]
        lines = np.ndarray((len(data) - length - 3,), f"V{length + 4}", data, strides=(1,))
        table = lines[starts].view(np.uint8).reshape(len(rows), length + 4)
        while len(rows) >= FEWEST_ROWS:
            layout = _layout(table[0].tobytes(), length)
            if layout is None:
                self.left.append(rows[:1])
                rows, table = rows[1:], table[1:]
                continue
            same = self._by_tag(rows, table, layout)
            rows, table = rows[~same], table[~same]
        self.left.append(rows)

    def _by_tag(self, rows: Ints, table: Rows, like: _Layout) -> npt.NDArray[np.bool_]:
        """Take every row whose tag lies where the first row's does; True for the rows that were dealt with."""
        code = _hash(table, like.body, like.tag_end)
        dealt = np.zeros(len(rows), np.bool_)
        by = np.argsort(code, kind="stable")
        for group in np.split(by, np.flatnonzero(np.diff(code[by])) + 1):
            sheet = table[group]
            layout = _layout(sheet[0].tobytes(), like.length)
            if layout is None:
                continue
            fits = _fits(sheet, layout)
            if not fits.all():
                group, sheet = group[fits], sheet[fits]
            self._take(rows[group], sheet, layout)
            dealt[group] = True
        return dealt

    def _take(self, rows: Ints, sheet: Rows, layout: _Layout) -> None:
        whole = _whole(sheet, layout)
        if not whole.all():
            self.out.broken += int((~whole).sum())
            rows, sheet = rows[whole], sheet[whole]
        if not len(rows):
            return
        times = sheet[:, 1:9].copy().view("<f8").ravel()
        numbers = sheet[:, layout.value : layout.value + layout.dtype.itemsize].copy().view(layout.dtype).ravel()
        steps = np.zeros(len(rows), np.int64)
        for place in range(layout.body - 10):
            steps |= (sheet[:, 10 + place].astype(np.int64) & 0x7F) << 7 * place
        _seen_times(self.out, times)
        points = Points(rows + self.out.records, steps, times, numbers.astype(np.float64))
        self.out.scalars.setdefault(layout.tag, []).append(points)
        if layout.metadata and layout.tag not in self.out.metadata:
            self.out.metadata[layout.tag] = layout.metadata


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the parts of a scalar record lie: the summary from `body`, its tag up to `tag_end`, the number at `value`."""

    length: int
    body: int
    tag_end: int
    value: int
    dtype: np.dtype[Any]
    tag: str
    metadata: Metadata | None


def _layout(row: bytes, length: int) -> _Layout | None:
    """The layout of a record `09 time [10 step] 2a summary` with one plain number; None for any other."""
    try:
        parts = list(fields(row, 0, length))
        if [part[0] for part in parts] not in ([1, 2, 5], [1, 5]) or parts[0][1] != FIXED64 or parts[-1][1] != BYTES:
            return None
        body = 9 if len(parts) == 2 else parts[1][3]
        values = list(fields(row, *parts[-1][2:]))
        if row[0] != 9 or (body > 9 and row[9] != 0x10) or [(one[0], one[1]) for one in values] != [(1, BYTES)]:
            return None
        value = Message(row, *values[0][2:])
        number, tag = number_at(value), value.spans(1)
        if number is None or not tag or tag[-1][1] > number[0] or body > 19:
            return None  # a negative step has ten bytes: rare, and not worth a special case
        return _Layout(length, body, tag[-1][1], number[0], number[1], value.text(1), _metadata(value))
    except WireError:
        return None


def number_at(value: Message) -> tuple[int, np.dtype[Any]] | None:
    """Where the number of a scalar Summary.Value lies and what it is; None when it holds no single fixed-size number."""
    if 2 in value:
        kind, a, _ = value.found[2][-1]
        return (a, _NUMBERS[1]) if kind == FIXED32 else None
    if 8 not in value:
        return None
    tensor = value.child(8)
    dtype = _NUMBERS.get(tensor.unsigned(1))
    if dtype is None or 2 in tensor.child(2):
        return None  # has dimensions
    for number, packed in ((4, BYTES), (5, FIXED32), (6, FIXED64)):
        for kind, a, b in tensor.found.get(number, ())[:1]:
            if kind in (packed, BYTES) and b - a == dtype.itemsize and (number == 4 or _NUMBERS[number - 4] == dtype):
                return a, dtype
    return None


def _hash(table: Rows, start: int, end: int) -> npt.NDArray[np.uint16]:
    """uint16 (n,): a hash of columns start:end of each row. Equal rows have equal hashes; the converse is for the caller."""
    code = np.zeros(len(table), np.uint64)
    for at in [*range(start, end - 8, 8), max(end - 8, 0)]:
        word = np.ndarray((len(table),), "<u8", table, offset=at, strides=(table.shape[1],))
        code = (code ^ word) * np.uint64(0x9E37_79B9_7F4A_7C15)
        code ^= code >> np.uint64(29)
    return ((code * np.uint64(0xBF58_476D_1CE4_E5B9)) >> np.uint64(48)).astype(np.uint16)


def _fits(sheet: Rows, layout: _Layout) -> npt.NDArray[np.bool_]:
    """Which rows equal the first but for wall time, step and number."""
    first = sheet[0]
    fits = (sheet[:, [0, *range(layout.body, layout.value)]] == first[[0, *range(layout.body, layout.value)]]).all(
        axis=1
    )
    behind = slice(layout.value + layout.dtype.itemsize, layout.length)
    fits &= (sheet[:, behind] == first[behind]).all(axis=1)
    if layout.body > 9:
        fits &= sheet[:, 9] == 0x10
        fits &= (sheet[:, 10 : layout.body - 1] > 0x7F).all(axis=1)
        fits &= sheet[:, layout.body - 1] < 0x80
    return np.asarray(fits)


def _whole(sheet: Rows, layout: _Layout) -> npt.NDArray[np.bool_]:
    """Which rows have the right checksum: those of the first row, changed by the bytes in which they differ from it."""
    first, tables, length = sheet[0], by_distance(), layout.length
    crc = np.zeros(len(sheet), np.uint32)
    numbers = range(layout.value, layout.value + layout.dtype.itemsize)
    for place in [*range(1, 9), *range(10, layout.body), *numbers]:
        changed = sheet[:, place] ^ first[place]
        if changed.any():
            crc ^= tables[length - 1 - place][changed]
    stored = sheet[:, length : length + 4].copy().view("<u4").ravel() - np.uint32(0xA282_EAD8)
    stored = stored << np.uint32(15) | stored >> np.uint32(17)
    if payload_is_whole(first.tobytes(), 0, length):
        return np.asarray(stored ^ crc == stored[0])
    return np.array([payload_is_whole(row.tobytes(), 0, length) for row in sheet])


def _seen_times(out: EventFile, times: Floats, *, last: bool = True) -> None:
    """Widen the span of the file; the opening of a file is no last sign of life: a second writer may open one and say nothing."""
    times = times[np.isfinite(times) & (times > 0)]  # a writer that was given no time writes 0
    if len(times):
        low, high = float(times.min()), float(times.max())
        out.first = low if out.first is None else min(low, out.first)
        if last:
            out.last = high if out.last is None else max(high, out.last)


def _one_event(block: Block, index: int, out: EventFile) -> None:
    start, end = int(block.starts[index]), int(block.ends[index])
    try:
        event = Message(block.data, start, end) if payload_is_whole(block.data, start, end) else None
        if event is None:
            raise WireError("checksum")
        values = [Message(block.data, a, b) for part in event.children(5) for a, b in part.spans(1)]
        found = [(value, _number(value)) for value in values]
    except WireError:
        out.broken += 1
        return
    order, step, time = out.records + index, event.integer(2), event.double(1)
    _seen_times(out, np.array([time]), last=3 not in event)
    _other_fields(event, order, out)
    for value, number in found:
        tag = value.text(1) or value.text(7)
        meta = _metadata(value)
        if meta and tag not in out.metadata:
            out.metadata[tag] = meta
        if number is not None:
            point = Points(np.array([order]), np.array([step]), np.array([time]), np.array([number]))
            out.scalars.setdefault(tag, []).append(point)
            continue
        kind = next((kind for kind in (3, 4, 5, 6, 8) if kind in value), 0)
        media = _media(value, kind, out.metadata.get(tag))
        if media is None:
            out.values.append(Value(tag, step, time, kind, value.raw(kind)))
            continue
        what, spans = media
        for place, (a, b) in enumerate(spans):
            out.media.append(Media(tag, step, time, what, place, block.base + a, b - a, block.data[a : min(b, a + 16)]))


def _media(
    value: Message, kind: int, meta: Metadata | None
) -> tuple[Literal["image", "audio"], list[tuple[int, int]]] | None:
    """What a value shows, and where the encoded files lie: old fields of their own, or texts of a tensor."""
    if kind in (4, 6):
        return ("image" if kind == 4 else "audio"), value.child(kind).spans(4)[-1:]
    if kind != 8 or meta is None or meta.plugin not in ("images", "audio"):
        return None
    texts = value.child(8).spans(8)
    if meta.plugin == "images":
        return "image", texts[2:]  # behind width and height
    return "audio", texts[::2]  # each with its label


def _other_fields(event: Message, order: int, out: EventFile) -> None:
    out.version = out.version or event.text(3)
    out.writer = out.writer or event.child(10).text(1)
    out.graphs += (4 in event) + (9 in event)
    out.profiled += 8 in event
    if 7 in event and event.child(7).unsigned(1) == 1:
        out.starts.append((order, event.integer(2)))


def _number(value: Message) -> float | None:
    found = number_at(value)
    if found is not None:
        return float(np.frombuffer(value.data, found[1], 1, found[0])[0])
    if 8 not in value or 2 in value:
        return None
    tensor = value.child(8)
    if tensor.unsigned(1) == 7 or 2 in tensor.child(2):
        return None
    numbers = tensor_numbers(tensor)
    return float(numbers[0]) if numbers.size == 1 else None


def _metadata(value: Message) -> Metadata | None:
    if 9 not in value:
        return None
    meta = value.child(9)
    plugin = meta.child(1)
    return Metadata(plugin.text(1), plugin.raw(2), meta.text(2), meta.text(3))


def live(steps: Ints) -> npt.NDArray[np.bool_]:
    """Which points count after restarts: those no later point of the tag goes back to or before.

    TensorBoard's page works that way (its data server, data/server/reservoir.rs), with or without a session start.
    """
    if not len(steps):
        return np.zeros(0, np.bool_)
    least = np.minimum.accumulate(steps[::-1])[::-1]
    return np.append(steps[:-1] < least[1:], True)

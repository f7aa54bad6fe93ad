"""TFRecord framing: a length, its checksum, the payload, its checksum. Whole blocks at a time.

After tensorflow.org/tutorials/load_data/tfrecord. A file that is being written ends in the middle of a record; a
damaged length loses the framing, which is found again at the next length whose checksum fits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from struct import Struct
from typing import BinaryIO, Literal

import numpy as np

from runpages.codecs.crc32c import Words, crc32c, masked
from runpages.model import Ints

BLOCK = 8 << 20
MAX_RECORD = 1 << 28  # a payload is held in memory at once; the largest image seen in public logs has 30 MB
_HEAD = Struct("<QI")
_AROUND = 16
_FOOT = 4


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes `start` to `end` of the file belong to no record: `torn` at its end, `frame` in the middle."""

    what: Literal["torn", "frame"]
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Some records: payload i is data[starts[i]:ends[i]], and data[0] is byte `base` of the file."""

    data: bytes
    base: int
    starts: Ints
    ends: Ints


class RecordFile:
    """Iterates over the blocks of an open file; `damage` is complete when the iteration is."""

    def __init__(self, file: BinaryIO, block: int = BLOCK) -> None:
        self.file = file
        self.block = block
        self.damage: list[Damage] = []

    def __iter__(self) -> Iterator[Block]:
        base, data, want = 0, self.file.read(self.block), 0
        while data:
            frames = _Frames(data)
            frames.run()
            self._note(base, frames.gaps)
            if frames.starts:
                yield Block(data, base, np.concatenate(frames.starts), np.concatenate(frames.ends))
            want = max(frames.want - len(data), self.block)
            more = self.file.read(want)
            if not more:
                self._end(base + frames.at, base + len(data), lost=frames.lost)
                return
            rest = data[frames.at :]
            if frames.lost:  # the place to go on is somewhere ahead: a head may straddle the two blocks
                self._note(base, [(frames.at, len(data) - min(len(rest), _HEAD.size - 1))])
                rest = rest[-(_HEAD.size - 1) :]
            base, data = base + len(data) - len(rest), rest + more

    def _note(self, base: int, gaps: list[tuple[int, int]]) -> None:
        for start, end in gaps:
            if self.damage and self.damage[-1].end == base + start:
                start = self.damage.pop().start - base
            if end > start:
                self.damage.append(Damage("frame", base + start, base + end))

    def _end(self, start: int, end: int, *, lost: bool) -> None:
        if lost:
            self._note(0, [(start, end)])
        elif end > start:
            self.damage.append(Damage("torn", start, end))


def payload_is_whole(data: bytes, start: int, end: int) -> bool:
    """Does the payload's checksum fit?"""
    return masked(crc32c(data[start:end])) == int.from_bytes(data[end : end + _FOOT], "little")


class _Frames:
    """The records of one buffer, in `starts` and `ends`; stops at `at`, needing `want` bytes or having `lost` the way."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.heads, self.after = _short_heads(data)
        self.breaks = np.flatnonzero(self.after[:-1] != self.heads[1:])
        self.starts: list[Ints] = []
        self.ends: list[Ints] = []
        self.gaps: list[tuple[int, int]] = []
        self.at = self.want = 0
        self.lost = False

    def run(self) -> None:
        while self.at < len(self.data):
            first = int(np.searchsorted(self.heads, self.at))
            if first < len(self.heads) and self.heads[first] == self.at:
                self._chain(first)
            elif not self._one(first):
                return

    def _chain(self, first: int) -> None:
        """Take every following short record whose head lies where the one before ends."""
        place = int(np.searchsorted(self.breaks, first))
        last = int(self.breaks[place]) if place < len(self.breaks) else len(self.heads) - 1
        self._take(self.heads[first : last + 1], self.after[first : last + 1])

    def _one(self, following: int) -> bool:
        """Take one record of any length, or find the way again; False when the buffer has no more to give."""
        if self.at + _HEAD.size > len(self.data):
            return False
        length, check = _HEAD.unpack_from(self.data, self.at)
        if length > MAX_RECORD or masked(crc32c(self.data[self.at : self.at + 8])) != check:
            self.lost = following >= len(self.heads)
            if not self.lost:
                self.gaps.append((self.at, int(self.heads[following])))
                self.at = int(self.heads[following])
            return not self.lost
        if self.at + _AROUND + length > len(self.data):
            self.want = self.at + _AROUND + length
            return False
        self._take(np.array([self.at]), np.array([self.at + _AROUND + length]))
        return True

    def _take(self, heads: Ints, after: Ints) -> None:
        self.starts.append(heads + _HEAD.size)
        self.ends.append(after - _FOOT)
        self.at = int(after[-1])


@cache
def _short_checks() -> Words:
    return np.array([masked(crc32c(length.to_bytes(8, "little"))) for length in range(256)], np.uint32)


def _short_heads(data: bytes) -> tuple[Ints, Ints]:
    """Where records of 1 to 255 bytes begin and end, all at once: by their seven zero bytes, then by checksum."""
    nothing = np.zeros(0, np.int64)
    if len(data) < _AROUND:
        return nothing, nothing
    octets = np.frombuffer(data, np.uint8)
    words = octets[: len(data) // 4 * 4].view("<u4")
    zero = np.flatnonzero(words == 0)
    # among seven zero bytes is a whole aligned word; its first one starts 1 to 4 bytes behind the length
    zero = zero[np.flatnonzero(np.diff(zero, prepend=-2) != 1)] * 4
    heads = zero[(zero > 0) & (zero <= len(data) - 11)] - 1
    for _ in range(3):
        heads = heads - (octets[heads] == 0)
        heads = np.maximum(heads, 0)
    heads = heads[heads <= len(data) - _AROUND]
    lengths = np.ndarray((len(data) - 7,), "<u8", data, strides=(1,))[heads]
    checks = np.ndarray((len(data) - 3,), "<u4", data, strides=(1,))[heads + 8]
    good = lengths < 256
    good &= checks == _short_checks()[np.where(good, lengths, 0).astype(np.intp)]
    heads, ends = heads[good], heads[good] + lengths[good].astype(np.int64) + _AROUND
    whole = ends <= len(data)
    return heads[whole], ends[whole]

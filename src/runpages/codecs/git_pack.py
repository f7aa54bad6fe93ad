"""Git's object files: packs with version 2 indexes, deltas, and loose objects, as kind and bytes. Format: gitformat-pack(5)."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np

MAX_OBJECT = 32 << 20  # bytes of one object after inflating
KINDS = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}


class GitError(Exception):
    """The repository is damaged, incomplete, or of a kind that is not read; the message says which object."""


class Pack:
    """One pack and its index (version 2). Files are opened per read: a repack meanwhile costs an object, no crash."""

    def __init__(self, index: Path, width: int) -> None:
        self.index, self.pack, self.width = index, index.with_suffix(".pack"), width
        self.fanout = np.zeros(256, np.int64)
        head = _slice(index, 0, 8 + 1024)
        if len(head) == 8 + 1024 and head[:8] == b"\xfftOc\0\0\0\x02":
            self.fanout = np.frombuffer(head, ">u4", 256, 8).astype(np.int64)

    def find(self, name: bytes) -> int | None:
        """The offset of an object in the pack, None when it is not in this one."""
        low = int(self.fanout[name[0] - 1]) if name[0] else 0
        many, total = int(self.fanout[name[0]]) - low, int(self.fanout[255])
        if not 0 < many <= 1 << 24 or len(name) != self.width:
            return None
        names = _slice(self.index, 1032 + low * self.width, many * self.width)
        at = names.find(name)
        while at > 0 and at % self.width:
            at = names.find(name, at + 1)
        if at < 0:
            return None
        tables = 1032 + total * (self.width + 4)
        offset = int.from_bytes(_slice(self.index, tables + 4 * (low + at // self.width), 4), "big")
        if offset & 1 << 31:
            offset = int.from_bytes(_slice(self.index, tables + 4 * total + 8 * (offset ^ 1 << 31), 8), "big")
        return offset

    def read(self, offset: int) -> tuple[int, int | str, bytes]:
        """Type, base of a delta (its offset here, or its id), and content of what stands at an offset."""
        head = _slice(self.pack, offset, 64)
        at, kind, size = _varint(head, 1) if head else (0, 0, 0)
        base: int | str = ""
        if kind == 6:
            back, at = _offset(head, at)
            base = offset - back
            if not 12 <= base < offset:
                raise GitError("a delta in a pack points outside of it")
        elif kind == 7:
            base, at = head[at : at + self.width].hex(), at + self.width
        elif kind not in KINDS:
            raise GitError("a pack holds something that is no object")
        return kind, base, self._inflate(offset + at, size)

    def _inflate(self, offset: int, size: int) -> bytes:
        if size > MAX_OBJECT:
            raise GitError(f"an object of {size:,} bytes is too large")
        inflater, out = zlib.decompressobj(), bytearray()
        try:
            with self.pack.open("rb") as file:
                file.seek(offset)
                while len(out) <= size and not inflater.eof:
                    block = file.read(min(size + 256, 1 << 16))
                    out += inflater.decompress(block, size + 1 - len(out))
                    if not block or (inflater.unconsumed_tail and len(out) > size):
                        break
        except (OSError, ValueError, OverflowError, zlib.error) as error:
            raise GitError(f"a pack is damaged: {error}") from None
        if len(out) != size:
            raise GitError("an object in a pack is cut short or too long")
        return bytes(out)


def _varint(data: bytes, first: int = 0) -> tuple[int, int, int]:
    """Where a little-endian base-128 number ends, the 3 type bits of its first byte when `first`, and the number."""
    value, shift, kind = 0, 0, 0
    for at, byte in enumerate(data[:12]):
        if at == 0 and first:
            kind, value, shift = byte >> 4 & 7, byte & 15, 4
        else:
            value |= (byte & 127) << shift
            shift += 7
        if not byte & 128:
            return at + 1, kind, value
    raise GitError("a length in a pack has no end")


def _offset(data: bytes, at: int) -> tuple[int, int]:
    """The distance back to a delta's base, and where the number ends."""
    value = 0
    for count, byte in enumerate(data[at : at + 10]):
        value = (value + 1 if count else 0) << 7 | byte & 127
        if not byte & 128:
            return value, at + count + 1
    raise GitError("an offset in a pack has no end")


def apply_deltas(data: bytes, deltas: list[bytes]) -> bytes:
    """What a chain of deltas, the last one nearest to the base, makes of it."""
    for delta in reversed(deltas):
        data = apply_delta(data, delta)
    return data


def apply_delta(base: bytes, delta: bytes) -> bytes:
    """What a delta makes of its base. Raises GitError when it does not fit the base or its own promise."""
    at, _, expected = _varint(delta)
    used, _, size = _varint(delta[at : at + 12])
    at += used
    if expected != len(base) or size > MAX_OBJECT:
        raise GitError("a delta does not fit its base")
    out = bytearray()
    while at < len(delta) and len(out) <= size:
        code = delta[at]
        at += 1
        if code & 128:
            fields = [i for i in range(7) if code >> i & 1]
            number = dict(zip(fields, delta[at : at + len(fields)], strict=False))
            at += len(fields)
            start = sum(number.get(i, 0) << 8 * i for i in range(4))
            count = sum(number.get(i, 0) << 8 * (i - 4) for i in range(4, 7)) or 0x10000
            if start + count > len(base):
                raise GitError("a delta copies from behind its base")
            out += base[start : start + count]
        elif code:
            out += delta[at : at + code]
            at += code
        else:
            raise GitError("a delta holds an instruction that git does not know")
    if len(out) != size:
        raise GitError("a delta made something of another size")
    return bytes(out)


def read_loose(path: Path, id_: str) -> tuple[str, bytes]:
    """Kind and content of a loose object. Raises GitError."""
    try:
        inflater, out = zlib.decompressobj(), bytearray()
        with path.open("rb") as file:
            while not inflater.eof and (block := file.read(1 << 16)):
                out += inflater.decompress(block, MAX_OBJECT + 64 - len(out))
                if len(out) >= MAX_OBJECT + 64:
                    raise GitError(f"{id_[:12]} is too large")
    except (OSError, zlib.error) as error:
        raise GitError(f"{id_[:12]} is damaged: {error}") from None
    head, zero, data = bytes(out).partition(b"\0")
    kind, _, size = head[:32].decode("ascii", "replace").partition(" ")
    if not zero or kind not in KINDS.values() or size != str(len(data)):
        raise GitError(f"{id_[:12]} is cut short or no object")
    return kind, data


def _slice(path: Path, start: int, size: int) -> bytes:
    try:
        with path.open("rb") as file:
            # read() sets aside as much as it is asked for, whatever the file holds
            most = file.seek(0, 2) - start
            file.seek(start)
            return file.read(max(0, min(size, most)))
    except (OSError, ValueError, OverflowError) as error:
        raise GitError(f"a pack cannot be read: {error}") from None

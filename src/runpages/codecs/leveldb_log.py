"""LevelDB's log framing as W&B and SwanLab write it: blocks of 32 KiB, chunks with a checksum, records over several chunks.

After github.com/google/leveldb/blob/main/doc/log_format.md; both put seven bytes of their own before the first chunk and
take zlib's CRC-32 where LevelDB has the masked CRC-32C (seen in wandb 0.13 to 0.31 and swanlab 0.10).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from struct import Struct
from zlib import crc32

MAGIC = b":W&B\xe1\xbe"  # a byte with the version, 0 in all logs seen, follows
BLOCK = 32 * 1024
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4
_CHUNK = Struct("<IHB")
_START = len(MAGIC) + 1


class NotALog(ValueError):
    """The bytes do not begin as such a log does."""


@dataclass(slots=True)
class Log:
    """The whole records in file order, where an unfinished end begins, and where damage inside was skipped."""

    records: list[bytes] = field(default_factory=list)
    torn: int | None = None
    damaged: list[int] = field(default_factory=list)


def read_log(data: bytes, magic: bytes = MAGIC) -> Log:
    """Every whole record. Of a file that ends inside a record the records before it; after damage the next block.

    `torn` is the byte at which the unfinished record starts. Raises NotALog for bytes with another beginning.
    """
    if not data.startswith(magic) and not magic.startswith(data):
        raise NotALog(f"no {'W&B ' if magic is MAGIC else ''}log: it begins with other bytes")
    if len(data) < _START:
        return Log(torn=0)
    return _Scan(data).run()


class _Scan:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.log = Log()
        self.pieces: list[bytes] = []
        self.since = 0  # where the record of `pieces` starts

    def run(self) -> Log:
        data, records, unpack = self.data, self.log.records, _CHUNK.unpack_from
        size, at = len(data), _START
        while at < size:
            left = BLOCK - at % BLOCK
            if left < 7:  # too little for a chunk: the writer pads with zeros
                at += left
                continue
            if at + 7 > size:
                self._torn(at)
                break
            checksum, length, kind = unpack(data, at)
            end = at + 7 + length
            if end > size or length > left - 7 or not 1 <= kind <= 4 or crc32(data[at + 6 : end]) != checksum:
                if at + left >= size:
                    self._torn(at)
                    break
                self._damaged(at)
                at += left
                continue
            if kind == FULL and not self.pieces:
                records.append(data[at + 7 : end])
            else:
                self._piece(at, kind, data[at + 7 : end])
            at = end
        if self.pieces and self.log.torn is None:
            self._torn(size)
        return self.log

    def _piece(self, at: int, kind: int, data: bytes) -> None:
        """One part of a record. MIDDLE and LAST without FIRST are the rest of a record that was damaged before."""
        if kind in (FULL, FIRST):
            if self.pieces:
                self._damaged(self.since)
            self.since = at
            self.pieces.append(data)
        elif self.pieces:
            self.pieces.append(data)
        if kind in (FULL, LAST) and self.pieces:
            self.log.records.append(b"".join(self.pieces))
            self.pieces = []

    def _damaged(self, at: int) -> None:
        self.log.damaged.append(self.since if self.pieces else at)
        self.pieces = []

    def _torn(self, at: int) -> None:
        self.log.torn = self.since if self.pieces else at
        self.pieces = []

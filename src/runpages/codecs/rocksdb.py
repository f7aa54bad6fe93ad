"""What a RocksDB database holds, from its table files and write-ahead logs: read as bytes, never opened as a database.

After github.com/facebook/rocksdb/wiki (BlockBasedTable format, Write Ahead Log) and github.com/google/snappy's format
description; footer versions 2 to 5. Of each key the record with the highest sequence number counts, so that
tables which a compaction has already replaced do no harm. Deletions of whole ranges are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct

from runpages.codecs.wire import WireError, varint

MAGIC = bytes.fromhex("f7cff485b741e288")  # ends every block-based table
FOOTER, BLOCK = 53, 32 * 1024
PUT, DELETE, DELETE_RANGE = 1, 0, 15
MAX_BLOCK = 64 * 2**20
_U32, _U64 = Struct("<I"), Struct("<Q")
Record = tuple[bytes, int, bytes | None]  # key, sequence number, value (None: deleted)


class NotRocks(ValueError):
    """These bytes are no table, or a damaged one; what came before has been handed out."""


def table(data: bytes) -> Iterator[Record]:
    """The records of a table file in key order. Raises NotRocks at the first thing that cannot be read."""
    if len(data) < FOOTER or not data.endswith(MAGIC):
        raise NotRocks("no table: its end is missing")
    try:
        at = len(data) - FOOTER + 1
        _, at = varint(data, at, len(data))
        _, at = varint(data, at, len(data))
        start, at = varint(data, at, len(data))
        size, at = varint(data, at, len(data))
        for where, length in _handles(_block(data, start, size)):
            yield from _records(_block(data, where, length))
    except (WireError, IndexError) as error:
        raise NotRocks(str(error)) from None


def log(data: bytes) -> Iterator[Record]:
    """The records of a write-ahead log up to where it ends or was cut."""
    try:
        for batch in _batches(data):
            yield from _batch(batch)
    except (WireError, IndexError):
        return


def unsnap(data: bytes) -> bytes:
    """Snappy's raw format unpacked. Raises NotRocks."""
    try:
        size, at = varint(data, 0, len(data))
        if size > MAX_BLOCK:
            raise NotRocks("a block is too large")
        out = bytearray()
        while at < len(data):
            tag = data[at]
            at += 1
            kind, length = tag & 3, (tag >> 2) + 1
            if kind == 0:
                if length > 60:
                    more = length - 60
                    length = int.from_bytes(data[at : at + more], "little") + 1
                    at += more
                out += data[at : at + length]
                at += length
            else:
                if kind == 1:
                    length, back = (tag >> 2 & 7) + 4, (tag >> 5) << 8 | data[at]
                    at += 1
                else:
                    wide = 2 if kind == 2 else 4
                    back = int.from_bytes(data[at : at + wide], "little")
                    at += wide
                _copy(out, back, length)
            if len(out) > size:
                break
    except (WireError, IndexError) as error:
        raise NotRocks(str(error)) from None
    if len(out) != size:
        raise NotRocks("a packed block has another length than it says")
    return bytes(out)


def _copy(out: bytearray, back: int, length: int) -> None:
    if not 0 < back <= len(out):
        raise NotRocks("a packed block points before its beginning")
    while length > 0:  # a copy may overlap what it writes
        piece = out[len(out) - back : len(out) - back + min(length, back)]
        out += piece
        length -= len(piece)


def _block(data: bytes, start: int, size: int) -> bytes:
    """A block without its restart points."""
    if size > MAX_BLOCK or start + size + 5 > len(data):
        raise NotRocks("a block lies outside the file")
    raw, packed = data[start : start + size], data[start + size]
    if packed not in (0, 1):
        raise NotRocks(f"compression {packed} is not known")
    block = unsnap(raw) if packed else raw
    if len(block) < 4:
        raise NotRocks("a block is too short")
    restarts: int = _U32.unpack_from(block, len(block) - 4)[0] & 0x7FFF_FFFF
    end = len(block) - 4 - 4 * restarts
    if end < 0:
        raise NotRocks("a block is shorter than its restart points")
    return block[:end]


def _handles(block: bytes) -> Iterator[tuple[int, int]]:
    """Where the data blocks lie: index entries have no length for their value, which is two numbers."""
    at = 0
    while at < len(block):
        _, at = varint(block, at, len(block))
        rest, at = varint(block, at, len(block))
        start, at = varint(block, at + rest, len(block))
        size, at = varint(block, at, len(block))
        yield start, size


def _records(block: bytes) -> Iterator[Record]:
    at, key = 0, b""
    while at < len(block):
        shared, at = varint(block, at, len(block))
        rest, at = varint(block, at, len(block))
        size, at = varint(block, at, len(block))
        key = key[:shared] + block[at : at + rest]
        at += rest
        if len(key) < 8 or at + size > len(block):
            raise NotRocks("a record reaches past its block")
        trailer: int = _U64.unpack(key[-8:])[0]
        if trailer & 0xFF in (PUT, DELETE):
            yield key[:-8], trailer >> 8, block[at : at + size] if trailer & 0xFF == PUT else None
        at += size


def _batches(data: bytes) -> Iterator[bytes]:
    at, pieces = 0, b""
    while at + 7 <= len(data):
        left = BLOCK - at % BLOCK
        if left < 7:
            at += left
            continue
        length, kind = int.from_bytes(data[at + 4 : at + 6], "little"), data[at + 6]
        head = 11 if 5 <= kind <= 8 else 7
        if kind == 0 or kind > 8 or at + head + length > len(data):
            return
        kind = kind - 4 if kind > 4 else kind
        pieces = (b"" if kind in (1, 2) else pieces) + data[at + head : at + head + length]
        at += head + length
        if kind in (1, 4):
            yield pieces
            pieces = b""


def _batch(data: bytes) -> Iterator[Record]:
    if len(data) < 12:
        return
    sequence: int = _U64.unpack_from(data)[0]
    at = 12
    while at < len(data):
        kind = data[at]
        key, at = _piece(data, at + 1)
        if kind == PUT:
            value, at = _piece(data, at)
            yield key, sequence, value
        elif kind == DELETE:
            yield key, sequence, None
        elif kind == DELETE_RANGE:
            _, at = _piece(data, at)
        else:
            return
        sequence += 1


def _piece(data: bytes, at: int) -> tuple[bytes, int]:
    size, at = varint(data, at, len(data))
    if at + size > len(data):
        raise WireError("a record is cut off")
    return data[at : at + size], at + size

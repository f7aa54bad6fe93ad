"""CRC-32C (Castagnoli) with numpy: Python's zlib knows another polynomial, and a loop per byte takes 0.1 s per MB.

A CRC is linear: the checksum of a buffer is the exclusive-or of what each byte gives on its own, which depends only on
the byte and on how many bytes follow it. So many equal-long rows, or one long buffer, take one table look-up per byte.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint32]
Rows = npt.NDArray[np.uint8]
POLYNOMIAL = 0x82F63B78
REACH = 1024
_ONES = 0xFFFF_FFFF


@cache
def by_distance() -> Words:
    """uint32 (1024, 256): what byte b gives when k bytes follow it."""
    table = np.zeros((REACH, 256), np.uint32)
    first = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        first = np.where(first & 1, first >> np.uint32(1) ^ np.uint32(POLYNOMIAL), first >> np.uint32(1))
    table[0] = first
    for k in range(1, REACH):
        before = table[k - 1]
        table[k] = before >> np.uint32(8) ^ first[before & 0xFF]
    return table


def masked(crc: int) -> int:
    """The checksum as TFRecord and LevelDB store it: turned by 15 bits, plus a constant."""
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & _ONES


def crc32c(data: bytes) -> int:
    """The checksum of a buffer of any length."""
    head = len(data) % REACH
    state = _linear(_xor_state(data[:head], _ONES)) if head >= 4 else _bytewise(data[:head], _ONES)
    body = np.frombuffer(data, np.uint8)[head:].reshape(-1, REACH)
    far = by_distance()[REACH - 4 :][::-1].tolist() if len(body) else []
    for at in range(0, len(body), 256):
        for piece in rows_linear(body[at : at + 256]).tolist():
            state = (
                far[0][state & 0xFF]
                ^ far[1][state >> 8 & 0xFF]
                ^ far[2][state >> 16 & 0xFF]
                ^ far[3][state >> 24]
                ^ piece
            )
    return state ^ _ONES


def rows_linear(rows: Rows) -> Words:
    """uint32 (n,): the linear part of the checksum of each row of uint8 (n, width), width at most 1024."""
    width = rows.shape[1]
    places = np.arange(width - 1, -1, -1, dtype=np.intp) * 256
    return np.asarray(np.bitwise_xor.reduce(by_distance().ravel()[rows + places], axis=1))


def _linear(data: bytes) -> int:
    return int(rows_linear(np.frombuffer(data, np.uint8).reshape(1, -1))[0])


def _xor_state(data: bytes, state: int) -> bytes:
    return (int.from_bytes(data[:4], "little") ^ state).to_bytes(4, "little") + data[4:]


def _bytewise(data: bytes, state: int) -> int:
    table = by_distance()[0]
    for byte in data:
        state = state >> 8 ^ int(table[(state ^ byte) & 0xFF])
    return state

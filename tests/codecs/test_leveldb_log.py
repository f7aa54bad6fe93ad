"""LevelDB's log framing: whole logs, torn ones, damaged ones."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runpages.codecs.leveldb_log import BLOCK, FIRST, FULL, LAST, MAGIC, MIDDLE, NotALog, read_log
from runpages.codecs.wandb_items import read_rows
from runpages.codecs.wandb_log import read_run_log

HEADER = MAGIC + b"\0"


def framed(records: list[bytes]) -> bytes:
    """The records as W&B's writer puts them into blocks."""
    out = bytearray(HEADER)
    for record in records:
        rest, first = record, True
        while first or rest:
            left = BLOCK - len(out) % BLOCK
            if left < 7:
                out += bytes(left)
                continue
            piece, rest = rest[: left - 7], rest[left - 7 :]
            kind = ((FULL if not rest else FIRST) if first else (LAST if not rest else MIDDLE)).to_bytes(1, "little")
            out += zlib.crc32(kind + piece).to_bytes(4, "little") + len(piece).to_bytes(2, "little") + kind + piece
            first = False
    return bytes(out)


def logs(samples: Path) -> list[Path]:
    return sorted((samples / "wandb").rglob("*.wandb"))


@given(st.lists(st.binary(max_size=300) | st.integers(0, 3 * BLOCK).map(bytes), max_size=12))
def test_what_was_framed_is_read(records: list[bytes]) -> None:
    log = read_log(framed(records))
    assert log.records == records
    assert log.torn is None
    assert not log.damaged


@given(st.lists(st.binary(min_size=1, max_size=20_000), min_size=1, max_size=8), st.data())
def test_a_log_cut_anywhere_gives_the_records_before_the_cut(records: list[bytes], data: st.DataObject) -> None:
    whole = framed(records)
    at = data.draw(st.integers(0, len(whole) - 1))
    log = read_log(whole[:at])
    assert log.records == records[: len(log.records)]
    assert len(log.records) < len(records)


def test_damage_inside_costs_its_block_only() -> None:
    records = [bytes([number]) * 900 for number in range(120)]  # about four blocks
    whole = bytearray(framed(records))
    whole[BLOCK + 2_000] ^= 0xFF
    log = read_log(bytes(whole))
    assert len(log.damaged) == 1
    assert BLOCK <= log.damaged[0] < BLOCK + 2_001
    assert log.torn is None
    assert [one for one in log.records if one not in records] == []
    assert 120 - 38 <= len(log.records) < 120
    assert log.records[-1] == records[-1]


def test_zeros_after_the_last_record_are_an_unfinished_end() -> None:
    whole = framed([b"one", b"two"])
    log = read_log(whole + bytes(100))
    assert log.records == [b"one", b"two"]
    assert log.torn == len(whole)


def test_a_record_without_its_last_part_is_dropped() -> None:
    whole = framed([b"short", bytes(3 * BLOCK)])
    log = read_log(whole[: 2 * BLOCK])
    assert log.records == [b"short"]
    assert log.torn == len(framed([b"short"]))


@pytest.mark.parametrize("data", [b"\x89PNG\r\n", b"version https://git-lfs", b":W&B\0\0\0"])
def test_another_beginning_is_refused(data: bytes) -> None:
    with pytest.raises(NotALog):
        read_log(data)


@pytest.mark.parametrize("data", [b"", b":W&", MAGIC])
def test_a_beginning_that_is_cut_is_a_torn_log(data: bytes) -> None:
    assert read_log(data).torn == 0


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_mutated_real_logs_raise_nothing_but_the_declared_error(samples: Path, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([path for path in logs(samples) if path.stat().st_size < 40_000]))
    whole = bytearray(path.read_bytes())
    for at, byte in data.draw(st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), max_size=6)):
        whole[at] = byte
    try:
        log = read_log(bytes(whole))
    except NotALog:
        assert not whole.startswith(MAGIC)
        return
    log.records.extend(mutated(record, data) for record in log.records[:40])  # past the checksum's protection
    found = read_run_log(log)
    table = read_rows([*found.history, *found.summary])
    assert all(rows.size == values.size for rows, values in table.columns.values())


def mutated(record: bytes, data: st.DataObject) -> bytes:
    if not record:
        return record
    at = data.draw(st.integers(0, len(record) - 1))
    return record[:at] + data.draw(st.binary(max_size=3)) + record[at + data.draw(st.integers(0, 3)) :]

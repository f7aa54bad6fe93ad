"""Databases are read from a copy, with what a writer left beside them."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from runpages.codecs.sqlite import SqliteError, opened
from runpages.errors import Notes


def made(path: Path, rows: int = 1000) -> sqlite3.Connection:
    base = sqlite3.connect(path)
    base.execute("create table numbers (n integer, text varchar(80))")
    base.executemany("insert into numbers values (?, ?)", ((n, "x" * 60) for n in range(rows)))
    base.commit()
    return base


def test_rows_and_tables_are_seen_and_the_file_is_left_alone(tmp_path: Path) -> None:
    made(tmp_path / "a.db").close()
    before = (tmp_path / "a.db").read_bytes()
    with opened(tmp_path / "a.db", Notes()) as base:
        assert base.tables == {"numbers": ("n", "text")}
        assert sum(1 for _ in base.rows("select n from numbers")) == 1000
        with pytest.raises(sqlite3.OperationalError):
            base.connection.execute("delete from numbers")
    assert (tmp_path / "a.db").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.db"]


def test_a_hot_journal_is_rolled_back_in_the_copy_only(tmp_path: Path) -> None:
    writer = made(tmp_path / "a.db")
    writer.execute("pragma cache_size = 1")
    writer.execute("begin")
    writer.execute("update numbers set text = 'changed'")
    here = tmp_path / "crashed"
    here.mkdir()
    for name in ("a.db", "a.db-journal"):
        shutil.copyfile(tmp_path / name, here / name)
    writer.rollback()
    writer.close()
    assert b"changed" in (here / "a.db").read_bytes()
    with opened(here / "a.db", Notes()) as base:
        assert [row[0] for row in base.rows("select distinct text from numbers")] == ["x" * 60]
    assert sorted(path.name for path in here.iterdir()) == ["a.db", "a.db-journal"]


def test_a_journal_that_names_another_file_is_not_obeyed(tmp_path: Path) -> None:
    made(tmp_path / "a.db").close()
    victim = tmp_path / "victim"
    victim.write_text("precious")
    name = str(victim).encode()
    trailer = (
        b"\0\0\0\1"
        + name
        + len(name).to_bytes(4, "big")
        + sum(name).to_bytes(4, "big")
        + bytes.fromhex("d9d505f920a163d7")
    )
    (tmp_path / "a.db-journal").write_bytes(bytes.fromhex("d9d505f920a163d7") + b"\0" * 504 + trailer)
    with opened(tmp_path / "a.db", Notes()) as base:
        assert sum(1 for _ in base.rows("select n from numbers")) == 1000
    assert victim.read_text() == "precious"


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0", b"noise" * 400])
def test_what_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.db").write_bytes(content)
    with pytest.raises(SqliteError), opened(tmp_path / "a.db", Notes()):
        pass


def test_damage_in_the_middle_keeps_the_rows_before_it(tmp_path: Path) -> None:
    made(tmp_path / "a.db", 200_000).close()
    data = bytearray((tmp_path / "a.db").read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 40960] = b"\xff" * 40960
    (tmp_path / "a.db").write_bytes(bytes(data))
    notes = Notes()
    with opened(tmp_path / "a.db", notes) as base:
        rows = [row[0] for row in base.rows("select n from numbers")]
    assert rows == list(range(len(rows)))
    assert 40_000 < len(rows) < 200_000
    assert [note.slug for note in notes.all] == ["sqlite-damaged"]


def test_views_and_virtual_tables_are_no_tables(tmp_path: Path) -> None:
    base = made(tmp_path / "a.db")
    base.execute("create view runs as with recursive r(n) as (select 1 union all select n + 1 from r) select n from r")
    base.commit()
    base.close()
    with opened(tmp_path / "a.db", Notes()) as copy:
        assert not copy.has("runs")
        assert copy.has("numbers", "n")

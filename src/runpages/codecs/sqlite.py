"""Someone else's SQLite database: a copy in a folder of ours is opened, the file itself never."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runpages.errors import Notes

MAGIC = b"SQLite format 3\0"
MAX_BYTES = 32 << 30
CHUNK = 2000  # rows of larger blocks leave the processor cache before they become an array
_SUPER_JOURNAL = bytes.fromhex("d9d505f920a163d7")  # ends a rollback journal that names another file to be deleted


def cut_short(head: bytes, size: int) -> bool:
    """Whether a database of `size` bytes that begins with `head` has fewer pages than its header says."""
    page = int.from_bytes(head[16:18], "big")
    return size < (65536 if page == 1 else page) * int.from_bytes(head[28:32], "big")


_DAMAGE = (sqlite3.Error, UnicodeDecodeError)  # the latter when SQLite's own message quotes bytes that are no text


class SqliteError(ValueError):
    """The file cannot be read as a database at all."""


@dataclass(frozen=True, slots=True)
class Database:
    """An open copy. `rows` gives what can be read and notes the rest; only real tables are ever read."""

    connection: sqlite3.Connection
    tables: dict[str, tuple[str, ...]]
    name: str
    notes: Notes

    def has(self, table: str, *columns: str) -> bool:
        """Whether there is such a table with all these columns."""
        return table in self.tables and set(columns) <= set(self.tables[table])

    def rows(self, sql: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Rows of a query one by one; damage ends them with a note."""
        for chunk in self.chunks(sql, values):
            yield from chunk

    def chunks(self, sql: str, values: Sequence[Any] = ()) -> Iterator[list[tuple[Any, ...]]]:
        """Rows of a query in blocks; damage ends them with a note."""
        seen = 0
        try:
            cursor = self.connection.execute(sql, values)
            while chunk := cursor.fetchmany(CHUNK):
                seen += len(chunk)
                yield chunk
        except (*_DAMAGE, OverflowError) as error:
            self.notes.warn(
                "sqlite-damaged",
                f"the database cannot be read to its end: {error}",
                where=self.name,
                kept=f"{seen:,} rows of this table" if seen else "the other tables",
                hint="`sqlite3 FILE .recover` may bring back more",
            )


@contextmanager
def opened(path: Path, notes: Notes) -> Iterator[Database]:
    """A read-only copy of the database with what its -wal or -journal holds. Raises SqliteError, OSError."""
    size = path.stat().st_size
    with tempfile.TemporaryDirectory(prefix="runpages-") as folder:
        room = Path(folder)
        if size > MAX_BYTES or size > shutil.disk_usage(room).free:
            raise SqliteError(f"too large to copy ({size:,} bytes)")
        with path.open("rb") as file:
            if file.read(16) != MAGIC:
                raise SqliteError("empty" if size == 0 else "not an SQLite database")
        copy = room / "copy.db"
        shutil.copyfile(path, copy)
        _settle(path, copy)
        connection = sqlite3.connect(f"{copy.as_uri()}?mode=ro", uri=True)
        try:
            yield Database(connection, _tables(connection), path.name, notes)
        finally:
            connection.close()


def _settle(path: Path, copy: Path) -> None:
    """Bring over what a writer left beside the database, and let SQLite put it into the copy."""
    wal, journal = path.with_name(path.name + "-wal"), path.with_name(path.name + "-journal")
    beside = False
    if wal.is_file() and not wal.is_symlink():
        shutil.copyfile(wal, copy.with_name(copy.name + "-wal"))
        beside = True
    if journal.is_file() and not journal.is_symlink():
        data = journal.read_bytes()
        if not data.endswith(_SUPER_JOURNAL):
            copy.with_name(copy.name + "-journal").write_bytes(data)
            beside = True
    if beside:
        connection = sqlite3.connect(copy)
        try:
            with suppress(*_DAMAGE):  # the read-only opening says what is wrong
                connection.execute("pragma journal_mode = delete").fetchall()
        finally:
            connection.close()


def _tables(connection: sqlite3.Connection) -> dict[str, tuple[str, ...]]:
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    try:
        connection.execute("pragma trusted_schema = off")
        connection.execute("pragma cell_size_check = on")
        names = [
            str(name)
            for name, sql in connection.execute("select name, sql from sqlite_master where type = 'table'")
            if sql and str(sql).lstrip()[:20].upper().startswith("CREATE TABLE")
        ]
        return {
            name: tuple(str(row[1]) for row in connection.execute("select * from pragma_table_info(?)", (name,)))
            for name in names
        }
    except _DAMAGE as error:
        raise SqliteError(str(error)) from None

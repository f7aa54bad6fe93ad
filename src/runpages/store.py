"""What was read, kept between builds: one SQLite file with heads apart from points. Losing it loses nothing."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import stat as stat_bits
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

import runpages
from runpages.errors import Note
from runpages.model import Artifact, Code, Floats, Head, Run, Series, Source, Stat, Study

FORMAT = 4
TABLES = """
create table meta (name text primary key, value text) without rowid;
create table sources (id integer primary key, place text unique, stamp text, notes text, counts text, digest blob);
create table runs (source integer, number integer, head blob, points blob, primary key (source, number)) without rowid;
"""
RACY = 2_000_000_000  # ns: a file this young may change again within one tick of its clock


@dataclass(frozen=True, slots=True)
class Packed:
    """A source after reading, ready to be stored: (head, points) per run, its notes, and how many secrets went."""

    runs: tuple[tuple[bytes, bytes], ...]
    notes: tuple[Note, ...]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Stored:
    """A source as the store holds it: its heads in the reader's order, its notes, how many secrets went.

    `places` are the heads' numbers in the source when some were left out.
    """

    source: Source
    heads: tuple[Head, ...]
    notes: tuple[Note, ...]
    counts: Mapping[str, int]
    places: tuple[int, ...] = ()


class Store:
    """The store at `path`. A file that is damaged, foreign or of another version is replaced by an empty one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = _opened(path)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def stamps(self) -> dict[str, str]:
        """The stamp under which each place was last read."""
        return dict(self._db.execute("select place, stamp from sources"))

    def put(self, source: Source, stamp: str, packed: Packed) -> None:
        """Replace what is held of a source."""
        notes = json.dumps([[n.slug, n.what, n.where, n.kept, n.hint, n.level, n.run] for n in packed.notes])
        with self._db:
            _drop(self._db, [place(source)])
            told = (place(source), stamp, notes, json.dumps(dict(packed.counts)))
            cursor = self._db.execute(
                "insert into sources (place, stamp, notes, counts, digest) values (?, ?, ?, ?, ?)",
                (*told, _digest(told, enumerate(packed.runs))),
            )
            rows = ((cursor.lastrowid, number, *blobs) for number, blobs in enumerate(packed.runs))
            self._db.executemany("insert into runs values (?, ?, ?, ?)", rows)

    def keep_only(self, sources: Iterable[Source]) -> None:
        """Forget every source but these."""
        gone = self.stamps().keys() - {place(source) for source in sources}
        if gone:
            with self._db:
                _drop(self._db, sorted(gone))

    def load(self, sources: Sequence[Source]) -> list[Stored]:
        """What is held of these sources, in their order; without those that were never put."""
        rows: dict[int, list[bytes]] = {}
        for source, head in self._db.execute("select source, head from runs order by source, number"):
            rows.setdefault(source, []).append(head)
        held = {where: rest for where, *rest in self._db.execute("select place, id, notes, counts from sources")}
        loaded = []
        for source in sources:
            if place(source) in held:
                number, notes, counts = held[place(source)]
                heads = tuple(_unpack_head(head, source.base) for head in rows.get(number, ()))
                loaded.append(Stored(source, heads, tuple(Note(*one) for one in json.loads(notes)), json.loads(counts)))
        return loaded

    def run(self, source: Source, number: int) -> Run:
        """The whole run, points and texts included: the `number`-th of its source."""
        head, points = self._row(source, number)
        return _unpack_run(head, memoryview(points))

    def series(self, source: Source, number: int, label: str) -> Series | None:
        """One metric of a run with all its points, or None."""
        head, points = self._row(source, number)
        for entry in json.loads(head)["series"]:
            if entry["label"] == label:
                return _series(entry, memoryview(points))
        return None

    def _row(self, source: Source, number: int) -> tuple[bytes, bytes]:
        query = "select head, points from runs where number = ? and source = (select id from sources where place = ?)"
        row = self._db.execute(query, (number, place(source))).fetchone()
        return row[0], row[1]


def place(source: Source) -> str:
    """The name of a source in the store: its reader and its folder on this machine."""
    return f"{source.reader}\0{source.root}\0{source.key}"


def stamp(source: Source) -> str:
    """A hash over size, time and readability of every file of a source; "" when one is too young to be trusted or was lost."""
    digest = hashlib.blake2b(digest_size=16)
    youngest = 0
    for path in source.watched:
        for name, status in _files(path):
            digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\0".encode("utf-8", "surrogateescape"))
            if not os.access(name, os.R_OK):
                digest.update(b"unread\0")  # who may read it does not change its time
            youngest = max(youngest, status.st_mtime_ns)
    return "" if time.time_ns() - youngest < RACY else digest.hexdigest()


def size(source: Source) -> int:
    """Bytes that reading a source may have to look at."""
    return sum(status.st_size for path in source.watched for _, status in _files(path))


def unread(source: Source) -> list[str]:
    """The files of a source that may not be read, below its folder."""
    names = [name for path in source.watched for name, _ in _files(path) if not os.access(name, os.R_OK)]
    return sorted(os.path.relpath(name, source.base) for name in names)


def _files(path: Path) -> Iterable[tuple[str, os.stat_result]]:
    """Every regular file at or below a path, in a fixed order; a folder's own time says nothing of its files."""
    todo = [os.fspath(path)]
    while todo:
        one = todo.pop()
        try:
            status = os.lstat(one)
            if stat_bits.S_ISDIR(status.st_mode):
                todo.extend(sorted((os.path.join(one, name) for name in os.listdir(one)), reverse=True))  # noqa: PTH118, PTH208
            else:
                yield one, status
        except OSError:
            continue


def _opened(path: Path) -> sqlite3.Connection:
    for attempt in (1, 2):
        db = sqlite3.connect(path, timeout=60)
        try:
            db.execute("pragma journal_mode = wal")
            db.execute("pragma synchronous = normal")
            if _is_ours(db):
                return db
        except sqlite3.DatabaseError:
            if attempt == 2:
                raise
        db.close()
        for leftover in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                Path(f"{path}{leftover}").unlink()
    raise AssertionError("a new file is always ours")


def _is_ours(db: sqlite3.Connection) -> bool:
    """Make the tables in a new file; whether an old one was written by this very program and is whole."""
    signature = globals_hash()
    if not db.execute("select count(*) from sqlite_master").fetchone()[0]:
        with db:
            db.executescript(TABLES)
            db.execute("insert into meta values ('signature', ?)", (signature,))
        return True
    found = db.execute("select value from meta where name = 'signature'").fetchone()
    if not found or found[0] != signature or db.execute("pragma integrity_check(1)").fetchone()[0] != "ok":
        return False
    _drop_damaged(db)
    return True


def _drop_damaged(db: sqlite3.Connection) -> None:
    """Forget every source that is not what was put: SQLite sees a broken tree, but no changed bit of a number or text."""
    with db:
        db.execute("begin immediate")  # nobody writes meanwhile; and a file that cannot be written is found here
        damaged = []
        for number, digest, *told in db.execute("select id, digest, place, stamp, notes, counts from sources"):
            rows = db.execute("select number, head, points from runs where source = ? order by number", (number,))
            if digest != _digest(told, ((place, blobs) for place, *blobs in rows)):
                damaged.append(told[0])
        _drop(db, damaged)
        db.execute("delete from runs where source not in (select id from sources)")


def _drop(db: sqlite3.Connection, places: Iterable[str]) -> None:
    for one in places:
        db.execute("delete from runs where source in (select id from sources where place = ?)", (one,))
        db.execute("delete from sources where place = ?", (one,))


def _digest(told: Iterable[object], runs: Iterable[tuple[int, Iterable[object]]]) -> bytes:
    """A hash over all that is held of a source, whatever types a damaged file gives its values."""
    digest = hashlib.blake2b(digest_size=16)
    for value in (*told, *(value for number, blobs in runs for value in (number, *blobs))):
        data = value if isinstance(value, bytes) else repr(value).encode()
        digest.update(len(data).to_bytes(8, "little") + b"%d" % isinstance(value, bytes))
        digest.update(data)
    return digest.digest()


def globals_hash() -> str:
    """A hash over everything that decides what reading gives: our version and the code of readers, codecs and this room."""
    digest = hashlib.blake2b(f"{FORMAT} {runpages.__version__}".encode(), digest_size=12)
    here = Path(__file__).parent
    for path in sorted(
        [*here.glob("readers/*.py"), *here.glob("codecs/*.py"), *here.glob("redact/*.py"), here / "store.py"]
    ):
        digest.update(path.name.encode() + hashlib.blake2b(path.read_bytes()).digest())
    return digest.hexdigest()


def pack(run: Run) -> tuple[bytes, bytes]:
    """A run as (head, points): JSON with a Stat per metric, and its raw arrays and long texts."""
    blob = _Blob()
    head = {
        name: getattr(run, name)
        for name in Run.__slots__
        if name not in ("series", "artifacts", "code", "log", "source", "study")
    }
    head["params"], head["results"], head["tags"] = dict(run.params), dict(run.results), dict(run.tags)
    head["environment"], head["links"] = dict(run.environment), dict(run.links)
    head["code"] = {name: getattr(run.code, name) for name in Code.__slots__ if name != "patch"}
    head["source"] = run.source
    head["study"] = _packed_study(run.study)
    head["log"], head["patch"] = blob.text(run.log), blob.text(run.code.patch)
    head["series"] = [_packed_series(series, blob) for series in run.series if len(series.steps)]
    head["artifacts"] = [_packed_artifact(artifact, blob) for artifact in run.artifacts]
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace"), blob.bytes()


class _Blob:
    """Bytes one after the other; equal pieces (the steps of ten metrics) are kept once."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._known: dict[bytes, tuple[int, int]] = {}
        self._length = 0

    def add(self, data: bytes) -> tuple[int, int]:
        if data not in self._known:
            self._known[data] = (self._length, len(data))
            padding = -len(data) % 8  # arrays start at a multiple of their item's size
            self._parts.append(data + b"\0" * padding)
            self._length += len(data) + padding
        return self._known[data]

    def text(self, text: str) -> tuple[int, int]:
        return self.add(text.encode("utf-8", "backslashreplace"))

    def bytes(self) -> bytes:
        return b"".join(self._parts)


def _packed_series(series: Series, blob: _Blob) -> dict[str, Any]:
    one = stat(series)
    return {
        "label": series.label,
        "name": series.name,
        "context": dict(series.context),
        "step_name": series.step_name,
        "stat": [getattr(one, name) for name in Stat.__slots__],
        "steps": blob.add(series.steps.tobytes()),
        "values": blob.add(series.values.tobytes()),
        "times": None if series.times is None else blob.add(series.times.tobytes()),
    }


def _packed_study(study: Study) -> dict[str, Any]:
    packed = {name: getattr(study, name) for name in Study.__slots__}
    packed["directions"] = dict(study.directions)
    packed["space"] = {name: dict(drawn) for name, drawn in study.space.items()}
    return {} if study == Study() else packed


def _packed_artifact(artifact: Artifact, blob: _Blob) -> dict[str, Any]:
    entry = {name: getattr(artifact, name) for name in Artifact.__slots__ if name != "data"}
    entry["data"] = None if artifact.data is None else blob.add(artifact.data)
    return {name: value for name, value in entry.items() if value not in ("", None)}


def stat(series: Series) -> Stat:
    """The summary of a series; min, max and mean leave nan out."""
    values, steps = series.values, series.steps
    real = ~np.isnan(values)
    count = len(values)
    if not real.any():
        low = high = mean = float("nan")
        at_low = at_high = int(steps[-1])
    else:
        numbers = np.flatnonzero(real)  # with inf in the place of nan, a nan would be the least of nan and inf
        lowest, highest = int(numbers[np.argmin(values[real])]), int(numbers[np.argmax(values[real])])
        low, high, at_low, at_high = (
            float(values[lowest]),
            float(values[highest]),
            int(steps[lowest]),
            int(steps[highest]),
        )
        with np.errstate(all="ignore"):
            mean = float(np.mean(values[real]))
    return Stat(
        count, float(values[0]), float(values[-1]), low, high, mean, int(steps[0]), int(steps[-1]), at_low, at_high,
        count - int(real.sum()), int(np.isinf(values).sum()),
    )  # fmt: skip


def _unpack_head(head: bytes, root: Path) -> Head:
    raw = json.loads(head)
    run = _run(raw, (), tuple(_artifact(entry, None) for entry in raw["artifacts"]))
    stats = {entry["label"]: Stat(*entry["stat"]) for entry in raw["series"]}
    return Head(run, stats, {entry["label"]: entry["step_name"] for entry in raw["series"]}, root)


def _unpack_run(head: bytes, points: memoryview) -> Run:
    raw = json.loads(head)
    series = tuple(_series(entry, points) for entry in raw["series"])
    run = _run(raw, series, tuple(_artifact(entry, points) for entry in raw["artifacts"]))
    code = replace(run.code, patch=_text(raw["patch"], points))
    return replace(run, code=code, log=_text(raw["log"], points))


def _run(raw: dict[str, Any], series: tuple[Series, ...], artifacts: tuple[Artifact, ...]) -> Run:
    plain = {
        name: value
        for name, value in raw.items()
        if name not in ("series", "artifacts", "code", "log", "patch", "study")
    }
    return Run(**plain, series=series, artifacts=artifacts, code=Code(**raw["code"]), study=Study(**raw["study"]))


def _artifact(entry: dict[str, Any], points: memoryview | None) -> Artifact:
    held = entry.pop("data", None)
    data = None if held is None else b"" if points is None else bytes(points[held[0] : held[0] + held[1]])
    return Artifact(**({"path": ""} | entry), data=data)


def _series(entry: dict[str, Any], points: memoryview) -> Series:
    times: Floats | None = None if entry["times"] is None else np.frombuffer(_piece(points, entry["times"]), np.float64)
    return Series(
        entry["name"],
        np.frombuffer(_piece(points, entry["steps"]), np.int64),
        np.frombuffer(_piece(points, entry["values"]), np.float64),
        times,
        entry["step_name"],
        entry["context"],
    )


def _text(held: list[int], points: memoryview) -> str:
    return bytes(_piece(points, held)).decode("utf-8", "replace")


def _piece(points: memoryview, held: list[int]) -> memoryview:
    return points[held[0] : held[0] + held[1]]

"""Trackio's SQLite projects, and the JSON lines that it writes before it has a database (docs/formats/trackio.md)."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runpages.codecs import jsontext, runfolder, sqlite, trackio_tables
from runpages.codecs.flatten import TooMuch, flatten
from runpages.codecs.points import Points, leaves, numeric
from runpages.codecs.runfiles import MAX_SERIES, Files
from runpages.codecs.series import seconds
from runpages.codecs.trackio_tables import Beside
from runpages.errors import Notes, NotMine
from runpages.model import Artifact, Kind, Run, Source
from runpages.readers import Folder

INBOX, MEDIA = "inbox", "media"
PEEK = 64 * 1024  # the schema lies in the first pages
KINDS: dict[str, Kind] = {name: name for name in ("image", "audio", "video", "html")}


@dataclass(slots=True)
class Logged:
    """What was logged of one run: points, media, console-like lines, and what its config row says."""

    name: str = ""
    config: dict[str, Any] = field(default_factory=dict)
    points: Points = field(default_factory=Points)
    system: Points = field(default_factory=Points)
    media: list[Artifact] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    alerts: list[str] = field(default_factory=list)
    last: float | None = None
    seen: set[str] = field(default_factory=set)
    beside: list[Beside] = field(default_factory=list)


class TrackioReader:
    """One run per run id, out of every project database in a folder and its inbox."""

    name = "trackio"
    title = "Trackio"
    reads = "trackio 0.36 to 0.43, project databases and JSON-lines inboxes"
    rank = 0

    def find(self, folder: Folder) -> Iterator[Source]:
        """The folder with project databases, or with an inbox of JSON lines."""
        files = [name for name in folder.files if name.endswith(".db") and _is_project(folder, name)]
        inbox = [INBOX] if INBOX in folder.folders and _is_inbox(folder.path / INBOX) else []
        if files or inbox:
            beside = [name + end for name in files for end in ("-wal", "-journal") if name + end in folder.files]
            inner = [name for name in (MEDIA, "artifacts", "traces") if name in folder.folders]
            owns = [folder.path / name for name in (*inbox, *inner)]
            yield folder.source(self.name, *files, *beside, *inbox, *inner, owns=owns)

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """Every run of every project; NotMine when no database is trackio's and nothing waits in the inbox."""
        waiting = _inbox(source, notes)
        ours = bool(waiting)
        for path in source.files:
            if path.suffix != ".db":
                continue
            try:
                with sqlite.opened(path, notes) as db:
                    if db.has("metrics", "run_name", "step", "metrics") and db.has("configs", "config"):
                        ours = True
                        found = _of_database(db, waiting.pop(path.stem, {}), source.root)
                        for run_id, more in trackio_tables.beside(db, path.stem, source.root).items():
                            if run_id in found:
                                found[run_id].beside.append(more)
                        yield from _runs(source, path.stem, found, notes)
            except (sqlite.SqliteError, OSError) as error:
                ours = True
                notes.warn("sqlite-unreadable", str(error), where=path.name, kept="the other projects")
        if not ours:
            raise NotMine("no database has trackio's tables")
        for project, found in waiting.items():
            yield from _runs(source, project, found, notes)


def _is_project(folder: Folder, name: str) -> bool:
    head = folder.peek(name, PEEK)
    if not head.startswith(sqlite.MAGIC):
        return False
    # a database that is being written may have all it knows in the file beside it
    young = len(head) <= 4096 and f"{name}-wal" in folder.files and f"{name[:-3]}.lock" in folder.files
    return (b"run_name" in head and b"configs" in head) or young


def _is_inbox(path: Path) -> bool:
    return any(path.glob("*/*.jsonl"))


def _on_disk(project: str) -> str:
    """A project's name as its files have it."""
    return "".join(sign for sign in project if sign.isalnum() or sign in "-_")


def _inbox(source: Source, notes: Notes) -> dict[str, dict[str, Logged]]:
    """What waits to be put into a database: by project and run id."""
    found: dict[str, dict[str, Logged]] = {}
    files = Files(source.root, notes)
    for path in sorted((source.root / INBOX).glob("*/*.jsonl")):
        where = path.relative_to(source.root).as_posix()
        if path.is_symlink() or path.parent.is_symlink():
            continue
        for line in jsontext.load_lines(files.data(where, MAX_SERIES), notes, where).rows:
            project, name = line.get("project"), line.get("run")
            if isinstance(project, str) and isinstance(name, str):
                runs = found.setdefault(_on_disk(project), {})
                one = runs.setdefault(_text(line.get("run_id")) or name, Logged(name))
                _take(one, line, source.root)
    return found


def _of_database(db: sqlite.Database, runs: dict[str, Logged], root: Path) -> dict[str, Logged]:
    """The runs of a project: `runs` (from the inbox) and what the database holds."""
    for table, kind in (
        ("configs", "config"),
        ("metrics", "metric"),
        ("system_metrics", "system_metric"),
        ("alerts", "alert"),
    ):
        if table not in db.tables:
            continue
        there = db.tables[table]
        wanted = [name for name in _COLUMNS if name in there]
        order = "id" if "id" in there else "rowid"
        for row in db.rows(f"select {', '.join(wanted)} from {table} order by {order}"):  # noqa: S608 - names of ours
            line = dict(zip(wanted, row, strict=True)) | {"kind": kind}
            for name in ("metrics", "config"):
                line[name] = _json(line.get(name), db.notes, f"{db.name}: {table}")
            run_id = _text(line.get("run_id")) or _text(line.get("run_name"))
            _take(runs.setdefault(run_id, Logged(_text(line.get("run_name")))), line, root)
    return runs


_COLUMNS = ("run_id", "run_name", "step", "timestamp", "metrics", "config", "log_id", "title", "text", "level")


def _json(value: Any, notes: Notes, where: str) -> Any:
    if not isinstance(value, str | bytes):
        return None
    try:
        return jsontext.load(value if isinstance(value, bytes) else value.encode())
    except jsontext.NotJson as error:
        notes.warn("document-unreadable", str(error)[:200], where=where, kept="the other rows")
        return None


def _take(one: Logged, line: Mapping[str, Any], root: Path) -> None:
    """One row of a database or one line of an inbox; what is in both counts once."""
    log_id = _text(line.get("log_id"))
    if log_id and log_id in one.seen:
        return
    one.seen.add(log_id)
    when = seconds(line.get("timestamp")) if line.get("timestamp") is not None else math.nan
    time = when if math.isfinite(when) else None
    if isinstance(config := line.get("config"), Mapping):
        one.config |= config
    if line.get("kind") == "alert":
        level, title, text = (_text(line.get(name)) for name in ("level", "title", "text"))
        one.alerts.append(f"{_text(line.get('timestamp'))} {level}: {title}: {text}")
    metrics = line.get("metrics")
    if line.get("kind") not in ("metric", "system_metric") or not isinstance(metrics, Mapping):
        return
    system = line.get("kind") == "system_metric"
    counted = line.get("step")
    step = counted if isinstance(counted, int) else len(one.seen) - 1
    if not system and time is not None:
        one.last = max(time, one.last or time)
    for name, value in leaves(metrics, typed="_type"):
        number = numeric(value)
        if number is not None and system:
            known = one.system.rows.get(f"system.{name}")
            one.system.add(f"system.{name}", len(known[0]) if known else 0, number, time)
        elif number is not None:
            one.points.add(name, step, number, time)
        elif (
            isinstance(value, Mapping) and value.get("_type") == "trackio.trace"
        ):  # in an inbox; a database has a table
            one.beside = one.beside or [Beside()]
            one.beside[0].trace({**value, "id": log_id, "key": name, "timestamp": line.get("timestamp")})
        elif isinstance(value, Mapping):
            one.media.extend(_media(name, step, value, root))
        elif isinstance(value, str):
            one.texts[name] = value


def _media(name: str, step: int, value: Mapping[str, Any], root: Path) -> Iterator[Artifact]:
    """An object with `_type`: a file below media/, or a table, histogram or text in the row itself."""
    kind = _text(value.get("_type")).removeprefix("trackio.")
    path = _text(value.get("file_path"))
    if path:
        file = root / MEDIA / path
        inside = not any(part in ("..", "") for part in path.split("/")) and file.resolve().is_relative_to(
            root.resolve()
        )
        if inside and file.is_file():
            shown = KINDS.get(kind) or runfolder.kind_of(path)
            yield Artifact(
                name, shown, f"{MEDIA}/{path}", name, step, file.stat().st_size, caption=_text(value.get("caption"))
            )
        return
    rows, bins = value.get("_value"), value.get("bins")
    if kind == "table" and isinstance(rows, list) and all(isinstance(row, Mapping) for row in rows):
        columns = list(dict.fromkeys(column for row in rows for column in row))
        yield _inline(
            name, "table", step, {"columns": columns, "data": [[row.get(column) for column in columns] for row in rows]}
        )
    elif kind == "histogram" and isinstance(bins, list):
        yield _inline(name, "histogram", step, {"edges": bins, "counts": value.get("values")})
    elif isinstance(rows, str):
        yield Artifact(name, "text", "", name, step, data=rows.encode(), media_type="text/markdown")


def _inline(name: str, kind: Kind, step: int, content: Any) -> Artifact:
    return Artifact(
        name, kind, "", name, step, data=json.dumps(content, default=str).encode(), media_type="application/json"
    )


def _runs(source: Source, project: str, found: Mapping[str, Logged], notes: Notes) -> Iterator[Run]:
    for place, (run_id, one) in enumerate(found.items()):
        files = trackio_tables.saved(project, source.root) if not place else []  # of the project: told once
        own = {name: value for name, value in one.config.items() if name.startswith("_")}
        try:
            params = flatten({name: value for name, value in one.config.items() if name not in own})
        except TooMuch as error:
            notes.warn(
                "document-unreadable", str(error), where=f"{project}: {one.name}: config", kept="the rest of the run"
            )
            params = {}
        started = seconds(own.get("_Created"))
        yield Run(
            id=run_id if len(run_id) == 32 else f"{project}/{run_id}",
            name=one.name or run_id,
            tracker="trackio",
            source=source.key,
            group=_text(own.get("_Group")) or project,
            started=started if math.isfinite(started) else None,
            ended=one.last,
            user=_text(own.get("_Username")),
            params={name: _finite(value) for name, value in params.items()},
            series=(*one.points.series(), *one.system.series("sample")),
            results=one.texts,
            tags={"project": project},
            artifacts=(*one.media, *(each for more in one.beside for each in more.artifacts()), *files),
            log="\n".join(one.alerts),
        )


def _finite(value: Any) -> Any:
    """nan and infinity, which a config holds as words, as numbers."""
    number = numeric(value) if isinstance(value, str) else None
    return value if number is None else number


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""

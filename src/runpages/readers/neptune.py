"""Neptune: the exporter's parquet files, and the offline queues of neptune 1.x (docs/formats/neptune.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from runpages.codecs.neptune_attributes import Attributes
from runpages.codecs.neptune_parquet import BadParquet, Exported, NoPyarrow, OtherParquet
from runpages.codecs.neptune_queue import LOG, MAX_LOG, Queue, operations
from runpages.codecs.places import BadZip, opened
from runpages.codecs.pointlist import moment
from runpages.codecs.text import read_capped
from runpages.codecs.wandb_folder import as_seen
from runpages.errors import Notes, NotMine
from runpages.model import Run, Scalar, Source, Status
from runpages.readers import Folder

_PART = re.compile(r"(?P<run>.+-[0-9a-f]{16})_part_(?P<part>\d{1,9})\.parquet(?P<aborted>\.tmp)?")
METADATA, UPLOADS = "metadata.json", "upload_path"


class NeptuneReader:
    """One run per run of an export, and one per queue of a client that was offline."""

    name = "neptune"
    title = "Neptune"
    reads = "neptune-exporter's parquet files, offline queues of neptune 1.x"
    rank = 0

    def find(self, folder: Folder) -> Iterator[Source]:
        """Each run of which parts lie in this folder; or the folder itself, when it is a queue."""
        parts: dict[str, list[Path]] = {}
        for name in folder.files:
            if match := _PART.fullmatch(name):
                parts.setdefault(match["run"], []).append(folder.path / name)
        root, files = _files_of(folder)
        for run, paths in parts.items():
            key = run if folder.key == "." else f"{folder.key}/{run}"
            yield Source(self.name, root, key, tuple(sorted(paths, key=_number)), files)
        logs = [name for name in folder.files if LOG.fullmatch(name)]
        if METADATA in folder.files and logs and folder.peek(logs[0], 64).lstrip()[:6] in (b'{"obj"', b""):
            yield folder.source(self.name, METADATA, *logs, *(one for one in (UPLOADS,) if one in folder.folders),
                                owns=[folder.path / one for one in folder.folders])  # fmt: skip

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """The run, with what of it can be read."""
        found = _queue(source, notes) if any(path.name == METADATA for path in source.files) else _export(source, notes)
        if found is not None:
            yield found


def _number(path: Path) -> int:
    match = _PART.fullmatch(path.name)
    return int(match["part"]) if match else 0


def _files_of(folder: Folder) -> tuple[Path, tuple[Path, ...]]:
    """Where paths of artifacts start, and the project's exported files: `files/PROJECT` beside `data`, if that was scanned too."""
    top = folder.path.parent.parent
    files = top / "files" / folder.path.name
    return (top, (files,)) if "/" in folder.key and files.is_dir() else (folder.path, ())


def _export(source: Source, notes: Notes) -> Run | None:
    files = source.owns[0].relative_to(source.root) if source.owns else None

    def place(given: str) -> str:
        inside = files is not None and ".." not in given.split("/") and not given.startswith("/") and "\0" not in given
        found = (files / given).as_posix() if files is not None and inside else ""
        return found if found and (source.root / found).is_file() else ""

    held = Exported(place)
    whole = [path for path in source.files if path.suffix != ".tmp"]
    if len(whole) < len(source.files) or not whole or _number(whole[0]) != 0:
        notes.warn("neptune-aborted", "the export of this run was not finished", where=source.key, kept="the parts that are whole",
                   hint="run the exporter again, if the service still answers")  # fmt: skip
    for path in whole:
        try:
            held.take(path)
        except NoPyarrow:
            notes.warn("neptune-needs-pyarrow", "the exporter's parquet files are read with pyarrow, which is not installed",
                       where=source.key, hint="pip install 'runpages[parquet]'")  # fmt: skip
            return None
        except OtherParquet as error:
            raise NotMine(str(error)) from None
        except BadParquet as error:
            notes.warn("parquet-unreadable", str(error), where=path.name, kept="the rows before it, the other parts")
    if held.garbled:
        notes.warn("neptune-text", f"texts in {held.garbled:,} columns hold bytes that are no UTF-8", where=source.key,
                   kept="the texts, with a sign in the place of each such byte")  # fmt: skip
    if not held.run_id:
        return None
    return _run(source, held.state, held.run_id, held.project, {})


def _queue(source: Source, notes: Notes) -> Run | None:
    try:
        with opened(source.root, "", notes) as place:
            about = place.document(METADATA)
            uploads = {
                name.partition("/")[2]: size for name, size in place.names.items() if name.startswith(UPLOADS + "/")
            }
    except BadZip:  # the folder is gone
        return None
    queue = Queue(source.root, uploads, notes)
    logs = sorted(
        (path for path in source.files if LOG.fullmatch(path.name)), key=lambda path: int(path.stem.rpartition("-")[2])
    )
    for path in logs:
        try:
            data, more = read_capped(path, MAX_LOG)
        except OSError as error:
            notes.warn("file-unreadable", error.strerror or "cannot be read", where=path.name, kept="the other logs")
            continue
        rows, lost = operations(data)
        if lost or more:
            notes.info(
                "json-torn",
                "the log ends in the middle of an operation",
                where=path.name,
                kept=f"the {len(rows)} before it",
            )
        for row in rows:
            queue.apply(row)
    if source.root.parent.name == "async" or about.get("mode") == "async":
        notes.info("neptune-remainder", "what the server had already received is not in this folder", where=source.key,
                   kept="the operations that were not sent")  # fmt: skip
    if queue.unknown:
        notes.warn(
            "neptune-operations",
            f"unknown operations: {', '.join(sorted(queue.unknown))[:200]}",
            where=source.key,
            kept="the others",
        )
    run = _run(source, queue.finished(), _text(about.get("containerId")) or source.key, "", about)
    return run if queue.first is not None or about else None


def _run(source: Source, state: Attributes, run_id: str, project: str, about: dict[str, Any]) -> Run:
    series, curves = state.series()
    status, reason = _status(state)
    tags: dict[str, Scalar] = dict.fromkeys(state.sets.get("sys/tags", ()), True)
    tags |= {path: ", ".join(values) for path, values in state.sets.items() if not path.startswith("sys/")}
    kind = _text(about.get("containerType"))
    tags |= {"project": project} if project else {}
    return Run(
        id=run_id,
        name=state.text("sys/name") or run_id,
        tracker="neptune",
        source=source.key,
        group=", ".join(state.sets.get("sys/group_tags", ())) or project,
        parent=state.text("sys/forking/parent"),
        status=status,
        reason=reason,
        started=state.moments.get("sys/creation_time", moment(about.get("createdAt"))),
        ended=state.last_time(),
        user=state.text("sys/owner"),
        host=state.text("sys/hostname"),
        params=state.params(),
        series=tuple(series),
        tags=tags | ({"type": kind} if kind and kind != "run" else {}),
        notes=state.text("sys/description"),
        artifacts=(*state.artifacts, *state.texts(), *curves),
        code=state.code(),
        environment=_environment(about),
        log=as_seen(state.log()),
    )


def _status(state: Attributes) -> tuple[Status, str]:
    if state.values.get("sys/failed") is True:
        return "failed", state.failure() or "sys/failed is set"
    return "unknown", "Neptune notes failures only: finished and killed look the same"


def _environment(about: dict[str, Any]) -> dict[str, Scalar]:
    found: dict[str, Scalar] = {"os": about["os"]} if _text(about.get("os")) else {}
    python = _text(about.get("pythonVersion")).partition(" ")[0]
    client = _text(about.get("neptuneClientVersion"))
    return found | ({"python": python} if python else {}) | ({"package.neptune": client} if client else {})


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""

"""SwanLab's run folders, from the `.swanlab` log (docs/formats/swanlab.md)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from runpages.codecs.leveldb_log import NotALog, read_log
from runpages.codecs.points import Points
from runpages.codecs.runfiles import MAX_SERIES, Files, packages
from runpages.codecs.wire import Message, WireError
from runpages.errors import Notes, NotMine
from runpages.model import Artifact, Code, Kind, Run, Scalar, Source, Status
from runpages.readers import Folder

MAGIC, VERSION = b":SWL\xd6\xe1", 2
SYSTEM = "__swanlab__."
START, FINISH, SCALAR, MEDIA, LOG = 10, 11, 13, 14, 16
INNER = ("files", "media", "debug", "console", "logs")
MAX_LOG = 256 * 1024
STATES: dict[int, Status] = {0: "running", 1: "finished", 2: "failed", 3: "killed"}
KINDS: dict[int, tuple[str, Kind]] = {
    2: ("image", "image"), 3: ("audio", "audio"), 4: ("text", "text"), 5: ("video", "video"), 6: ("echarts", "file"),
    7: ("object3d", "file"), 8: ("molecule", "file"), 9: ("html", "html"),
}  # fmt: skip


@dataclass(slots=True)
class Told:
    """What a log says, record by record."""

    start: Message = field(default_factory=lambda: Message(b""))
    finish: Message | None = None
    points: Points = field(default_factory=Points)
    system: Points = field(default_factory=Points)
    media: list[Artifact] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    last: float | None = None


class SwanlabReader:
    """One run per `run-*` folder."""

    name = "swanlab"
    title = "SwanLab"
    reads = "swanlab 0.8 to 0.10, offline and local run folders"
    rank = 0

    def find(self, folder: Folder) -> Iterator[Source]:
        """The folder with a run's log, told by how the log begins."""
        logs = _logs(folder.files)
        if logs and MAGIC.startswith(folder.peek(logs[0], len(MAGIC))):
            inner = [name for name in INNER if name in folder.folders]
            yield folder.source(self.name, logs[0], *inner, owns=[folder.path / name for name in inner])

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """The run; of a log that ends in the middle what came before."""
        files = Files(source.root, notes)
        name = next(path.name for path in source.files if path.name.endswith(".swanlab"))
        data = files.data(name, MAX_SERIES)
        if len(data) > len(MAGIC) and data[len(MAGIC)] != VERSION:
            notes.warn("swanlab-version", f"the log is of version {data[len(MAGIC)]}, known is {VERSION}", where=name,
                       kept="params and files", hint="`swanlab sync` of the version that wrote it can bring it to a newer one")  # fmt: skip
            data = b""
        try:
            log = read_log(data, MAGIC)
        except NotALog as error:
            raise NotMine(str(error)) from None
        if log.torn is not None and data:
            notes.info(
                "swanlab-torn",
                "the log ends in the middle of a record",
                where=name,
                kept=f"the {len(log.records)} records before it",
            )
        told, bad = Told(), len(log.damaged)
        for record in log.records:
            try:
                _take(told, Message(record), files)
            except WireError:
                bad += 1
        if bad:
            notes.warn("swanlab-damaged", f"{bad} parts of the log cannot be read", where=name, kept="the others")
        yield _run(source, told, files)


def _logs(names: Mapping[str, int]) -> list[str]:
    return [name for name in names if name.startswith("run-") and name.endswith(".swanlab")]


def _when(stamp: Message) -> float | None:
    return stamp.integer(1) + stamp.integer(2) / 1e9 if 1 in stamp else None


def _take(told: Told, record: Message, files: Files) -> None:
    """One record of the log."""
    if START in record:
        told.start = record.child(START)
    elif FINISH in record:
        told.finish = record.child(FINISH)
    elif SCALAR in record:
        one = record.child(SCALAR)
        key, when = one.text(1), _when(one.child(4))
        value, step = one.child(5).double(1), one.integer(2)
        if key.startswith(SYSTEM):
            told.system.add("system." + key.removeprefix(SYSTEM), step, value, when)
        else:
            told.points.add(key, step, value, when)
            told.last = when or told.last
    elif MEDIA in record:
        told.media.extend(_media(record.child(MEDIA), files))
    elif LOG in record:
        told.lines.append(record.child(LOG).text(1))


def _media(record: Message, files: Files) -> Iterator[Artifact]:
    """The files of one media record that are there."""
    place, kind = KINDS.get(record.integer(3), ("", "file"))
    for item in record.child(5).children(1):
        name = item.text(1)
        path = files.root / "media" / place / name
        if place and name and "/" not in name and not path.is_symlink() and path.is_file():
            key = record.text(1)
            yield Artifact(
                key,
                kind,
                f"media/{place}/{name}",
                key,
                record.integer(2),
                path.stat().st_size,
                caption=item.text(4),
                digest=item.text(2),
            )


def _run(source: Source, told: Told, files: Files) -> Run:
    start, inner = told.start, {path.name for path in source.files}
    there = files.root / "files"
    config = files.document("files/config.yaml") if "files" in inner and (there / "config.yaml").is_file() else {}
    about = (
        files.document("files/swanlab-metadata.json")
        if "files" in inner and (there / "swanlab-metadata.json").is_file()
        else {}
    )
    wanted = files.text("files/requirements.txt") if "files" in inner and (there / "requirements.txt").is_file() else ""
    about = about if isinstance(about, Mapping) else {}
    runtime, git = _mapping(about.get("runtime")), _mapping(about.get("git"))
    finished = told.finish
    status: Status = "unknown" if finished is None else STATES.get(finished.integer(1), "unknown")
    run_id = start.text(10) or source.root.name.rpartition("-")[2]
    project = start.text(1)
    tags: dict[str, Scalar] = dict.fromkeys(start.texts(6), True)
    tags |= {
        key: value
        for key, value in (("project", project), ("workspace", start.text(2)), ("job_type", start.text(8)))
        if value
    }
    return Run(
        id=run_id,
        name=start.text(4) or run_id,
        tracker="swanlab",
        source=source.key,
        group=start.text(7) or project,
        status=status,
        reason="no end is recorded: still running, or killed" if finished is None else finished.text(2)[-2000:],
        started=_when(start.child(12)) or _from_name(source.root.name),
        ended=told.last if finished is None else _when(finished.child(3)),
        host=_text(runtime.get("hostname")),
        params=files.flat("files/config.yaml", _params(config)),
        series=(*told.points.series(), *told.system.series("sample")),
        tags=tags,
        notes=start.text(5),
        artifacts=tuple(told.media),
        code=Code(
            repository=_text(git.get("remote_url")), commit=_text(git.get("commit")), branch=_text(git.get("branch")),
            command=_text(runtime.get("command")),
        ),
        environment=_environment(about, runtime) | packages(wanted),
        log="\n".join(told.lines)[-MAX_LOG:],
    )  # fmt: skip


def _params(config: Any) -> dict[str, Any]:
    """The values of config.yaml in the order in which they were set; `Inf` and an empty mapping are what SwanLab made of inf and None."""
    entries = {key: one for key, one in _mapping(config).items() if isinstance(one, Mapping) and "value" in one}
    order = sorted(entries, key=lambda key: one if isinstance(one := entries[key].get("sort"), int) else len(entries))
    return {key: entries[key]["value"] for key in order}


def _environment(about: Mapping[str, Any], runtime: Mapping[str, Any]) -> dict[str, Scalar]:
    hardware = _mapping(about.get("hardware"))
    cpu, memory = _mapping(hardware.get("cpu")), _mapping(hardware.get("memory"))
    gpus = hardware.get("accelerators")
    found = {
        "python": runtime.get("python_version"), "os": runtime.get("os_pretty") or runtime.get("os"), "cpu": cpu.get("brand"),
        "cpu_count": cpu.get("logical_count"), "memory.total": memory.get("total"), "swanlab": _mapping(about.get("swanlab")).get("version"),
        "gpu": json.dumps(gpus) if gpus else None,
    }  # fmt: skip
    return {key: value for key, value in found.items() if isinstance(value, str | int | float)}


def _from_name(name: str) -> float | None:
    """The date in a run folder's name, taken as UTC: the best there is when the log lost its beginning."""
    try:
        return datetime.strptime(name[4:19], "%Y%m%d_%H%M%S").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""

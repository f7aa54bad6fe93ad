"""Polyaxon: offline runs of traceml, and the same event files out of an artifact store (docs/formats/polyaxon.md)."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from runpages.codecs import jsontext, records, runfolder
from runpages.codecs.records import fields, number, rows, when, words
from runpages.codecs.runfiles import MAX_SERIES, Files
from runpages.codecs.text import decode
from runpages.errors import Notes
from runpages.model import Artifact, Code, Kind, Run, Scalar, Series, Source, Status
from runpages.readers import Folder

RUN, LINEAGE, EVENTS, RESOURCES = "run.plx.json", "lineages.plx.json", "events", "resources"
ENVIRONMENT, ENDING = "outputs/env.json", ".plx"
_WORDS: Mapping[Status, str] = {"finished": "succeeded done", "failed": "failed upstream_failed unschedulable",
                                "killed": "stopped stopping skipped", "running": "running starting processing retrying"}  # fmt: skip
STATUSES: Mapping[str, Status] = {word: status for status, said in _WORDS.items() for word in said.split()}
KINDS: Mapping[str, Kind] = {"image": "image", "audio": "audio", "video": "video", "model": "model"}
TEXTS = ("text", "html", "chart", "span")  # JSON lines; every other kind is separated by "|"


class PolyaxonReader:
    """One run per run folder."""

    name = "polyaxon"
    title = "Polyaxon"
    reads = "runs of traceml 1.5 and polyaxon 2.18 with is_offline=True; events of a downloaded artifact folder"
    rank = 0

    def find(self, folder: Folder) -> Iterator[Source]:
        """The folder itself: it has run.plx.json or, after a kill, event files in events/KIND/."""
        if RUN in folder.files or (
            EVENTS in folder.folders and {"outputs", "assets"} & folder.names and _events(folder)
        ):
            owned = [folder.path / name for name in folder.folders]
            yield folder.source(self.name, *folder.names, owns=owned)

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """The run. A killed one has no record: its name, params and end are nowhere."""
        files = Files(source.root, notes)
        there = (source.root / RUN).is_file()
        record = fields(files.document(RUN)) if there else {}
        machine = fields(files.document(ENVIRONMENT)) if (source.root / ENVIRONMENT).is_file() else {}
        logged = _Logged(files)
        first, last = records.lasting(logged.series)
        uuid = words(record, "uuid") or source.root.name
        word = words(record, "status")
        group = "/".join(part for part in (words(record, "owner"), words(record, "project")) if part)
        outputs = {key: value for key, value in fields(record, "outputs").items() if key not in logged.files}
        tags = record.get("tags")
        argv = machine.get("sys.argv")
        yield Run(
            id=words(record, "uuid") or source.key, name=words(record, "name") or uuid, tracker="polyaxon", source=source.key,
            group=group, parent=words(record, "pipeline"), status=STATUSES.get(word, "unknown"),
            reason=_reason(record, word) if there else "no run.plx.json: killed before its end, or still running",
            started=when(record.get("started_at") or record.get("created_at")) or first,
            ended=when(record.get("finished_at")) or (None if there else last),
            user=words(record, "user") or words(machine, "user"), host=words(machine, "hostname"),
            params=records.flat(fields(record, "inputs"), notes, RUN), series=tuple(logged.series),
            results=records.flat(outputs, notes, RUN),
            tags={str(tag): True for tag in tags} if isinstance(tags, list) else {},
            notes=words(record, "description"), artifacts=tuple(logged.artifacts), code=_code(files, argv),
            environment=_environment(machine), log=_log(files),
        )  # fmt: skip


def _events(folder: Folder) -> bool:
    return next((folder.path / EVENTS).glob(f"*/*{ENDING}"), None) is not None


def _reason(record: Mapping[str, Any], word: str) -> str:
    if word == "succeeded":
        return ""
    said = [one for one in rows(record, "status_conditions") if words(one, "type") == word]
    return " ".join(filter(None, (words(said[-1], "reason"), words(said[-1], "message")))) if said else word


class _Logged:
    """Series and artifacts of the event files; `files` are the sanitised names of the metrics among them."""

    def __init__(self, files: Files) -> None:
        self.all = files
        self.files: set[str] = set()
        self.artifacts: list[Artifact] = []
        self.shown: set[str] = set()
        series: list[Series | None] = []
        for top in (EVENTS, RESOURCES):
            listed = files.left((), top=f"{top}/") if (files.root / top).is_dir() else ()
            for one in listed:
                parts = one.path.split("/")
                if len(parts) != 3 or not parts[2].endswith(ENDING):
                    continue
                name = parts[2].removesuffix(ENDING)
                events = list(_rows(files, one.path, parts[1]))
                if parts[1] == "metric":
                    label = name.replace("__", "/")
                    self.files |= {name} if top == EVENTS else set()
                    series.append(records.measured(label if top == EVENTS else f"system/{label}", events))
                else:
                    for step, value, _ in events:
                        self._event(parts[1], name, step, value, one.path)
        self.series = records.distinct(series)
        kept = files.left({RUN, LINEAGE, ENVIRONMENT, EVENTS, RESOURCES, "plxlogs"}, every=True)
        self.artifacts += [replace(one, kind=runfolder.kind_of(one.path)) for one in kept if one.path not in self.shown]

    def _event(self, kind: str, name: str, step: Any, value: Any, where: str) -> None:
        """A picture, sound, text, curve, ... that was logged at a step."""
        counted = int(found) if (found := number(step)) is not None and abs(found) < 2**53 else None
        path = words(value, "path")
        if path and ".." not in path.split("/") and (self.all.root / path).is_file():
            self.shown.add(path)
            shown: Kind = KINDS.get(kind) or runfolder.kind_of(path)
            self.artifacts.append(Artifact(name, shown, path, name, counted, (self.all.root / path).stat().st_size))
            return
        made = _drawn(kind, value)
        if made is not None:
            data = (
                made[1]
                if isinstance(made[1], bytes)
                else json.dumps(made[1], ensure_ascii=False).encode("utf-8", "replace")
            )
            self.artifacts.append(Artifact(name, made[0], where, name, counted, len(data), data=data))


def _drawn(kind: str, value: Any) -> tuple[Kind, Any] | None:
    """What an event without a file shows, in the form that artifacts have."""
    if kind in ("text", "html", "markdown"):
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return ("html" if kind == "html" else "text"), text.encode("utf-8", "replace")
    if kind == "chart" and words(value, "kind") in ("plotly", "vega"):
        figure = value.get("figure")
        return "figure", figure.encode("utf-8", "replace") if isinstance(figure, str) else figure
    if kind == "curve":
        return "curve", {"x": value.get("x"), "y": value.get("y"), "x_name": "x", "y_name": "y"} if fields(
            value
        ) else None
    if kind == "histogram":
        both = [one for one in (fields(value).get("values"), fields(value).get("counts")) if isinstance(one, list)]
        both.sort(key=len)  # the client exchanges the two names: the longer list is the edges
        return (
            ("histogram", {"edges": both[1], "counts": both[0]})
            if len(both) == 2 and len(both[1]) == len(both[0]) + 1
            else None
        )
    if kind == "confusion" and isinstance(fields(value).get("z"), list):
        labels = value.get("x") if isinstance(value.get("x"), list) else []
        return "table", {"columns": list(map(str, labels)), "data": value["z"]}
    return None


def _rows(files: Files, path: str, kind: str) -> Iterator[records.Point]:
    """(step, value, time) of an event file."""
    data = files.data(path, MAX_SERIES)
    if kind in TEXTS:
        for row in jsontext.load_lines(data, files.notes, path).rows:
            value = row.get(kind)
            yield row.get("step"), _decoded(value) if kind in ("chart", "span") else value, row.get("timestamp")
        return
    bad = 0
    for line in decode(data)[0].split("\n")[1:]:
        parts = line.split("|", 2)
        if len(parts) == 3:
            yield parts[0] or None, parts[2] if kind == "metric" else _decoded(parts[2]), parts[1]
        else:
            bad += bool(line.strip())
    if bad:
        files.notes.warn("csv-ragged", f"{bad} rows are not step|time|value", where=path, kept="the other rows")


def _decoded(value: Any) -> Any:
    """JSON inside of text, also when it is quoted twice."""
    for _ in range(2):
        if isinstance(value, str):
            try:
                value = jsontext.load(value.encode("utf-8", "replace"))
            except jsontext.NotJson:
                return value
    return value


def _code(files: Files, argv: Any) -> Code:
    command = shlex.join(map(str, argv)) if isinstance(argv, list) else words({"argv": argv}, "argv")
    listed = files.document(LINEAGE) if (files.root / LINEAGE).is_file() else None
    for one in rows({"all": listed}, "all"):
        if words(one, "kind") == "coderef":
            said = fields(one, "summary")
            dirty = said.get("is_dirty")
            return Code(words(said, "url"), words(said, "commit"), words(said, "branch"),
                        dirty if isinstance(dirty, bool) else None, command=command)  # fmt: skip
    return Code(command=command)


def _environment(machine: Mapping[str, Any]) -> dict[str, Scalar]:
    said: dict[str, Scalar] = {
        name: words(machine, key) for name, key in (("python", "python_version"), ("os", "os")) if words(machine, key)
    }
    listed = machine.get("packages")
    pairs = [one for one in listed if isinstance(one, list) and len(one) == 2] if isinstance(listed, list) else []
    return said | {f"package.{name}": str(version) for name, version in pairs}


def _log(files: Files) -> str:
    """Lines of plxlogs/*.jsonl, as text."""
    if not (files.root / "plxlogs").is_dir():
        return ""
    lines = [
        row
        for one in files.left((), top="plxlogs/")
        for row in jsontext.load_lines(files.data(one.path, MAX_SERIES), files.notes, one.path).rows
    ]
    return "\n".join(words(row, "value") or words(row, "message") for row in lines)[-256 * 1024 :]

"""Verta's ModelDB: experiment runs as its REST gateway returns them (docs/formats/verta.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from runpages.codecs import records, runfolder
from runpages.codecs.flatten import as_scalar
from runpages.codecs.records import fields, number, rows, words
from runpages.codecs.runfiles import Files
from runpages.errors import Notes, NotMine
from runpages.model import Artifact, Code, Kind, Run, Scalar, Series, Source
from runpages.readers import Folder

LISTS = ("experiment_runs", "experimentRuns", "experiment_run", "experimentRun")
STORED = "artifacts"
KINDS: Mapping[str, Kind] = {"IMAGE": "image", "MODEL": "model", "STRING": "text"}
_CAMEL = re.compile(r"(?<=[a-z0-9])([A-Z])")
# Never taken: environment.environment_variables, which hold secrets.


class VertaReader:
    """One run per experiment run in the answers of a folder."""

    name = "verta"
    title = "Verta ModelDB"
    reads = "JSON answers of ModelDB's gateway (getExperimentRunsInProject), client and server up to 0.24"
    rank = 0

    def find(self, folder: Folder) -> Iterator[Source]:
        """The folder itself, when a JSON file in it begins with experiment runs."""
        listed = [name for name in folder.files if name.endswith(".json")]
        if any("run" in name.lower() and set(LISTS) & records.keys_in(folder.peek(name)) for name in listed):
            stored = [STORED] if STORED in folder.folders else []
            yield folder.source(self.name, *listed, *stored, owns=[folder.path / name for name in stored])

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """Every run, pages merged by id; experiments give the groups their names."""
        files = Files(source.root, notes)
        runs: dict[str, Mapping[str, Any]] = {}
        names: dict[str, str] = {}
        promised = 0
        for path in source.files:
            if path.name.endswith(".json"):
                document = _snake(files.document(path.name))
                for one in rows(document, "experiments"):
                    names[words(one, "id")] = words(one, "name")
                single = fields(document, "experiment_run")
                for one in (*rows(document, "experiment_runs"), *([single] if single else ())):
                    runs[words(one, "id")] = one
                promised = max(
                    promised,
                    int(number(at) or 0)
                    if (at := document.get("total_records")) and "experiment_runs" in document
                    else 0,
                )
        if not runs and not notes.all:
            raise NotMine("no experiment run")
        if promised > len(runs):
            notes.warn("page-of-runs", f"{promised:,} runs are promised, {len(runs):,} are here", where=source.key,
                       kept="those", hint="ask with page_limit=-1, or save the other pages beside it")  # fmt: skip
        for run_id in sorted(runs):
            yield _run(run_id, runs[run_id], names, source, files)


def _snake(value: Any) -> dict[str, Any]:
    """The document with snake_case field names: a protobuf printer may write either. Values of KeyValue stay as they are."""
    clean = _renamed(value, 0)
    return clean if isinstance(clean, dict) else {}


def _renamed(value: Any, depth: int) -> Any:
    if depth > 60:
        return None
    if isinstance(value, list):
        return [_renamed(one, depth + 1) for one in value]
    if not isinstance(value, Mapping):
        return value
    renamed = {_CAMEL.sub(lambda match: "_" + match[1].lower(), str(key)): one for key, one in value.items()}
    return {key: one if key == "value" else _renamed(one, depth + 1) for key, one in renamed.items()}


def _run(run_id: str, one: Mapping[str, Any], names: Mapping[str, str], source: Source, files: Files) -> Run:
    experiment = words(one, "experiment_id")
    git = fields(one, "code_version_snapshot", "git_snapshot")
    dirty = {"TRUE": True, "FALSE": False}.get(words(git, "is_dirty"))
    tags = one.get("tags")
    ended = _time(one.get("end_time"))
    return Run(
        id=run_id or source.key, name=words(one, "name") or run_id, tracker="verta", source=source.key,
        group=names.get(experiment) or experiment, parent=words(one, "parent_id"),
        status="finished" if ended else "unknown", started=_time(one.get("start_time")) or _time(one.get("date_created")),
        ended=ended, user=words(one, "owner"),
        params=_pairs(one, "hyperparameters", files.notes), results=_pairs(one, "metrics", files.notes),
        series=_observed(one), notes=words(one, "description"),
        tags={**_pairs(one, "attributes", files.notes), **({str(tag): True for tag in tags} if isinstance(tags, list) else {})},
        artifacts=tuple(_artifact(stored, run_id, files) for stored in (*rows(one, "artifacts"), *rows(one, "datasets"))),
        code=Code(words(git, "repo"), words(git, "hash") or words(one, "code_version"), dirty=dirty,
                  entry_point=", ".join(map(str, paths)) if isinstance(paths := git.get("filepaths"), list) else "",
                  command=" ".join(map(str, line)) if isinstance(line := fields(one, "environment").get("command_line"), list) else ""),
        environment=_environment(one),
    )  # fmt: skip


def _time(value: Any) -> float | None:
    """Milliseconds since 1970, often as text; 0 is unset."""
    found = number(value)
    return found / 1000 if found and 0 < found < 1e14 else None


def _pairs(one: Mapping[str, Any], name: str, notes: Notes) -> dict[str, Scalar]:
    """A list of KeyValue as dotted names."""
    flat: dict[str, Scalar] = {}
    for pair in rows(one, name):
        flat |= records.flat({words(pair, "key"): pair.get("value")}, notes, name)
    return flat


def _observed(one: Mapping[str, Any]) -> tuple[Series, ...]:
    """Observations by epoch and time; the answer keeps no order."""
    points: dict[str, list[records.Point]] = {}
    for seen in rows(one, "observations"):
        pair = fields(seen, "attribute")
        if words(pair, "key"):
            time = _time(seen.get("timestamp"))
            points.setdefault(words(pair, "key"), []).append((seen.get("epoch_number"), pair.get("value"), time))
    return records.distinct(
        records.measured(name, sorted(found, key=_order), "epoch") for name, found in sorted(points.items())
    )


def _order(point: records.Point) -> tuple[float, float]:
    return (found if (found := number(point[0])) is not None else float("inf"), point[2] or 0.0)


def _artifact(one: Mapping[str, Any], run_id: str, files: Files) -> Artifact:
    """A file by its key; its bytes are here when they were saved under artifacts/RUN/KEY."""
    key = words(one, "key")
    path = f"{STORED}/{run_id}/{key}"
    there = ".." not in path.split("/") and (files.root / path).is_file()
    kind = KINDS.get(words(one, "artifact_type")) or runfolder.kind_of(f"{key}.{words(one, 'filename_extension')}")
    return Artifact(key, kind, path, size=(files.root / path).stat().st_size if there else None)


def _environment(one: Mapping[str, Any]) -> dict[str, Scalar]:
    """Python and its packages. The variables stay out."""
    python = fields(one, "environment", "python")
    version = ".".join(
        words(python, "version", part) for part in ("major", "minor", "patch") if words(python, "version", part)
    )
    said: dict[str, Scalar] = {"python": version} if version else {}
    return said | {
        f"package.{words(one, 'library')}": as_scalar(one.get("version")) for one in rows(python, "requirements")
    }

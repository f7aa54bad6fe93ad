"""MLflow: file stores of any age and SQLite stores from 1.x on."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np

from runpages.codecs import mlflow_db, mlflow_files, mlflow_traces
from runpages.codecs.mlflow_artifacts import artifacts_below, model_texts, packages, tables, trace_tables
from runpages.codecs.mlflow_record import Record, children, read_bytes
from runpages.codecs.sqlite import MAGIC, SqliteError, cut_short, opened
from runpages.errors import Notes, NotMine
from runpages.model import Artifact, Code, Run, Scalar, Series, Source, Status
from runpages.readers import Folder

_OWN = frozenset({"params", "metrics", "tags", "inputs", "outputs"})  # one small file a value, nothing else
_PARTS = frozenset({"params", "metrics", "tags", "artifacts"})
_DATABASE = re.compile(r".*(\.db3?|\.sqlite3?|\.bd)|mlflow.*|mlruns.*", re.IGNORECASE)
_STORES = ("mlruns", "mlartifacts")  # where a database's artifacts lie, beside it
_STATUS: dict[str, Status] = {"FINISHED": "finished", "FAILED": "failed", "KILLED": "killed", "RUNNING": "running"}
_BOOKKEEPING = frozenset(
    "runName user parentRunId note.content source.name source.git.commit source.git.branch source.git.repoURL source.git.dirty "
    "source.git.diff loggedImages loggedArtifacts log-model.history".split()
)
NAME_LIMIT = 1000
SCHEMA_PEEK = 262_144


class MlflowReader:
    """A file store gives one source a run, so that only changed runs are read again; a database is one source."""

    name = "mlflow"
    title = "MLflow"
    reads = "MLflow 1.x to 3.17: mlruns folders and SQLite databases"
    rank = 0

    def find(self, folder: Folder) -> Iterable[Source]:
        """A run's folder, an experiment's folder (its traces, and what nobody else should take for runs), databases."""
        if "meta.yaml" in folder.files or set(folder.folders) >= _PARTS:
            yield from self._folder(folder)
        for name, size in folder.files.items():
            named = size >= 512 and _DATABASE.fullmatch(name) is not None
            if named and folder.peek(name, 16) == MAGIC and _is_mlflow(folder, name):
                yield self._database(folder, name)

    def _folder(self, folder: Folder) -> Iterator[Source]:
        head = folder.peek("meta.yaml") if "meta.yaml" in folder.files else b""
        model = folder.path.name.startswith("m-") and folder.path.parent.name == "models"
        if mlflow_files.is_experiment_meta(head) and not mlflow_files.is_run_meta(head):
            inner = [name for name in ("datasets", "models", "tags", "traces") if name in folder.folders]
            if inner:
                files = ("meta.yaml", "traces") if "traces" in inner else ("meta.yaml",)
                yield folder.source(self.name, *files, owns=[folder.path / name for name in inner])
        elif mlflow_files.is_run_meta(head) or (not model and len(_PARTS & set(folder.folders)) >= 2):
            above = folder.path.parent / "meta.yaml"
            watched = (folder.path, above) if above.is_file() else (folder.path,)
            owned = {name: folder.path / name for name in folder.folders}
            shut = tuple(path for name, path in owned.items() if name in _OWN)
            yield Source(self.name, folder.path, folder.key, watched, tuple(owned.values()), shut=shut)

    def _database(self, folder: Folder, name: str) -> Source:
        beside = [name + end for end in ("-wal", "-journal") if name + end in folder.files]
        stores = [store for store in _STORES if store in folder.folders]
        owns = [place for store in stores for place in _artifact_folders(folder.path / store)]
        found = folder.source(self.name, name, *beside, *stores, owns=owns)
        return replace(
            found,
            key=name if folder.key == "." else f"{folder.key}/{name}",
            files=(folder.path / name, *(path for path in found.files if path.name != name)),
        )

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """One run of a file store, the traces outside runs of an experiment, or every run of a database."""
        first = source.files[0]  # a run's folder, an experiment's meta.yaml, or a database
        if first != source.root:
            yield from _read_experiment(source) if first.name == "meta.yaml" else _read_database(source, notes)
            return
        record = mlflow_files.read_run(str(source.root), notes)
        if record.deleted:
            notes.info("mlflow-deleted", "deleted in MLflow", kept="nothing", hint="`mlflow gc` removes it for good")
            return
        found = artifacts_below(str(source.root / "artifacts"), "artifacts", notes, record.id)
        if not found:
            _say_elsewhere([record], notes)
        yield _run(record, source, [*found, *model_texts(record), *tables(record)], notes)


def _is_mlflow(folder: Folder, name: str) -> bool:
    """By its tables; one of MLflow's name that was cut short may show none, and must be noted, not passed over."""
    named = name.lower().startswith(("mlflow", "mlruns"))
    return mlflow_db.is_mlflow(folder.peek(name, SCHEMA_PEEK)) or (
        named and cut_short(folder.peek(name), folder.files[name])
    )


def _artifact_folders(store: Path) -> list[Path]:
    """The whole store when no run of a file store is in it, else its runs that have no meta.yaml of their own."""
    experiments = children(str(store))
    if not any(Path(place, "meta.yaml").exists() for place in experiments):
        return [store]
    inner = [place for experiment in experiments for place in children(experiment)]
    return [Path(place) for place in inner if not Path(place, "meta.yaml").exists()]


def _read_experiment(source: Source) -> Iterator[Run]:
    meta = mlflow_files.read_experiment(str(source.root))
    loose = [
        mlflow_files.with_spans(one, place)
        for one, place in mlflow_files.read_traces(str(source.root))
        if not one["run_id"]
    ]
    if loose and meta.get("lifecycle_stage") != "deleted":
        record = Record(
            f"traces-{meta.get('experiment_id', source.root.name)}", "traces outside runs", str(meta.get("name", ""))
        )
        yield _traces(record, loose, source)


def _traces(record: Record, traces: list[mlflow_traces.Trace], source: Source) -> Run:
    artifacts = tuple(trace_tables(traces))
    return Run(record.id, record.name, "mlflow", source.key, record.experiment, artifacts=artifacts)


def _read_database(source: Source, notes: Notes) -> Iterator[Run]:
    path = source.files[0]
    try:
        with opened(path, notes) as base:
            if not mlflow_db.has_runs(base):
                raise NotMine
            records = list(mlflow_db.read_runs(base))
            loose = [one for one in mlflow_traces.of_database(base) if not one["run_id"]]
            traces = [*loose, *(one for record in records for one in record.traces)]
            mlflow_traces.add_spans(base, [str(source.root / store) for store in _STORES], traces)
    except (SqliteError, OSError, sqlite3.Error) as error:
        notes.warn("sqlite-unreadable", f"the database cannot be read: {error}", where=path.name, kept="nothing of it")
        return
    deleted = sum(record.deleted for record in records)
    if deleted:
        notes.info(
            "mlflow-deleted", f"{deleted:,} runs are deleted in MLflow", kept=f"the other {len(records) - deleted:,}"
        )
    alive = [record for record in records if not record.deleted]
    _say_elsewhere([record for record in alive if not _place(source.root, record)], notes)
    for record in alive:
        place = _place(source.root, record)
        found = artifacts_below(str(source.root / place), place, notes, record.id) if place else []
        for model in record.models:
            below = f"{_experiment_folder(place)}/models/{model['id']}/artifacts"
            if place and "/" not in model["id"]:
                inner = artifacts_below(str(source.root / below), below, notes, record.id)
                found += [replace(one, name=f"{model['name'] or model['id']}/{one.name}") for one in inner]
        yield _run(record, source, [*found, *tables(record)], notes)
    names = {record.experiment_id: record.experiment for record in records}
    for experiment in sorted({str(one["experiment_id"]) for one in loose}):
        mine = [one for one in loose if one["experiment_id"] == experiment]
        yield _traces(Record(f"traces-{experiment}", "traces outside runs", names.get(experiment, "")), mine, source)


def _experiment_folder(place: str) -> str:
    return place.rsplit("/", 2)[0]


def _place(root: Path, record: Record) -> str:
    """The run's artifact folder below the database's folder; "" when there is none. Never outside it."""
    parts = [part for part in unquote(urlsplit(record.artifact_uri).path).replace("\\", "/").split("/") if part]
    if ".." in parts or parts[-2:] != [record.id, "artifacts"]:
        return ""
    tails = [f"{store}/{'/'.join(parts[-3:])}" for store in _STORES] + ["/".join(parts[-3:])]
    tails.append("/".join(part for part in parts if part != "."))
    inside = os.path.normpath(record.artifact_uri.removeprefix("file://"))
    if inside.startswith(f"{root}{os.sep}"):
        tails.append(os.path.relpath(inside, root).replace(os.sep, "/"))
    return next((tail for tail in tails if tail and _inside(root, tail)), "")


def _inside(root: Path, tail: str) -> bool:
    place = root / tail
    return place.is_dir() and place.resolve().is_relative_to(root.resolve())


def _say_elsewhere(records: list[Record], notes: Notes) -> None:
    """One note for the runs whose artifacts are in a store that is not on this disk."""
    schemes = sorted(
        {
            urlsplit(one.artifact_uri).scheme
            for one in records
            if "://" in one.artifact_uri or one.artifact_uri.startswith("mlflow-artifacts:")
        }
    )
    far = [scheme for scheme in schemes if scheme not in ("", "file")]
    if far:
        notes.info(
            "mlflow-artifacts-elsewhere",
            f"artifacts are in {', '.join(far)[:100]}",
            kept="params, metrics and tags",
            hint="`mlflow artifacts download` brings them here",
        )


def _run(record: Record, source: Source, artifacts: list[Artifact], notes: Notes) -> Run:
    tags = {key.removeprefix("mlflow."): value for key, value in record.tags.items() if key.startswith("mlflow.")}
    requirements = [text for text in (_requirements(one, source.root) for one in artifacts) if text]
    environment: dict[str, Scalar] = {**packages(requirements), **_remaining(tags), **_experiment(record)}
    for one in record.datasets:
        environment[f"dataset.{one['context'] or one['name']}"] = f"{one['name']} ({one['digest']})"
    for version in record.registered:
        environment[f"registered.{version['name']}"] = " ".join(
            filter(None, (f"v{version['version']}", version["aliases"]))
        )
    status = _STATUS.get(record.status, "unknown")
    return Run(
        id=record.id,
        name=_cut(tags.get("runName") or record.name or record.id, notes, record.id),
        tracker="mlflow",
        source=source.key,
        group=_cut(record.experiment, notes, record.id),
        parent=tags.get("parentRunId", ""),
        status=status,
        reason=_reason(record) if status == "running" else "",
        started=_seconds(record.started),
        ended=_seconds(record.ended),
        user=tags.get("user") or record.user,
        params=record.params,
        series=tuple(_series(key, record) for key in sorted(record.points)),
        tags={key: value for key, value in record.tags.items() if not key.startswith("mlflow.")},
        notes=tags.get("note.content", ""),
        artifacts=tuple(artifacts),
        code=_code(tags),
        environment=environment,
    )


def _series(key: str, record: Record) -> Series:
    times, values, steps = record.points[key]
    return Series(key, steps, values, times / 1000.0)


def _requirements(one: Artifact, root: Path) -> bytes:
    if one.name.rpartition("/")[2] != "requirements.txt":
        return b""
    try:
        return one.data if one.data is not None else read_bytes(str(root / one.path), 1 << 16)
    except OSError:
        return b""


def _remaining(tags: dict[str, str]) -> dict[str, Scalar]:
    """MLflow's own tags that have no field of their own: nothing is lost."""
    return {f"mlflow.{key}": value for key, value in tags.items() if key not in _BOOKKEEPING}


def _experiment(record: Record) -> dict[str, Scalar]:
    named = {key.replace("mlflow.note.content", "description"): value for key, value in record.experiment_tags.items()}
    return {f"experiment.{key}": value for key, value in named.items() if not key.startswith("mlflow.")}


def _code(tags: dict[str, str]) -> Code:
    dirty = tags.get("source.git.dirty", "").lower()
    return Code(
        repository=tags.get("source.git.repoURL", ""),
        commit=tags.get("source.git.commit", ""),
        branch=tags.get("source.git.branch", ""),
        dirty={"true": True, "false": False}.get(dirty),
        patch=tags.get("source.git.diff", ""),
        entry_point=tags.get("source.name", ""),
    )


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000.0


def _reason(record: Record) -> str:
    """MLflow never learns that a process was killed: what the points say of it."""
    last = max((int(times.max()) for times, _, _ in record.points.values() if len(times)), default=None)
    if last is None or record.ended is not None:
        return ""
    try:
        return f"no end was recorded; last point {np.datetime64(last, 'ms').astype('datetime64[s]')}Z"
    except (ValueError, OverflowError):
        return ""


def _cut(text: str, notes: Notes, run: str) -> str:
    if len(text) <= NAME_LIMIT:
        return text
    notes.warn(
        "text-cut", f"a name of {len(text):,} characters", kept=f"the first {NAME_LIMIT:,}", run=run[:NAME_LIMIT]
    )
    return text[:NAME_LIMIT] + "…"

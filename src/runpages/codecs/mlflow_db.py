"""MLflow's SQLite store, any schema from 1.x on: every run as a Record. Tables and columns are tested for, versions are not."""

# ruff: noqa: S608
# the parts put into the SQL are names from this file

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np

from runpages.codecs import mlflow_traces
from runpages.codecs.columns import Points
from runpages.codecs.mlflow_record import Record, as_int, as_text, in_order
from runpages.codecs.sqlite import Database
from runpages.model import Floats

LARGEST = 1.797e308  # MLflow stores the largest double for infinity
EXACT = 2.0**53
_RUN = ("run_uuid", "artifact_uri", "experiment_id", "status", "lifecycle_stage")


def is_mlflow(head: bytes) -> bool:
    """Whether a database that begins like this is MLflow's: its first migrations left the runs table near the start."""
    return b"run_uuid VARCHAR" in head and b"artifact_uri VARCHAR" in head


def has_runs(base: Database) -> bool:
    """Whether the tables of a tracking store are there."""
    return base.has("runs", *_RUN) and base.has("experiments", "experiment_id", "name")


def read_runs(base: Database) -> Iterator[Record]:
    """Every run in order of start, deleted ones too (marked, and without their data)."""
    records = {record.id: record for record in _runs(base)}
    alive = {run_id: record for run_id, record in records.items() if not record.deleted}
    _pairs(base, "params", {run_id: record.params for run_id, record in alive.items()})
    _pairs(base, "tags", {run_id: record.tags for run_id, record in alive.items()})
    for run_id, key, points in _metrics(base, list(alive)):
        alive[run_id].points[key] = points
    _datasets(base, alive)
    _models(base, alive)
    _registered(base, alive)
    for trace in mlflow_traces.of_database(base):
        if trace["run_id"] in alive:
            alive[trace["run_id"]].traces.append(trace)
    yield from records.values()


def _columns(base: Database, table: str, *wanted: str) -> str:
    """The wanted columns, NULL for those that this schema lacks."""
    have = base.tables.get(table, ())
    return ", ".join(f'"{name}"' if name in have else f'null as "{name}"' for name in wanted)


def _runs(base: Database) -> Iterator[Record]:
    experiments: dict[Any, tuple[str, bool]] = {}
    for key, name, stage in base.rows(
        f"select {_columns(base, 'experiments', 'experiment_id', 'name', 'lifecycle_stage')} from experiments"
    ):
        experiments[key] = (as_text(name), stage == "deleted")
    tags: dict[Any, dict[str, str]] = defaultdict(dict)
    if base.has("experiment_tags", "key", "value", "experiment_id"):
        for experiment, key, value in base.rows("select experiment_id, key, value from experiment_tags"):
            tags[experiment][as_text(key)] = as_text(value)
    wanted = (
        "run_uuid",
        "name",
        "user_id",
        "status",
        "start_time",
        "end_time",
        "lifecycle_stage",
        "artifact_uri",
        "experiment_id",
    )
    for row in base.rows(f"select {_columns(base, 'runs', *wanted)} from runs order by start_time, run_uuid"):
        run_id, name, user, status, started, ended, stage, uri, experiment = row
        title, gone = experiments.get(experiment, ("", False))
        record = Record(as_text(run_id), as_text(name), title, as_text(experiment), tags.get(experiment, {}))
        record.status, record.user, record.artifact_uri = as_text(status) or "RUNNING", as_text(user), as_text(uri)
        record.started, record.ended = as_int(started), as_int(ended)
        record.deleted = stage == "deleted" or gone
        yield record


def _pairs(base: Database, table: str, into: dict[str, dict[str, str]]) -> None:
    if base.has(table, "key", "value", "run_uuid"):
        for run_id, key, value in base.rows(f"select run_uuid, key, value from {table} order by run_uuid, key"):
            if run_id in into:
                into[run_id][as_text(key)] = as_text(value)


def _metrics(base: Database, runs: list[str]) -> Iterator[tuple[str, str, Points]]:
    """Every series. Names become numbers inside SQLite, so that a million points are a million rows of four numbers."""
    if not base.has("metrics", "key", "value", "timestamp", "run_uuid"):
        return
    names = _number_series(base, runs)
    step = "m.step" if base.has("metrics", "step") else "0"
    nan = "m.is_nan" if base.has("metrics", "is_nan") else "0"
    sql = (
        f"select m.value, m.timestamp, {step}, s.id * 2 + ({nan} <> 0) from metrics m "
        "cross join temp.runpages_series s on s.run = m.run_uuid and s.key = m.key"
    )
    blocks = [_block(base, chunk) for chunk in base.chunks(sql)]
    if not blocks:
        return
    table = np.concatenate(blocks)
    series = table[:, 3].astype(np.int64)
    table[series % 2 == 1, 0] = np.nan
    order = np.argsort(series // 2, kind="stable")
    ends = np.cumsum(np.bincount(series // 2, minlength=len(names)))
    for number, (run_id, key) in enumerate(names):
        rows = table[order[ends[number - 1] if number else 0 : ends[number]]]
        if len(rows):
            yield run_id, key, in_order(_points(base, rows, run_id, key))


def _number_series(base: Database, runs: list[str]) -> list[tuple[str, str]]:
    """A temporary table (run, key) -> number, and the names by number."""
    base.connection.execute(
        "create temp table runpages_series (run, key, id integer, primary key (run, key)) without rowid"
    )
    kept = set(runs)
    names = sorted(
        (run, key)
        for run, key in base.rows("select distinct run_uuid, key from metrics")
        if run in kept and isinstance(key, str)
    )
    base.connection.executemany(
        "insert into temp.runpages_series values (?, ?, ?)",
        ((run, key, number) for number, (run, key) in enumerate(names)),
    )
    return names


def _block(base: Database, rows: list[tuple[Any, ...]]) -> Floats:
    try:
        flat = np.fromiter(itertools.chain.from_iterable(rows), dtype=np.float64, count=4 * len(rows))
    except (TypeError, ValueError):
        good = [row for row in rows if all(isinstance(value, int | float) for value in row)]
        base.notes.warn(
            "metric-line-unreadable",
            f"{len(rows) - len(good):,} rows are not points",
            where=base.name,
            kept=f"{len(good):,} points",
        )
        flat = np.array([float(value) for row in good for value in row], dtype=np.float64)
    return flat.reshape(-1, 4)


def _points(base: Database, rows: Floats, run_id: str, key: str) -> Points:
    values, times, steps = rows[:, 0].copy(), rows[:, 1], rows[:, 2]
    if len(rows) and max(np.abs(steps).max(), np.abs(times).max()) >= EXACT:
        return _wide(base, run_id, key)
    values[values >= LARGEST] = np.inf
    values[values <= -LARGEST] = -np.inf
    return times.astype(np.int64), values, steps.astype(np.int64)


def _wide(base: Database, run_id: str, key: str) -> Points:
    """A series whose steps do not fit a double: read once more, as whole numbers."""
    nan = "is_nan" if base.has("metrics", "is_nan") else "0"
    found = base.rows(
        f"select timestamp, value, step, {nan} from metrics where run_uuid = ? and key = ?", (run_id, key)
    )
    good = [
        row
        for row in found
        if as_int(row[0]) is not None and as_int(row[2]) is not None and isinstance(row[1], float | int)
    ]
    values = np.array([np.nan if row[3] else float(row[1]) for row in good], dtype=np.float64)
    values[values >= LARGEST], values[values <= -LARGEST] = np.inf, -np.inf
    return np.array([row[0] for row in good], np.int64), values, np.array([row[2] for row in good], np.int64)


def _datasets(base: Database, runs: dict[str, Record]) -> None:
    if not (base.has("inputs", "source_id", "destination_id") and base.has("datasets", "dataset_uuid", "name")):
        return
    tagged = base.has("input_tags", "input_uuid", "name", "value")
    context = "(select value from input_tags t where t.input_uuid = i.input_uuid and t.name = 'mlflow.data.context')"
    sql = (
        f"select i.destination_id, d.name, d.digest, d.dataset_source_type, d.dataset_source, d.dataset_profile, "
        f"{context if tagged else 'null'} from inputs i join datasets d on d.dataset_uuid = i.source_id "
        "where i.source_type = 'DATASET' and i.destination_type = 'RUN' order by d.name, d.digest"
    )
    for run_id, *values in base.rows(sql):
        if run_id in runs:
            names = ("name", "digest", "source_type", "source", "profile", "context")
            runs[run_id].datasets.append({name: as_text(value) for name, value in zip(names, values, strict=True)})


def _models(base: Database, runs: dict[str, Record]) -> None:
    if not base.has("logged_models", "model_id", "name", "source_run_id"):
        return
    steps = {}
    if base.has("inputs", "source_id", "destination_id", "step"):
        sql = "select source_id, destination_id, step from inputs where source_type = 'RUN_OUTPUT'"
        steps = {(run_id, model): step for run_id, model, step in base.rows(sql)}
    wanted = _columns(
        base, "logged_models", "model_id", "name", "model_type", "status", "source_run_id", "experiment_id"
    )
    for model, name, kind, status, run_id, experiment in base.rows(
        f"select {wanted} from logged_models order by model_id"
    ):
        if run_id in runs:
            one = {"id": as_text(model), "name": as_text(name), "type": as_text(kind), "status": as_text(status)}
            runs[run_id].models.append(
                one | {"step": as_int(steps.get((run_id, model))), "experiment_id": as_text(experiment)}
            )


def _registered(base: Database, runs: dict[str, Record]) -> None:
    if not base.has("model_versions", "name", "version", "run_id"):
        return
    aliases: dict[tuple[Any, Any], list[str]] = defaultdict(list)
    if base.has("registered_model_aliases", "name", "version", "alias"):
        for name, version, alias in base.rows(
            "select name, version, alias from registered_model_aliases order by alias"
        ):
            aliases[name, version].append(as_text(alias))
    sql = f"select {_columns(base, 'model_versions', 'name', 'version', 'current_stage', 'run_id')} from model_versions order by name, version"
    for name, version, stage, run_id in base.rows(sql):
        if run_id in runs:
            one = {"name": as_text(name), "version": as_text(version), "stage": as_text(stage), "run_id": run_id}
            runs[run_id].registered.append(one | {"aliases": ", ".join(aliases[name, version])})

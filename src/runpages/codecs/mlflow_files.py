"""MLflow's file store: one run folder (and what its experiment's folder says of it) as a Record."""

# ruff: noqa: PTH113, PTH114, PTH116, PTH118, PTH119, PTH120
# plain path strings: pathlib costs as much as all the parsing of a short run

from __future__ import annotations

import os
import re
import unicodedata
from functools import lru_cache
from typing import Any

import numpy as np

from runpages.codecs import mlflow_traces
from runpages.codecs.columns import Points, read_points
from runpages.codecs.mlflow_record import (
    TEXT_LIMIT,
    Record,
    as_int,
    as_text,
    children,
    files_below,
    in_order,
    read_bytes,
)
from runpages.codecs.yamltext import NotYaml, load, load_flat
from runpages.errors import Notes

JOIN_LIMIT = 1 << 20  # beyond it, the copy costs more than one call of the parser for each file
META_LIMIT = 32 << 20
_STATUS = {"1": "RUNNING", "2": "SCHEDULED", "3": "FINISHED", "4": "FAILED", "5": "KILLED"}
_NAMES = {"name", "run_name", "run_id", "user_id", "digest", "model_id"}
_RUN_LINE = re.compile(rb"^run_(uu)?id:", re.MULTILINE)
_EXPERIMENT_LINE = re.compile(rb"^experiment_id:", re.MULTILINE)


def is_run_meta(head: bytes) -> bool:
    """Whether a meta.yaml that begins like this is a run's."""
    return b"artifact_uri:" in head and _RUN_LINE.search(head) is not None


def is_experiment_meta(head: bytes) -> bool:
    """Whether a meta.yaml that begins like this is an experiment's."""
    return b"artifact_location:" in head and _EXPERIMENT_LINE.search(head) is not None and b"model_id:" not in head


def read_run(folder: str, notes: Notes) -> Record:
    """The run in a folder; whatever cannot be read becomes a note. A file is read only if it is a regular one."""
    meta = _run_meta(folder, notes)
    above = os.path.dirname(folder)
    experiment = read_experiment(above)
    record = Record(os.path.basename(folder))
    record.name = as_text(meta.get("run_name") or meta.get("name"))
    record.experiment = as_text(experiment.get("name"))
    record.experiment_id = as_text(meta.get("experiment_id"))
    status = as_text(meta.get("status", "RUNNING"))
    record.status = _STATUS.get(status, status)
    record.started, record.ended = as_int(meta.get("start_time")), as_int(meta.get("end_time"))
    record.user, record.artifact_uri = as_text(meta.get("user_id")), as_text(meta.get("artifact_uri"))
    record.deleted = "deleted" in (meta.get("lifecycle_stage"), experiment.get("lifecycle_stage"))
    if record.deleted:
        return record
    record.params = _texts(folder, "params", notes)
    record.tags = _texts(folder, "tags", notes)
    record.experiment_tags = experiment.get("tags_read", {})
    record.points = _metrics(folder, notes)
    record.datasets = _datasets(folder, above)
    record.models = _models(folder, above)
    record.registered = [one for one in _registry(os.path.dirname(above)) if one["run_id"] == record.id]
    record.traces = [with_spans(one, place) for one, place in read_traces(above) if one["run_id"] == record.id]
    return record


def read_experiment(folder: str) -> dict[str, Any]:
    """The map in an experiment's meta.yaml, its tags under `tags_read`; empty when there is none."""
    path = os.path.join(folder, "meta.yaml")
    try:
        state = os.stat(path, follow_symlinks=False)
    except OSError:
        return {}
    tags = os.path.join(folder, "tags")
    return _experiment(path, state.st_mtime_ns, state.st_size, tags, _changed(tags))


def _changed(path: str) -> int:
    try:
        return os.stat(path, follow_symlinks=False).st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=256)
def _experiment(path: str, _changed_at: int, _size: int, tags: str, _tags_changed_at: int) -> dict[str, Any]:
    head = _map(path)
    if os.path.basename(os.path.dirname(os.path.dirname(path))) == ".trash":  # 1.x moved it and left "active" in it
        head["lifecycle_stage"] = "deleted"
    if "experiment_id" not in head or "artifact_location" not in head:
        return {}
    head["tags_read"] = {key: _text(_readable(file, TEXT_LIMIT)) for key, file, _ in files_below(tags)}
    return head


def _yaml(data: bytes) -> Any:
    """The value; names stay as they were written, for a run may be called 1e5."""
    flat = load_flat(data)
    value = load(data) if flat is None else flat
    if isinstance(value, dict):
        for key in _NAMES & value.keys():
            if isinstance(value[key], int | float):
                written = re.search(rb"^%s: +([^'\"\s]+)\s*$" % key.encode(), data, re.MULTILINE)
                value[key] = written[1].decode("utf-8", "replace") if written else str(value[key])
    return value


def _map(path: str) -> dict[str, Any]:
    try:
        value = _yaml(read_bytes(path, META_LIMIT))
    except (OSError, NotYaml):
        return {}
    return value if isinstance(value, dict) else {}


def _run_meta(folder: str, notes: Notes) -> dict[str, Any]:
    path = os.path.join(folder, "meta.yaml")
    try:
        found = _yaml(read_bytes(path, META_LIMIT))
        if isinstance(found, dict):
            return found
        what = "empty" if found is None else "not a YAML map"
    except NotYaml as error:
        what = str(error)
    except OSError as error:
        what = error.strerror or "cannot be read"
    notes.warn(
        "mlflow-meta-unreadable",
        f"the run's meta.yaml: {what}",
        where="meta.yaml",
        kept="params, metrics, tags and artifacts; name, status and times are unknown",
    )
    return {"status": "UNKNOWN"}


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _readable(path: str, limit: int) -> bytes:
    try:
        return read_bytes(path, limit)
    except OSError:
        return b""


def _key(name: str) -> str:
    if name.isascii():
        return name
    return unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "replace"))


def _texts(folder: str, kind: str, notes: Notes) -> dict[str, str]:
    found = {}
    for name, path, _ in files_below(f"{folder}/{kind}"):
        try:
            data = read_bytes(path, TEXT_LIMIT)
        except OSError as error:
            notes.warn("file-unreadable", error.strerror or "cannot be read", where=f"{kind}/{name}")
            continue
        if len(data) >= TEXT_LIMIT:
            notes.warn("text-cut", "longer than 1 MiB", where=f"{kind}/{name}", kept="its beginning")
        found[_key(name)] = _text(data)
    return found


def _metrics(folder: str, notes: Notes) -> dict[str, Points]:
    """Every series; all files of a run are parsed as one buffer when every line has its three fields."""
    names, datas = [], []
    for name, path, _ in files_below(f"{folder}/metrics"):
        try:
            datas.append(read_bytes(path))
            names.append(_key(name))
        except OSError as error:
            notes.warn("file-unreadable", error.strerror or "cannot be read", where=f"metrics/{name}")
    joined = b"".join(datas) if sum(map(len, datas)) < JOIN_LIMIT else b"?"
    whole = read_points(joined) if all(not data or data.endswith(b"\n") for data in datas) else None
    if whole is None:
        return {
            name: in_order(read_points(data) or _lines(data, name, notes))
            for name, data in zip(names, datas, strict=True)
        }
    found, at = {}, 0
    for name, data in zip(names, datas, strict=True):
        end = at + data.count(b"\n")
        found[name] = in_order((whole[0][at:end], whole[1][at:end], whole[2][at:end]))
        at = end
    return found


def _lines(data: bytes, name: str, notes: Notes) -> Points:
    """Line by line: two fields are time and value, those after the third name a dataset; what is torn is noted."""
    lines = data.split(b"\n")
    torn = lines.pop()
    good = [point for line in lines if (point := _point(line)) is not None]
    bad = sum(1 for line in lines if line.strip()) - len(good)
    if torn:
        notes.warn(
            "metric-line-torn",
            "the last line has no end",
            where=f"metrics/{name}",
            kept=f"{len(good):,} points before it",
        )
    if bad:
        notes.warn(
            "metric-line-unreadable",
            f"{bad:,} lines are not points",
            where=f"metrics/{name}",
            kept=f"{len(good):,} points",
        )
    times, values, steps = zip(*good, strict=True) if good else ((), (), ())
    return np.array(times, np.int64), np.array(values, np.float64), np.array(steps, np.int64)


def _point(line: bytes) -> tuple[int, float, int] | None:
    fields = line.split(b" ", 3)
    try:
        time, value = int(fields[0]), float(fields[1])
        step = int(fields[2]) if len(fields) > 2 else 0
    except (ValueError, IndexError):
        return None
    return (time, value, step) if max(abs(time), abs(step)) < 2**63 else None


def _datasets(folder: str, above: str) -> list[dict[str, Any]]:
    found = []
    for link in children(f"{folder}/inputs"):
        joint = _map(os.path.join(link, "meta.yaml"))
        # source_id is right; 3.17 writes the same into destination_id
        data = _map(
            os.path.join(above, "datasets", os.path.basename(as_text(joint.get("source_id")) or "-"), "meta.yaml")
        )
        tags = joint.get("tags")
        context = as_text(tags.get("mlflow.data.context")) if isinstance(tags, dict) else ""
        if data:
            found.append(
                {key: as_text(data.get(key)) for key in ("name", "digest", "source_type", "source", "profile")}
            )
            found[-1]["context"] = context
    return found


def _models(folder: str, above: str) -> list[dict[str, Any]]:
    found = []
    for link in children(f"{folder}/outputs"):
        place = os.path.join(above, "models", os.path.basename(link))
        meta = _map(os.path.join(place, "meta.yaml"))
        if meta:
            found.append(
                {
                    "id": as_text(meta.get("model_id")),
                    "name": as_text(meta.get("name")),
                    "type": as_text(meta.get("model_type")),
                    "status": as_text(meta.get("status")),
                    "step": as_int(_map(os.path.join(link, "meta.yaml")).get("step")),
                    "files": _small_files(os.path.join(place, "artifacts")),
                }
            )
    return found


def _small_files(folder: str) -> dict[str, bytes]:
    """The texts that describe a model; its weights stay where they are."""
    found = {}
    for name in ("MLmodel", "requirements.txt", "python_env.yaml"):
        path = os.path.join(folder, name)
        if os.path.isfile(path) and not os.path.islink(path):
            found[name] = _readable(path, 65536)
    return found


def _registry(root: str) -> tuple[dict[str, Any], ...]:
    models = children(os.path.join(root, "models"))
    signature = tuple(
        _changed(os.path.join(path, *more)) for path in models for more in ((), ("aliases",), ("meta.yaml",))
    )
    return _versions(tuple(models), signature) if models else ()


@lru_cache(maxsize=16)
def _versions(models: tuple[str, ...], _signature: tuple[int, ...]) -> tuple[dict[str, Any], ...]:
    found = []
    for path in models:
        aliases = {
            name: _text(_readable(file, 64)).strip() for name, file, _ in files_below(os.path.join(path, "aliases"))
        }
        for place in children(path):
            meta = _map(os.path.join(place, "meta.yaml"))
            version = as_text(meta.get("version"))
            if version:
                found.append(
                    {
                        "name": as_text(meta.get("name")),
                        "version": version,
                        "stage": as_text(meta.get("current_stage")),
                        "aliases": ", ".join(sorted(key for key, value in aliases.items() if value == version)),
                        "run_id": as_text(meta.get("run_id")),
                    }
                )
    return tuple(found)


def read_traces(experiment: str) -> tuple[tuple[dict[str, Any], str], ...]:
    """Every trace of an experiment's folder (mlflow_traces.trace_of), each with its own folder."""
    places = children(os.path.join(experiment, "traces"))
    signature = tuple(_changed(os.path.join(place, "trace_info.yaml")) for place in places)
    return _traces(experiment, signature) if places else ()


@lru_cache(maxsize=8)
def _traces(experiment: str, _signature: tuple[int, ...]) -> tuple[tuple[dict[str, Any], str], ...]:
    return mlflow_traces.of_folder(experiment, lambda path: _text(_readable(path, TEXT_LIMIT)))


def with_spans(trace: dict[str, Any], place: str) -> dict[str, Any]:
    """A trace with the rows of its spans under "spans"."""
    found = mlflow_traces.spans_in(os.path.join(place, "artifacts", "traces.json"))
    return trace | {"spans": list(mlflow_traces.rows(trace["id"], found))}

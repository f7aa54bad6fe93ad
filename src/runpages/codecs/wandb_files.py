"""What a run says without its log: config.yaml, wandb-summary.json, wandb-history.jsonl, wandb-events.jsonl.

wandb before 0.10 wrote these only; later clients write some of them beside the log, and they outlive it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from runpages.codecs import jsontext
from runpages.codecs.runfiles import MAX_SERIES, Files
from runpages.codecs.text import to_float
from runpages.codecs.wandb_items import Table, leaves
from runpages.codecs.wandb_log import RunLog
from runpages.codecs.wandb_series import of_history, of_stats
from runpages.model import Series

HISTORY, EVENTS, SUMMARY, CONFIG, METADATA = "wandb-history.jsonl", "wandb-events.jsonl", "wandb-summary.json", "config.yaml", "wandb-metadata.json"  # fmt: skip


@dataclass(slots=True)
class RunFiles:
    """The same as a log gives, as far as the files say it."""

    log: RunLog = field(default_factory=RunLog)
    series: list[Series] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)


def read_run_files(files: Files, prefix: str, names: set[str]) -> RunFiles:
    """What those of W&B's files say that are among `names`, each found at `prefix` + its name."""
    told = RunFiles()
    if CONFIG in names:
        told.log.config = _config(files.document(prefix + CONFIG))
    if SUMMARY in names:
        summary = files.document(prefix + SUMMARY)
        told.summary = dict(leaves(summary)) if isinstance(summary, Mapping) else {}
    if METADATA in names:
        _metadata(files.document(prefix + METADATA), told.log)
    if HISTORY in names:
        rows = jsontext.load_lines(files.data(prefix + HISTORY, MAX_SERIES), files.notes, prefix + HISTORY).rows
        told.series += of_history(_table(rows), (), ())
    if EVENTS in names:
        rows = jsontext.load_lines(files.data(prefix + EVENTS, MAX_SERIES), files.notes, prefix + EVENTS).rows
        told.series += of_stats(
            [(_time(row), {name: value for name, value in row.items() if not name.startswith("_")}) for row in rows]
        )
    return told


def _config(value: Any) -> dict[str, Any]:
    """Names with values, out of {name: {"desc": ..., "value": ...}}."""
    if not isinstance(value, Mapping):
        return {}
    return {
        str(name): one["value"]
        if isinstance(one, Mapping) and "value" in one and set(one) <= {"desc", "value"}
        else one
        for name, one in value.items()
    }


def _time(row: Mapping[str, Any]) -> float:
    time = row.get("_timestamp")
    return to_float(time) if isinstance(time, int | float) else 0.0


def _table(rows: list[dict[str, Any]]) -> Table:
    columns: dict[str, tuple[list[int], list[float]]] = {}
    rest: list[tuple[int, str, Any]] = []
    for at, row in enumerate(rows):
        for name, value in leaves(row):
            if isinstance(value, bool | int | float):
                where, values = columns.setdefault(name, ([], []))
                where.append(at)
                values.append(to_float(value))
            else:
                rest.append((at, name, value))
    arrays = {
        name: (np.array(where, np.int64), np.array(values, np.float64)) for name, (where, values) in columns.items()
    }
    return Table(len(rows), arrays, rest)


def _metadata(value: Any, log: RunLog) -> None:
    """`state` is read only beside an exit code: clients from 0.10 on leave it at "running"."""
    if not isinstance(value, Mapping):
        return
    for key, name in (
        ("name", "name"),
        ("notes", "notes"),
        ("jobType", "job_type"),
        ("project", "project"),
        ("group", "group"),
    ):
        if isinstance(value.get(key), str):
            log.run[name] = value[key]
    tags = value.get("tags")
    log.run["tags"] = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    code = value.get("exitcode")
    log.exit_code = code if isinstance(code, int) else None
    started, ended = _moment(value.get("startedAt")), _moment(value.get("heartbeatAt"))
    if started:
        log.run["started"] = started
        log.runtime = max(0.0, (ended or started) - started)


def _moment(text: Any) -> float | None:
    """UTC seconds of an ISO time without zone, which is UTC here."""
    if not isinstance(text, str):
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()

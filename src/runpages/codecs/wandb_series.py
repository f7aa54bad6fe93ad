"""W&B's history rows and system statistics as series; its summaries as final values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from runpages.codecs.flatten import as_scalar, flatten
from runpages.codecs.text import to_float
from runpages.codecs.wandb_items import REMOVED, Table, leaves
from runpages.codecs.wandb_log import Metric, definition
from runpages.codecs.wire import Message, WireError
from runpages.model import Floats, Ints, Scalar, Series

AXES = ("_step", "_timestamp", "_runtime")
SYSTEM = "system."  # wandb's own name for them in exports: system.cpu, system.gpu.0.memory
_EXACT = 2.0**53


def of_history(table: Table, payloads: Sequence[bytes], metrics: Sequence[Metric]) -> list[Series]:
    """One series for each number that was logged, over `_step` or over its step metric; hidden metrics left out."""
    steps = row_steps(table, payloads)
    stamps = table.spread("_timestamp")
    timed = bool(np.isfinite(stamps).all()) and table.rows > 0
    found = []
    for name, (rows, values) in table.columns.items():
        said = definition(name, metrics)
        if name in AXES or (said is not None and said.hidden):
            continue
        axis = (
            _own_axis(table, rows, said.step_metric) if said and said.step_metric not in ("", name, "_step") else None
        )
        over, step_name = (steps[rows], "step") if axis is None or said is None else (axis, said.step_metric)
        found.append(Series(name, over, values, stamps[rows] if timed else None, step_name))
    return found


def row_steps(table: Table, payloads: Sequence[bytes]) -> Ints:
    """The step of each row, (rows,): its `_step`, else the record's own number, else the one after the row before."""
    logged = table.spread("_step")
    steps = np.zeros(table.rows, np.int64)
    good = np.abs(logged) < _EXACT
    steps[good] = logged[good].astype(np.int64)
    for row in np.flatnonzero(~good).tolist():
        steps[row] = _record_step(payloads[row]) if row < len(payloads) else row
    return steps


def _record_step(payload: bytes) -> int:
    try:
        return Message(payload).child(2).integer(1)
    except WireError:
        return 0


def _own_axis(table: Table, rows: Ints, step_metric: str) -> Ints | None:
    """The step metric at these rows, when every row has a whole number of it."""
    axis = table.spread(step_metric)[rows]
    with np.errstate(invalid="ignore"):
        whole = bool(((np.abs(axis) < _EXACT) & (axis == np.floor(axis))).all())
    return axis.astype(np.int64) if whole else None


def of_stats(stats: Sequence[tuple[float, Mapping[str, Any]]]) -> list[Series]:
    """System statistics as series named "system.…" over their samples, 0, 1, 2, ..."""
    columns: dict[str, tuple[list[int], list[float], list[float]]] = {}
    for sample, (time, row) in enumerate(stats):
        for name, value in leaves(row):
            if isinstance(value, bool | int | float):
                steps, values, times = columns.setdefault(SYSTEM + name.removeprefix(SYSTEM), ([], [], []))
                steps.append(sample)
                values.append(to_float(value))
                times.append(time)
    return [
        Series(name, np.array(steps, np.int64), np.array(values, np.float64), np.array(times, np.float64), "sample")
        for name, (steps, values, times) in columns.items()
    ]


def joined(parts: Sequence[Sequence[Series]]) -> tuple[Series, ...]:
    """The series of a run's parts put end to end: a resumed run has one log for each time it was started."""
    if len(parts) == 1:
        return tuple(parts[0])
    by_name: dict[str, list[Series]] = {}
    for part in parts:
        for one in part:
            by_name.setdefault(one.name, []).append(one)
    return tuple(_end_to_end(pieces) for pieces in by_name.values())


def _end_to_end(pieces: Sequence[Series]) -> Series:
    if len(pieces) == 1:
        return pieces[0]
    times: list[Floats] = [one.times for one in pieces if one.times is not None]
    return Series(
        pieces[0].name,
        np.concatenate([one.steps for one in pieces]),
        np.concatenate([one.values for one in pieces]),
        np.concatenate(times) if len(times) == len(pieces) else None,
        pieces[0].step_name if len({one.step_name for one in pieces}) == 1 else "step",
    )


def last_values(table: Table) -> dict[str, Any]:
    """The value that each key of a run's summaries had last, media and axes included."""
    last: dict[str, tuple[int, Any]] = {
        name: (int(rows[-1]), float(values[-1])) for name, (rows, values) in table.columns.items()
    }
    for row, name, value in table.rest:
        if row >= last.get(name, (-1, None))[0]:
            last[name] = (row, value)
    gone = {name: row for name, (row, value) in last.items() if value is REMOVED}
    kept = {name: pair for name, pair in last.items() if name not in gone}
    for parent, row in gone.items():  # removing a dictionary removes what is in it
        kept = {name: pair for name, pair in kept.items() if pair[0] > row or not name.startswith(parent + ".")}
    return {name: value for name, (_, value) in kept.items()}


def results(last: Mapping[str, Any]) -> dict[str, Scalar]:
    """Final values that a table can show: no media, no axes, nothing of W&B's own; whole numbers as such."""
    found: dict[str, Scalar] = {}
    for name, value in last.items():
        if name in AXES or name.partition(".")[0] == "_wandb" or isinstance(value, Mapping | list) or value is None:
            continue
        found[name] = (
            int(value) if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT else as_scalar(value)
        )
    return found


def params(config: Mapping[str, Any]) -> dict[str, Scalar]:
    """The configuration with dotted names, without W&B's own part. Raises TooMuch."""
    return (
        flatten({name: value for name, value in config.items() if name not in ("_wandb", "wandb_version")})
        if config
        else {}
    )

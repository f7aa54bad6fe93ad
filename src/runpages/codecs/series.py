"""Tables and records of measurements into series: which column counts steps, which holds times, which are metrics."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from runpages.codecs.csvtext import Column, Table, column
from runpages.codecs.flatten import MAX_DEPTH, TooMuch
from runpages.codecs.text import short_name
from runpages.errors import Notes
from runpages.model import Ints, Series

STEP_NAMES = ("step", "global_step", "_step", "steps", "iteration", "iter", "it", "training_iteration", "batch")
EPOCH_NAMES = ("epoch", "epochs", "epoch_num", "epoche")
SHORT_NAMES = ("n", "t", "x", "i")  # step only as the first column
TIME_NAMES = ("time", "timestamp", "wall_time", "_timestamp", "date", "datetime")
NAME_NAMES = ("name", "metric", "key", "tag", "variable")
VALUE_NAMES = ("value", "val", "metric_value")
SUBSET_NAMES = ("split", "subset", "phase", "dataset", "mode", "stage")
MAX_SUBSETS = 12
UNIX_FROM = 1e8  # a smaller "time" counts seconds since the start: a metric like any other


@dataclass(frozen=True, slots=True)
class Axis:
    """What a table's rows are counted by: steps (n,) int64 and what they are called; the columns that are used up."""

    steps: Ints
    name: str
    used: tuple[Column, ...]


def is_step_name(name: str) -> bool:
    """Whether a column of this name counts steps or epochs."""
    return name.strip().lower() in {*STEP_NAMES, *EPOCH_NAMES}


def from_table(table: Table, notes: Notes, where: str) -> list[Series]:
    """The series in a wide table (one column per metric) or a long one (columns step, name, value).

    Blank cells are no points; nan is one. A text column named split, subset or phase becomes the context
    `subset`. Other text columns are left out and noted. Steps that jump back are a restart: the later row wins.
    """
    axis = _axis(table)
    times, time_column = _times(table)
    used = [*axis.used, *([time_column] if time_column else [])]
    long = _long(table)
    subset = _subset(table)
    if long:
        pieces: Iterable[tuple[Column, npt.NDArray[np.bool_], str, str]] = _long_pieces(long[0], long[1], subset)
        used += long
    else:
        rest = [one for one in table.columns if not any(one is other for other in (*used, subset)) and one.name]
        _note_texts([one for one in rest if one.texts], notes, where)
        pieces = _wide_pieces([one for one in rest if one.given.any()], subset, table.rows)
    found = [_series(piece, axis, times) for piece in pieces]
    if any(restarted for _, restarted in found):
        notes.info("series-restarted", "steps jump back: the run was continued in the same file", where=where,
                   kept="the later value of each step")  # fmt: skip
    return [series for series, _ in found if len(series.steps)]


def from_records(rows: Sequence[Mapping[str, Any]], notes: Notes, where: str) -> list[Series]:
    """The series in a list of (nested) records, one per step: `{"step": 3, "loss": {"train": 0.5}}`."""
    return from_table(records_table(rows), notes, where)


def records_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Records as a table; nested names get dots, absent and null are blank, booleans and lists text. Raises TooMuch."""
    cells: dict[str, list[Any]] = {}
    for number, row in enumerate(rows):
        for name, value in _leaves(row):
            one = cells.setdefault(name, [])
            if len(one) < number:
                one.extend([None] * (number - len(one)))
            if len(one) == number:
                one.append(value)
            else:
                one[number] = value
    for one in cells.values():
        one.extend([None] * (len(rows) - len(one)))
    return Table(tuple(column(short_name(name), one) for name, one in cells.items()), len(rows))


def _leaves(row: Mapping[str, Any], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    if depth > MAX_DEPTH:
        raise TooMuch(f"nested deeper than {MAX_DEPTH}")
    for key, value in row.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{key}.", depth + 1)
        else:
            yield f"{prefix}{key}", value


def _axis(table: Table) -> Axis:
    epoch = _whole(table.find(*EPOCH_NAMES))
    step = _varying(_whole(table.find(*STEP_NAMES)), epoch) or epoch or _first_column(table)
    used = tuple(one for one in (step, epoch) if one is not None)
    if step is None:
        return Axis(np.arange(table.rows, dtype=np.int64), "row", ())
    steps = _filled(step)
    if _counts_within(steps, epoch if epoch is not step else None):
        return Axis(np.arange(table.rows, dtype=np.int64), "row", used)
    name = step.name.strip().lower() or "step"
    return Axis(steps, "epoch" if step is epoch else "step" if name in SHORT_NAMES or name == "_step" else name, used)


def _whole(one: Column | None) -> Column | None:
    """The column if it holds whole numbers that fit 64 bits."""
    if one is None or not one.numeric:
        return None
    values = one.values[one.given]
    whole = np.isfinite(values) & (np.abs(values) < 2**53)
    return one if bool(whole.all()) and bool((values == np.floor(values)).all()) else None


def _varying(step: Column | None, epoch: Column | None) -> Column | None:
    """The step column, unless it says the same in every row (a batch size) and there are epochs to count by."""
    if step is not None and epoch is not None and len(step.values) > 1 and np.unique(step.values).size == 1:
        return None
    return step


def _first_column(table: Table) -> Column | None:
    """An unnamed (pandas index) or shortly named first column of increasing whole numbers."""
    first = _whole(table.columns[0]) if table.columns else None
    if first is None or first.name.strip().lower() not in ("", *SHORT_NAMES) or not first.given.all():
        return None
    return first if bool((np.diff(first.values) > 0).all()) else None


def _filled(step: Column) -> Ints:
    """Steps with each blank replaced by the previous step plus one."""
    steps = np.where(step.given, step.values, 0).astype(np.int64)
    last = -1
    for row in np.flatnonzero(~step.given).tolist():
        last = int(steps[row - 1]) if row else -1
        steps[row] = last + 1
    return steps


def _counts_within(steps: Ints, epoch: Column | None) -> bool:
    """Whether the steps begin again in each epoch: they jump back exactly where the epoch goes up."""
    if epoch is None or len(steps) < 2:
        return False
    back = np.diff(steps) < 0
    return bool(back.any()) and bool((np.diff(_filled(epoch))[back] > 0).all())


def _times(table: Table) -> tuple[npt.NDArray[np.float64] | None, Column | None]:
    """UTC seconds (n,) of each row and the column they come from; (None, None) without one."""
    one = table.find(*TIME_NAMES)
    if one is None:
        return None, None
    if one.numeric:
        values = np.where(one.values > 1e11, one.values / 1000, one.values)  # milliseconds
        smallest = float(np.nanmin(values)) if np.isfinite(values).any() else 0.0
        return (values, one) if smallest > UNIX_FROM else (None, None)
    values = np.full(table.rows, np.nan)
    for row, text in one.texts:
        values[row] = seconds(text)
    return (None, None) if np.isnan(values[[row for row, _ in one.texts]]).any() else (values, one)


def seconds(value: object) -> float:
    """UTC seconds of a time as people write it: Unix seconds or milliseconds, ISO 8601 (no zone: UTC); else nan."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) / 1000 if 1e11 < value < 1e14 else float(value) if abs(value) <= 1e11 else float("nan")
    try:
        when = datetime.fromisoformat(str(value).strip())
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return float("nan")


def _long(table: Table) -> list[Column]:
    """The name and the value column of a long table, or nothing."""
    name, value = table.find(*NAME_NAMES), table.find(*VALUE_NAMES)
    if name is None or value is None or not name.texts or not value.numeric:
        return []
    return [name, value]


def _subset(table: Table) -> Column | None:
    one = table.find(*SUBSET_NAMES)
    if one is None or len(one.texts) < table.rows or not one.texts:
        return None
    return one if len({text for _, text in one.texts}) <= MAX_SUBSETS else None


def _groups(one: Column, rows: int) -> Iterator[tuple[str, npt.NDArray[np.bool_]]]:
    """Each text of a column, in order of appearance, with the rows (n,) it stands in."""
    numbers: dict[str, list[int]] = {}
    for row, text in one.texts:
        numbers.setdefault(text, []).append(row)
    for text, where in numbers.items():
        mask = np.zeros(rows, np.bool_)
        mask[where] = True
        yield text, mask


def _wide_pieces(
    metrics: Sequence[Column], subset: Column | None, rows: int
) -> Iterator[tuple[Column, npt.NDArray[np.bool_], str, str]]:
    groups = list(_groups(subset, rows)) if subset else [("", np.ones(rows, np.bool_))]
    for one in metrics:
        for text, mask in groups:
            yield one, mask & one.given, one.name, text


def _long_pieces(
    name: Column, value: Column, subset: Column | None
) -> Iterator[tuple[Column, npt.NDArray[np.bool_], str, str]]:
    rows = len(value.values)
    groups = list(_groups(subset, rows)) if subset else [("", np.ones(rows, np.bool_))]
    for metric, here in _groups(name, rows):
        for text, mask in groups:
            yield value, here & mask & value.given, short_name(metric), text


def _series(
    piece: tuple[Column, npt.NDArray[np.bool_], str, str], axis: Axis, times: npt.NDArray[np.float64] | None
) -> tuple[Series, bool]:
    one, mask, name, subset = piece
    rows = np.flatnonzero(mask)
    steps = axis.steps[rows]
    restarted = bool((np.diff(steps) < 0).any())
    if restarted:
        order = len(steps) - 1 - np.unique(steps[::-1], return_index=True)[1]  # the last row of each step
        rows, steps = rows[order], steps[order]
    when = None if times is None else times[rows]
    return Series(name, steps, one.values[rows], when, axis.name, {"subset": subset} if subset else {}), restarted


def _note_texts(left_out: Sequence[Column], notes: Notes, where: str) -> None:
    if not left_out:
        return
    row, text = left_out[0].texts[0]
    named = ", ".join(repr(one.name) for one in left_out[:5]) + (", ..." if len(left_out) > 5 else "")
    shown = re.sub(r"\s+", " ", text)[:40]
    notes.info("series-text", f"text stands in column {named}; the first is {shown!r} in row {row + 1}", where=where,
               kept="the numbers in it, and the file as an artifact")  # fmt: skip

"""The metrics file of DagsHub's logger: one row per value (Name, Value, Timestamp in ms, Step) into series."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from runpages.codecs.text import decode, number
from runpages.errors import Notes
from runpages.model import Series

HEADER = b"Name,Value,Timestamp,Step"
MAX_BYTES = 256 << 20
_FIRST = 1  # the step the logger writes when it was given none
Point = tuple[int, float, float]


@dataclass(frozen=True, slots=True)
class Log:
    """Series in the order in which their names appear, and the last text of each name that was logged as text."""

    series: tuple[Series, ...]
    texts: dict[str, str]


def load(data: bytes, notes: Notes, where: str) -> Log:
    """All that a metrics file holds. A last row that is cut is dropped, rows that make no sense are counted."""
    text = decode(data)[0]
    points: dict[str, list[Point]] = {}
    texts: dict[str, str] = {}
    bad = 0
    for row in _rows(text, notes, where):
        value, step, time = (None, None, None) if len(row) != 4 else (_value(row[1]), _step(row[3]), number(row[2]))
        if step is None or time is None or not np.isfinite(time):
            bad += 1
        elif value is None:
            texts[row[0]] = row[1]
        else:
            points.setdefault(row[0], []).append((step, value, time / 1000))
    if bad:
        notes.warn("dagshub-rows", f"{bad} rows are no measurements", where=where, kept="the other rows")
    kept = {name: one for name, one in texts.items() if one}
    if kept:
        notes.info("dagshub-text", f"{len(kept)} metrics hold text, the first is {next(iter(kept))!r}", where=where,
                   kept="the last text of each, as a result")  # fmt: skip
    return Log(tuple(_series(name, one) for name, one in points.items()), kept)


def _rows(text: str, notes: Notes, where: str) -> list[list[str]]:
    """The rows after the header; the last one only when its line ends."""
    whole = text[: text.rfind("\n") + 1]
    if len(whole) < len(text):
        notes.info("dagshub-torn", "the last row ends in the middle", where=where, kept="the rows before it")
    reader, rows = csv.reader(io.StringIO(whole, newline="")), []
    try:
        rows = [row for row in reader if row]
    except csv.Error as error:
        notes.warn("dagshub-rows", f"line {reader.line_num}: {error}", where=where, kept="nothing of this file")
    return rows[1:]


def _value(text: str) -> float | None:
    return {"True": 1.0, "False": 0.0}.get(text, number(text))


def _step(text: str) -> int | None:
    found = number(text) if text else float(_FIRST)
    if found is None or not np.isfinite(found) or abs(found) >= 2**53 or found != int(found):
        return None
    return int(found)


def _series(name: str, points: Sequence[Point]) -> Series:
    steps, values, times = (np.array(column) for column in zip(*points, strict=True))
    return Series(name, steps.astype(np.int64), values.astype(np.float64), times.astype(np.float64))

"""One report's numbers: small enough to be kept for ever, enough to draw and to test by."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from runpages.config import Direction
from runpages.model import Floats

FORMAT = 1
MOST = 500  # reports a history remembers
_WORDS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


@dataclass(frozen=True, slots=True)
class Cell:
    """One configuration: `key` is the same in every report that has it, `values` per metric are one a run (seed)."""

    key: str
    name: str
    values: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Entry:
    """The numbers of one report. `at` is when its newest run ended (ISO 8601, "" unknown), `metrics` what is better."""

    title: str
    at: str
    commit: str
    branch: str
    version: str
    runs: int
    main: str
    metrics: Mapping[str, Direction]
    cells: tuple[Cell, ...] = ()
    left_out: int = 0
    path: str = field(default="", compare=False)

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two copies (a report and its `latest/`) one report."""
        return self.at, self.commit, json.dumps([plain_cell(cell) for cell in self.cells[:3]])

    @property
    def name(self) -> str:
        """The commit, short, else the date."""
        return self.commit[:7] or self.at[:10] or "a report"

    def values(self, key: str, label: str) -> tuple[float, ...]:
        """The values of one configuration, () when the report does not have it."""
        return next((cell.values.get(label, ()) for cell in self.cells if cell.key == key), ())

    def best(self, label: str) -> float:
        """The best mean over configurations, nan when none has the metric."""
        means = [sum(some) / len(some) for cell in self.cells if (some := cell.values.get(label, ()))]
        finite = [mean for mean in means if math.isfinite(mean)]
        if not finite:
            return math.nan
        return max(finite) if self.metrics.get(label) == "max" else min(finite)


def plain_entry(entry: Entry) -> dict[str, Any]:
    """The entry as JSON holds it."""
    fields = ("title", "at", "commit", "branch", "version", "runs", "main", "left_out", "path")
    return {
        "format": FORMAT,
        **{name: getattr(entry, name) for name in fields},
        "metrics": dict(entry.metrics),
        "cells": [plain_cell(cell) for cell in entry.cells],
    }


def plain_cell(cell: Cell) -> dict[str, Any]:
    """The configuration as JSON holds it; numbers beyond numbers as words."""
    values = {label: [_plain(value) for value in some] for label, some in cell.values.items()}
    return {"key": cell.key, "name": cell.name, "values": values}


def _plain(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"


def parse_entry(content: bytes | str) -> Entry:
    """An entry out of `data/report.json` or a line of a history. Raises ValueError for what is none, or newer."""
    try:
        raw = json.loads(content)
        if raw["format"] != FORMAT:
            raise ValueError(f"format {raw['format']!r}, made by a newer runpages")
        cells = tuple(
            Cell(
                str(one["key"]),
                str(one["name"]),
                {str(label): tuple(map(_number, some)) for label, some in one["values"].items()},
            )
            for one in raw["cells"]
        )
        texts = {
            name: str(raw.get(name, "")) for name in ("title", "at", "commit", "branch", "version", "main", "path")
        }
        metrics = {
            str(label): cast(Direction, which if which in ("max", "min") else "")
            for label, which in raw["metrics"].items()
        }
        return Entry(
            **texts, runs=int(raw.get("runs", 0)), metrics=metrics, cells=cells, left_out=int(raw.get("left_out", 0))
        )
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"no report's numbers: {error}") from error


def _number(value: object) -> float:
    if isinstance(value, str):
        return _WORDS[value]
    if not isinstance(value, int | float):
        raise TypeError("no number")
    return float(value)


def parse_history(content: bytes) -> list[Entry]:
    """The entries of a `history.jsonl`, without the lines that are none."""
    entries = []
    for line in content.split(b"\n"):
        try:
            entries.append(parse_entry(line))
        except ValueError:
            continue
    return entries


def entry_lines(entries: Sequence[Entry]) -> bytes:
    """A history as JSON Lines, oldest first."""
    lines = [json.dumps(plain_entry(entry), ensure_ascii=False, sort_keys=True, allow_nan=False) for entry in entries]
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")


def merged(entries: Iterable[Entry]) -> list[Entry]:
    """Every report once, oldest first, the newest MOST of them; of two copies the one whose place is known.

    Reports whose data have no date stay in the order in which they were given.
    """
    found: dict[tuple[str, str, str], Entry] = {}
    for entry in entries:
        held = found.get(entry.key)
        if held is None or (entry.path and not held.path):
            found[entry.key] = entry
    return sorted(found.values(), key=lambda entry: entry.at)[-MOST:]


def track(entries: Sequence[Entry], key: str, label: str) -> list[tuple[int, Floats]]:
    """(place in the history, finite values) of the reports that have a configuration's metric."""
    points = []
    for place, entry in enumerate(entries):
        values = [value for value in entry.values(key, label) if math.isfinite(value)]
        if values:
            points.append((place, np.array(values)))
    return points

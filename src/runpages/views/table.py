"""The run table as it stands before JavaScript: the first rows, best first, with the columns that say something."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runpages.views import text

ROWS = 200
CELLS = 3_000  # more than this before JavaScript would take longer to lay out than the live table to draw
Runs = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Saved:
    """A view the configuration saved: its name, its address, its runs in order, its columns (None: the first choice)."""

    name: str
    address: str
    numbers: Sequence[int]
    columns: Sequence[str] | None = None


def compare_view(
    data: Runs, charts: Sequence[Mapping[str, Any]], *, rows: int = ROWS, saved: Saved | None = None
) -> dict[str, Any]:
    """What the template `compare` shows of the data file `runs`; `charts` are all metrics' charts, the main one first."""
    columns = _shown(data) if saved is None or saved.columns is None else _asked(data, saved.columns)
    numbers = ranked(data) if saved is None else saved.numbers
    first = first_rows(data, numbers, min(rows, max(40, CELLS // (len(columns) + 1))))
    return {
        "root": "" if saved is None else "../",
        "name": "" if saved is None else saved.name,
        "state": "" if saved is None else saved.address,
        "views": [],
        "total": data["count"],
        "left": len(numbers),
        "hidden": sum(not column["differs"] for column in data["columns"] if column["kind"] != "metric"),
        "main": data["main"],
        "columns": [_header(column, data["main"]) for column in columns],
        "rows": table_rows(data, columns, first),
        "every": list(first) != list(numbers[: len(first)]),
        "sections": sections([_of_any_runs(chart) for chart in charts]),
        "axes": _axes(charts),
    }


def run_ref(data: Runs, number: int) -> dict[str, Any]:
    """What a link to a run needs: name, page, colour, dash, status."""
    runs = data["runs"]
    return {
        "name": runs["name"][number] or runs["id"][number],
        "page": runs["page"][number] if runs["page"] else "",
        "color": runs["color"][number],
        "dash": runs["dash"][number],
        "status": runs["status"][number],
    }


def ranked(data: Runs) -> list[int]:
    """Every run's number, best by the main metric first; runs without it last, in their own order."""
    main = next((column for column in data["columns"] if column["id"] == data["main"]), None)
    numbers = range(data["count"])
    if main is None:
        return list(numbers)
    values = [as_float(value) for value in metric_values(main)]
    sign = -1 if main["direction"] == "max" else 1
    return sorted(numbers, key=lambda n: (math.isnan(values[n]), 0.0 if math.isnan(values[n]) else sign * values[n], n))


def first_rows(data: Runs, numbers: Sequence[int], most: int) -> Sequence[int]:
    """At most `most` of the numbered runs, in their order: the first ones, and of every tracker its first one."""
    trackers = data["runs"]["tracker"]
    leaders: dict[str, int] = {}
    for number in numbers:
        leaders.setdefault(trackers[number], number)
    kept = set(numbers[:most])
    missing = [number for number in leaders.values() if number not in kept][:most]
    kept = {*numbers[: most - len(missing)], *missing}
    return [number for number in numbers if number in kept]


def metric_values(column: Mapping[str, Any]) -> list[Any]:
    """What a metric's cells show: the best value where better is known, else the last."""
    values: list[Any] = column["values"]["best" if column["direction"] else "last"]
    return values


def as_float(value: object) -> float:
    """A value of a data file as a number, nan for what is none."""
    return float(value) if isinstance(value, int | float | str) and _numeric(value) else math.nan


def _numeric(value: float | str) -> bool:
    return not isinstance(value, str) or value in ("inf", "-inf")


def _shown(data: Runs) -> list[dict[str, Any]]:
    """Sparkline, status, chosen metrics, chosen params and tags that differ, tracker, duration."""
    runs = data["runs"]
    if data.get("only"):  # an author chose the columns and their order
        return [column for column in data["columns"] if column["shown"]]
    columns: list[dict[str, Any]] = []
    if any(runs["spark"]):
        columns.append({"id": "run:spark", "kind": "run", "label": "", "type": "spark", "values": runs["spark"]})
    columns += [_field(runs, name) for name in ("status",) if len(set(runs[name])) > 1]
    chosen = [column for column in data["columns"] if column["shown"]]
    columns += [column for column in chosen if column["kind"] == "metric"]
    columns += [column for column in chosen if column["kind"] != "metric" and (column["differs"] or data["count"] == 1)]
    columns += [_field(runs, name) for name in ("tracker",) if len(set(runs[name])) > 1]
    if any(value is not None for value in runs["duration"]):
        columns.append(_field(runs, "duration"))
    return columns


def _asked(data: Runs, ids: Sequence[str]) -> list[dict[str, Any]]:
    """The columns of a saved view, those that are there."""
    held = {column["id"]: column for column in data["columns"]}
    for name in ("status", "tracker", "group", "duration"):
        held[f"run:{name}"] = _field(data["runs"], name)
    held["run:spark"] = {
        "id": "run:spark",
        "kind": "run",
        "label": "",
        "type": "spark",
        "values": data["runs"]["spark"],
    }
    return [held[name] for name in dict.fromkeys(ids) if name in held]


def _field(runs: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {"id": f"run:{name}", "kind": "run", "label": name, "type": name, "values": runs[name]}


def _header(column: Mapping[str, Any], main: str) -> dict[str, Any]:
    sub, sort = "", ""
    if column["kind"] == "metric":
        sub = {"max": "best ↑", "min": "best ↓", "": "last"}[column["direction"]]
        if column["id"] == main:
            sort = "descending" if column["direction"] == "max" else "ascending"
    align = {"spark": "sparks", "number": "n", "duration": "n"}.get(column["type"], "w")
    return {
        "id": column["id"],
        "label": column["label"],
        "sub": sub,
        "kind": column["kind"],
        "align": align,
        "sort": sort,
    }


def table_rows(data: Runs, columns: Sequence[Mapping[str, Any]], numbers: Sequence[int]) -> list[dict[str, Any]]:
    """The rows of the given runs: their link and one cell per column."""
    cells = [_cells(column, numbers) for column in columns]
    return [{"run": run_ref(data, n), "cells": [column[at] for column in cells]} for at, n in enumerate(numbers)]


def _cells(column: Mapping[str, Any], numbers: Sequence[int]) -> list[dict[str, Any]]:
    if column["type"] == "spark":
        return [{"spark": column["values"][n]} for n in numbers]
    values = metric_values(column) if column["kind"] == "metric" else column["values"]
    if column["type"] == "duration":
        return [{"text": text.duration(values[n]), "course": "", "pad": "", "full": "", "best": False} for n in numbers]
    shown = [_word(values[n]) for n in numbers]
    wanted = max((text.decimals(one) for one in shown), default=0) if column["type"] == "number" else 0
    best = _best(values, column.get("direction", ""))
    courses = column["values"].get("spark", ()) if column["kind"] == "metric" else ()
    return [
        {
            "course": courses[n] if courses else "",
            "text": one,
            "pad": text.pad(one, wanted),
            "full": _full(values[n], one),
            "best": best is not None and values[n] == best,
        }
        for one, n in zip(shown, numbers, strict=True)
    ]


def _word(value: object) -> str:
    return text.shortened(text.number(value), 60)


def _full(value: object, shown: str) -> str:
    whole = text.full(value)
    return "" if value is None or whole == shown else whole


def _best(values: Sequence[Any], direction: str) -> float | None:
    finite = [value for value in values if isinstance(value, int | float)]
    if not direction or len(finite) < 2:
        return None
    return max(finite) if direction == "max" else min(finite)


def sections(charts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Charts by the prefix of their metric, the first two sections open; metrics without a prefix come first."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for chart in charts:
        found.setdefault(prefix(chart["metric"]), []).append(chart)
    names = sorted(
        found, key=lambda name: (name.startswith("system"), next(i for i, c in enumerate(charts) if c in found[name]))
    )
    return [{"name": name, "open": place < 2, "charts": found[name]} for place, name in enumerate(names)]


def _of_any_runs(chart: Mapping[str, Any]) -> dict[str, Any]:
    """The chart without its own choice of runs: on this page the table chooses."""
    return {name: value for name, value in chart.items() if name != "runs"}


def prefix(label: str) -> str:
    """The section of a metric: what stands before the last slash of its name, "" for none."""
    return label.partition("{")[0].rpartition("/")[0]


def _axes(charts: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    step = next((chart["step_name"] for chart in charts if chart.get("step_name")), "step")
    axes = [{"value": "step", "label": step}]
    if any(chart.get("times") for chart in charts):
        axes += [{"value": "relative", "label": "time since start"}, {"value": "wall", "label": "wall time (UTC)"}]
    return axes

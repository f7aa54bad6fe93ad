"""Figures that a run logged, read and never run: their numbers as a table, and a picture where it is a plain one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from runpages.charts import quick
from runpages.views import text
from runpages.views.run_tables import CELL, parsed, records, shown

TRACES = 6
POINTS = 2_000
MATRIX = 30  # rows and columns of a matrix shown as one
SHADES = 8


def figure_view(content: str, color: int = 0) -> dict[str, Any] | None:
    """What a Plotly or Vega-Lite figure says: `maker`, `title`, `table`, a still picture `svg` or "", a `matrix` or None."""
    value = parsed(content)
    if not isinstance(value, dict):
        return None
    if "vega" in str(value.get("$schema", "")):
        return _vega(value, color)
    if isinstance(value.get("data"), list) and all(isinstance(trace, dict) for trace in value["data"]):
        return _plotly(value, color)
    return None


def _vega(value: Mapping[str, Any], color: int) -> dict[str, Any]:
    rows = _rows(value)
    view: dict[str, Any] = {"maker": "Vega-Lite", "title": _title(value.get("title")), "svg": "", "matrix": None}
    view["table"] = shown(*records(rows)) if rows else None
    fields = {channel: _field(value, channel) for channel in ("x", "y", "color")}
    if not rows or not fields["x"] or not fields["y"] or value.get("transform"):
        return view
    mark = _mark(value)
    if mark == "rect" and fields["color"]:
        return view | {"matrix": _matrix(rows, fields["x"], fields["y"], fields["color"])}
    if mark in ("line", "point", "circle") and not fields["color"]:
        x, y = ([row.get(fields[channel]) for row in rows] for channel in ("x", "y"))
        return view | {"svg": _drawn(x, y, fields["x"], fields["y"], dots=mark != "line", color=color)}
    return view


def _rows(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows that stand in the figure itself; data from elsewhere are not asked for."""
    data = value.get("data")
    values = data.get("values") if isinstance(data, dict) else None
    if values is None and isinstance(value.get("datasets"), dict):
        values = next(iter(value["datasets"].values()), None)
    return [row for row in values if isinstance(row, dict)] if isinstance(values, list) else []


def _layers(value: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    layers = value.get("layer")
    return [value, *(layer for layer in layers if isinstance(layer, dict))] if isinstance(layers, list) else [value]


def _mark(value: Mapping[str, Any]) -> str:
    marks = [layer.get("mark") for layer in _layers(value)]
    names = [mark.get("type") if isinstance(mark, dict) else mark for mark in marks]
    return next((name for name in names if isinstance(name, str)), "")


def _field(value: Mapping[str, Any], channel: str) -> str:
    """The column a channel shows as it is: "" when it is aggregated, binned or missing."""
    for layer in _layers(value):
        encoding = layer.get("encoding")
        given = encoding.get(channel) if isinstance(encoding, dict) else None
        if (
            isinstance(given, dict)
            and isinstance(given.get("field"), str)
            and not given.keys() & {"aggregate", "bin", "timeUnit"}
        ):
            return str(given["field"])
    return ""


def _matrix(rows: Sequence[Mapping[str, Any]], x: str, y: str, z: str) -> dict[str, Any] | None:
    """Numbers by two names, each cell with its shade; None when they are too many, or a cell is there twice."""
    across, down = (list(dict.fromkeys(text.number(row.get(name)) for row in rows)) for name in (x, y))
    cells = {(text.number(row.get(y)), text.number(row.get(x))): row.get(z) for row in rows}
    numbers = [float(value) for value in cells.values() if value is not None and _number(value)]
    if len(cells) < len(rows) or max(len(across), len(down)) > MATRIX or not numbers:
        return None
    low, high = min(0.0, *numbers), max(0.0, *numbers)
    width = high - low or 1

    def cell(value: Any) -> list[Any]:
        return [text.number(value), round((value - low) / width * SHADES) if _number(value) else 0]

    body = [[cell(cells.get((name, column))) for column in across] for name in down]
    return {
        "x": x,
        "y": y,
        "z": z,
        "columns": [text.shortened(one, 24) for one in across],
        "rows": [[text.shortened(name, 24), row] for name, row in zip(down, body, strict=True)],
    }


def _plotly(value: Mapping[str, Any], color: int) -> dict[str, Any]:
    """One row per point of the first traces: which trace, x, y (or the values of a pie); a lone line or cloud is drawn."""
    rows: list[list[Any]] = []
    traces = value["data"][:TRACES]
    for number, trace in enumerate(traces):
        x, y = _list(trace.get("x", trace.get("labels"))), _list(trace.get("y", trace.get("values")))
        name = trace.get("name", f"trace {number + 1}")
        rows += [
            [name, x[at] if at < len(x) else at, y[at] if at < len(y) else None] for at in range(max(len(x), len(y)))
        ]
    layout = value.get("layout")
    title = layout.get("title") if isinstance(layout, dict) else None
    svg = ""
    if len(value["data"]) == 1 and traces[0].get("type", "scatter") in ("scatter", "scattergl"):
        dots = "lines" not in str(traces[0].get("mode", "lines"))
        svg = _drawn([row[1] for row in rows], [row[2] for row in rows], "x", "y", dots=dots, color=color)
    table, matrix = _of_kind(value["data"][0], layout) if len(value["data"]) == 1 else (None, None)
    return {
        "maker": "Plotly",
        "title": _title(title),
        "table": table or (shown(["trace", "x", "y"], rows) if rows else None),
        "svg": svg,
        "matrix": matrix,
    }


def _of_kind(trace: Mapping[str, Any], layout: Any) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The table and the matrix of a lone heat map or table; None for what another trace has not."""
    if trace.get("type") == "heatmap" and all(isinstance(row, list) for row in _list(trace.get("z"))):
        z, x, y = (_list(trace.get(name)) for name in "zxy")
        names = [_title(_inner(layout, f"{axis}axis", "title")) or axis for axis in "xy"]
        cells = [
            {"x": x[i] if i < len(x) else i, "y": y[j] if j < len(y) else j, "z": cell}
            for j, row in enumerate(z)
            for i, cell in enumerate(row)
        ]
        matrix = _matrix(cells, "x", "y", "z") if cells else None
        named = None if matrix is None else matrix | {"x": names[0], "y": names[1], "z": "value"}
        return shown([*names, "value"], [list(cell.values()) for cell in cells]) if cells else None, named
    if trace.get("type") == "table":
        heads = [" ".join(map(str, one)) if isinstance(one, list) else one for one in _list(_inner(trace, "header", "values"))]  # fmt: skip
        columns = [_list(column) for column in _list(_inner(trace, "cells", "values"))]
        long = max(map(len, columns), default=0)
        rows = [[column[at] if at < len(column) else None for column in columns] for at in range(min(long, POINTS))]
        return shown(heads, rows) if rows else None, None
    return None, None


def _inner(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _drawn(x: list[Any], y: list[Any], x_name: str, y_name: str, *, dots: bool, color: int) -> str:
    if len(x) > POINTS or not all(_number(value) for value in [*x, *y]):
        return ""
    order = np.arange(len(x)) if dots else np.argsort(np.array(x, np.float64), kind="stable")
    alt = f"{y_name} over {x_name}, {text.plural(len(x), 'point')}."
    return quick.course(
        np.array(x, np.float64)[order], np.array(y, np.float64)[order], alt=alt, x_title=x_name, color=color, dots=dots
    )


def _number(value: Any) -> bool:
    """Whether it can be drawn: finite, and differences of it are too."""
    return isinstance(value, int | float) and abs(value) < 1e300


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _title(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("text")
    return text.shortened(value, CELL) if isinstance(value, str) else ""

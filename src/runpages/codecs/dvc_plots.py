"""DVC's plots: rows out of their files, and what a page can draw of them (curves, tables, Vega-Lite). Nothing is fetched."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt

from runpages.codecs import csvtext, jsontext, yamltext
from runpages.codecs.text import number
from runpages.errors import Notes

LINES = frozenset({"", "simple", "linear", "smooth"})
IMAGES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".svg": "image/svg+xml",
}
TABLES = frozenset({".csv", ".tsv", ".json", ".yaml", ".yml"})
MAX_ROWS = 100_000
MAX_DRAWN = 5_000  # rows of a scatter or a custom chart; curves are thinned by the page
MAX_CLASSES = 200
SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Plot:
    """One plot of a dvc.yaml: its title or path, the columns to draw of each file (() = the last one), and how."""

    name: str
    sources: tuple[tuple[str, tuple[str, ...]], ...]
    x: str = ""
    template: str = ""
    title: str = ""
    x_label: str = ""
    y_label: str = ""
    header: bool = True


@dataclass(frozen=True, slots=True)
class Drawn:
    """A plot as content: of a kind that the model's Artifact knows, or "series" {"x", "y", "x_name"} over whole steps."""

    name: str
    kind: str
    content: Mapping[str, Any] = field(default_factory=dict)


class NotAPlot(ValueError):
    """A file that holds no rows to draw."""


def rows_of(name: str, data: bytes, notes: Notes, header: bool = True) -> list[Row]:
    """The rows of a data file. JSON and YAML: every list of maps at any depth, joined by position. Raises NotAPlot."""
    suffix = PurePosixPath(name).suffix.lower()
    try:
        if suffix in (".csv", ".tsv"):
            return _delimited(data if header else _numbered(data, suffix), notes, name)
        value = jsontext.load(data, notes, name) if suffix == ".json" else yamltext.load(data)
    except ValueError as error:
        raise NotAPlot(str(error)) from None
    lists = list(_lists(value))
    if not lists:
        raise NotAPlot("no list of rows in it")
    joined = [dict(row) for row in max(lists, key=len)[:MAX_ROWS]]
    for rows in lists:
        for at, row in enumerate(rows[:MAX_ROWS]):
            joined[at].update({key: one for key, one in row.items() if not isinstance(one, list | dict)})
    return [*joined]


def _numbered(data: bytes, suffix: str) -> bytes:
    """A file without header line, with "0", "1", ... put on top, as dvc names such columns."""
    sign = "\t" if suffix == ".tsv" else ","
    width = data.split(b"\n", 1)[0].count(sign.encode()) + 1
    return (sign.join(map(str, range(min(width, 1000)))) + "\n").encode() + data


def _delimited(data: bytes, notes: Notes, where: str) -> list[Row]:
    table = csvtext.load(data, notes, where)
    columns: dict[str, list[Any]] = {}
    for column in table.columns:
        cells: list[Any] = [
            value if given else None for value, given in zip(column.values.tolist(), column.given.tolist(), strict=True)
        ]
        for row, text in column.texts:
            cells[row] = text
        columns[column.name] = cells
    return [dict(zip(columns, cells, strict=True)) for cells in list(zip(*columns.values(), strict=True))[:MAX_ROWS]]


def _lists(value: Any, depth: int = 0) -> Any:
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        yield value
    elif isinstance(value, dict) and depth < 20:
        for one in value.values():
            yield from _lists(one, depth + 1)


def draw(plot: Plot, tables: Mapping[str, Sequence[Row]], custom: Mapping[str, Any] | None, rev: str) -> list[Drawn]:
    """What to show of a plot whose files' rows are `tables`; `custom` is the user's own Vega-Lite template."""
    drawn: list[Drawn] = []
    for file, wanted in plot.sources:
        rows = tables.get(file, ())
        if not rows:
            continue
        last = [key for key in rows[0] if key != plot.x][-1:]
        ys = [y for y in wanted or last if any(y in row for row in rows)]
        for y in ys:
            stem = PurePosixPath(file).stem
            single = len(ys) == 1 and len(plot.sources) == 1
            name = plot.title or stem
            name = name if single else f"{name}: {y}"
            drawn.append(_one(plot, _Frame(name, list(rows), y, rev), custom))
    return drawn


@dataclass(frozen=True, slots=True)
class _Frame:
    name: str
    rows: list[Row]
    y: str
    rev: str


def _one(plot: Plot, frame: _Frame, custom: Mapping[str, Any] | None) -> Drawn:
    if custom is not None:
        return Drawn(frame.name, "figure", _fill(custom, plot, frame))
    if plot.template in FIGURES:
        content = FIGURES[plot.template](plot, frame)
        if content:
            return Drawn(frame.name, "figure", content)
    elif plot.template in LINES:
        line = _line(plot, frame)
        if line is not None:
            return line
    return Drawn(frame.name, "table", _table(frame.rows))


def _line(plot: Plot, frame: _Frame) -> Drawn | None:
    """A curve, or a series when its x counts something; None when a cell is no number."""
    y = numbers([row.get(frame.y) for row in frame.rows])
    x = numbers([row.get(plot.x) for row in frame.rows]) if plot.x else np.arange(len(frame.rows), dtype=np.float64)
    if x is None or y is None:
        return None
    if plot.x and counts(x):
        return Drawn(frame.y, "series", {"x": x, "y": y, "x_name": plot.x})
    return Drawn(
        frame.name,
        "curve",
        {"x": _plain(x), "y": _plain(y), "x_name": plot.x_label or plot.x or "row", "y_name": plot.y_label or frame.y},
    )


def numbers(cells: Sequence[Any]) -> npt.NDArray[np.float64] | None:
    """The cells as float64 (n,), blanks as nan; None when one of them is no number."""
    found = [number(cell) if isinstance(cell, str) else cell for cell in cells]
    if any(
        isinstance(cell, bool | list | dict | str) or (cell is None and raw not in (None, ""))
        for cell, raw in zip(found, cells, strict=True)
    ):
        return None
    try:
        return np.array([np.nan if cell is None else cell for cell in found], np.float64)
    except (OverflowError, ValueError, TypeError):
        return None


def counts(x: npt.NDArray[np.float64]) -> bool:
    """Whether the numbers are steps: whole and each larger than the one before."""
    whole = bool(np.isfinite(x).all()) and bool((np.abs(x) < 2**53).all()) and bool((x == np.floor(x)).all())
    return whole and len(x) > 0 and bool((np.diff(x) > 0).all())


def _plain(values: npt.NDArray[np.float64]) -> list[float | str]:
    return [value if np.isfinite(value) else str(value) for value in values.tolist()]


def _table(rows: Sequence[Row]) -> dict[str, Any]:
    columns = list(dict.fromkeys(key for row in rows[:1000] for key in row))[:200]
    return {"columns": columns, "data": [[_cell(row.get(key)) for key in columns] for row in rows[:MAX_DRAWN]]}


def _cell(value: Any) -> Any:
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _records(plot: Plot, frame: _Frame, extra: dict[str, Any]) -> list[dict[str, Any]]:
    keep = [key for key in (plot.x, frame.y) if key]
    rows = [
        {key: _cell(row.get(key)) for key in (keep if not extra else row)} | extra for row in frame.rows[:MAX_DRAWN]
    ]
    return rows if plot.x else [{**row, "step": at} for at, row in enumerate(rows)]


def _field(name: str, kind: str, title: str, **more: Any) -> dict[str, Any]:
    escaped = name.replace("\\", "\\\\").replace(".", "\\.").replace("[", "\\[").replace("]", "\\]")
    return {"field": escaped, "type": kind, "title": title or name, **more}


def _figure(plot: Plot, frame: _Frame, **rest: Any) -> dict[str, Any]:
    return {"$schema": SCHEMA, "title": plot.title or frame.name, **rest}


def _scatter(plot: Plot, frame: _Frame) -> dict[str, Any]:
    encoding = {
        "x": _field(plot.x or "step", "quantitative", plot.x_label, scale={"zero": False}),
        "y": _field(frame.y, "quantitative", plot.y_label, scale={"zero": False}),
    }
    if plot.template == "scatter_jitter":
        encoding["xOffset"] = {"field": "jitter", "type": "quantitative"}
    jitter = [{"calculate": "random()", "as": "jitter"}] if plot.template == "scatter_jitter" else []
    return _figure(
        plot,
        frame,
        data={"values": _records(plot, frame, {})},
        transform=jitter,
        mark={"type": "point", "filled": True},
        encoding=encoding,
    )


def _bars(plot: Plot, frame: _Frame) -> dict[str, Any]:
    order = {"sort": "-x"} if plot.template == "bar_horizontal_sorted" else {}
    encoding = {
        "x": _field(plot.x or "step", "quantitative", plot.x_label),
        "y": _field(frame.y, "nominal", plot.y_label, **order),
    }
    return _figure(plot, frame, data={"values": _records(plot, frame, {})}, mark="bar", encoding=encoding)


def _confusion(plot: Plot, frame: _Frame) -> dict[str, Any]:
    """Counts per pair instead of one row per sample, zeros included; normalized: shares of the actual class."""
    pairs = Counter((str(row.get(plot.x)), str(row.get(frame.y))) for row in frame.rows)
    classes = sorted({name for pair in pairs for name in pair}, key=_class_order)
    if not plot.x or len(classes) > MAX_CLASSES:
        return {}
    totals = Counter[str]()
    for (actual, _), count in pairs.items():
        totals[actual] += count
    share = plot.template == "confusion_normalized"
    values = [
        {"actual": a, "predicted": p, "count": pairs[a, p] / totals[a] if share and totals[a] else pairs[a, p]}
        for a in classes for p in classes
    ]  # fmt: skip
    top = max(float(row["count"]) for row in values)
    base = {
        "x": {"field": "actual", "type": "nominal", "sort": classes, "title": plot.x_label or plot.x},
        "y": {"field": "predicted", "type": "nominal", "sort": classes, "title": plot.y_label or frame.y},
    }
    color = {
        "field": "count",
        "type": "quantitative",
        "title": "share" if share else "samples",
        "scale": {"domainMin": 0},
    }
    text = {"field": "count", "type": "quantitative", **({"format": ".2f"} if share else {})}
    ink = {"condition": {"test": f"datum.count > {top / 2!r}", "value": "white"}, "value": "black"}
    layer = [{"mark": "rect", "encoding": {"color": color}}, {"mark": "text", "encoding": {"text": text, "color": ink}}]
    return _figure(plot, frame, data={"values": values}, encoding=base, layer=layer)


def _class_order(name: str) -> tuple[int, float, str]:
    value = number(name)
    return (1, 0.0, name) if value is None or value != value else (0, value, name)


FIGURES: dict[str, Callable[[Plot, _Frame], dict[str, Any]]] = {
    "scatter": _scatter,
    "scatter_jitter": _scatter,
    "bar_horizontal": _bars,
    "bar_horizontal_sorted": _bars,
    "confusion": _confusion,
    "confusion_normalized": _confusion,
}


def _fill(template: Mapping[str, Any], plot: Plot, frame: _Frame) -> dict[str, Any]:
    """A user's template with its `<DVC_METRIC_...>` strings replaced; those that stand for nothing here become null or ""."""
    text = {
        "TITLE": plot.title or frame.name,
        "X": plot.x or "step",
        "Y": frame.y,
        "X_LABEL": plot.x_label or plot.x or "step",
        "Y_LABEL": plot.y_label or frame.y,
    }
    whole: dict[str, Any] = {
        "DATA": _records(plot, frame, {"rev": frame.rev}),
        "PLOT_WIDTH": 300,
        "PLOT_HEIGHT": 300,
        "ZOOM_AND_PAN": {"name": "grid", "select": "interval", "bind": "scales"},
        "COLOR": {"field": "rev", "type": "nominal"},
        "GROUP_BY": ["rev"],
        "GROUP_BY_X": ["rev", text["X"]],
        "GROUP_BY_Y": ["rev", text["Y"]],
        "PIVOT_FIELD": "datum.rev",
    }
    filled = json.loads(
        json.dumps(template), object_hook=lambda one: {key: _anchor(value, whole, text) for key, value in one.items()}
    )
    return {"$schema": SCHEMA, **filled}


def _anchor(value: Any, whole: Mapping[str, Any], text: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_anchor(one, whole, text) for one in value]
    if not isinstance(value, str) or "<DVC_METRIC_" not in value:
        return value
    for name, one in whole.items():
        if value == f"<DVC_METRIC_{name}>":
            return one
    for name, one in text.items():
        value = value.replace(f"<DVC_METRIC_{name}>", one)
    return None if value.startswith("<DVC_METRIC_") else value

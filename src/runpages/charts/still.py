"""A metric's lines as a still picture: rows for the datasets of `curves.spec`, thinned, with names at the ends or in a legend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from runpages.charts import curves
from runpages.charts.theme import PALETTE
from runpages.model import Floats

DIRECT = 5  # up to here names stand at the lines' ends
LEGEND = 12  # a longer legend would be taller than the chart
HEIGHT = 240


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One line to draw: x and y (n,), lo and hi (n,) of what lies behind it, or None; the run's colour and dash."""

    name: str
    x: Floats
    y: Floats
    lo: Floats | None = None
    hi: Floats | None = None
    color: int = 0
    dash: int = 0


def thin(line: Line, points: int) -> Line:
    """The line with at most `points` points: means of buckets with their min and max; first and last are exact.

    A bucket without a finite value is a gap (nan).
    """
    n = len(line.y)
    if n <= points or points < 3:
        return line
    inner = points - 2
    starts = 1 + (np.arange(inner) * (n - 2)) // inner
    finite = np.isfinite(line.y)
    y = np.where(finite, line.y, 0.0)[: n - 1]
    count = np.add.reduceat(finite[: n - 1], starts, dtype=np.float64)
    low = line.y if line.lo is None else line.lo
    high = line.y if line.hi is None else line.hi
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.add.reduceat(y, starts) / count
        x = np.add.reduceat(line.x[: n - 1], starts) / np.diff([*starts, n - 1])
    least = np.minimum.reduceat(np.where(np.isfinite(low), low, np.inf)[: n - 1], starts)
    most = np.maximum.reduceat(np.where(np.isfinite(high), high, -np.inf)[: n - 1], starts)
    gap = count == 0
    return Line(
        line.name,
        _ends(line.x, x),
        _ends(line.y, mean),
        _ends(low, np.where(gap, np.nan, least)),
        _ends(high, np.where(gap, np.nan, most)),
        line.color,
        line.dash,
    )


def _ends(whole: Floats, inner: Floats) -> Floats:
    return np.concatenate([whole[:1], inner, whole[-1:]])


def picture(
    lines: Sequence[Line],
    title: str,
    x_title: str = "step",
    *,
    x: curves.XAxis = "step",
    y: curves.YAxis = "linear",
    points: int = 800,
) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """The spec and the datasets of `lines`, for `static.svg`; about `points` points in all, 24 a line at least."""
    thinned = [_placed(thin(line, max(24, points // max(1, len(lines)))), y) for line in lines]
    spec = curves.spec(x, y, title=title, x_title=x_title)
    data: dict[str, list[dict[str, Any]]] = {name: [] for name in ("points", "bands", "alone", "marks", "labels")}
    for number, line in enumerate(thinned):
        _add(data, number, line)
    names = [_distinct(line.name, number, thinned) for number, line in enumerate(thinned)]
    for row in data["points"]:
        row["name"] = names[row["line"]]
    if 1 < len(thinned) <= DIRECT:
        data["labels"] = end_labels(thinned, log=y == "log")
    name_colours(spec, names, [PALETTE[line.color] for line in thinned], legend=len(thinned) > DIRECT)
    # a layer without rows is only weight
    spec["layer"] = [layer for layer in spec["layer"] if data[layer["data"]["name"]] or layer["mark"]["type"] == "line"]
    return spec, data


def name_colours(spec: dict[str, Any], names: Sequence[str], colours: Sequence[str], *, legend: bool) -> None:
    """Puts the runs' names and colours into the spec's lines, with a legend of the first twelve when asked for."""
    for layer in spec["layer"]:
        color = layer["encoding"]["color"]
        if color.get("field") == "name":
            color["scale"] = {"domain": list(names), "range": list(colours)}
            columns = 4 if len(names) > 4 else len(names)
            color["legend"] = (
                {"orient": "bottom", "columns": columns, "values": list(names[:LEGEND]), "symbolType": "stroke"}
                if legend
                else None
            )


def _distinct(name: str, number: int, lines: Sequence[Line]) -> str:
    same = sum(other.name == name for other in lines[:number])
    return f"{name} ({same + 1})" if same else name


def _placed(line: Line, y: curves.YAxis) -> Line:
    # zero and below have no place on a log axis: a gap, as for nan
    if y != "log":
        return line
    values = np.where(line.y > 0, line.y, np.where(np.isfinite(line.y), np.nan, line.y))
    lo = None if line.lo is None else np.where(line.lo > 0, line.lo, np.nan)
    return Line(line.name, line.x, values, lo, line.hi, line.color, line.dash)


def _add(data: dict[str, list[dict[str, Any]]], number: int, line: Line) -> None:
    color = PALETTE[line.color]
    finite = np.isfinite(line.y)
    x, y = line.x.tolist(), line.y.tolist()
    data["points"] += [
        {"line": number, "x": x[i], "y": y[i] if finite[i] else None, "c": color, "d": line.dash} for i in range(len(y))
    ]
    around = np.pad(finite, 1)
    lonely = finite & ~around[:-2] & ~around[2:]
    data["alone"] += [{"line": number, "x": x[i], "y": y[i], "c": color} for i in np.flatnonzero(lonely)]
    data["marks"] += [{"x": x[i], "c": color, "bad": str(y[i])} for i in np.flatnonzero(~finite)]
    if line.lo is not None and line.hi is not None:
        lo, hi = line.lo.tolist(), line.hi.tolist()
        ok = np.isfinite(line.lo) & np.isfinite(line.hi)
        data["bands"] += [
            {"line": number, "x": x[i], "lo": lo[i] if ok[i] else None, "hi": hi[i] if ok[i] else None, "c": color}
            for i in range(len(y))
        ]


def end_labels(
    lines: Sequence[Line], *, log: bool = False, height: float = HEIGHT, gap: float = 13
) -> list[dict[str, Any]]:
    """A label row at the end of each line that has one, moved apart by `gap` px of a plot `height` px tall."""
    placed = [(line, np.flatnonzero(np.isfinite(line.y))) for line in lines]
    ends = [(line, float(line.x[at[-1]]), float(line.y[at[-1]])) for line, at in placed if len(at)]
    if not ends:
        return []
    right = max(x for _, x, _ in ends)
    values = np.concatenate([line.y[at] for line, at in placed if len(at)])
    scale = np.log10 if log else np.asarray
    low, high = float(np.min(scale(values))), float(np.max(scale(values)))
    unit = (high - low) / height or 1.0
    ends.sort(key=lambda end: end[2])
    wanted = np.array([float(scale(y)) for _, _, y in ends])
    moved = spread(wanted, gap * unit, low, high)
    return [
        {"x": right, "y": float(10**y) if log else float(y), "c": PALETTE[line.color], "text": line.name}
        for (line, _, _), y in zip(ends, moved, strict=True)
    ]


def spread(wanted: Floats, gap: float, low: float, high: float) -> Floats:
    """The ascending places nearest to `wanted` (n,) ascending that are `gap` apart, within low..high where there is room."""
    places = wanted.astype(np.float64).copy()
    for i in range(1, len(places)):
        places[i] = max(places[i], places[i - 1] + gap)
    # what was pushed above the top comes down again, pushing those below it
    over = high
    for i in range(len(places) - 1, -1, -1):
        places[i] = min(places[i], over)
        over = places[i] - gap
    return places + max(0.0, low - float(places[0])) * (gap * (len(places) - 1) <= high - low)

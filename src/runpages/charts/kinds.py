"""The charts of Compare that are no curves: their specs without a word of data, filled and titled in the page.

Datasets, by name, and their fields; `run` is the run's number, `name` its name, `c` its colour, `o` its opacity, `at` a group's place:
    runs   x, y, v (what colours), name, run, c, o           scatter and contour
    runs   x, at (with its jitter), name, run, c, o, g       groups
    shape  x, lo, hi (at -/+ density), g, c                  groups: a violin's outline
    box    q1, median, q3, low, high, a, b, at, g, c         groups: a..b is the box's height
    bars   x, zero, a, b, g, c                               groups
    means  x, lo, hi, n, a, b, at, g, c                      groups: the interval, and the mean as a tick
    base   x, what                                           groups: the baseline's value
    cells  x, x2, y, y2, mean                                contour: only where runs are near
    bars   name, value, lo, hi, c                            importance
"""

from __future__ import annotations

from typing import Any

from runpages.charts import bars
from runpages.charts.late import alt
from runpages.charts.space import RAMP
from runpages.charts.spec import plain

CELLS = 44  # cells of a contour along each axis
STEPS = 9  # colours of a contour


def specs() -> dict[str, Any]:
    """Every spec by its name, for `data/kinds.js`, with the ramp of colours."""
    return {
        "format": 1,
        "ramp": list(RAMP),
        "cells": CELLS,
        "specs": {
            "scatter": scatter(),
            "groups": groups(),
            "importance": bars.spec("importance (shares)", []),
            "contour": contour(),
        },
    }


def scatter() -> dict[str, Any]:
    """One thing over another, a dot per run; a box drawn over dots is the signal "brush"."""
    brush = alt.selection_interval(name="brush", encodings=["x", "y"])
    return plain(_dots().add_params(brush).properties(width=420, height=300))


def contour() -> dict[str, Any]:
    """A smooth surface over two params in steps of colour, and the runs that it comes from."""
    color = alt.Color(
        "mean:Q",
        scale=alt.Scale(type="quantize", range=_between(STEPS), nice=False, zero=False),
        legend=alt.Legend(title="value", gradientLength=160, format=".3~g"),
    )
    cells = _rows("cells").mark_rect(stroke=None)
    tip = [alt.Tooltip("mean:Q", title="smoothed", format=".4~g")]
    surface = cells.encode(x=_x("x"), x2="x2:Q", y=_y("y"), y2="y2:Q", color=color, tooltip=tip)
    brush = alt.selection_interval(name="brush", encodings=["x", "y"])
    return plain(alt.layer(surface, _dots(stroke="white").add_params(brush)).properties(width=420, height=300))


def groups() -> dict[str, Any]:
    """Values by group, from top to bottom: dots, boxes, violins, or bars with intervals; layers without rows are taken out.

    Groups stand at 0, 1, ... on a numeric axis, so that a violin may reach into the room between two.
    """
    color = alt.Color("c:N", scale=None)
    a, b = _at("a"), "b:Q"
    tip = [alt.Tooltip("g:N", title="group")]
    box_tip = [*tip, *(alt.Tooltip(f"{name}:Q", format=".4~g") for name in ("low", "q1", "median", "q3", "high"))]
    mean_tip = [
        *tip,
        alt.Tooltip("x:Q", title="mean", format=".4~g"),
        alt.Tooltip("lo:Q", title="from", format=".4~g"),
        alt.Tooltip("hi:Q", title="to", format=".4~g"),
        alt.Tooltip("n:Q", title="runs"),
    ]
    box = _rows("box")
    ends = box.mark_rule(strokeWidth=1.25)
    point_tip = [alt.Tooltip("name:N", title="run"), *tip, alt.Tooltip("x:Q", title="value", format=".4~g")]
    points = _rows("runs").mark_point(filled=True, size=34)
    brush = alt.selection_interval(name="brush", encodings=["x"])
    opacity = alt.Opacity("o:Q", scale=None)
    layers = (
        _rows("base").mark_rule(strokeDash=[5, 4]).encode(x=_x("x"), tooltip=alt.Tooltip("what:N", title="baseline")),
        _rows("shape").mark_area(opacity=0.3).encode(x=_x("x"), y=_at("lo"), y2="hi:Q", detail="g:N", color=color),
        _rows("bars").mark_rect(opacity=0.5).encode(x=_x("zero"), x2="x:Q", y=a, y2=b, color=color, tooltip=tip),
        ends.encode(x=_x("low"), x2="q1:Q", y=_at("at"), color=color),
        ends.encode(x=_x("q3"), x2="high:Q", y=_at("at"), color=color),
        box.mark_rect(fillOpacity=0.25, strokeWidth=1.25, filled=True).encode(
            x=_x("q1"),
            x2="q3:Q",
            y=a,
            y2=b,
            fill=alt.Fill("c:N", scale=None),
            stroke=alt.Stroke("c:N", scale=None),
            tooltip=box_tip,
        ),
        box.mark_rule(strokeWidth=2.5).encode(x=_x("median"), y=a, y2=b, color=color, tooltip=box_tip),
        points.encode(x=_x("x"), y=_at("at"), color=color, opacity=opacity, tooltip=point_tip).add_params(brush),
        _rows("means").mark_rule(strokeWidth=1.75).encode(x=_x("lo"), x2="hi:Q", y=_at("at"), tooltip=mean_tip),
        _rows("means").mark_rule(strokeWidth=3).encode(x=_x("x"), y=a, y2=b, tooltip=mean_tip),
    )
    names: Any = alt.param(name="names", value=[])
    return plain(alt.layer(*layers).add_params(names).properties(width=420, height=240))


def _dots(**more: Any) -> Any:
    tip = [
        alt.Tooltip("name:N", title="run"),
        alt.Tooltip("x", type="quantitative"),
        alt.Tooltip("y", type="quantitative"),
    ]
    points = _rows("runs").mark_point(filled=True, size=60, **more)
    return points.encode(
        x=_x("x"), y=_y("y"), color=alt.Color("c:N", scale=None), opacity=alt.Opacity("o:Q", scale=None), tooltip=tip
    )


def _rows(name: str) -> Any:
    return alt.Chart(alt.NamedData(name))


def _x(field: str) -> alt.X:
    axis = alt.Axis(title="x", format=".4~g", tickCount=6)
    return alt.X(f"{field}:Q", axis=axis, scale=alt.Scale(zero=False, nice=True, padding=10))


def _y(field: str) -> alt.Y:
    axis = alt.Axis(
        title="y",
        titleAngle=0,
        titleAlign="left",
        titleAnchor="end",
        titleX={"expr": "0"},
        titleY=-12,
        format=".4~g",
        tickCount=5,
    )
    return alt.Y(f"{field}:Q", axis=axis, scale=alt.Scale(zero=False, nice=True, padding=10))


def _at(field: str) -> alt.Y:
    """A group's place; the page writes the names of `names` beside the ticks."""
    axis = alt.Axis(title=None, values=[0], labelExpr="names[datum.value]", labelLimit=200, grid=False, ticks=False)
    return alt.Y(f"{field}:Q", axis=axis, scale=alt.Scale(domain=[-0.6, 0.6], reverse=True, nice=False, zero=False))


def _between(count: int) -> list[str]:
    """`count` colours along the ramp."""
    parts = [[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in RAMP]
    found = []
    for step in range(count):
        place = step / (count - 1) * (len(parts) - 1)
        low = min(int(place), len(parts) - 2)
        mixed = (round(a + (b - a) * (place - low)) for a, b in zip(parts[low], parts[low + 1], strict=True))
        found.append("#" + "".join(f"{value:02x}" for value in mixed))
    return found

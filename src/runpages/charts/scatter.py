"""A param against a metric, a dot per run. Dataset: `runs` {name, x, y, lo, hi, c}; lo and hi of y where seeds gave them."""

from __future__ import annotations

from typing import Any, Literal

from runpages.charts.late import alt
from runpages.charts.spec import plain

Axis = Literal["linear", "log", "symlog", "words"]


def spec(x_title: str, y_title: str, x: Axis = "linear", y: Axis = "linear") -> dict[str, Any]:
    """The spec of metric `y_title` over param `x_title`; "words" is for a param whose values are not numbers."""
    across: alt.X = _x(x_title, x)
    rows = alt.Chart(alt.NamedData("runs"))
    up = {
        field: alt.Y(f"{field}:Q", scale=_scale(y), axis=alt.Axis(title=y_title, format=".4~g"))
        for field in ("y", "lo")
    }
    tip = [
        alt.Tooltip("name:N", title="run"),
        alt.Tooltip("x", type="nominal" if x == "words" else "quantitative", title=x_title),
        alt.Tooltip("y:Q", title=y_title, format=".4~g"),
    ]
    color = alt.Color("c:N", scale=None)
    layers = (
        rows.mark_rule(strokeWidth=1.5, opacity=0.6).encode(x=across, y=up["lo"], y2="hi:Q", color=color),
        rows.mark_point(filled=True, size=60, opacity=0.85).encode(x=across, y=up["y"], color=color, tooltip=tip),
    )
    return plain(alt.layer(*layers).properties(width=420, height=260))


def _x(title: str, kind: Axis) -> alt.X:
    if kind == "words":
        return alt.X("x:N", axis=alt.Axis(title=title, labelAngle=0, labelLimit=120))
    return alt.X("x:Q", scale=_scale(kind), axis=alt.Axis(title=title, format=".4~g"))


def _scale(kind: Axis) -> alt.Scale:
    name: Any = kind
    return alt.Scale(type=name, zero=False, nice=True, padding=12)

"""Bars from zero, for counts and for figures whose zero means something. Dataset: `bars` {name, value, lo, hi, c}."""

from __future__ import annotations

from typing import Any

from runpages.charts.late import alt
from runpages.charts.spec import plain

ROW = 24


def spec(title: str, names: list[str]) -> dict[str, Any]:
    """The spec of `title` for `names` from top to bottom; lo and hi, where given, are drawn as an interval."""
    y = alt.Y("name:N", sort=names, axis=alt.Axis(title=None, labelLimit=240, ticks=False, domain=False, grid=False))
    rows = alt.Chart(alt.NamedData("bars"))

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=alt.Scale(zero=True), axis=alt.Axis(title=title))

    tip = [alt.Tooltip("name:N", title="name"), alt.Tooltip("value:Q", title=title, format=".4~g")]
    bar = rows.mark_bar(height={"band": 0.62}, cornerRadiusEnd=2)
    layers = (
        bar.encode(x=x("value"), y=y, color=alt.Color("c:N", scale=None), tooltip=tip),
        rows.mark_rule(strokeWidth=1.5).encode(x=x("lo"), x2="hi:Q", y=y, tooltip=tip),
    )
    return plain(alt.layer(*layers).properties(width=420, height=ROW * max(1, len(names))))

"""A metric over published reports: a point per report with its spread, a band per level, a rule where it stepped.

Datasets: `reports` {x, name, mean, lo, hi, n}, one per report, lo and hi null for a single run; `levels` {x, x2, mean, lo, hi};
`steps` {x, text}.
"""

from __future__ import annotations

from typing import Any

from runpages.charts.late import alt
from runpages.charts.spec import plain
from runpages.charts.theme import LIGHT, PALETTE


def spec(count: int) -> dict[str, Any]:
    """The spec of a metric over `count` reports, the oldest left; the page around it says which metric."""
    x_axis = alt.Axis(title="report, oldest first", format="d", tickMinStep=1)
    x_scale = alt.Scale(domain=[0.5, count + 0.5], nice=False)
    y_scale = alt.Scale(zero=False, nice=True, padding=8)

    def x(field: str = "x") -> alt.X:
        return alt.X(f"{field}:Q", scale=x_scale, axis=x_axis)

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=y_scale, axis=alt.Axis(title=None, format=".4~g"))

    reports, levels = alt.Chart(alt.NamedData("reports")), alt.Chart(alt.NamedData("levels"))
    steps = alt.Chart(alt.NamedData("steps"))
    layers = (
        levels.mark_rect(color=PALETTE[0], opacity=0.13).encode(x=x(), x2="x2:Q", y=y("lo"), y2="hi:Q"),
        levels.mark_rule(color=PALETTE[0], strokeWidth=1.5).encode(x=x(), x2="x2:Q", y=y("mean")),
        steps.mark_rule(color=PALETTE[1], strokeWidth=1.5, strokeDash=[4, 3]).encode(x=x()),
        steps.mark_text(color=PALETTE[1], align="left", baseline="top", dx=4, y=2).encode(x=x(), text="text:N"),
        reports.mark_rule(color=LIGHT.muted, strokeWidth=1).encode(x=x(), y=y("lo"), y2="hi:Q"),
        reports.mark_point(color=PALETTE[0], filled=True, size=36, opacity=1).encode(x=x(), y=y("mean")),
    )
    return plain(alt.layer(*layers).properties(width=640, height=220))

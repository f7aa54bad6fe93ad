"""One row per configuration: every run a dot, the mean a bar, its interval a line.

Datasets: `runs` {name, value, c}, one per run; `means` {name, mean, lo, hi, n, c}, one per configuration, in the order of
the rows; lo and hi are null where there is no interval (one run never has one).
"""

from __future__ import annotations

from typing import Any, Literal

from runpages.charts.late import alt
from runpages.charts.spec import plain

ROW = 28


def spec(
    title: str, names: list[str], *, interval: str = "95 % interval", scale: Literal["linear", "log"] = "linear"
) -> dict[str, Any]:
    """The spec of a metric `title` over configurations `names` from top to bottom; `interval` names lo..hi for the tooltip."""
    # the axis need not reach zero: dots compare by place, not by length
    x_scale = alt.Scale(type=scale, zero=False, nice=True, padding=8)
    y = alt.Y("name:N", sort=names, axis=alt.Axis(title=None, labelLimit=240, ticks=False, domain=False, grid=True))
    color = alt.Color("c:N", scale=None)
    tip = [
        alt.Tooltip("name:N", title="configuration"),
        alt.Tooltip("mean:Q", title="mean", format=".4~g"),
        alt.Tooltip("lo:Q", title=f"{interval} from", format=".4~g"),
        alt.Tooltip("hi:Q", title="to", format=".4~g"),
        alt.Tooltip("n:Q", title="runs"),
    ]
    means, runs = alt.Chart(alt.NamedData("means")), alt.Chart(alt.NamedData("runs"))

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=x_scale, axis=alt.Axis(title=title, format=".4~g"))

    layers = (
        means.mark_rule(strokeWidth=2, strokeCap="round").encode(x=x("lo"), x2="hi:Q", y=y, color=color, tooltip=tip),
        runs.mark_point(filled=True, size=32, opacity=0.45).encode(
            x=x("value"), y=y, color=color, tooltip=[tip[0], alt.Tooltip("value:Q", format=".4~g")]
        ),
        means.mark_tick(thickness=3, size=15).encode(x=x("mean"), y=y, color=color, tooltip=tip),
    )
    return plain(alt.layer(*layers).properties(width=420, height=ROW * max(1, len(names))))

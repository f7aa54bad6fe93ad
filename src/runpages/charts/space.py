"""What a search found where: a dot per trial over one param or two, and the mean of an objective over a grid of two.

Datasets, by name, and their fields; `trial` is the trial's number, `name` its run:
    trials  x (slice: one param), y (the objective), trial, name
    trials  x, y (two params), rank (0 best .. 1 worst), value, name      rank
    cells   x, x2, y, y2 (numbers) or x, y (words), mean, n               heat: only cells that hold a trial
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from runpages.charts.late import alt
from runpages.charts.spec import plain

# from blue to amber: told apart with every kind of colour vision, and seen on white as on near-black
RAMP = ("#4463c8", "#2f86b5", "#3f9f8e", "#8fa24a", "#d3a02c")


@dataclass(frozen=True, slots=True)
class Axis:
    """A param as an axis: its name, its words in order (none for numbers), whether its steps are factors."""

    name: str
    words: tuple[str, ...] = ()
    log: bool = False


def slice_(axis: Axis, objective: str) -> dict[str, Any]:
    """The objective over one param, later trials in lighter colours."""
    color = alt.Color("trial:Q", scale=_ramp(), legend=alt.Legend(title="trial", orient="right", gradientLength=110))
    points = _rows("trials").mark_point(filled=True, size=42, opacity=0.85)
    tip = [
        alt.Tooltip("name:N", title="run"),
        _told("x", axis),
        alt.Tooltip("y:Q", title=objective, format=".4~g"),
    ]
    encoded = points.encode(x=_place(alt.X, "x", axis), y=_up("y:Q", objective), color=color, tooltip=tip)
    return plain(encoded.properties(width=240, height=180))


def rank(x: Axis, y: Axis, objective: str) -> dict[str, Any]:
    """Where good and bad trials lie in two params."""
    legend = alt.Legend(title="rank, best first", values=[0, 0.5, 1], format=".0%", gradientLength=140)
    tip = [
        alt.Tooltip("name:N", title="run"),
        _told("x", x),
        _told("y", y),
        alt.Tooltip("value:Q", title=objective, format=".4~g"),
    ]
    points = _rows("trials").mark_point(filled=True, size=80, opacity=0.9)
    color = alt.Color("rank:Q", scale=_ramp([0, 1], turned=True), legend=legend)
    encoded = points.encode(x=_place(alt.X, "x", x), y=_place(alt.Y, "y", y), color=color, tooltip=tip)
    return plain(encoded.properties(width=420, height=260))


def heat(x: Axis, y: Axis, objective: str) -> dict[str, Any]:
    """The mean objective per cell of two params; where no trial was, nothing is drawn."""
    tip = [alt.Tooltip("mean:Q", title=f"mean {objective}", format=".4~g"), alt.Tooltip("n:Q", title="trials")]
    legend = alt.Legend(title=f"mean {objective}", gradientLength=140, format=".3~g")
    encoded = (
        _rows("cells")
        .mark_rect()
        .encode(
            x=_place(alt.X, "x", x),
            y=_place(alt.Y, "y", y),
            color=alt.Color("mean:Q", scale=_ramp(), legend=legend),
            tooltip=tip,
        )
    )
    ends = {channel: f"{channel}:Q" for channel, axis in (("x2", x), ("y2", y)) if not axis.words}
    return plain(encoded.encode(**ends).properties(width=420, height=260))


def _rows(name: str) -> Any:
    return alt.Chart(alt.NamedData(name))


def _ramp(domain: list[float] | None = None, *, turned: bool = False) -> alt.Scale:
    colours = list(RAMP[::-1] if turned else RAMP)
    return alt.Scale(range=colours, domain=domain or alt.Undefined, zero=False, nice=False)


def _place(channel: Any, field: str, axis: Axis) -> Any:
    title = axis.name
    turned = {"titleAngle": 0, "titleAlign": "left", "titleAnchor": "end", "titleX": {"expr": "0"}, "titleY": -12}
    more = turned if channel is alt.Y else {"labelAngle": 0} if axis.words else {}
    if axis.words:
        return channel(f"{field}:N", sort=list(axis.words), axis=alt.Axis(title=title, labelLimit=90, **more))
    if axis.log:
        scale = alt.Scale(type="log", nice=False, padding=8)
        return channel(f"{field}:Q", scale=scale, axis=alt.Axis(title=title, format="~g", tickCount=4, **more))
    scale = alt.Scale(zero=False, nice=False, padding=8)
    return channel(f"{field}:Q", scale=scale, axis=alt.Axis(title=title, format=".4~g", tickCount=5, **more))


def _up(field: str, title: str) -> alt.Y:
    axis = alt.Axis(
        title=title,
        titleAngle=0,
        titleAlign="left",
        titleAnchor="end",
        titleX={"expr": "0"},
        titleY=-12,
        format=".4~g",
        tickCount=4,
    )
    return alt.Y(field, scale=alt.Scale(zero=False, padding=8), axis=axis)


def _told(field: str, axis: Axis) -> alt.Tooltip:
    if axis.words:
        return alt.Tooltip(f"{field}:N", title=axis.name)
    return alt.Tooltip(f"{field}:Q", title=axis.name, format=".4~g")

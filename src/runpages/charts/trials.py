"""The trials of a search over time: history with best so far, what share reached a value, when each one ran, the front of two objectives.

Datasets, by name, and their fields; `state` is one of STATES, `trial` the trial's number, `name` its run:
    trials   trial, value, state, name                  history
    best     trial, value                               history and volume: the best so far
    lost     trial, state, name                         history: trials without any value, at the lower edge
    share    value, share                               edf
    spans    trial, start, end (ms UTC), state, name    timeline
    points   x, y, front, trial, name                   pareto
    edge     x, y, i                                    pareto: the front's line
    reference x, y                                      pareto: what the volume is measured from
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runpages.charts.late import alt
from runpages.charts.spec import plain
from runpages.charts.theme import PALETTE

STATES = ("complete", "pruned", "failed", "running", "waiting")
COLOURS = (PALETTE[0], PALETTE[4], PALETTE[1], PALETTE[8], PALETTE[5])
SHAPES = ("circle", "diamond", "cross", "triangle-up", "triangle-right")
WIDTH, HEIGHT = 520, 240


def history(title: str, states: Sequence[str] = STATES) -> dict[str, Any]:
    """Every trial's value over its number, and the best so far as a line of steps; `states` are those there are."""
    x = alt.X(
        "trial:Q", axis=alt.Axis(title="trial", tickMinStep=1), scale=alt.Scale(zero=False, nice=False, padding=8)
    )
    y = alt.Y("value:Q", axis=_up(title), scale=alt.Scale(zero=False, padding=10))
    best = _rows("best").mark_line(interpolate="step-after", strokeWidth=1.75, color=PALETTE[2]).encode(x=x, y=y)
    points = _rows("trials").mark_point(filled=True, size=46, opacity=0.85)
    look = _by_state(states)
    lost = _rows("lost").mark_point(filled=True, size=46)
    layers = [
        best,
        points.encode(x=x, y=y, tooltip=_tip(title), **look),
        lost.encode(x=x, y=alt.value({"expr": "height - 6"}), tooltip=_tip(title)[:3], **look),
    ]
    return plain(alt.layer(*layers).properties(width=WIDTH, height=HEIGHT))


def volume(title: str) -> dict[str, Any]:
    """The volume behind the front after each trial."""
    x = alt.X(
        "trial:Q", axis=alt.Axis(title="trial", tickMinStep=1), scale=alt.Scale(zero=False, nice=False, padding=8)
    )
    line = _rows("best").mark_line(interpolate="step-after", strokeWidth=1.75, color=PALETTE[2], point={"size": 30})
    tip = [alt.Tooltip("trial:Q"), alt.Tooltip("value:Q", title=title, format=".4~g")]
    return plain(
        line.encode(x=x, y=alt.Y("value:Q", axis=_up(title)), tooltip=tip).properties(width=WIDTH, height=HEIGHT)
    )


def edf(title: str) -> dict[str, Any]:
    """The share of complete trials with a value up to each value."""
    line = _rows("share").mark_line(interpolate="step-after", strokeWidth=1.75, color=PALETTE[0])
    encoded = line.encode(
        x=alt.X("value:Q", axis=alt.Axis(title=title, format=".4~g"), scale=alt.Scale(zero=False, nice=False)),
        y=alt.Y("share:Q", axis=_up("share of trials at or below"), scale=alt.Scale(domain=[0, 1])),
        tooltip=[alt.Tooltip("value:Q", title=title, format=".4~g"), alt.Tooltip("share:Q", format=".1%")],
    )
    return plain(encoded.properties(width=WIDTH, height=HEIGHT))


def timeline(count: int, states: Sequence[str] = STATES) -> dict[str, Any]:
    """A bar per trial from its start to its end, in the colour of how it ended."""
    bar = _rows("spans").mark_bar(cornerRadius=1, minBandSize=2)
    color = _by_state(states)["color"]
    encoded = bar.encode(
        x=alt.X(
            "start:T",
            scale=alt.Scale(type="utc", nice=False),
            axis=alt.Axis(title="time (UTC)", tickCount=5, labelFlush=True),
        ),
        x2="end:T",
        y=alt.Y(
            "trial:O",
            axis=alt.Axis(
                title="trial",
                titleAngle=0,
                titleAlign="left",
                titleX={"expr": "0"},
                titleY=-10,
                labelOverlap=True,
                ticks=False,
                domain=False,
            ),
        ),
        color=color,
        tooltip=[alt.Tooltip("name:N", title="run"), alt.Tooltip("state:N"), alt.Tooltip("took:N", title="duration")],
    )
    return plain(encoded.properties(width=WIDTH, height=max(120, min(480, 12 * count))))


def pareto(x_title: str, y_title: str, *, high: bool = False) -> dict[str, Any]:
    """Two objectives of every complete trial: the front joined by steps, what it beats faint, the reference a cross; `high`
    says that more of x is better."""
    x = alt.X("x:Q", axis=alt.Axis(title=x_title, format=".4~g"), scale=alt.Scale(zero=False, padding=14))
    y = alt.Y("y:Q", axis=_up(y_title), scale=alt.Scale(zero=False, padding=14))
    tip = [
        alt.Tooltip("name:N", title="run"),
        alt.Tooltip("x:Q", title=x_title, format=".4~g"),
        alt.Tooltip("y:Q", title=y_title, format=".4~g"),
        alt.Tooltip("front:N", title="beaten by none"),
    ]
    points = _rows("points").mark_point(filled=True, size=60)
    layers = (
        _rows("edge")
        .mark_line(
            interpolate="step-before" if high else "step-after", strokeWidth=1.25, strokeDash=[4, 3], color=PALETTE[1]
        )
        .encode(x=x, y=y, order="i:Q"),
        points.encode(
            x=x,
            y=y,
            color=alt.Color(
                "front:N", scale=alt.Scale(domain=["yes", "no"], range=[PALETTE[1], PALETTE[0]]), legend=None
            ),
            opacity=alt.condition("datum.front === 'yes'", alt.value(1), alt.value(0.4)),
            tooltip=tip,
        ),
        _rows("reference")
        .mark_point(shape="cross", size=70, filled=True, color=PALETTE[8])
        .encode(x=x, y=y, tooltip=[alt.Tooltip("what:N")]),
    )
    return plain(alt.layer(*layers).properties(width=WIDTH, height=300))


def _rows(name: str) -> Any:
    return alt.Chart(alt.NamedData(name))


def _up(title: str) -> alt.Axis:
    """Above the axis, to be read without turning one's head."""
    return alt.Axis(
        title=title, titleAngle=0, titleAlign="left", titleAnchor="end", titleX={"expr": "0"}, titleY=-12, format=".4~g"
    )


def _legend() -> alt.Legend:
    return alt.Legend(orient="bottom", title=None, direction="horizontal")


def _by_state(states: Sequence[str]) -> dict[str, Any]:
    domain = [state for state in STATES if state in states]
    at = [STATES.index(state) for state in domain]
    colours, shapes = [COLOURS[i] for i in at], [SHAPES[i] for i in at]
    return {
        "color": alt.Color("state:N", scale=alt.Scale(domain=domain, range=colours), legend=_legend()),
        "shape": alt.Shape("state:N", scale=alt.Scale(domain=domain, range=shapes), legend=_legend()),
    }


def _tip(title: str) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("name:N", title="run"),
        alt.Tooltip("trial:Q"),
        alt.Tooltip("state:N"),
        alt.Tooltip("value:Q", title=title, format=".4~g"),
    ]

"""The lines of one metric over its steps: one spec per pair of axes, and the rows of its static picture.

Datasets, by name, and their fields:
    points  line (one id per line), x, y, c (colour), d (dash 0..3), name
    bands   line, x, lo, hi, c: what lies behind a line: min and max of a bucket, or the interval over seeds
    alone   as points: points with no neighbour to draw a line to
    marks   x, c, bad ("nan", "inf", "-inf"): values that have no place on the axis, shown at its edge
    labels  x, y, c, text: a line's name at its end
The page has its own: `live_spec` is axes and grid only, whose domains are the signals x0, x1, y0, y1 (the page zooms and
pans by them). Its lines are painted over them by charts-paint.js, see docs/decisions/0012-painted-lines.md.
"""

from __future__ import annotations

from typing import Any, Literal

from runpages.charts.late import alt
from runpages.charts.spec import plain
from runpages.charts.theme import DASHES

XAxis = Literal["step", "wall"]
YAxis = Literal["linear", "log", "symlog"]
XS: tuple[XAxis, ...] = ("step", "wall")
YS: tuple[YAxis, ...] = ("linear", "log", "symlog")
# 10k for steps by the thousand; time formats itself (hours, then days)
NUMBER_LABEL = "abs(datum.value) >= 1000 ? format(datum.value, '~s') : format(datum.value, '~r')"
# room for a mark of 9 px to stand within the plot
EDGE = 6


def all_specs() -> dict[str, dict[str, Any]]:
    """The spec of a still picture per pair of axes, by "step/linear" and so on; "step" serves every axis of plain numbers."""
    return {f"{x}/{y}": spec(x, y) for x in XS for y in YS}


def spec(x: XAxis = "step", y: YAxis = "linear", *, title: str = "", x_title: str = "step") -> dict[str, Any]:
    """The Vega-Lite spec of a metric's lines as a still picture, without data.

    `wall` is UTC time in milliseconds. Titles are Vega-Lite's: the metric stands above the y axis.
    """
    parts = _Parts(x, y, title, x_title)
    layers = [parts.band(), parts.line(), parts.alone(), parts.marks(), parts.labels()]
    return plain(alt.layer(*layers).properties(width=560, height=240))


def live_spec() -> dict[str, Any]:
    """Axes and grid of a chart in the page, linear and of plain numbers; the page's script sets type, title and domains."""
    parts = _Parts("step", "linear", "", "step", live=True)
    frame = parts.rows("frame").mark_point(opacity=0).encode(x=parts.x(), y=parts.y("y"))
    chart = alt.layer(frame).add_params(*(alt.param(name=name, value=value) for name, value in _SIGNALS))
    return plain(chart.properties(width=560, height=240))


# until the page sets them; 1 to 2, because a log axis must not begin at 0
_SIGNALS = (("x0", 0), ("x1", 1), ("y0", 1), ("y1", 2))


class _Parts:
    """The layers of one spec; they share their scales by saying the same about them."""

    def __init__(self, x: XAxis, y: YAxis, title: str, x_title: str, *, live: bool = False) -> None:
        time = x == "wall"
        self.type: Any = "temporal" if time else "quantitative"
        x_type: Any = "utc" if time else "linear"
        nothing = alt.Undefined
        self.x_scale = alt.Scale(
            type=x_type, nice=False, zero=nothing if time else False, domain=_domain("x") if live else nothing
        )
        self.y_scale = alt.Scale(
            type=y,
            nice=not live and y == "linear",
            zero=nothing if y == "log" else False,
            domain=_domain("y") if live else nothing,
        )
        label: Any = nothing if time else NUMBER_LABEL
        self.x_axis = alt.Axis(title=x_title, tickCount={"expr": "max(2, floor(width / 90))"}, labelExpr=label)
        self.y_axis = alt.Axis(
            title=title or None,
            titleAngle=0,
            titleAlign="left",
            titleAnchor="end",
            titleX={"expr": "0"},
            titleY=-12,
            tickCount={"expr": "max(3, floor(height / 45))"},
            format="~g" if y != "linear" else nothing,
        )

    def x(self) -> alt.X:
        return alt.X("x", type=self.type, scale=self.x_scale, axis=self.x_axis)

    def y(self, field: str) -> alt.Y:
        return alt.Y(field, type="quantitative", scale=self.y_scale, axis=self.y_axis)

    def color(self) -> alt.Color:
        return alt.Color("c", type="nominal", scale=None)

    def named(self) -> alt.Color:
        # the script or `picture` puts names and colours in; the page has a legend of its own, of real text
        return alt.Color("name", type="nominal", scale=alt.Scale(domain=[], range=[]), legend=None)

    def dash(self) -> alt.StrokeDash:
        scale = alt.Scale(domain=list(range(len(DASHES))), range=[list(dash) for dash in DASHES])
        return alt.StrokeDash("d", type="ordinal", scale=scale, legend=None)

    def rows(self, name: str) -> Any:
        return alt.Chart(alt.NamedData(name))

    def band(self) -> Any:
        area = self.rows("bands").mark_area(opacity=0.16, clip=True, line=False)
        return area.encode(x=self.x(), y=self.y("lo"), y2="hi", color=self.color(), detail="line:N")

    def line(self) -> Any:
        lines = self.rows("points").mark_line(strokeWidth=1.75, clip=True)
        return lines.encode(x=self.x(), y=self.y("y"), color=self.named(), strokeDash=self.dash(), detail="line:N")

    def alone(self) -> Any:
        points = self.rows("alone").mark_point(filled=True, size=26, opacity=1, clip=True)
        return points.encode(x=self.x(), y=self.y("y"), color=self.color())

    def marks(self) -> Any:
        place = {"expr": f"datum.bad === 'inf' ? {EDGE} : height - {EDGE}"}
        shape = alt.Shape(
            "bad",
            type="nominal",
            scale=alt.Scale(domain=["nan", "inf", "-inf"], range=["cross", "triangle-up", "triangle-down"]),
            legend=None,
        )
        points = self.rows("marks").mark_point(filled=True, size=48, opacity=0.9, clip=True)
        return points.encode(x=self.x(), y=alt.value(place), color=self.color(), shape=shape)

    def labels(self) -> Any:
        text = self.rows("labels").mark_text(align="left", baseline="middle", dx=6, limit=150)
        return text.encode(x=self.x(), y=self.y("y"), text="text:N", color=self.color())


def _domain(axis: str) -> Any:
    return [{"expr": f"{axis}0"}, {"expr": f"{axis}1"}]

"""ROC, precision-recall and other curves of y over x that a run left as an artifact. Datasets: `points`, `reference`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from runpages.charts.late import alt
from runpages.charts.spec import plain
from runpages.charts.theme import DASHES, PALETTE
from runpages.model import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One curve: x and y (n,) in the order they were logged, and the run it belongs to by name, colour and dash."""

    name: str
    x: Floats
    y: Floats
    color: int = 0
    dash: int = 0


def area(curve: Curve) -> float:
    """The area below the curve by trapezia over ascending x; nan with fewer than two finite points."""
    ok = np.isfinite(curve.x) & np.isfinite(curve.y)
    x, y = curve.x[ok], curve.y[ok]
    if len(x) < 2:
        return float("nan")
    # a curve logged from right to left is the same curve; points that share an x keep their order of logging
    if x[0] > x[-1]:
        x, y = x[::-1], y[::-1]
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    return float(np.sum(np.diff(x) * (y[1:] + y[:-1])) / 2)


def picture(
    curves: Sequence[Curve], x_title: str, y_title: str, *, chance: bool = False
) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """The spec and datasets of `curves`, areas in the legend; `chance` adds the diagonal that guessing would give a ROC curve."""
    names = _names(curves)
    unit = all(_unit(curve.x) and _unit(curve.y) for curve in curves)
    spec = _spec(x_title, y_title, names, [PALETTE[curve.color] for curve in curves], unit)
    points = [
        {"line": number, "i": i, "x": x, "y": y, "name": names[number], "d": curve.dash}
        for number, curve in enumerate(curves)
        for i, (x, y) in enumerate(zip(curve.x.tolist(), curve.y.tolist(), strict=True))
        if np.isfinite(x) and np.isfinite(y)
    ]
    return spec, {"points": points, "reference": [{"x": 0, "y": 0}, {"x": 1, "y": 1}] if chance else []}


def _names(curves: Sequence[Curve]) -> list[str]:
    seen: dict[str, int] = {}
    names = []
    for curve in curves:
        value = area(curve)
        name = f"{curve.name}, area {value:.3f}" if np.isfinite(value) else curve.name
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def _unit(values: Floats) -> bool:
    finite = values[np.isfinite(values)]
    return bool((finite >= 0).all() and (finite <= 1).all())


def _spec(x_title: str, y_title: str, names: list[str], colours: list[str], unit: bool) -> dict[str, Any]:
    scale = alt.Scale(domain=[0, 1], nice=False) if unit else alt.Scale(zero=False)
    x = alt.X("x:Q", scale=scale, axis=alt.Axis(title=x_title))
    y = alt.Y("y:Q", scale=scale, axis=alt.Axis(title=y_title))
    dash = alt.Scale(domain=list(range(len(DASHES))), range=[list(each) for each in DASHES])
    points = alt.Chart(alt.NamedData("points")).mark_line(strokeWidth=1.75)
    lines = points.encode(
        x=x,
        y=y,
        order="i:Q",
        detail="line:N",
        color=alt.Color(
            "name:N", scale=alt.Scale(domain=names, range=colours), legend=alt.Legend(orient="bottom", columns=1)
        ),
        strokeDash=alt.StrokeDash("d:O", scale=dash, legend=None),
    )
    reference = alt.Chart(alt.NamedData("reference")).mark_line(strokeWidth=1, strokeDash=[4, 4], color="#8a909c")
    return plain(alt.layer(reference.encode(x=x, y=y), lines).properties(width=300, height=300))

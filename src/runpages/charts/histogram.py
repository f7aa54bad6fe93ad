"""How values were spread, step by step: a strip per step, dark where many values were. Dataset: `cells`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from runpages.charts.late import alt
from runpages.charts.spec import plain
from runpages.charts.theme import PALETTE
from runpages.model import Floats

BINS = 40
STEPS = 100


def spec(title: str, x_title: str = "step") -> dict[str, Any]:
    """The spec of a heat strip: steps to the right, values upwards, density as colour."""
    chart = alt.Chart(alt.NamedData("cells")).mark_rect(clip=True, color=PALETTE[0])
    # a root keeps thin tails visible beside a peak; opacity, because one picture serves the light and the dark page
    share = alt.Scale(type="sqrt", domainMin=0, range=[0.05, 1])
    opacity = alt.Opacity("share:Q", scale=share, legend=alt.Legend(title="share of values", format=".0%"))
    encoded = chart.encode(
        x=alt.X("x:Q", scale=alt.Scale(zero=False, nice=False), axis=alt.Axis(title=x_title, format="~s")),
        x2="x2:Q",
        y=alt.Y("lo:Q", scale=alt.Scale(zero=False, nice=False), axis=alt.Axis(title=title, format=".3~g", grid=False)),
        y2="hi:Q",
        opacity=opacity,
        tooltip=[
            alt.Tooltip("step:Q", title=x_title),
            alt.Tooltip("lo:Q", title="from", format=".3~g"),
            alt.Tooltip("hi:Q", title="to", format=".3~g"),
            alt.Tooltip("share:Q", title="share of values", format=".2%"),
        ],
    )
    return plain(encoded.properties(width=480, height=200))


def cells(
    histograms: Iterable[tuple[int, Floats, Floats]], *, bins: int = BINS, steps: int = STEPS
) -> list[dict[str, float]]:
    """Rows {step, x, x2, lo, hi, share} from (step, edges (n+1,), counts (n,)), all on one grid of `bins` bins.

    Trackers choose bins anew at each step; their counts are spread evenly over the grid's bins they overlap. The share is of
    the step's own values, so that steps compare. With more than `steps` steps, evenly chosen ones are shown. Empty
    cells have no row.
    """
    kept = [
        (step, edges, counts) for step, edges, counts in sorted(histograms, key=lambda h: h[0]) if _whole(edges, counts)
    ]
    if not kept:
        return []
    kept = [kept[i] for i in np.unique(np.linspace(0, len(kept) - 1, min(steps, len(kept))).round().astype(int))]
    low, high = min(float(h[1][0]) for h in kept), max(float(h[1][-1]) for h in kept)
    grid = np.linspace(low, high if high > low else low + 1.0, bins + 1)
    borders = _borders(np.array([step for step, _, _ in kept], np.float64))
    rows = []
    for number, (step, edges, counts) in enumerate(kept):
        share = np.diff(np.interp(grid, edges, np.concatenate([[0.0], np.cumsum(counts)]))) / counts.sum()
        place = {"step": float(step), "x": float(borders[number]), "x2": float(borders[number + 1])}
        rows += [
            {**place, "lo": float(grid[i]), "hi": float(grid[i + 1]), "share": float(np.round(share[i], 6))}
            for i in np.flatnonzero(share > 0)
        ]
    return rows


def _whole(edges: Floats, counts: Floats) -> bool:
    fits = len(counts) > 0 and len(edges) == len(counts) + 1
    return bool(
        fits
        and np.isfinite(edges).all()
        and np.isfinite(counts).all()
        and counts.sum() > 0
        and (np.diff(edges) >= 0).all()
    )


def _borders(steps: Floats) -> Floats:
    if len(steps) == 1:
        return np.array([steps[0] - 0.5, steps[0] + 0.5])
    middle = (steps[1:] + steps[:-1]) / 2
    return np.concatenate([[2 * steps[0] - middle[0]], middle, [2 * steps[-1] - middle[-1]]])

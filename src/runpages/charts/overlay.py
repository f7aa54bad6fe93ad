"""Curves of several runs over each other in one still picture, as SVG text without Vega: ROC, precision-recall, calibration."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from runpages.charts.curve_xy import Curve
from runpages.charts.quick import tick_label, ticks
from runpages.charts.theme import DASHES, LIGHT, PALETTE
from runpages.model import Floats

SIDE = 420
LEFT, RIGHT, TOP, BOTTOM = 60, 12, 10, 48
POINTS = 400
_SOFT = f"var(--rp-soft,{LIGHT.muted})"
_GRID = f"var(--rp-line,{LIGHT.grid})"


def overlay(
    curves: Sequence[Curve], *, x_title: str, y_title: str, alt: str, diagonal: bool = False, dots: bool = False
) -> str:
    """The curves over the square from 0 to 1, each a path with `data-line` = its place; "" when none has a finite point.

    `diagonal` is drawn dashed: what guessing, or perfect calibration, would give. `dots` marks every point.
    """
    shown = [(number, curve, *_finite(curve)) for number, curve in enumerate(curves)]
    drawn = [_line(number, curve, x, y, dots) for number, curve, x, y in shown if len(x)]
    if not drawn:
        return ""
    reference = f'<path d="M{LEFT} {TOP + SIDE}L{LEFT + SIDE} {TOP}" stroke="{_SOFT}" stroke-dasharray="4 4"/>'
    return (
        f'<svg class="rp-still rp-overlay" viewBox="0 0 {SIDE + LEFT + RIGHT} {SIDE + TOP + BOTTOM}" role="img" aria-label="{escape(alt, quote=True)}">'
        f'<g font-size="14" fill="{_SOFT}">{_axes(escape(x_title), escape(y_title))}</g>{reference if diagonal else ""}{"".join(drawn)}</svg>'
    )


def _finite(curve: Curve) -> tuple[Floats, Floats]:
    """The points within the square, thinned to POINTS: corners of a long curve are nearer than a pixel."""
    ok = np.isfinite(curve.x) & np.isfinite(curve.y) & (curve.x >= 0) & (curve.x <= 1) & (curve.y >= 0) & (curve.y <= 1)
    x, y = curve.x[ok], curve.y[ok]
    at = np.unique(np.linspace(0, len(x) - 1, min(len(x), POINTS)).round().astype(int)) if len(x) else np.arange(0)
    return x[at], y[at]


def _line(number: int, curve: Curve, x: Floats, y: Floats, dots: bool) -> str:
    across, up = LEFT + x * SIDE, TOP + (1 - y) * SIDE
    points = list(zip(across.tolist(), up.tolist(), strict=True))
    path = "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in points) + ("h0" if len(points) == 1 else "")
    ink = f"var(--rp-c{curve.color},{PALETTE[curve.color]})"
    dashes = f' stroke-dasharray="{" ".join(map(str, DASHES[curve.dash]))}"' if curve.dash else ""
    marks = "".join(f"M{a:.1f} {b:.1f}h0" for a, b in points) if dots else ""
    marked = f'<path d="{marks}" stroke="{ink}" stroke-width="7" stroke-linecap="round"/>' if marks else ""
    return (
        f'<g data-line="{number}"><path d="{path}" fill="none" stroke="{ink}" stroke-width="1.75" '
        f'stroke-linejoin="round" stroke-linecap="round"{dashes}/>{marked}<title>{escape(curve.name)}</title></g>'
    )


def _axes(x_title: str, y_title: str) -> str:
    floor = TOP + SIDE
    parts = []
    for value in ticks(0.0, 1.0):
        x, y = LEFT + value * SIDE, TOP + (1 - value) * SIDE
        label = tick_label(value)
        parts.append(
            f'<path d="M{LEFT} {y:g}h{SIDE}" stroke="{_GRID}"/><text x="{LEFT - 6}" y="{y + 5:g}" text-anchor="end">{label}</text>'
            f'<path d="M{x:g} {floor}v4" stroke="{_SOFT}"/><text x="{x:g}" y="{floor + 19}" text-anchor="middle">{label}</text>'
        )
    middle = TOP + SIDE / 2
    return (
        "".join(parts)
        + f'<path d="M{LEFT} {floor}h{SIDE}" stroke="{_SOFT}"/><text x="{LEFT + SIDE / 2:g}" y="{floor + 41}" text-anchor="middle">{x_title}</text>'
        f'<text x="16" y="{middle:g}" text-anchor="middle" transform="rotate(-90 16 {middle:g})">{y_title}</text>'
    )

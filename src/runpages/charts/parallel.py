"""Parallel coordinates as a still SVG: an axis per param and objective, a line per trial. The page's script draws over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from runpages.charts.quick import tick_label, ticks
from runpages.charts.space import RAMP
from runpages.charts.theme import LIGHT
from runpages.model import Floats

HEIGHT, TOP, BOTTOM, SIDE, GAP = 260, 30, 14, 64, 150
# lines run through the labels: these stand on the page's ground
HALO = f'stroke="var(--rp-paper,{LIGHT.surface})" stroke-width="4" stroke-linejoin="round" paint-order="stroke"'


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """One axis: its name, (trials,) values with nan where a trial has none, the words they stand for, whether it is logarithmic."""

    name: str
    values: Floats
    words: tuple[str, ...] = ()
    log: bool = False

    def place(self, values: Floats) -> Floats:
        """Shares of the axis' length from the bottom; the middle for an axis of one value."""
        low, high = np.nanmin(self._bent(self.values)), np.nanmax(self._bent(self.values))
        if not high > low:
            return np.where(np.isnan(values), np.nan, 0.5)
        return np.asarray((self._bent(values) - low) / (high - low), np.float64)

    def marks(self) -> list[tuple[float, str]]:
        """(value, text) of the axis' labels."""
        if self.words:
            return [(float(at), word) for at, word in enumerate(self.words)]
        low, high = float(np.nanmin(self.values)), float(np.nanmax(self.values))
        if self.log:
            powers = np.arange(np.ceil(np.log10(low)), np.floor(np.log10(high)) + 1)
            return [
                (float(10.0**power), tick_label(float(10.0**power))) for power in powers[:: max(1, len(powers) // 6)]
            ]
        return [(value, tick_label(value)) for value in ticks(low, high)]

    def _bent(self, values: Floats) -> Floats:
        return np.log10(values) if self.log else values


def picture(scales: Sequence[Scale], shade: Floats, *, alt: str) -> str:
    """The picture of trials over `scales`; `shade` (trials,) from 0 to 1 is a trial's colour, nan a thin grey line."""
    width = 2 * SIDE + GAP * (len(scales) - 1)
    span = HEIGHT - TOP - BOTTOM
    up = np.array([TOP + (1 - scale.place(scale.values)) * span for scale in scales])
    across = [SIDE + GAP * at for at in range(len(scales))]
    drawn = []
    for trial in np.argsort(np.where(np.isnan(shade), 2, shade))[::-1].tolist():
        points = [f"{x} {y:.1f}" for x, y in zip(across, up[:, trial].tolist(), strict=True) if y == y]
        ink = f"var(--rp-firm,{LIGHT.muted})" if np.isnan(shade[trial]) else colour(float(shade[trial]))
        opacity = ".35" if np.isnan(shade[trial]) else ".8"
        if len(points) > 1:
            drawn.append(f'<path d="M{"L".join(points)}" stroke="{ink}" opacity="{opacity}"/>')
    axes = "".join(_axis(scale, x, span, last=x == across[-1]) for scale, x in zip(scales, across, strict=True))
    return (
        f'<svg class="rp-still" viewBox="0 0 {width} {HEIGHT}" role="img" aria-label="{escape(alt, quote=True)}">'
        f'<g fill="none" stroke-width="1.25">{"".join(drawn)}</g><g font-size="11" fill="currentColor">{axes}</g></svg>'
    )


def colour(share: float) -> str:
    """The ramp's colour at a share from 0 (the ramp's last, the best) to 1."""
    at = (1 - min(1.0, max(0.0, share))) * (len(RAMP) - 1)
    low = min(int(at), len(RAMP) - 2)
    pairs = [(int(RAMP[low][i : i + 2], 16), int(RAMP[low + 1][i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * (at - low)):02x}" for a, b in pairs)


def _axis(scale: Scale, x: int, span: int, *, last: bool) -> str:
    parts = [f'<path d="M{x} {TOP}v{span}" stroke="var(--rp-firm,{LIGHT.muted})" fill="none"/>']
    # the last name ends where the picture does
    place = f'x="{x + SIDE - 4}" y="14" text-anchor="end"' if last else f'x="{x}" y="14" text-anchor="middle"'
    parts.append(f'<text {place} font-weight="600">{escape(_short(scale.name, 22))}</text>')
    for value, label in scale.marks():
        y = TOP + (1 - float(scale.place(np.array([value]))[0])) * span
        parts.append(f'<text x="{x - 5}" y="{y + 4:.1f}" text-anchor="end" {HALO}>{escape(_short(label, 9))}</text>')
    return "".join(parts)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"

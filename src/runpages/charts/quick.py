"""Small still pictures as SVG text without Vega: what a thousand run pages need in less than a millisecond each.

The measures and colours are those of the drawn charts, so that the drawn one takes the picture's place without a jump.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from runpages.charts import spark
from runpages.charts.theme import DASHES, LIGHT, PALETTE
from runpages.model import Floats

WIDTH, HEIGHT = 560, 240
LEFT, RIGHT, TOP, BOTTOM = 60, 14, 8, 44
HUGE = 1e300  # beyond it, the difference of two numbers may be none
TINY = 24  # points of a tiny line
LEVELS = 8  # shades of a strip
_SOFT = f"var(--rp-soft,{LIGHT.muted})"
_GRID = f"var(--rp-line,{LIGHT.grid})"
Span = tuple[float, float]


def course(
    x: Floats,
    y: Floats,
    *,
    band: tuple[Floats, Floats] | None = None,
    alt: str,
    x_title: str = "step",
    color: int = 0,
    dash: int = 0,
    dots: bool = False,
    within: Span | None = None,
) -> str:
    """One line, x and y (n,), with the band (low, high) it was averaged from; "" when no value is finite.

    The x axis covers the line's own x, and all of `within` where that is wider: charts of one run get one axis."""
    seen = (np.abs(y) < HUGE) & (np.abs(x) < HUGE)
    if not seen.any():
        return ""
    if band is not None and not all((np.abs(edge) < HUGE).all() for edge in (*band, y)):
        band = None
    low, high = band or (y, y)
    xs = _span(x[seen] if within is None else np.append(x[seen], within))
    ys = _padded(_span(np.concatenate([low[seen], high[seen]])))
    ink = f"var(--rp-c{color},{PALETTE[color]})"
    across, up = _across(np.where(np.abs(x) < HUGE, x, np.nan), xs), _up(np.where(seen, y, np.nan), ys)
    drawn = []
    if band is not None:
        outline = _path(np.concatenate([across, across[::-1]]), np.concatenate([_up(high, ys), _up(low, ys)[::-1]]))
        drawn.append(f'<path d="{outline}Z" fill="{ink}" opacity=".18"/>')
    if dots:
        points = "".join(f"M{_n(a)} {_n(b)}h0" for a, b in zip(across[seen].tolist(), up[seen].tolist(), strict=True))
        drawn.append(f'<path d="{points}" stroke="{ink}" stroke-width="6" stroke-linecap="round" opacity=".8"/>')
        return _picture("".join(drawn), xs, ys, x_title, alt)
    dashes = "" if not dash else f' stroke-dasharray="{" ".join(map(str, DASHES[dash]))}"'
    drawn.append(
        f'<path d="{_gapped(across, up, seen)}" fill="none" stroke="{ink}" stroke-width="1.75" stroke-linejoin="round" stroke-linecap="round"{dashes}/>'
    )
    drawn += [
        f'<path d="M{_n(at)} {TOP}v5" stroke="{ink}" stroke-width="2"/>'
        for at in across[~seen & np.isfinite(across)][:200]
    ]
    return _picture("".join(drawn), xs, ys, x_title, alt)


def tiny(values: Floats) -> str:
    """The path of `spark.path` with fewer points and in less time, for tables with a row per metric of every run."""
    if not 0 < len(values) <= 8 * TINY or not np.isfinite(values).all():
        return spark.path(values, points=TINY)
    y = values.tolist()
    at: list[int] = list(range(len(y)))
    if len(y) > TINY:
        size = -(-len(y) // (TINY // 2))
        at = [0, len(y) - 1]
        for start in range(0, len(y), size):
            part = y[start : start + size]
            at += [start + part.index(min(part)), start + part.index(max(part))]
        at = sorted(set(at))
    low, high = min(y), max(y)
    across, up = 98 / max(1, len(y) - 1), 22 / (high - low) if high > low else 0.0
    points = [f"{1 + i * across:.3g} {23 - (y[i] - low) * up:.3g}" if up else f"{1 + i * across:.3g} 12" for i in at]
    return f"M{'L'.join(points)}" + ("h0" if len(points) == 1 else "")


def strip(cells: Sequence[Mapping[str, float]], *, alt: str, x_title: str = "step", color: int = 0) -> str:
    """How values were spread over steps, from the rows of `histogram.cells`: a column per step, darker where more values were."""
    if not cells:
        return ""
    table = np.array([(cell["x"], cell["x2"], cell["lo"], cell["hi"], cell["share"]) for cell in cells], np.float64)
    xs, ys = (float(table[:, 0].min()), float(table[:, 1].max())), (float(table[:, 2].min()), float(table[:, 3].max()))
    left, right = _across(table[:, 0], xs), _across(table[:, 1], xs)
    top, bottom = _up(table[:, 3], ys), _up(table[:, 2], ys)
    level = np.clip(np.ceil(np.sqrt(table[:, 4] / table[:, 4].max()) * LEVELS), 1, LEVELS).astype(int)
    ink = f"var(--rp-c{color},{PALETTE[color]})"
    drawn = []
    for shade in range(1, LEVELS + 1):
        at = np.flatnonzero(level == shade)
        boxes = "".join(f"M{_n(left[i])} {_n(top[i])}H{_n(right[i])}V{_n(bottom[i])}H{_n(left[i])}Z" for i in at)
        drawn.append(f'<path d="{boxes}" fill="{ink}" opacity="{shade / LEVELS:.2f}"/>' if boxes else "")
    return _picture("".join(drawn), xs, ys, x_title, alt)


def ridge(rows: Sequence[tuple[float, Floats]], span: Span, *, alt: str, x_title: str = "value", color: int = 0) -> str:
    """How values were spread over steps: a hill per (step, densities (bins,) over `span`), the first step at the back.

    All hills are to one scale; a hill may cover those behind it by half.
    """
    rows = [(step, shares) for step, shares in rows if len(shares)]
    most = max((float(shares.max()) for _, shares in rows), default=0.0)
    if most <= 0:
        return ""
    ink = f"var(--rp-c{color},{PALETTE[color]})"
    gap = HEIGHT / (len(rows) + 1.5)
    drawn, labels = [], []
    for place, (step, shares) in enumerate(rows):
        floor = TOP + HEIGHT - (len(rows) - 1 - place) * gap
        width = WIDTH / len(shares)
        across = LEFT + np.concatenate([[0.0], (np.arange(len(shares)) + 0.5) * width, [float(WIDTH)]])
        up = floor - np.concatenate([[0.0], shares / most, [0.0]]) * gap * 2.4
        hill = "M" + "L".join(f"{a:.0f} {b:.0f}" for a, b in zip(across.tolist(), up.tolist(), strict=True))
        drawn.append(f'<path d="{hill}Z"/>')
        if place in (0, len(rows) - 1) or len(rows) <= 12:
            labels.append(f'<text x="{LEFT - 6}" y="{_n(floor + 4)}">{tick_label(step)}</text>')
    axis = _foot(span, escape(x_title))
    label = escape(alt, quote=True)
    return (
        f'<svg class="rp-still" viewBox="0 0 {WIDTH + LEFT + RIGHT} {HEIGHT + TOP + BOTTOM}" role="img" aria-label="{label}">'
        f'<g font-size="14" fill="{_SOFT}">{axis}</g><g fill="var(--rp-paper,{LIGHT.surface})" stroke="{ink}" stroke-width="1.4">{"".join(drawn)}</g>'
        f'<g font-size="13" fill="{_SOFT}" text-anchor="end">{"".join(labels)}</g></svg>'
    )


def _foot(xs: Span, x_title: str) -> str:
    """The axis below: ticks, their labels and a title."""
    floor = TOP + HEIGHT
    parts = []
    for value in ticks(*xs):
        x = float(_across(np.array([value]), xs)[0])
        parts.append(
            f'<path d="M{_n(x)} {floor}v4" stroke="{_SOFT}"/><text x="{_n(x)}" y="{floor + 19}" text-anchor="middle">{tick_label(value)}</text>'
        )
    parts.append(
        f'<path d="M{LEFT} {floor}h{WIDTH}" stroke="{_SOFT}"/><text x="{LEFT + WIDTH / 2:g}" y="{floor + 39}" text-anchor="middle">{x_title}</text>'
    )
    return "".join(parts)


def _picture(drawn: str, xs: Span, ys: Span, x_title: str, alt: str) -> str:
    label = escape(alt, quote=True)
    return (
        f'<svg class="rp-still" viewBox="0 0 {WIDTH + LEFT + RIGHT} {HEIGHT + TOP + BOTTOM}" role="img" aria-label="{label}">'
        f'<g font-size="14" fill="{_SOFT}">{_axes(xs, ys, escape(x_title))}</g>{drawn}</svg>'
    )


def _axes(xs: Span, ys: Span, x_title: str) -> str:
    parts = []
    for value in ticks(*ys):
        y = float(_up(np.array([value]), ys)[0])
        parts.append(
            f'<path d="M{LEFT} {_n(y)}h{WIDTH}" stroke="{_GRID}"/><text x="{LEFT - 6}" y="{_n(y + 5)}" text-anchor="end">{tick_label(value)}</text>'
        )
    return "".join(parts) + _foot(xs, x_title)


def ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Round values from low to high, about as many as wanted; steps are 1, 2 or 5 times a power of ten."""
    if not (math.isfinite(high - low) and high > low):
        return [low]
    rough = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(rough))
    step = next((size * power for size in (1, 2, 5) if rough <= size * power * 1.0001), 10 * power)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(n * step, 12) if abs(step) > 1e-9 else n * step for n in range(first, min(last, first + 20) + 1)]


def tick_label(value: float) -> str:
    """A tick's value in few characters: `0.25`, `4,000`, `2e−5`."""
    size = abs(value)
    if value == 0:
        return "0"
    if size >= 1e6 or size < 1e-4:
        return f"{value:.3g}".replace("e-0", "e-").replace("e+0", "e+").replace("-", "−")
    return (f"{value:,.0f}" if float(value).is_integer() else f"{value:.4g}").replace("-", "−")


def _span(values: Floats) -> Span:
    return float(values.min()), float(values.max())


def _padded(span: Span) -> Span:
    """A constant gets room around it."""
    low, high = span
    if high > low:
        return span
    room = abs(low) * 0.1 or 1.0
    return low - room, high + room


def _across(x: Floats, span: Span) -> Floats:
    width = span[1] - span[0]
    share = (x - span[0]) / width if width > 0 else np.full(len(x), 0.5)
    return LEFT + share * WIDTH


def _up(y: Floats, span: Span) -> Floats:
    height = span[1] - span[0]
    return TOP + (1 - (y - span[0]) / height) * HEIGHT if height > 0 else np.full(len(y), TOP + HEIGHT / 2)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _path(x: Floats, y: Floats) -> str:
    return "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True))


def _gapped(x: Floats, y: Floats, seen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> str:
    """The path over the finite points; a point alone is a dot by its round cap."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], seen, [False]]).astype(np.int8)))
    return "".join(
        _path(x[a:b], y[a:b]) + ("h0" if b - a == 1 else "") for a, b in zip(edges[::2], edges[1::2], strict=True)
    )

"""A metric's course in the height of a table row."""

from __future__ import annotations

import numpy as np

from runpages.model import Floats


def path(values: Floats, width: float = 100, height: float = 24, points: int = 50) -> str:
    """The SVG path data of `values` (n,) in a box of width x height, y downwards, one decimal; "" without a finite value.

    More than `points` values become the min and the max of buckets, in their order, so that no spike is lost. nan and inf
    are gaps; a value with gaps on both sides is a dot (drawn by the line's round cap).
    """
    y = np.asarray(values, np.float64)
    n = len(y)
    if not np.isfinite(y).any():
        return ""
    at = _extremes(y, points // 2) if n > points else np.arange(n)
    kept = y[at]
    finite = np.isfinite(kept)
    low, high = kept[finite].min(), kept[finite].max()
    # half a line's width of room, so that the extremes are not cut; a constant runs along the middle
    x = np.round(at / max(1, n - 1) * (width - 2) + 1, 1)
    share = (kept - low) / (high - low) if high > low else np.where(finite, 0.5, np.nan)
    with np.errstate(invalid="ignore"):
        down = np.round(1 + (1 - share) * (height - 2), 1)
    return _draw(x, down, finite)


def _extremes(y: Floats, buckets: int) -> Floats:
    """The places of the smallest and the largest value of each bucket, and of the first and the last value."""
    n = len(y)
    size = -(-n // buckets)
    padded = np.full(size * buckets, np.nan)
    padded[:n] = np.where(np.isfinite(y), y, np.nan)
    grid = padded.reshape(buckets, size)
    gone = np.isnan(grid).all(axis=1)
    low = np.argmin(np.where(np.isnan(grid), np.inf, grid), axis=1)
    high = np.argmax(np.where(np.isnan(grid), -np.inf, grid), axis=1)
    starts = np.arange(buckets) * size
    places = np.concatenate([[0, n - 1], (starts + low), (starts + high)[~gone]])
    return np.unique(places[places < n])


def _draw(x: Floats, y: Floats, finite: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> str:
    parts, pen = [], False
    for i in range(len(x)):
        if not finite[i]:
            pen = False
            continue
        parts.append(f"{'L' if pen else 'M'}{x[i]:g} {y[i]:g}")
        if not pen and (i + 1 == len(x) or not finite[i + 1]):
            parts.append("h0")
        pen = True
    return "".join(parts)

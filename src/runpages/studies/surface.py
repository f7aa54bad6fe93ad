"""A smooth surface through values at places of two params, empty where nothing is near. The page does the same (js/surface.js)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from runpages.model import Floats, Ints

WIDTHS = (0.03, 0.045, 0.065, 0.095, 0.14, 0.2, 0.3)
NEAR = float(np.exp(-0.5))
MOST = 800  # trials that are looked at, evenly chosen


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """Cells (n,) i and j along the two axes with their smoothed `mean`; the kernel's `width`; R² of trials left out."""

    i: Ints
    j: Ints
    mean: Floats
    width: float
    explained: float


def surface(x: Floats, y: Floats, values: Floats, count: int) -> Surface:
    """Values at places x and y, all (n,) and finite, x and y scaled to 0..1, over `count` cells along each axis.

    Gaussian kernels of that width of `WIDTHS` by which trials left out are told best. A cell is there when the trials around
    it weigh as much as one trial a width away; the middle of cell i lies at (i + 0.5) / count.
    """
    if len(values) > MOST:
        at = np.linspace(0, len(values) - 1, MOST).astype(np.int64)
        x, y, values = x[at], y[at], values[at]
    far = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2
    missed = [float(np.mean((values - _left_out(far, values, width)) ** 2)) for width in WIDTHS]
    best = int(np.argmin(missed))
    width, spread = WIDTHS[best], float(np.var(values))
    middle = (np.arange(count) + 0.5) / count
    px, py = (grid.ravel() for grid in np.meshgrid(middle, middle, indexing="ij"))
    weights = np.exp(-((px[:, None] - x) ** 2 + (py[:, None] - y) ** 2) / (2 * width**2))
    total = weights.sum(axis=1)
    near = np.flatnonzero(total >= NEAR)
    explained = 1 - missed[best] / spread if spread else float("nan")
    return Surface(near // count, near % count, (weights[near] @ values) / total[near], width, explained)


def _left_out(far: Floats, values: Floats, width: float) -> Floats:
    """(n,) what the others say of each."""
    weights = np.exp(-far / (2 * width**2))
    np.fill_diagonal(weights, 0.0)
    total = weights.sum(axis=1)
    told = weights @ values / np.maximum(total, 1e-300)
    return np.asarray(np.where(total > 1e-12, told, values.mean()), np.float64)

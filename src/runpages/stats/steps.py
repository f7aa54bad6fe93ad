"""Where a metric's history steps: the levels that explain it best, each new level paid for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist

import numpy as np

from runpages.model import Floats

SHORTEST = 2  # reports a level must last: a single outlier is no step
PRICE = 4.5  # variances times log(n) that a level must save: false steps in 1 of 100 histories of noise (benchmarks/gate.py)


@dataclass(frozen=True, slots=True)
class Level:
    """Reports `start` to `end` (excluded) that differ only by noise: their mean, and the standard deviation of the noise."""

    start: int
    end: int
    mean: float
    noise: float


def levels(values: Floats, floor: float = 0.0) -> list[Level]:
    """The levels of a history (n,) of finite values, oldest first; steps smaller than `floor` of the level are none.

    Least squares with a price per level, exact by dynamic programming (optimal partitioning, Jackson and others 2005).
    """
    n = len(values)
    if n == 0:
        return []
    noise = _noise(values)
    # in a short history the noise itself is uncertain, so a step must be plainer
    starts = _starts(_calm(values, noise), PRICE * (1 + 7 / n) ** 2 * noise**2 * math.log(max(n, 3)))
    edges = [0, *(start for start in starts if start), n]
    return _merged([_level(values, start, end, noise) for start, end in pairwise(edges)], values, floor)


def _calm(values: Floats, noise: float) -> Floats:
    """The values with what stands out from both neighbours cut down to 3 noises: one report alone is no level."""
    if len(values) < 3:
        return values
    before, after = (np.concatenate([values[1:2], some, values[-2:-1]]) for some in (values[:-2], values[2:]))
    low, high = np.minimum(before, after), np.maximum(before, after)
    return np.clip(values, low - 3 * noise, high + 3 * noise)


def _level(values: Floats, start: int, end: int, noise: float) -> Level:
    return Level(start, end, float(values[start:end].mean()), noise)


def _noise(values: Floats) -> float:
    """The standard deviation of the noise, out of the differences of neighbours: a step spoils only one of these.

    Never below the rounding of the numbers, so that a constant history has one level.
    """
    if len(values) < 3:
        return 0.0
    gaps = np.abs(np.diff(values))
    middle = float(np.median(gaps)) / NormalDist().inv_cdf(0.75) / math.sqrt(2)
    return middle or float(np.median(gaps[gaps > 0])) / 8 if (gaps > 0).any() else 0.0


def _starts(values: Floats, price: float) -> list[int]:
    """Where levels start, the first at 0."""
    n = len(values)
    if n < 2 * SHORTEST or price == 0:
        return [0]
    sums = np.concatenate([[0.0], np.cumsum(values - values.mean())])
    squares = np.concatenate([[0.0], np.cumsum((values - values.mean()) ** 2)])
    best, came = [-price, *[math.inf] * n], [0] * (n + 1)
    for end in range(SHORTEST, n + 1):
        for start in range(end - SHORTEST + 1):
            if math.isfinite(best[start]):
                gap = float(sums[end] - sums[start])
                cost = best[start] + price + float(squares[end] - squares[start]) - gap**2 / (end - start)
                if cost < best[end]:
                    best[end], came[end] = cost, start
    starts, end = [], n
    while end:
        end = came[end]
        starts.append(end)
    return starts[::-1]


def _merged(found: list[Level], values: Floats, floor: float) -> list[Level]:
    merged: list[Level] = []
    for level in found:
        if merged and abs(level.mean - merged[-1].mean) <= floor * abs(merged[-1].mean):
            before = merged.pop()
            merged.append(_level(values, before.start, level.end, level.noise))
        else:
            merged.append(level)
    return merged

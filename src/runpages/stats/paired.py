"""Two models on the same samples: how far their scores lie apart, and whether that is more than noise."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from runpages.model import Floats

DRAWS = 10_000
FEWEST = 6  # untied samples: below, no exact test can say "more than noise" at 5 %
DISTINCT = 64  # as many different gaps are drawn as counts of each, which takes the same time for any n


@dataclass(frozen=True, slots=True)
class Paired:
    """`change` is the mean of one - other over `n` shared samples, `low` to `high` its 95 % interval by paired bootstrap.

    On `higher` samples one scored more, on `lower` less. `p` is two-sided: McNemar's exact test for scores of 0 and 1
    (`exact`), else the bootstrap's. nan where nothing can be said.
    """

    n: int
    one: float
    other: float
    change: float
    low: float
    high: float
    higher: int
    lower: int
    p: float
    exact: bool


def paired(one: Floats, other: Floats) -> Paired:
    """What separates scores (n,) of the same samples in the same order; pairs without two finite scores are left out."""
    both = np.isfinite(one) & np.isfinite(other)
    a, b = one[both], other[both]
    gaps = a - b
    n = len(gaps)
    if not n:
        return Paired(0, *(math.nan,) * 5, 0, 0, math.nan, False)
    higher, lower = int((gaps > 0).sum()), int((gaps < 0).sum())
    sides = (n, float(a.mean()), float(b.mean()), float(gaps.mean()))
    binary = bool(np.isin(a, (0, 1)).all() and np.isin(b, (0, 1)).all())
    if n < 2:
        return Paired(*sides, math.nan, math.nan, higher, lower, math.nan, binary)
    means = np.sort(_resampled(gaps))
    low, high = np.quantile(means, [0.025, 0.975])
    p = sign_test(higher, lower) if binary else _tail(means, higher, lower)
    return Paired(*sides, float(low), float(high), higher, lower, p, binary)


def _resampled(gaps: Floats) -> Floats:
    """(DRAWS,) the mean gap of samples drawn again with replacement; the same each time."""
    random = np.random.default_rng(0)
    values, counts = np.unique(gaps, return_counts=True)
    n = len(gaps)
    if len(values) <= DISTINCT:
        return np.asarray(random.multinomial(n, counts / n, DRAWS) @ values / n, np.float64)
    part = max(1, 4_000_000 // n)
    drawn = [gaps[random.integers(0, n, (min(part, DRAWS - at), n))].mean(axis=1) for at in range(0, DRAWS, part)]
    return np.concatenate(drawn)


def _tail(means: Floats, higher: int, lower: int) -> float:
    """The bootstrap's two-sided p, never below what the signs of so few samples could ever reach."""
    beyond = min(int((means <= 0).sum()), int((means >= 0).sum()))
    p = min(1.0, 2 * (beyond + 1) / (len(means) + 1))
    return max(p, min(1.0, 2.0 ** (1 - higher - lower)))


def sign_test(higher: int, lower: int) -> float:
    """The two-sided exact p of so many of one sign and of the other: McNemar's test of discordant pairs."""
    n, least = higher + lower, min(higher, lower)
    if not n:
        return 1.0
    logs = [math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in range(least + 1)]
    return min(1.0, 2 * math.fsum(math.exp(one - n * math.log(2)) for one in logs))

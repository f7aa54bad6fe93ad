"""Two samples by their ranks: exact Mann-Whitney test, Hodges-Lehmann shift with its interval, probability of improvement."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from runpages.model import Floats

EXACT = 4_000  # n * m up to which the distribution is counted; beyond, the normal approximation is good to 1e-3


def mann_whitney(one: Sequence[float] | Floats, other: Sequence[float] | Floats) -> float:
    """The two-sided p of finite samples `one` (n,) and `other` (m,): how often chance alone splits them as far apart.

    Exact, ties included: every choice of n among the n + m ranks is counted, the smaller tail twice. Mann and Whitney 1947.
    """
    a, b = np.asarray(one, np.float64), np.asarray(other, np.float64)
    doubled = _doubled_ranks(np.concatenate([a, b]))
    sum_, n, m = int(doubled[: len(a)].sum()), len(a), len(b)
    if n * m > EXACT:
        return _approximate(doubled, sum_, n)
    ways = _sums(tuple(sorted(doubled.tolist())), n)
    tail = min(float(ways[: sum_ + 1].sum()), float(ways[sum_:].sum()))
    return min(1.0, 2 * tail / float(ways.sum()))


def _doubled_ranks(values: Floats) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Twice the mid-ranks of values, whole numbers even where values tie."""
    ordered = np.sort(values)
    return np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right") + 1


@functools.lru_cache(256)
def _sums(doubled: tuple[int, ...], n: int) -> Floats:
    """(largest sum + 1,) in how many ways n of the ranks add up to each sum."""
    total = sum(doubled)
    ways = np.zeros((n + 1, total + 1))
    ways[0, 0] = 1
    for rank in doubled:
        ways[1:, rank:] += ways[:-1, : total + 1 - rank].copy()
    return np.asarray(ways[n], np.float64)


def _approximate(doubled: np.ndarray[tuple[int], np.dtype[np.int64]], sum_: int, n: int) -> float:
    ranks = doubled / 2
    total = len(ranks)
    variance = n * (total - n) * float(ranks.var(ddof=1)) / total
    if variance == 0:
        return 1.0
    far = max(0.0, abs(sum_ / 2 - n * (total + 1) / 2) - 0.5)
    return min(1.0, 2 * NormalDist().cdf(-far / math.sqrt(variance)))


def hodges_lehmann(
    one: Sequence[float] | Floats, other: Sequence[float] | Floats, alpha: float = 0.05
) -> tuple[float, float, float]:
    """(shift, low, high): the median of all differences one - other, and an interval that covers the true shift with at
    least 1 - alpha; infinite where so few runs cannot bound it. Hodges and Lehmann 1963."""
    differences = np.sort(np.subtract.outer(np.asarray(one, np.float64), np.asarray(other, np.float64)).ravel())
    left_out = critical(len(one), len(other), alpha)
    if left_out < 0:
        return float(np.median(differences)), -math.inf, math.inf
    return float(np.median(differences)), float(differences[left_out]), float(differences[-1 - left_out])


@functools.lru_cache(256)
def critical(n: int, m: int, alpha: float) -> int:
    """The largest U whose two-sided p is at most alpha, -1 when no split of n and m values is that rare."""
    if n * m > EXACT:
        spread = math.sqrt(n * m * (n + m + 1) / 12)
        return max(-1, math.floor(n * m / 2 + NormalDist().inv_cdf(alpha / 2) * spread - 0.5))
    ways = _sums(tuple(range(2, 2 * (n + m) + 1, 2)), n)
    of_u = ways[n * (n + 1) :: 2]  # U is the rank sum less the smallest one
    below = np.cumsum(of_u) / of_u.sum()
    return int(np.searchsorted(below, alpha / 2 * (1 + 1e-12), "right")) - 1


def improvement(one: Sequence[float] | Floats, other: Sequence[float] | Floats) -> float:
    """How often a run of `one` has a higher value than one of `other`; ties count half."""
    differences = np.subtract.outer(np.asarray(one, np.float64), np.asarray(other, np.float64))
    return float(((differences > 0) + 0.5 * (differences == 0)).mean())

"""How far two samples of seeds lie apart, how sure one can be, and how many seeds it would take to be sure."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np

from runpages.model import Floats
from runpages.stats.ranks import hodges_lehmann, improvement, mann_whitney
from runpages.stats.resample import bootstrap, iqm

Method = Literal["Mann-Whitney", "Welch, few seeds", "stratified bootstrap", "no spread known", "no values"]
RANKS_FROM = 6  # a side: from here on the smallest p of ranks (1/462) is small enough to decide by
SPREAD_FROM = 3  # a side: below, a standard deviation says nothing
POWER = 0.9  # of the seeds a comparison is said to take
MOST_SEEDS = 999


@dataclass(frozen=True, slots=True)
class Difference:
    """`change` is one - other (`low` to `high` its 1 - alpha interval, nan when nothing can be claimed), `p` two-sided.

    `visible` is the smallest change these samples would show in 9 of 10 repeats; `seeds` how many a side it would take
    to show the change that was seen (None when a hundred dozen would not do, or nothing is known of the spread).
    """

    n: int
    m: int
    mean: float
    base: float
    change: float
    low: float
    high: float
    p: float
    method: Method
    better: float
    visible: float = math.nan
    seeds: int | None = None


def difference(one: Sequence[float] | Floats, other: Sequence[float] | Floats, alpha: float = 0.0152) -> Difference:
    """What separates two samples of finite values: by ranks from 6 a side, by Welch's t from 3, else no claim."""
    a, b = np.asarray(one, np.float64), np.asarray(other, np.float64)
    n, m = len(a), len(b)
    if not n or not m:
        here, base = (float(side.mean()) if len(side) else math.nan for side in (a, b))
        return Difference(n, m, here, base, math.nan, math.nan, math.nan, 1.0, "no values", math.nan)
    gap = float(a.mean() - b.mean())
    sides = (n, m, float(a.mean()), float(b.mean()))
    if min(n, m) < SPREAD_FROM:
        return Difference(
            *sides, gap, math.nan, math.nan, 1.0, "no spread known", improvement(a, b), math.nan, SPREAD_FROM
        )
    deviation = math.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
    seen = visible_change(n, m, deviation, alpha)
    if min(n, m) >= RANKS_FROM:
        shift, low, high = hodges_lehmann(a, b, alpha)
        wanted = seeds_for(shift, deviation, alpha)
        p = mann_whitney(a, b)
        return Difference(*sides, shift, low, high, p, "Mann-Whitney", improvement(a, b), seen, wanted)
    p, half = welch(a, b, alpha)
    wanted = seeds_for(gap, deviation, alpha)
    return Difference(*sides, gap, gap - half, gap + half, p, "Welch, few seeds", improvement(a, b), seen, wanted)


def welch(one: Floats, other: Floats, alpha: float) -> tuple[float, float]:
    """(p, half): Welch's two-sided p and half of the 1 - alpha interval of the difference of means."""
    from runpages.stats import t_cdf

    va, vb = one.var(ddof=1) / len(one), other.var(ddof=1) / len(other)
    gap = abs(float(one.mean() - other.mean()))
    if va + vb <= 0:
        return (0.0 if gap else 1.0), 0.0
    freedom = float((va + vb) ** 2 / (va**2 / (len(one) - 1) + vb**2 / (len(other) - 1)))
    error = math.sqrt(float(va + vb))
    return min(1.0, 2 * (1 - t_cdf(gap / error, freedom))), quantile(1 - alpha / 2, round(freedom, 6)) * error


@functools.lru_cache(4096)
def quantile(p: float, freedom: float) -> float:
    """Student's t quantile, remembered: a gate asks for the same few again and again."""
    from runpages.stats import t_quantile

    return t_quantile(p, freedom)


def over_tasks(
    one: Mapping[str, Sequence[float]], other: Mapping[str, Sequence[float]], alpha: float = 0.0152
) -> Difference:
    """What separates two methods over tasks: the interquartile mean of all scores, by resampling seeds within each task.

    Tasks are those of both sides; fewer than 3 seeds for one of them and nothing is claimed.
    """
    tasks = sorted(set(one) & set(other))
    ones = [np.asarray(one[task], np.float64) for task in tasks]
    others = [np.asarray(other[task], np.float64) for task in tasks]
    n, m = sum(map(len, ones)), sum(map(len, others))
    if not tasks or not n or not m:
        return Difference(n, m, math.nan, math.nan, math.nan, math.nan, math.nan, 1.0, "no values", math.nan)
    here, base = iqm(np.concatenate(ones)), iqm(np.concatenate(others))
    better = float(np.mean([improvement(a, b) for a, b in zip(ones, others, strict=True)]))
    if min(map(len, [*ones, *others])) < SPREAD_FROM:
        return Difference(
            n, m, here, base, here - base, math.nan, math.nan, 1.0, "no spread known", better, math.nan, SPREAD_FROM
        )
    drawn = np.sort(bootstrap(ones, widened=True) - bootstrap(others, widened=True, seed=1))
    low, high = np.quantile(drawn, [alpha / 2, 1 - alpha / 2])
    tail = min(int((drawn <= 0).sum()), int((drawn >= 0).sum()))
    p = min(1.0, 2 * (tail + 1) / (len(drawn) + 1))
    each = min(map(len, [*ones, *others]))
    wanted = seeds_for(here - base, float(drawn.std()) * math.sqrt(each / 2), alpha)
    visible = (NormalDist().inv_cdf(1 - alpha / 2) + NormalDist().inv_cdf(POWER)) * float(drawn.std())
    return Difference(
        n, m, here, base, here - base, float(low), float(high), p, "stratified bootstrap", better, visible, wanted
    )


def visible_change(n: int, m: int, deviation: float, alpha: float) -> float:
    """The smallest shift that samples of n and m with this standard deviation show in 9 of 10 repeats."""
    freedom = n + m - 2
    return (quantile(1 - alpha / 2, freedom) + quantile(POWER, freedom)) * deviation * math.sqrt(1 / n + 1 / m)


def seeds_for(change: float, deviation: float, alpha: float) -> int | None:
    """How many seeds a side show such a change in 9 of 10 repeats; None beyond 999, or for no change."""
    if deviation == 0:
        return SPREAD_FROM
    if (
        not change
        or not math.isfinite(change)
        or visible_change(MOST_SEEDS, MOST_SEEDS, deviation, alpha) > abs(change)
    ):
        return None
    low, high = SPREAD_FROM, MOST_SEEDS
    while low < high:
        middle = (low + high) // 2
        low, high = (
            (low, middle) if visible_change(middle, middle, deviation, alpha) <= abs(change) else (middle + 1, high)
        )
    return low


def holm(ps: Sequence[float]) -> list[float]:
    """The p values adjusted for having asked several questions: none of their claims is false more often than alpha. Holm 1979."""
    order = sorted(range(len(ps)), key=lambda place: ps[place])
    adjusted, worst = [1.0] * len(ps), 0.0
    for rank, place in enumerate(order):
        worst = max(worst, min(1.0, (len(ps) - rank) * ps[place]))
        adjusted[place] = worst
    return adjusted

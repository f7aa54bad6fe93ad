"""The interquartile mean over tasks and seeds, and its distribution when seeds are drawn again within each task.

After Agarwal and others, "Deep reinforcement learning at the edge of the statistical precipice", 2021.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from runpages.model import Floats

DRAWS = 5_000


def iqm(values: Floats) -> float:
    """The mean of what is left when the lowest and the highest quarter (rounded down) are cut off."""
    return float(_iqm_rows(np.asarray(values, np.float64).reshape(1, -1))[0])


def _iqm_rows(rows: Floats) -> Floats:
    """(draws,) the interquartile mean of each row of (draws, scores)."""
    cut = rows.shape[1] // 4
    ordered = np.sort(rows, axis=1)
    return np.asarray(ordered[:, cut : rows.shape[1] - cut].mean(axis=1), np.float64)


def bootstrap(tasks: Sequence[Floats], draws: int = DRAWS, *, widened: bool = False, seed: int = 0) -> Floats:
    """(draws,) the interquartile mean over all tasks, each task's seeds drawn again with replacement; the same each time.

    A sample of n resampled is (n - 1) / n as variable as what it was drawn from: `widened` makes up for it by moving
    each draw away from its task's mean by sqrt(n / (n - 1)).
    """
    random = np.random.default_rng(seed)
    parts = []
    for scores in tasks:
        n = len(scores)
        drawn = scores[random.integers(0, n, (draws, n))]
        if widened and n > 1:
            drawn = scores.mean() + (drawn - scores.mean()) * np.sqrt(n / (n - 1))
        parts.append(drawn)
    return _iqm_rows(np.concatenate(parts, axis=1))


def interval(tasks: Sequence[Floats], alpha: float = 0.05, draws: int = DRAWS) -> tuple[float, float]:
    """The percentile interval of the interquartile mean."""
    low, high = np.quantile(bootstrap(tasks, draws), [alpha / 2, 1 - alpha / 2])
    return float(low), float(high)

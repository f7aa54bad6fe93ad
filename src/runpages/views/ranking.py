"""Configurations in the order of a metric: who is best, with how many runs, and what its name is in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from runpages.config import Config
from runpages.frames import RunSet
from runpages.model import Floats
from runpages.stats import Configuration, Spread, best, configurations, direction, independent, spread
from runpages.views import text


@dataclass(frozen=True)
class Ranked:
    """A configuration with its place by a metric: the values its runs reached, and the run that reached the best."""

    configuration: Configuration
    values: Floats
    spread: Spread
    top: int
    what: str


def ranking(runs: RunSet, config: Config, metric: str) -> list[Ranked]:
    """The configurations that have the metric, best mean first."""
    values = best(runs, metric, config)
    sign = -1 if direction(metric, config) == "max" else 1
    ranked = []
    for one in configurations(runs, config):
        reached = values[list(one.members)]
        if np.isfinite(reached).any():
            top = one.members[int(np.nanargmin(sign * np.where(np.isfinite(reached), reached, np.nan)))]
            told = values[independent(runs, one.members, values, config)]
            ranked.append(Ranked(one, told, spread(told), top, what(one.params)))
    return sorted(ranked, key=lambda one: (sign * one.spread.mean, one.top))


def what(params: Mapping[str, object]) -> str:
    """`lr 0.01, width 256`: the params that differ, in words."""
    shown = [f"{name.rpartition('.')[2]} {text.shortened(text.number(value), 24)}" for name, value in params.items()]
    return ", ".join(shown[:4]) + (f" and {len(shown) - 4} more" if len(shown) > 4 else "")

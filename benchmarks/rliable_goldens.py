# ruff: noqa: T201 - printing is what it is for
"""What rliable and arch say of three made-up tables of scores: the goldens that tests hold our statistics to.

    python3 -m venv ENV && ENV/bin/pip install rliable arch "pandas<3"
    ENV/bin/python benchmarks/rliable_goldens.py > tests/golden/reference/rliable.json

Runs in an environment of its own: neither library is a dependency of runpages, in tests or elsewhere.
"""

from __future__ import annotations

import json
from importlib.metadata import version

import numpy as np
from arch.bootstrap import IIDBootstrap
from rliable import library, metrics

CASES = {"small": (3, 4), "usual": (6, 5), "many": (10, 20)}  # seeds, tasks


def scores(seeds: int, tasks: int, shift: float) -> np.ndarray:
    """(seeds, tasks) scores with a level per task, the same each time."""
    random = np.random.default_rng(7 * seeds + tasks)
    return np.round(random.normal(0, 0.1, (seeds, tasks)) + np.linspace(0.2, 0.9, tasks) + shift, 6)


def case(seeds: int, tasks: int) -> dict[str, object]:
    """Both tables, their interquartile means with 95 % intervals, and the probability of improvement."""
    old, new = scores(seeds, tasks, 0.0), scores(seeds, tasks, 0.05)[::-1] * 1.02
    aggregate = lambda table: np.array([metrics.aggregate_iqm(table)])  # noqa: E731
    points, intervals = library.get_interval_estimates(
        {"old": old, "new": new}, aggregate, reps=20_000, random_state=np.random.RandomState(0)
    )
    one = IIDBootstrap(new[:, 0], seed=np.random.RandomState(0))
    return {
        "old": old.tolist(),
        "new": new.tolist(),
        "iqm": {name: float(value[0]) for name, value in points.items()},
        "interval": {name: [float(one) for one in value[:, 0]] for name, value in intervals.items()},
        "improvement": float(metrics.probability_of_improvement(new, old)),
        "arch_first_task": [
            float(one) for one in one.conf_int(metrics.aggregate_iqm, 20_000, method="percentile")[:, 0]
        ],
    }


if __name__ == "__main__":
    made = {name: case(*size) for name, size in CASES.items()}
    print(json.dumps({"made_by": {name: version(name) for name in ("rliable", "arch", "numpy")}, **made}, indent=1))

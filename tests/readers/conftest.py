"""A run as the reference files tell it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from runpages.model import Run, Series


@pytest.fixture
def summarise() -> Callable[[Run], dict[str, Any]]:
    """The fields of tests/golden/reference/{plain,lightning}.jsonl; `last_steps` only of the metrics a line may name."""
    return _summary


def _summary(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "group": run.group,
        "status": run.status,
        "params": _texts(run.params),
        "results": _texts(run.results),
        "metrics": {one.label: _texts(_stat(one)) for one in run.series},
        "last_steps": {one.label: int(one.steps[-1]) for one in run.series},
    }


def _stat(one: Series) -> dict[str, Any]:
    real = one.values[~np.isnan(one.values)]
    return {
        "count": len(one.values),
        "first": float(one.values[0]),
        "last": float(one.values[-1]),
        "min": float(real.min()) if real.size else math.nan,
        "max": float(real.max()) if real.size else math.nan,
    }


def _texts(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: str(value) if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in values.items()
    }

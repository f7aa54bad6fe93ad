"""Curves in buckets keep what matters: the ends, the extremes, the gaps."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from runpages.frames import bucketed
from runpages.model import Series

VALUES = st.lists(st.floats(-1e6, 1e6) | st.just(math.nan), min_size=1, max_size=400)


@given(VALUES, st.integers(3, 60))
def test_buckets_keep_ends_and_extremes(values: list[float], most: int) -> None:
    array = np.array(values, np.float64)
    line = bucketed(0, Series("m", np.arange(len(values), dtype=np.int64), array), most)
    assert line.count == len(values)
    assert len(line.values) == len(line.steps) <= max(most, 3) + 1
    assert np.array_equal(line.values[[0, -1]], array[[0, -1]], equal_nan=True)
    assert (line.steps[0], line.steps[-1]) == (0, len(values) - 1)
    assert (np.diff(line.steps) > 0).all() or len(line.steps) == 1
    if line.low is not None and line.high is not None and not np.isnan(array).all():
        assert np.nanmin(line.low) == np.nanmin(array)
        assert np.nanmax(line.high) == np.nanmax(array)


def test_a_gap_stays_a_gap() -> None:
    array = np.ones(1000)
    array[300:700] = math.nan
    line = bucketed(0, Series("m", np.arange(1000, dtype=np.int64), array), 50)
    assert np.isnan(line.values).sum() > 10


def test_a_short_series_is_itself() -> None:
    series = Series("m", np.arange(10, dtype=np.int64), np.arange(10.0))
    line = bucketed(0, series, 100)
    assert line.values is series.values
    assert line.low is None

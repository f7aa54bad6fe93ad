"""A spark keeps its box, its extremes and its gaps."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from runpages.charts import spark

PART = re.compile(r"([ML])(-?[\d.]+) (-?[\d.]+)|h0")


def places(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for letter, x, y in PART.findall(path) if letter]


def test_up_is_up() -> None:
    assert spark.path(np.array([0.0, 1.0, 2.0])) == "M1 23L50 12L99 1"


def test_gaps_stay_open_and_a_lonely_point_is_a_dot() -> None:
    path = spark.path(np.array([1, 2, np.nan, 3, np.inf, 2, 4.0]))
    assert path.count("M") == 3
    assert path.count("h0") == 1


def test_nothing_finite_is_nothing() -> None:
    assert spark.path(np.array([np.nan, np.inf])) == ""
    assert spark.path(np.array([])) == ""


def test_a_constant_runs_along_the_middle() -> None:
    assert spark.path(np.array([5.0, 5.0])) == "M1 12L99 12"


def test_a_spike_in_ten_thousand_points_is_seen() -> None:
    values = np.zeros(10_000)
    values[4321] = 1
    path = spark.path(values)
    assert min(y for _, y in places(path)) == 1
    assert len(path) < 900


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), max_size=300))
def test_a_spark_never_leaves_its_box(values: list[float]) -> None:
    path = spark.path(np.array(values))
    assert PART.sub("", path) == ""
    assert all(0 <= x <= 100 and 0 <= y <= 24 for x, y in places(path))

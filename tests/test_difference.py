"""Two samples: equal to scipy's and rliable's, with verdicts that hold what they promise."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as oracle

from runpages.stats.difference import difference, holm, over_tasks, seeds_for, visible_change, welch
from runpages.stats.ranks import EXACT, critical, hodges_lehmann, improvement, mann_whitney
from runpages.stats.resample import bootstrap, interval, iqm
from runpages.stats.steps import levels

samples = st.lists(st.floats(-100, 100, allow_subnormal=False), min_size=3, max_size=9, unique=True)


@given(samples, samples)
def test_mann_whitney_is_scipys(a: list[float], b: list[float]) -> None:
    if len({*a, *b}) == len(a) + len(b):
        assert mann_whitney(a, b) == pytest.approx(oracle.mannwhitneyu(a, b, method="exact").pvalue, abs=1e-12)


@given(*[st.lists(st.integers(0, 4).map(float), min_size=3, max_size=6)] * 2)
def test_with_ties_every_split_is_counted(a: list[float], b: list[float]) -> None:
    def rank_sum(x: Any, y: Any) -> float:
        return float(oracle.rankdata(np.concatenate([x, y]))[: len(a)].sum())

    both = [
        oracle.permutation_test((a, b), rank_sum, n_resamples=10**4, alternative=way).pvalue
        for way in ("less", "greater")
    ]
    assert mann_whitney(a, b) == pytest.approx(min(1.0, 2 * min(both)), abs=1e-9)


def test_large_samples_are_scipys_normal_approximation() -> None:
    random = np.random.default_rng(0)
    a, b = random.integers(0, 50, 90).astype(float), random.integers(2, 52, 80).astype(float)
    assert len(a) * len(b) > EXACT
    expected = oracle.mannwhitneyu(a, b, method="asymptotic").pvalue
    assert mann_whitney(a, b) == pytest.approx(expected, rel=1e-9)


@given(samples, samples, st.sampled_from([0.02, 0.05, 0.1]))
def test_the_interval_is_what_the_test_does_not_reject(a: list[float], b: list[float], alpha: float) -> None:
    shift, low, high = hodges_lehmann(a, b, alpha)
    assert low <= shift <= high
    differences = sorted({x - y for x in a for y in b})
    for inside in ((one + two) / 2 for one, two in pairwise(differences)):
        moved = [value - inside for value in a]
        if len({*moved, *b}) == len(a) + len(b) and min(abs(x - y) for x in moved for y in b) > 1e-6:
            assert (mann_whitney(moved, b) > alpha) == (low < inside < high)


@pytest.mark.parametrize(("n", "m", "alpha", "expected"), [(6, 6, 0.05, 5), (5, 5, 0.05, 2), (4, 4, 0.05, 0), (3, 3, 0.05, -1), (10, 10, 0.05, 23), (8, 6, 0.01, 4)])  # fmt: skip
def test_critical_values_are_those_of_the_printed_tables(n: int, m: int, alpha: float, expected: int) -> None:
    assert critical(n, m, alpha) == expected


@given(samples, samples, st.sampled_from([0.02, 0.05]))
def test_welch_is_scipys(a: list[float], b: list[float], alpha: float) -> None:
    one, other = np.array(a), np.array(b)
    if one.std() + other.std() < 1e-6:
        return
    p, half = welch(one, other, alpha)
    expected = oracle.ttest_ind(one, other, equal_var=False)
    assert p == pytest.approx(expected.pvalue, abs=1e-9)
    low, high = expected.confidence_interval(1 - alpha)
    assert half == pytest.approx((high - low) / 2, rel=1e-5)


def test_constant_samples_differ_or_do_not() -> None:
    assert difference([1.0] * 4, [1.0] * 4).p == 1.0
    assert difference([2.0] * 4, [1.0] * 4).p == 0.0
    assert difference([1.0] * 6, [1.0] * 6).p == 1.0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_the_closed_test_of_bonferroni(ps: list[float]) -> None:
    adjusted = holm(ps)
    order = sorted(range(len(ps)), key=lambda at: ps[at])
    for rank, at in enumerate(order):
        expected = max(min(1.0, (len(ps) - before) * ps[order[before]]) for before in range(rank + 1))
        assert adjusted[at] == expected


def test_seeds_needed_are_the_fewest_that_see_the_change() -> None:
    for change, deviation in ((2.0, 1.0), (1.0, 1.0), (0.5, 1.0)):
        count = seeds_for(change, deviation, 0.02)
        assert count is not None
        assert (
            visible_change(count, count, deviation, 0.02)
            <= change
            < visible_change(count - 1, count - 1, deviation, 0.02)
        )
    assert seeds_for(0.001, 1.0, 0.02) is None
    assert seeds_for(0.0, 1.0, 0.02) is None
    assert seeds_for(1.0, 0.0, 0.02) == 3


@pytest.fixture
def rliable(tree: Path) -> dict[str, Any]:
    """What rliable and arch said: benchmarks/rliable_goldens.py."""
    loaded: dict[str, Any] = json.loads((tree / "tests" / "golden" / "reference" / "rliable.json").read_text())
    return loaded


@pytest.mark.parametrize("name", ["small", "usual", "many"])
def test_aggregates_over_tasks_are_rliables(rliable: dict[str, Any], name: str) -> None:
    case = rliable[name]
    old, new = np.array(case["old"]), np.array(case["new"])
    assert iqm(old.ravel()) == pytest.approx(case["iqm"]["old"], abs=1e-12)
    assert iqm(new.ravel()) == pytest.approx(case["iqm"]["new"], abs=1e-12)
    improved = np.mean([improvement(new[:, task], old[:, task]) for task in range(old.shape[1])])
    assert improved == pytest.approx(case["improvement"], abs=1e-12)


@pytest.mark.parametrize("name", ["small", "usual", "many"])
def test_bootstrap_intervals_are_rliables_within_monte_carlo_error(rliable: dict[str, Any], name: str) -> None:
    case = rliable[name]
    for table in ("old", "new"):
        scores = [np.array(column) for column in zip(*case[table], strict=True)]
        mine, theirs = interval(scores, 0.05, 20_000), case["interval"][table]
        width = theirs[1] - theirs[0]
        assert mine == pytest.approx(theirs, abs=0.03 * width)
    first = np.array([row[0] for row in case["new"]])
    theirs = case["arch_first_task"]
    assert interval([first], 0.05, 20_000) == pytest.approx(theirs, abs=0.03 * (theirs[1] - theirs[0]))


def test_a_bootstrap_is_the_same_each_time() -> None:
    scores = [np.array([0.1, 0.2, 0.4])]
    assert (bootstrap(scores) == bootstrap(scores)).all()


def test_tasks_of_one_side_only_do_not_count() -> None:
    found = over_tasks({"a": [1.0, 2.0, 3.0], "b": [9.0]}, {"a": [1.0, 2.0, 3.0]})
    assert (found.n, found.m, found.change) == (3, 3, 0.0)
    assert over_tasks({"a": [1.0]}, {"b": [1.0]}).method == "no values"
    assert math.isnan(over_tasks({"a": [1.0, 2.0]}, {"a": [1.0, 2.0]}).low)


def test_a_step_of_the_history_is_found_where_it_is() -> None:
    values = np.random.default_rng(1).normal(0.9, 0.002, 30)
    values[18:] -= 0.02
    found = levels(values, 0.01)
    assert [(level.start, level.end) for level in found] == [(0, 18), (18, 30)]
    assert found[1].mean - found[0].mean == pytest.approx(-0.02, abs=0.002)
    assert found[0].noise == pytest.approx(0.002, rel=0.5)


def test_two_steps_and_no_outlier() -> None:
    values = np.random.default_rng(2).normal(0.5, 0.005, 40)
    values[10:25] += 0.1
    values[33] += 0.06
    assert [level.start for level in levels(values)] == [0, 10, 25]


def test_noise_constants_and_short_histories_have_no_step() -> None:
    random = np.random.default_rng(3)
    assert sum(len(levels(random.normal(size=20))) > 1 for _ in range(300)) <= 6
    for values in ([], [0.5], [0.5, 0.7], [0.5] * 20, [0.5, 0.7, 0.7]):
        assert len(levels(np.array(values))) == min(1, len(values))

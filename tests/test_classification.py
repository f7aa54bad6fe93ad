"""Curves of classifiers are scikit-learn's; paired tests are scipy's and keep their promise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as oracle

from runpages.stats import classification
from runpages.stats.paired import paired, sign_test

REFERENCE: dict[str, Any] = json.loads((Path(__file__).parent / "golden/reference/sklearn.json").read_text())
CASES = [name for name in REFERENCE if name != "scikit-learn"]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("roc", classification.roc),
        ("pr", classification.precision_recall),
        ("calibration", classification.calibration),
    ],
)
def test_points_and_number_of_a_curve_are_scikit_learns(case: str, name: str, ours: Any) -> None:
    given, wanted = REFERENCE[case], REFERENCE[case][name]
    curve = ours(np.array(given["labels"], np.float64), np.array(given["scores"], np.float64))
    np.testing.assert_allclose(curve.x, wanted["x"], rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(curve.y, wanted["y"], rtol=1e-13, atol=1e-15)
    assert curve.value == pytest.approx(wanted["value"], rel=1e-12, nan_ok=True)


@pytest.mark.parametrize("case", [name for name in CASES if name != "one class"])
def test_the_number_of_logged_points_is_that_of_the_samples(case: str) -> None:
    roc, pr = REFERENCE[case]["roc"], REFERENCE[case]["pr"]
    for way in (1, -1):
        x, y = np.array(roc["x"])[::way], np.array(roc["y"])[::way]
        assert classification.trapezia(x, y) == pytest.approx(roc["value"], rel=1e-12)
        x, y = np.array(pr["x"])[::way], np.array(pr["y"])[::way]
        assert classification.step_area(x, y) == pytest.approx(pr["value"], rel=1e-12)


def test_scores_beyond_one_are_no_probabilities() -> None:
    curve = classification.calibration(np.array([0.0, 1.0]), np.array([-1.0, 2.0]))
    assert len(curve.x) == 0
    assert np.isnan(curve.value)


def test_no_samples_give_no_curve_and_no_failure() -> None:
    none = np.array([])
    for ours in (classification.roc, classification.precision_recall, classification.calibration):
        assert len(ours(none, none).x) == 0


@given(st.integers(0, 400), st.integers(0, 400))
def test_the_sign_test_is_scipys_binomial_test(higher: int, lower: int) -> None:
    wanted = oracle.binomtest(higher, higher + lower).pvalue if higher + lower else 1.0
    assert sign_test(higher, lower) == pytest.approx(wanted, rel=1e-9)


def test_right_and_wrong_are_told_apart_by_mcnemars_exact_test() -> None:
    one = np.array([1.0] * 30 + [0.0] * 10 + [1.0] * 12 + [0.0] * 3)
    other = np.array([1.0] * 30 + [0.0] * 10 + [0.0] * 12 + [1.0] * 3)
    found = paired(one, other)
    assert (found.n, found.higher, found.lower, found.exact) == (55, 12, 3, True)
    assert found.p == pytest.approx(oracle.binomtest(3, 15).pvalue, rel=1e-12)
    assert found.change == pytest.approx(9 / 55)
    assert found.low < found.change < found.high


def test_the_interval_of_a_difference_is_scipys_bootstrap() -> None:
    random = np.random.default_rng(4)
    one = random.normal(0.3, 1, 80)
    other = one - random.normal(0.2, 0.5, 80)
    found = paired(one, other)
    wanted = oracle.bootstrap((one - other,), np.mean, n_resamples=10_000, method="percentile", rng=1).confidence_interval  # fmt: skip
    assert found.low == pytest.approx(wanted.low, abs=0.01)
    assert found.high == pytest.approx(wanted.high, abs=0.01)
    assert found.p == pytest.approx(oracle.ttest_rel(one, other).pvalue, abs=0.01)


def test_models_that_do_not_differ_are_called_different_once_in_twenty_at_most() -> None:
    random = np.random.default_rng(0)
    trials = 300
    claimed = {False: 0, True: 0}
    for _ in range(trials):
        gaps = random.normal(0, 1, 60)
        claimed[False] += paired(gaps, np.zeros(60)).p < 0.05
        right = random.random((2, 60)) < 0.6
        claimed[True] += paired(right[0].astype(float), right[1].astype(float)).p < 0.05
    assert claimed[True] <= 0.05 * trials * 1.4
    assert claimed[False] <= 0.05 * trials * 1.6


def test_pairs_without_two_numbers_are_left_out() -> None:
    found = paired(np.array([1.0, np.nan, 0.5, 2.0]), np.array([0.0, 1.0, np.nan, 1.0]))
    assert (found.n, found.change) == (2, 1.0)
    assert found.p == 0.5  # two of two is what a coin does every second time
    assert paired(np.array([np.nan]), np.array([1.0])).n == 0
    assert paired(np.array([1.0]), np.array([0.0])).p != paired(np.array([1.0]), np.array([0.0])).p  # nothing to say

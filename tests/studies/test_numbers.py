"""Fronts, volumes and importance against what is known of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies
from scipy import stats as scipy_stats

from runpages.model import Floats
from runpages.studies.front import front, hypervolume
from runpages.studies.importance import LEAST, importance, ranks, spearman

Points = strategies.lists(strategies.tuples(*[strategies.integers(0, 6)] * 3), min_size=1, max_size=8)


@given(Points)
def test_the_volume_is_the_number_of_unit_cells_behind_the_front(points: list[tuple[int, int, int]]) -> None:
    losses = np.array(points, np.float64)
    grid = np.stack(np.meshgrid(*[np.arange(7)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    behind = sum(bool((losses <= cell).all(axis=1).any()) for cell in grid)
    assert hypervolume(losses, np.array([7.0, 7.0, 7.0])) == behind


@given(Points)
def test_nobody_beats_the_front_and_it_beats_all_others(points: list[tuple[int, int, int]]) -> None:
    losses = np.array(points, np.float64)
    kept = front(losses)

    def beaten(at: int) -> bool:
        return any((one <= losses[at]).all() and (one < losses[at]).any() for one in losses)

    assert kept == [at for at in range(len(losses)) if not beaten(at)]


@given(strategies.lists(strategies.integers(0, 5), min_size=1, max_size=20))
def test_ranks_are_scipys(values: list[int]) -> None:
    array = np.array(values, np.float64)
    np.testing.assert_allclose(ranks(array), scipy_stats.rankdata(array) - 1)


def known(n: int, seed: int = 0) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, (n, 4))
    y = 10 * x[:, 0] + 4 * x[:, 1] ** 2 + 1.0 * x[:, 2] + rng.normal(0, 0.1, n)
    return x, y


def test_importance_recovers_a_known_order() -> None:
    x, y = known(200)
    found = importance(x, y, np.zeros(4))
    assert found is not None
    assert np.argsort(-found.share)[:2].tolist() == [0, 1]
    assert found.share[3] < 0.05
    assert found.explained > 0.8
    assert found.n == 200
    assert found.share.sum() == pytest.approx(1)
    assert found.rank[0] == pytest.approx(scipy_stats.spearmanr(x[:, 0], y).statistic)


def test_noise_explains_nothing_of_trials_it_did_not_see() -> None:
    rng = np.random.default_rng(1)
    found = importance(rng.uniform(size=(80, 3)), rng.normal(size=80), np.zeros(3))
    assert found is not None
    assert found.explained < 0.1


def test_few_trials_say_nothing() -> None:
    x, y = known(LEAST - 1)
    assert importance(x, y, np.zeros(4)) is None
    assert importance(np.zeros((40, 2)), np.ones(40), np.zeros(2)) is None


def test_twice_the_same_question_twice_the_same_answer() -> None:
    x, y = known(60)
    one, other = importance(x, y, np.zeros(4)), importance(x, y, np.zeros(4))
    assert one is not None
    assert other is not None
    assert one.share.tolist() == other.share.tolist()


def test_what_never_changes_has_no_correlation() -> None:
    assert np.isnan(spearman(np.ones(5), np.arange(5.0)))

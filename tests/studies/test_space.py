"""What a study's page says of its space: importance is kept, the smoothed surface is near the truth and empty elsewhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from runpages.charts import kinds, static
from runpages.model import Floats
from runpages.remember import Remembered
from runpages.studies import Objective, Param, State, Studied
from runpages.studies.surface import surface
from runpages.views import study_space


def known(n: int = 80) -> Studied:
    """A search over lr and dropout whose best is known."""
    rng = np.random.default_rng(0)
    lr, dropout = 10 ** rng.uniform(-4, -1, n), rng.uniform(0, 0.5, n)
    value = 0.9 - 0.05 * (np.log10(lr) + 2.3) ** 2 - dropout**2 + rng.normal(0, 0.01, n)
    numbers = tuple(range(n))
    params = (Param("lr", lr, log=True), Param("dropout", dropout))
    objective = (Objective("accuracy", "max"),)
    complete: State = "complete"
    states = (complete,) * n
    return Studied("s", "s", "tracker", "optuna", objective, numbers, numbers, states, value[None], value, params)


def test_importance_is_computed_once_for_the_same_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = known()
    first = study_space.weigh(study, Remembered(tmp_path))[0]
    asked: list[Floats] = []
    monkeypatch.setattr(study_space, "importance", lambda *given: asked.append(given[0]))
    again = study_space.weigh(study, Remembered(tmp_path))[0]
    assert asked == []
    assert first is not None
    assert again is not None
    for one, other in ((first.share, again.share), (first.spread, again.spread), (first.rank, again.rank)):
        np.testing.assert_array_equal(one, other)
    assert (first.explained, first.n) == (again.explained, again.n)


def test_the_surface_is_near_the_truth_where_it_is_drawn() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.uniform(0, 1, 400), rng.uniform(0, 1, 400)
    found = surface(x, y, np.sin(3 * x) + y + rng.normal(0, 0.05, 400), 20)
    true = np.sin(3 * (found.i + 0.5) / 20) + (found.j + 0.5) / 20
    assert np.abs(found.mean - true).mean() < 0.05
    assert found.explained > 0.9


def test_the_surface_is_empty_where_no_trial_is_near() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.uniform(0, 0.3, 60), rng.uniform(0, 0.3, 60)
    found = surface(np.append(x, 1), np.append(y, 1), np.append(x, 1.0), 20)
    near = np.hypot(
        ((found.i + 0.5) / 20)[:, None] - np.append(x, 1), ((found.j + 0.5) / 20)[:, None] - np.append(y, 1)
    )
    assert 0 < len(found.i) < 200
    assert near.min(axis=1).max() < 3 * found.width


def test_noise_is_said_to_explain_nothing() -> None:
    rng = np.random.default_rng(4)
    assert surface(rng.uniform(size=60), rng.uniform(size=60), rng.normal(size=60), 10).explained < 0.1


def test_a_study_of_two_numbers_shows_the_surface_with_its_trials() -> None:
    study = known()
    drawing = study_space.two(study, [f"run-{n}" for n in study.runs], study.params)[-1]
    assert drawing.key == "contour"
    assert "R² 0.9" in drawing.caption
    cells = drawing.data["cells"]
    assert 0 < len(cells) < kinds.CELLS**2
    best = max(cells, key=lambda cell: cell["mean"])
    assert best["x"] < 10**-2.3 * 3
    assert best["y"] < 0.15
    picture = static.svg(drawing.spec, drawing.data, alt=drawing.alt)
    assert 'aria-label="Smoothed accuracy' in picture

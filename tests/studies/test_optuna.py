"""Studies say what Optuna's own charts say of the same files (sample_runs/scripts/reference_optuna_studies.py)."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runpages.build import Report, open_report
from runpages.config import Config
from runpages.studies import Studied
from runpages.studies.course import best_so_far, front_of, rank_of, reference_of, shares, volumes
from runpages.views.study_course import course
from runpages.views.study_space import slices, weigh

REFERENCE = Path(__file__).parent.parent / "golden/reference/optuna_studies.json"
SAID: dict[str, Any] = json.loads(REFERENCE.read_text())
SINGLE = [name for name, said in SAID.items() if "history" in said]
SEVERAL = [name for name, said in SAID.items() if "front" in said]
Place = dict[str, Studied]


@pytest.fixture(scope="module")
def report(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Report:
    cache = tmp_path_factory.mktemp("cache")
    return open_report(Config(sources=(str(samples / "optuna"),), cache=str(cache)), samples)


@pytest.fixture(scope="module")
def studies(report: Report) -> Place:
    return {one.name: one for one in report.searches.studies.values()}


def same(ours: Any, theirs: Any) -> None:
    mine, said = np.array(ours, np.float64), np.array(theirs, np.float64)
    np.testing.assert_allclose(mine, said, rtol=1e-12, atol=1e-12)


def test_every_study_of_the_samples_is_there(studies: Place) -> None:
    assert set(SAID) <= set(studies)


@pytest.mark.parametrize("name", SINGLE)
def test_history_and_best_so_far(name: str, studies: Place) -> None:
    study, said = studies[name], SAID[name]
    complete = [at for at, state in enumerate(study.states) if state == "complete"]
    theirs = dict(zip(said["history"]["x"], said["history"]["y"], strict=True))
    assert {study.numbers[at] for at in complete} >= {number for number, value in theirs.items() if value != "nan"}
    for at in complete:
        same(study.values[0][at], float(theirs[study.numbers[at]]))
    best = dict(zip(study.numbers, best_so_far(study).tolist(), strict=True))
    for number, value in zip(said["best"]["x"], said["best"]["y"], strict=True):
        if math.isfinite(float(value)):
            same(best[number], float(value))


@pytest.mark.parametrize("name", SINGLE)
def test_share_of_trials(name: str, studies: Place) -> None:
    values, share = shares(studies[name])
    at = np.searchsorted(values, np.array(SAID[name]["edf"]["x"]), side="right")
    same(np.concatenate([[0.0], share])[at], SAID[name]["edf"]["y"])


@pytest.mark.parametrize("name", SINGLE)
def test_ranks(name: str, studies: Place) -> None:
    study, said = studies[name], SAID[name]["rank"]
    if len(study.complete) < len(said["trials"]):  # Optuna ranks infinity too
        assert not np.isfinite(study.values[0]).all()
        return
    ours = rank_of(study) * (len(study.complete) - 1)
    theirs = np.array(said["ranks"])
    same(ours, theirs if study.objectives[0].direction == "min" else len(theirs) - 1 - theirs)


@pytest.mark.parametrize("name", SINGLE)
def test_slices_hold_the_same_points(name: str, studies: Place) -> None:
    study = studies[name]
    drawn = {one.title: one for one in slices(study, ["run"] * len(study.runs), study.params)}
    assert set(drawn) == set(SAID[name]["slice"])
    for param, said in SAID[name]["slice"].items():
        rows = drawn[param].data["trials"]
        if any(one.words for one in study.params if one.name == param):
            words = [str(x).lower().strip("'") for x in said["x"]]
            assert sorted((row["x"], row["y"]) for row in rows) == sorted(zip(words, said["y"], strict=True))
        else:
            theirs = sorted(zip(map(float, said["x"]), said["y"], strict=True))
            same(sorted((row["x"], row["y"]) for row in rows), theirs)


@pytest.mark.parametrize("name", SINGLE)
def test_the_timeline_has_every_trial_that_ended(name: str, studies: Place, report: Report) -> None:
    study = studies[name]
    timeline = next(one for one in course(study, report.runs, ["run"] * len(study.runs)) if one.key == "timeline")
    ended = {row["trial"]: row["state"] for row in timeline.data["spans"]}
    said = {number: state.lower() for state, numbers in SAID[name]["timeline"] for number in numbers}
    for number, state in ended.items():
        assert said[number] in (state, "fail" if state == "failed" else state)


@pytest.mark.parametrize("name", SINGLE)
def test_what_was_reported_on_the_way(name: str, studies: Place, report: Report) -> None:
    study = studies[name]
    for trial, said in SAID[name]["intermediate"].items():
        number = int(trial.removeprefix("Trial"))
        series = report.runs.points(study.runs[study.numbers.index(number)], study.curve)
        assert series is not None
        assert series.steps.tolist() == said["x"]
        same(series.values, [float(value) for value in said["y"]])


@pytest.mark.parametrize("name", SEVERAL)
def test_the_front_is_optunas(name: str, studies: Place) -> None:
    study = studies[name]
    assert sorted(study.numbers[at] for at in front_of(study)) == SAID[name]["front"]


@pytest.mark.parametrize("name", SEVERAL)
def test_the_hypervolume_is_optunas_from_the_worst_and_from_beyond(name: str, studies: Place) -> None:
    study, said = studies[name], SAID[name]
    same(reference_of(study), said["worst"])
    for reference, key in (("worst", "volume"), ("beyond", "volume beyond")):
        same(volumes(study, np.array(said[reference])), said[key]["y"])


def test_the_param_that_matters_most_is_the_one_fanova_names(studies: Place) -> None:
    for name in SINGLE:
        said = SAID[name].get("fanova of ranks")
        found, params, why = weigh(studies[name])
        assert (found is None) == (said is None)
        assert bool(why) == (found is None)
        if found is not None:
            assert found.explained > 0.3
            assert params[int(np.argmax(found.share))].name == max(said, key=lambda param: said[param])

"""Hydra's output folders: the samples, sweeps, and who has a folder that several know."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from runpages.find import Root, find
from runpages.model import Run
from runpages.readers import installed
from runpages.readers.hydra import HydraReader
from runpages.testing import plain_run, read_all

READER = HydraReader()
CASES = ["bare", "searched", "single", "sweep"]
SINGLE = "single/outputs/2026-11-24/10-00-00"


def read(root: Path) -> tuple[list[Run], list[str]]:
    runs, notes = read_all({"hydra": READER}, root)
    return runs, [note.slug for note in notes]


@pytest.fixture
def folder(samples: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(samples / "hydra" / SINGLE, tmp_path / "run"))


@pytest.mark.parametrize("case", CASES)
def test_runs_of(case: str, samples: Path, golden: Callable[..., None]) -> None:
    runs, notes = read(samples / "hydra" / case)
    golden({"runs": [plain_run(run) for run in runs], "notes": notes})


def test_what_the_program_measured_is_read_by_the_plain_rules(samples: Path) -> None:
    runs, _ = read(samples / "hydra" / "single")
    assert [len(run.series[0].steps) for run in runs] == [6, 4, 3]
    assert "test.accuracy" in runs[0].results


def test_references_in_the_configuration_are_looked_up_and_the_environment_is_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAIN_TOKEN", "a-secret-of-the-builder")
    (run,), _ = read(folder)
    assert run.params["name"] == "linear-0.1"
    assert run.params["optimizer.warm.from"] == 0.1
    assert run.params.get("token") == "${oc.env:TRAIN_TOKEN,none}"


def test_jobs_of_a_sweep_are_trials_of_one_study(samples: Path) -> None:
    runs = [run for run in read(samples / "hydra" / "sweep")[0] if run.group == "2026-11-24/11-00-00"]
    assert [run.study.number for run in runs] == [0, 1, 2, 3]
    assert {run.study.name for run in runs} == {"2026-11-24/11-00-00"}
    assert runs[0].study.space == {"optimizer.lr": {"choices": [0.1, 0.8]}, "seed": {"choices": [0, 1]}}
    assert runs[0].name == "optimizer.lr=0.1,seed=0,steps=4"
    assert runs[0].study.sampler == "BasicSweeper"


def test_the_best_job_of_a_search_carries_its_value(samples: Path) -> None:
    runs, _ = read(samples / "hydra" / "searched")
    (best,) = [run for run in runs if run.tags.get("best")]
    assert best.results["best_value"] == pytest.approx(max(float(run.results["test.accuracy"] or 0) for run in runs))
    assert best.study.sampler == "TPESampler"


def test_no_absolute_path_of_the_training_machine_is_taken(samples: Path) -> None:
    assert "/srv/" not in repr([plain_run(run) for run in read(samples / "hydra")[0]])


def test_a_program_that_failed_is_not_known_to_have_failed(samples: Path) -> None:
    assert {run.status for run in read(samples / "hydra")[0]} == {"unknown"}


def test_a_tracker_that_measured_in_the_folder_has_it(folder: Path, samples: Path) -> None:
    shutil.copy(next((samples / "tensorboard" / "torch").rglob("*tfevents*")), folder)
    found = find([Root(folder)], installed().readers)
    assert [source.reader for source in found.sources] == ["tensorboard"]
    assert not found.notes


def test_a_tracker_below_the_folder_and_the_job_are_one_run(folder: Path, samples: Path) -> None:
    shutil.copytree(samples / "lightning/digits-sweep/lightning_logs/version_0", folder / "csv" / "version_0")
    (source,) = find([Root(folder)], installed().readers).sources
    assert (source.reader, [one.reader for one in source.beside]) == ("lightning", ["hydra"])


def test_several_runs_below_the_folder_stay_runs_beside_the_job(folder: Path, samples: Path) -> None:
    shutil.copytree(samples / "lightning/digits-sweep/lightning_logs", folder / "csv")
    found = find([Root(folder)], installed().readers).sources
    assert sorted(source.reader for source in found) == ["hydra", *["lightning"] * 4]
    assert not [source for source in found if source.beside]


def test_a_project_that_was_run_in_place_keeps_its_files_to_itself(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[project]\n")
    (folder / "notes.csv").write_text("step,loss\n1,2\n")
    (run,), _ = read(folder)
    assert not run.artifacts
    assert not run.series


def test_a_configuration_that_is_no_yaml_keeps_the_rest(folder: Path) -> None:
    (folder / ".hydra" / "config.yaml").write_bytes(b"a: [1\nb: }")
    (folder / ".hydra" / "hydra.yaml").write_text("hydra: {job: 3, runtime: [], sweeper: x, overrides: y}")
    (folder / ".hydra" / "overrides.yaml").write_text("a: 1")
    (run,), notes = read(folder)
    assert run.series
    assert notes == ["document-unreadable"]


def test_a_search_knows_which_way_is_better(samples: Path) -> None:
    runs, _ = read(samples / "hydra" / "searched")
    assert {(run.study.sampler, *run.study.directions.items()) for run in runs} == {
        ("TPESampler", ("best_value", "max"))
    }
    assert [run.study.directions for run in read(samples / "hydra" / "sweep")[0] if run.study.directions] == []

"""Stable-Baselines3 and Spinning Up: the samples, damaged copies, and what is not theirs."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from runpages.model import Run, Series
from runpages.readers import list_folder
from runpages.readers.stable_baselines import StableBaselinesReader
from runpages.testing import plain_run, read_all

READER = StableBaselinesReader()


def read(root: Path) -> tuple[list[Run], list[str]]:
    runs, notes = read_all({"stable_baselines": READER}, root)
    return runs, [note.slug for note in notes]


def claimed(folder: Path) -> bool:
    return bool(list(READER.find(list_folder(folder, folder.name))))


def one(run: Run, name: str) -> Series:
    return next(one for one in run.series if one.label == name)


@pytest.fixture
def copy(samples: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(samples / "stable_baselines/ppo/seed-0", tmp_path / "seed-0"))


@pytest.mark.parametrize("case", ["ppo", "a2c", "spinningup"])
def test_runs_of(case: str, samples: Path, golden: Callable[..., None]) -> None:
    runs, notes = read(samples / "stable_baselines" / case)
    golden({"runs": [plain_run(run, points=False) for run in runs], "notes": notes})


def test_steps_are_those_taken_in_the_environment(copy: Path) -> None:
    (run,), _ = read(copy)
    with (copy / "progress.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["train/loss"]]
    loss = one(run, "train/loss")
    assert loss.steps.tolist() == [int(row["time/total_timesteps"]) for row in rows]
    assert loss.values.tolist() == [float(row["train/loss"]) for row in rows]


def test_csv_and_json_tell_one_run_once(samples: Path) -> None:
    runs, notes = read(samples / "stable_baselines" / "a2c")
    both = next(run for run in runs if run.name == "all-loggers")
    assert len({series.label for series in both.series}) == len(both.series)
    assert "| rollout/" in both.log
    assert notes == []


def test_episodes_stand_over_the_steps_so_far(copy: Path) -> None:
    (run,), _ = read(copy)
    lengths = one(run, "monitor/l")
    assert lengths.steps.tolist() == np.cumsum(lengths.values).astype(int).tolist()
    assert lengths.times is not None
    assert run.started is not None
    assert run.started < lengths.times[0]
    assert run.tags == {"env_id": "CartPole-v1"}


def test_several_environments_are_told_apart(copy: Path) -> None:
    (copy / "monitor.csv").rename(copy / "0.monitor.csv")
    shutil.copy(copy / "0.monitor.csv", copy / "1.monitor.csv")
    (run,), _ = read(copy)
    assert {series.label for series in run.series if "monitor" in series.name} == {
        "monitor/r{env=0}", "monitor/r{env=1}", "monitor/l{env=0}", "monitor/l{env=1}",
    }  # fmt: skip


def test_evaluations_are_means_over_their_episodes(copy: Path) -> None:
    (run,), _ = read(copy)
    with np.load(copy / "evaluations.npz", allow_pickle=False) as arrays:
        assert one(run, "evaluations/mean_reward").values.tolist() == arrays["results"].mean(axis=1).tolist()
        assert one(run, "evaluations/mean_reward").steps.tolist() == arrays["timesteps"].tolist()


def test_evaluations_with_objects_are_never_unpickled(copy: Path) -> None:
    np.savez(copy / "evaluations.npz", timesteps=np.array([1]), results=np.array([[{}]], dtype=object))
    (run,), notes = read(copy)
    assert notes == ["evaluations-unreadable"]
    assert one(run, "train/loss").values.size


def test_spinning_up_counts_epochs_and_names_its_experiment(samples: Path) -> None:
    runs, _ = read(samples / "stable_baselines" / "spinningup")
    assert [(run.group, run.params["seed"]) for run in runs] == [("pole", 0), ("pole", 1)]
    assert one(runs[0], "AverageEpRet").step_name == "epoch"
    assert one(runs[0], "TotalEnvInteracts").steps.tolist() == list(range(10))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("progress.csv", "epoch,loss\n1,2\n"),
        ("progress.csv", "training_iteration,a\n1,2\n"),
        ("progress.json", '{"epoch": 1}\n'),
        ("progress.txt", "Epoch\tLoss\n0\t1\n"),
        ("monitor.csv", "time,cpu\n1,2\n"),
        ("evaluations.npz", "PK"),
    ],
)
def test_another_programs_file_of_that_name_is_not_claimed(name: str, content: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)
    assert not claimed(tmp_path)

"""Ultralytics' training folders: the samples, older versions' blanks, a folder trained in twice, YOLOv5's arguments."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from runpages.model import Run
from runpages.readers import list_folder
from runpages.readers.ultralytics import UltralyticsReader
from runpages.testing import plain_run, read_all

READER = UltralyticsReader()


def read(root: Path) -> tuple[dict[str, Run], list[str]]:
    runs, notes = read_all({"ultralytics": READER}, root)
    return {run.name: run for run in runs}, [note.slug for note in notes]


@pytest.fixture
def one(samples: Path, tmp_path: Path) -> Path:
    """A copy of one detector's folder."""
    folder = tmp_path / "seed-0"
    shutil.copytree(samples / "ultralytics" / "digits" / "seed-0", folder)
    return folder


def test_runs_of_the_samples(samples: Path, golden: Callable[..., None]) -> None:
    runs, notes = read(samples / "ultralytics")
    golden({"runs": [plain_run(run, points=False) for run in runs.values()], "notes": notes})


def test_every_number_of_the_table_is_a_point(samples: Path) -> None:
    runs, _ = read(samples / "ultralytics")
    for name, run in runs.items():
        rows = list(
            csv.DictReader((samples / "ultralytics" / "digits" / name / "results.csv").read_text().splitlines())
        )
        for series in run.series:
            assert series.steps.tolist() == [int(row["epoch"]) for row in rows]
            assert series.values.tolist() == [float(row[series.name]) for row in rows]
        assert {series.name for series in run.series} == set(rows[0]) - {"epoch"}


def test_weights_are_listed_and_never_opened(one: Path) -> None:
    (one / "weights").mkdir(exist_ok=True)
    (one / "weights" / "best.pt").write_bytes(b"not a pickle")
    runs, notes = read(one)
    assert ("weights/best.pt", "model") in {(file.name, file.kind) for file in runs["seed-0"].artifacts}
    assert notes == []


def test_blanks_of_older_versions_do_not_count(one: Path, samples: Path) -> None:
    rows = (one / "results.csv").read_text().splitlines()
    (one / "results.csv").write_text("\n".join(", ".join(f"{cell:>12}" for cell in row.split(",")) for row in rows))
    padded, _ = read(one)
    plain, _ = read(samples / "ultralytics" / "digits" / "seed-0")
    assert [plain_run(run)["series"] for run in padded.values()] == [plain_run(run)["series"] for run in plain.values()]


def test_of_a_folder_trained_in_twice_the_last_training_counts(one: Path) -> None:
    header, first, *rest = (one / "results.csv").read_text().splitlines()
    again = [first.replace(first.split(",")[2], "9.5", 1)]
    (one / "results.csv").write_text("\n".join([header, first, *rest, *again]) + "\n")
    runs, notes = read(one)
    assert notes == ["ultralytics-trained-twice"]
    loss = next(series for series in runs["seed-0"].series if series.name == header.split(",")[2])
    assert (loss.steps.tolist(), loss.values.tolist()) == ([1], [9.5])


def test_the_best_epoch_is_the_trainers(samples: Path) -> None:
    runs, _ = read(samples / "ultralytics")
    rows = list(
        csv.DictReader((samples / "ultralytics" / "digits" / "seed-0" / "results.csv").read_text().splitlines())
    )
    fitness = [0.1 * float(row["metrics/mAP50(B)"]) + 0.9 * float(row["metrics/mAP50-95(B)"]) for row in rows]
    assert runs["seed-0"].results["best_fitness"] == max(fitness)


def test_a_training_that_died_in_its_first_epoch_is_shown(one: Path) -> None:
    (one / "results.csv").unlink()
    runs, notes = read(one)
    assert notes == ["ultralytics-no-epoch"]
    assert runs["seed-0"].params["epochs"] == 3


def test_yolov5_keeps_its_arguments_in_two_files(tmp_path: Path) -> None:
    (tmp_path / "exp").mkdir()
    (tmp_path / "exp" / "opt.yaml").write_text("weights: yolov5s.pt\nepochs: 3\nproject: runs/train\n")
    (tmp_path / "exp" / "hyp.yaml").write_text("lr0: 0.01\nmomentum: 0.937\n")
    runs, _ = read(tmp_path)
    assert runs["exp"].params == {
        "weights": "yolov5s.pt",
        "epochs": 3,
        "project": "runs/train",
        "lr0": 0.01,
        "momentum": 0.937,
    }
    assert runs["exp"].group == "train"


def test_a_validation_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "args.yaml").write_text("task: detect\nmode: val\nmodel: best.pt\n")
    assert not list(READER.find(list_folder(tmp_path, ".")))

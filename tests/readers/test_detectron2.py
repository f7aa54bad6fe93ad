"""Detectron2's and mmengine's JSON lines: the samples, damaged copies, and what is not theirs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from runpages.model import Run, Series
from runpages.readers import list_folder
from runpages.readers.detectron2 import Detectron2Reader
from runpages.testing import plain_run, read_all

READER = Detectron2Reader()


def read(root: Path) -> tuple[list[Run], list[str]]:
    runs, notes = read_all({"detectron2": READER}, root)
    return runs, [note.slug for note in notes]


def one(run: Run, name: str) -> Series:
    return next(one for one in run.series if one.label == name)


@pytest.mark.parametrize("case", ["sine", "resumed", "mmengine"])
def test_runs_of(case: str, samples: Path, golden: Callable[..., None]) -> None:
    runs, notes = read(samples / "detectron2" / case)
    golden({"runs": [plain_run(run, points=False) for run in runs], "notes": notes})


def test_points_are_those_of_the_lines(samples: Path) -> None:
    runs, _ = read(samples / "detectron2" / "sine")
    for run in runs:
        lines = [
            json.loads(line)
            for line in (samples / "detectron2/sine" / run.id / "metrics.json").read_text().splitlines()
        ]
        assert one(run, "total_loss").values.tolist() == [line["total_loss"] for line in lines]
        assert (
            one(run, "sine/mse").steps.tolist()
            == [line["iteration"] for line in lines if "sine/mse" in line]
            == [99, 199, 299, 399]
        )
        assert run.params["SOLVER.BASE_LR"] == float(run.name.split("-")[1])


def test_a_resumed_training_has_each_iteration_once(samples: Path) -> None:
    (run,), notes = read(samples / "detectron2" / "resumed")
    assert notes == ["series-restarted"]
    assert one(run, "total_loss").steps.tolist() == list(range(19, 400, 20))


def test_a_folder_named_output_is_called_after_the_one_above(samples: Path) -> None:
    runs, _ = read(samples / "detectron2")
    assert [run.name for run in runs if run.id.endswith("/output")] == ["resumed"]


def test_mmengines_epochs_and_iterations_stay_apart(samples: Path) -> None:
    (run,), notes = read(samples / "detectron2" / "mmengine")
    assert one(run, "loss").steps.tolist() == list(range(4, 41, 4))
    assert one(run, "sine/mse{subset=val}").steps.tolist() == [1, 2, 3, 4, 5]
    assert (run.name, notes) == ("sine", [])


def test_mmcvs_older_logs_tell_train_from_val(tmp_path: Path) -> None:
    rows = [
        {"mode": "train", "epoch": epoch, "iter": at, "loss": epoch + at / 100} for epoch in (1, 2) for at in (50, 100)
    ]
    lines = [{"env_info": "sys.platform: linux"}, *rows, {"mode": "val", "epoch": 2, "iter": 100, "bbox_mAP": 0.5}]
    (tmp_path / "20200101_120000.log.json").write_text("\n".join(map(json.dumps, lines)) + "\n")
    (run,), notes = read(tmp_path)
    assert {series.label: series.values.tolist() for series in run.series} == {
        "loss{subset=train}": [1.5, 2, 2.5, 3], "bbox_mAP{subset=val}": [0.5],
    }  # fmt: skip
    assert run.series[0].steps.tolist() == [0, 1, 2, 3]
    assert notes == []


def test_a_cut_last_line_is_dropped(samples: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(samples / "detectron2/sine/lr-0.1-seed-0", tmp_path / "run"))
    file = folder / "metrics.json"
    file.write_bytes(file.read_bytes()[:-20])
    (run,), notes = read(folder)
    assert (len(one(run, "total_loss").steps), notes) == (19, ["json-torn"])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("metrics.json", '{"accuracy": 0.5}'),
        ("metrics.json", '[{"iteration": 1}]'),
        ("scalars.json", '{"a": 1}\n{"a": 2}\n'),
        ("x.log.json", '{"iter": 1}\n'),
    ],
)
def test_another_programs_file_is_not_claimed(name: str, content: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)
    assert not list(READER.find(list_folder(tmp_path, ".")))

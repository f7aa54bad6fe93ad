"""Keras' CSVLogger: the samples, and which tables are not its."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from runpages.find import Root, find
from runpages.model import Run
from runpages.readers import installed
from runpages.readers.keras import KerasReader
from runpages.testing import plain_run, read_all

READER = KerasReader()
CASES = ["continued", "diverged", "folds", "killed", "separators", "single"]


def read(root: Path) -> tuple[list[Run], list[str]]:
    runs, notes = read_all({"keras": READER}, root)
    return runs, [note.slug for note in notes]


@pytest.mark.parametrize("case", CASES)
def test_runs_of(case: str, samples: Path, golden: Callable[..., None]) -> None:
    runs, notes = read(samples / "keras" / case)
    golden({"runs": [plain_run(run, points=False) for run in runs], "notes": notes})


def test_the_csv_module_sees_the_same_numbers(samples: Path) -> None:
    path = samples / "keras/separators/semicolons.csv"
    rows = list(csv.DictReader(path.read_text().splitlines(), delimiter=";"))
    run = next(run for run in read(samples / "keras")[0] if run.id == "separators")
    for one in run.series:
        assert one.values.tolist() == [float(row[one.name]) for row in rows if row[one.name] != "NA"]
        assert one.steps.tolist() == [int(row["epoch"]) for row in rows if row[one.name] != "NA"]


def test_several_tables_in_a_folder_are_several_runs(samples: Path) -> None:
    runs, _ = read(samples / "keras" / "folds")
    assert [run.id for run in runs] == ["log_fold1", "log_fold2", "log_fold3"]


def test_a_continued_training_keeps_the_later_value(samples: Path) -> None:
    (run,), notes = read(samples / "keras" / "continued")
    assert run.series[0].steps.tolist() == [0, 1, 2, 3]
    assert notes == ["series-restarted"]


def test_nan_and_infinity_are_points_and_lists_are_none(samples: Path) -> None:
    (run,), _ = read(samples / "keras" / "diverged")
    loss = next(one for one in run.series if one.name == "loss")
    assert np.isnan(loss.values[3])
    assert np.isposinf(loss.values[4])


def test_params_beside_the_table_make_it_a_plain_run(samples: Path) -> None:
    found = find([Root(samples / "keras")], installed().readers)
    assert {s.key: s.reader for s in found.sources}.pop("with-params") == "plain"
    assert not found.notes


@pytest.mark.parametrize(
    "text",
    [
        "step,loss\n0,1\n",
        "epoch,val\n0,1\n",
        "epoch,train/loss,loss\n0,1,2\n",
        "epoch,loss\n0,0.943722\n",
        "epoch loss\n",
        "epoch,\n",
        "",
    ],
)
def test_other_tables_are_not_keras(text: str, tmp_path: Path) -> None:
    (tmp_path / "training.log").write_text(text)
    assert not read(tmp_path)[0]

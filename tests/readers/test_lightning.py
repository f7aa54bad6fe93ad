"""Lightning's CSVLogger: its samples, its damaged copies, and what is not its."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runpages.model import Run
from runpages.readers import list_folder
from runpages.readers.lightning import LightningReader
from runpages.testing import plain_run, read_all

READER = LightningReader()
CASES = ["crashed", "digits-sweep", "fabric", "named", "python-tags"]


def read(root: Path) -> tuple[list[Run], list[str]]:
    runs, notes = read_all({"lightning": READER}, root)
    return runs, [note.slug for note in notes]


def claimed(folder: Path) -> bool:
    return bool(list(READER.find(list_folder(folder, folder.name))))


@pytest.fixture
def version(samples: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "version_0"
    shutil.copytree(samples / "lightning" / "digits-sweep" / "lightning_logs" / "version_0", folder)
    return folder


@pytest.mark.parametrize("case", CASES)
def test_runs_of(case: str, samples: Path, golden: Callable[..., None]) -> None:
    runs, notes = read(samples / "lightning" / case)
    golden({"runs": [plain_run(run, points=False) for run in runs], "notes": notes})


def test_an_independent_reading_agrees(samples: Path, tree: Path, summarise: Callable[[Run], dict[str, Any]]) -> None:
    expected = [json.loads(line) for line in (tree / "tests/golden/reference/lightning.jsonl").read_text().splitlines()]
    runs, _ = read(samples / "lightning")
    assert {run.id: summarise(run) for run in runs} == {line["id"]: line for line in expected}


def test_steps_of_sparse_rows_are_the_optimizers(samples: Path) -> None:
    runs, _ = read(samples / "lightning" / "digits-sweep")
    val = next(one for one in runs[0].series if one.name == "val_acc")
    assert val.steps.tolist() == [9, 19, 29, 39]


def test_epoch_is_no_metric(samples: Path) -> None:
    runs, _ = read(samples / "lightning")
    assert not [run.id for run in runs if any(one.name == "epoch" for one in run.series)]


def test_a_test_score_is_a_result(samples: Path) -> None:
    runs, _ = read(samples / "lightning" / "digits-sweep")
    assert all(0 < float(run.results["test_acc"] or 0) < 1 for run in runs)
    assert not [run.id for run in runs if any(one.name.startswith("test") for one in run.series)]


def test_nan_and_infinity_are_points(samples: Path) -> None:
    (run,), _ = read(samples / "lightning" / "python-tags")
    by_name = {one.name: one.values for one in run.series}
    assert np.isnan(by_name["odd, metric"]).all()
    assert np.isposinf(by_name["limit"]).all()


def test_python_tags_become_names(samples: Path) -> None:
    (run,), _ = read(samples / "lightning" / "python-tags")
    assert run.params["activation"] == "ReLU"
    assert run.params["path"] == "data/größe"
    assert not [name for name in run.params if "hooks" in name]


def test_hparams_cannot_run_code(version: Path, tmp_path: Path) -> None:
    target = tmp_path / "touched"
    (version / "hparams.yaml").write_text(f"lr: 1\nx: !!python/object/apply:os.system ['touch {target}']\n")
    (run,), _ = read(version)
    assert run.params == {"lr": 1, "x": "system"}
    assert not target.exists()


def test_the_folder_above_lightning_logs_names_the_group(samples: Path) -> None:
    runs, _ = read(samples / "lightning" / "digits-sweep")
    assert {run.group for run in runs} == {"lightning_logs"}  # nothing above it was shown
    runs, _ = read(samples / "lightning")
    assert {run.group for run in runs} == {"digits", "digits-sweep", "wine", "digits größe", "tagged"}


def test_hparams_that_are_no_yaml_keep_the_metrics(version: Path) -> None:
    (version / "hparams.yaml").write_bytes(b"a: b: c\n\xff")
    (run,), notes = read(version)
    assert len(run.series) == 5
    assert notes == ["document-unreadable"]


def test_rows_longer_than_the_header_keep_the_rest(version: Path) -> None:
    with (version / "metrics.csv").open("a") as file:
        file.write("4,,44,,0.5,0.25,,,,,9\n")
    (run,), notes = read(version)
    assert "csv-ragged" in notes
    assert max(int(one.steps[-1]) for one in run.series) == 44


def test_a_command_line_config_is_under_the_hparams(version: Path) -> None:
    (version / "config.yaml").write_text("trainer: {max_epochs: 4}\nlr: 7\n")
    (run,), _ = read(version)
    assert run.params["trainer.max_epochs"] == 4
    assert run.params["lr"] == 0.1


def test_hparams_alone_are_noted_and_no_run(version: Path) -> None:
    (version / "metrics.csv").unlink()
    runs, notes = read(version)
    assert not runs
    assert notes == ["lightning-empty"]


def test_a_tensorboard_version_folder_is_left_to_its_reader(version: Path) -> None:
    (version / "metrics.csv").unlink()
    (version / "events.out.tfevents.1.lab-03.1.0").write_bytes(b"")
    assert not claimed(version)


def test_a_metrics_file_without_steps_is_not_lightnings(version: Path) -> None:
    (version / "metrics.csv").write_text("epoch,loss\n0,1\n")
    assert not claimed(version)


def test_checkpoints_are_listed_and_never_opened(samples: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(samples / "lightning" / "named", copy)
    next(copy.rglob("*.ckpt")).write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")  # a pickle that would run a command
    runs, _ = read(copy)
    (artifact,) = [one for run in runs for one in run.artifacts]
    assert (artifact.kind, artifact.size) == ("model", 25)

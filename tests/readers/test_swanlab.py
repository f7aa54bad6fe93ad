"""SwanLab's run folders: the samples, damaged copies, other versions."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from runpages.model import Run
from runpages.readers import list_folder
from runpages.readers.swanlab import SwanlabReader
from runpages.testing import plain_run, read_all

READER = SwanlabReader()


def read(root: Path) -> tuple[list[Run], list[str]]:
    runs, notes = read_all({"swanlab": READER}, root)
    return runs, [note.slug for note in notes]


@pytest.fixture
def pictures(samples: Path, tmp_path: Path) -> Path:
    """A copy of the run with media."""
    found = next(
        path for path in sorted((samples / "swanlab/ended/swanlog").iterdir()) if (path / "media/image").is_dir()
    )
    return Path(shutil.copytree(found, tmp_path / found.name))


@pytest.mark.parametrize("case", ["digits", "ended"])
def test_runs_of(case: str, samples: Path, golden: Callable[..., None]) -> None:
    runs, notes = read(samples / "swanlab" / case)
    golden({"runs": [plain_run(run, points=False) for run in runs], "notes": notes})


def test_how_a_run_ended_is_told(samples: Path) -> None:
    runs, _ = read(samples / "swanlab" / "ended")
    told = {run.name: (run.status, run.reason.strip().rpartition("\n")[2]) for run in runs}
    assert told == {
        "pictures": ("finished", ""),
        "failed": ("failed", "ValueError: the learning rate must be > 0"),
        "6wsek5zk": ("unknown", "no end is recorded: still running, or killed"),
    }


def test_a_zero_that_is_not_written_is_a_point(pictures: Path) -> None:
    (run,), _ = read(pictures)
    by_name = {one.name: one for one in run.series}
    assert by_name["zero"].values.tolist() == [0.0] * 10
    assert by_name["zero"].steps.tolist() == list(range(10))
    assert np.isnan(by_name["diverged"].values).all()


def test_nested_names_and_steps_are_the_users(samples: Path) -> None:
    runs, _ = read(samples / "swanlab" / "digits")
    assert {one.name for one in runs[0].series if not one.name.startswith("system.")} == {
        "train/loss",
        "val/acc",
        "epoch",
    }
    assert next(one for one in runs[0].series if one.name == "val/acc").steps.tolist() == list(range(0, 100, 10))


def test_the_config_is_in_its_own_order(samples: Path) -> None:
    runs, _ = read(samples / "swanlab" / "digits")
    assert list(runs[0].params) == ["lr", "seed", "model.kind"]


def test_pictures_carry_step_and_caption(pictures: Path) -> None:
    (run,), _ = read(pictures)
    assert [(one.kind, one.step, one.caption[:7]) for one in run.artifacts] == [
        ("image", 0, "weights"), ("text", 0, "said"), ("image", 9, "weights"), ("text", 9, "said"),
    ]  # fmt: skip


def test_a_cut_log_keeps_what_came_before(pictures: Path) -> None:
    log = next(pictures.glob("*.swanlab"))
    log.write_bytes(log.read_bytes()[:-200])
    (run,), notes = read(pictures)
    assert (run.status, notes) == ("unknown", ["swanlab-torn"])
    assert run.series


def test_a_log_of_another_version_keeps_the_params(pictures: Path) -> None:
    log = next(pictures.glob("*.swanlab"))
    log.write_bytes(b":SWL\xd6\xe1\x01" + log.read_bytes()[7:])
    (run,), notes = read(pictures)
    assert (run.params["lr"], run.series, notes) == (0.1, (), ["swanlab-version"])


def test_the_dashboards_database_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "runs.swanlab").write_bytes(b"SQLite format 3\0")
    assert not list(READER.find(list_folder(tmp_path, ".")))


def test_a_media_file_elsewhere_is_not_taken(pictures: Path) -> None:
    for file in (pictures / "media").rglob("*.png"):
        file.unlink()
        file.symlink_to("/etc/hostname")
    (run,), _ = read(pictures)
    assert {one.kind for one in run.artifacts} == {"text"}

"""Ray Tune's trials: the samples, what Ray's own client says, and folders without their experiment."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runpages.find import Root, find
from runpages.model import Run
from runpages.readers import installed
from runpages.readers.ray import RayReader
from runpages.testing import plain_run, read_all

READER = RayReader()
CASES = ["failing", "grid", "stopped"]
REFERENCE = Path(__file__).parent.parent / "golden/reference/ray.jsonl"


def read(root: Path) -> tuple[list[Run], list[str]]:
    runs, notes = read_all({"ray": READER}, root)
    return runs, [note.slug for note in notes]


def said(value: Any) -> Any:
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


@pytest.fixture
def trial(samples: Path, tmp_path: Path) -> Path:
    """One trial, without the experiment around it."""
    folder = sorted(path for path in (samples / "ray" / "grid").iterdir() if path.is_dir())[0]
    return Path(shutil.copytree(folder, tmp_path / "trial"))


@pytest.mark.parametrize("case", CASES)
def test_runs_of(case: str, samples: Path, golden: Callable[..., None]) -> None:
    runs, notes = read(samples / "ray" / case)
    golden({"runs": [plain_run(run) for run in runs], "notes": notes})


def test_ray_itself_says_the_same(samples: Path) -> None:
    expected = [json.loads(line) for line in REFERENCE.read_text().splitlines()]
    runs = {str(run.tags["trial_id"]): run for run in read(samples / "ray")[0]}
    assert set(runs) >= {line["trial_id"] for line in expected}
    for line in expected:
        run = runs[line["trial_id"]]
        assert (run.params, run.status) == (line["params"], line["status"])
        assert {one.name: [said(value) for value in one.values.tolist()] for one in run.series} == line["metrics"]


def test_a_failed_trial_says_why_in_plain_letters(samples: Path) -> None:
    (failed,) = [run for run in read(samples / "ray" / "failing")[0] if run.status == "failed"]
    assert "the matrix is singular" in failed.reason
    assert "\x1b" not in failed.log
    assert failed.study.state == "failed"


def test_checkpoints_are_listed(samples: Path) -> None:
    kept = [one.path for run in read(samples / "ray" / "failing")[0] for one in run.artifacts]
    assert kept == ["checkpoint_000000/weights.json"]


def test_trials_of_an_experiment_are_one_study(samples: Path) -> None:
    runs, _ = read(samples / "ray")
    assert {run.study.name for run in runs} == {"failing", "grid", "stopped"}
    assert sorted(run.study.number or 0 for run in runs if run.group == "grid") == [0, 1, 2, 3]
    assert set(runs[-1].study.space) == {"optimizer.lr", "optimizer.penalty"}


def test_a_metric_that_came_late_is_there(samples: Path) -> None:
    late = [one for run in read(samples / "ray" / "grid")[0] for one in run.series if one.name == "late"]
    assert [one.steps.tolist() for one in late] == [[4, 5]] * 4
    assert any(math.isinf(one.values[0]) for one in late)


def test_a_trial_without_its_experiment_is_a_run_of_unknown_status(trial: Path) -> None:
    (run,), _ = read(trial)
    assert (run.status, run.study.state) == ("unknown", "")
    assert run.params["optimizer.penalty"] == "l2"


def test_the_table_alone_is_enough(trial: Path) -> None:
    (whole,), _ = read(trial)
    for name in ("result.json", "params.json"):
        (trial / name).unlink()
    (run,), _ = read(trial)
    assert {one.name: one.values.tolist() for one in run.series} == {
        one.name: one.values.tolist() for one in whole.series if one.name != "late"
    }  # the table's columns are those of the first report


def test_a_restored_trial_keeps_the_later_report_of_each_iteration(trial: Path) -> None:
    lines = (trial / "result.json").read_text().splitlines()
    again = json.loads(lines[2]) | {"accuracy": 0.25}
    (trial / "result.json").write_text("\n".join([*lines, json.dumps(again)]) + "\n")
    (run,), _ = read(trial)
    accuracy = next(one for one in run.series if one.name == "accuracy")
    assert accuracy.values[2] == 0.25
    assert accuracy.steps.tolist() == [1, 2, 3, 4, 5]


def test_no_pickle_is_opened(samples: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(samples / "ray" / "grid", tmp_path / "grid"))
    before, _ = read(copy)
    for path in [*copy.rglob("*.pkl"), *copy.glob("basic-variant-state*")]:
        path.write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    after, notes = read(copy)
    assert [plain_run(run) for run in after] == [plain_run(run) for run in before]
    assert not notes


def test_a_state_of_strange_shape_is_no_crash(samples: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(samples / "ray" / "grid", tmp_path / "grid"))
    state = next(copy.glob("experiment_state*"))
    for strange in ("[]", '{"trial_data": 3}', '{"trial_data": [3, [1, 2], ["[]", "x"]], "runner_data": 4}', "{"):
        state.write_text(strange)
        assert len(read(copy)[0]) == 4


def test_its_event_files_are_no_runs_of_their_own(samples: Path) -> None:
    found = find([Root(samples / "ray")], installed().readers)
    assert {source.reader for source in found.sources} == {"ray"}
    assert not found.notes

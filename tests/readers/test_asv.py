"""airspeed velocity: the sample, older and damaged files, and what is not its."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from runpages.model import Run
from runpages.readers import list_folder
from runpages.readers.asv import AsvReader
from runpages.testing import plain_run, read_all

READER = AsvReader()


def read(root: Path) -> tuple[list[Run], list[str]]:
    runs, notes = read_all({"asv": READER}, root)
    return runs, [note.slug for note in notes]


def test_runs_of_small(samples: Path, golden: Callable[..., None]) -> None:
    runs, notes = read(samples / "asv")
    golden({"runs": [plain_run(run, points=False) for run in runs], "notes": notes})


def test_each_combination_of_params_is_a_result(samples: Path) -> None:
    runs, _ = read(samples / "asv")
    assert sorted(runs[0].results) == [
        "speed.Reduce.time_reduce[100, 'max']", "speed.Reduce.time_reduce[100, 'sum']", "speed.Reduce.time_reduce[1000, 'sum']",
        "speed.peakmem_list", "speed.time_sort", "speed.track_accuracy",
    ]  # fmt: skip
    assert sorted(run.results["speed.track_accuracy"] for run in runs) == [97.5, 98.25]  # type: ignore[type-var]


def test_what_failed_is_said(samples: Path) -> None:
    runs, _ = read(samples / "asv")
    assert {run.reason for run in runs} == {"failed or left out: speed.time_broken"}


def test_units_stand_in_the_table(samples: Path) -> None:
    runs, _ = read(samples / "asv")
    table = json.loads(runs[0].artifacts[0].data or b"")
    assert {row[0]: row[2] for row in table["data"]}["speed.track_accuracy"] == "val/acc (%)"


def test_files_before_version_2_hold_bare_values(samples: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(samples / "asv/small/results", tmp_path / "results"))
    for file in (folder / "bench-1").glob("*-existing*.json"):
        file.unlink()
    (folder / "bench-1" / "abc-env.json").write_text(
        json.dumps(
            {
                "commit_hash": "abc",
                "results": {"a": 1.5, "b": {"result": [1, 2], "params": [["1", "2"]]}, "c": None},
                "version": 1,
            }
        )
    )
    (run,), notes = read(tmp_path)
    assert run.results == {"a": 1.5, "b[1]": 1, "b[2]": 2}
    assert (run.reason, notes) == ("failed or left out: c", [])


def test_a_cut_file_leaves_the_others(samples: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(samples / "asv/small/results", tmp_path / "results"))
    file = next((folder / "bench-1").glob("*-existing*.json"))
    file.write_bytes(file.read_bytes()[:500])
    runs, notes = read(tmp_path)
    assert (len(runs), notes) == (1, ["document-unreadable"])


def test_benchmarks_without_machines_are_not_claimed(tmp_path: Path) -> None:
    (tmp_path / "benchmarks.json").write_text("{}")
    (tmp_path / "data").mkdir()
    assert not list(READER.find(list_folder(tmp_path, ".")))

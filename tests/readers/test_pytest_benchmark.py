"""pytest-benchmark: the samples, damaged copies, and what is not its."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from runpages.model import Run
from runpages.readers import list_folder
from runpages.readers.pytest_benchmark import PytestBenchmarkReader
from runpages.testing import plain_run, read_all

READER = PytestBenchmarkReader()


def read(root: Path) -> tuple[list[Run], list[str]]:
    runs, notes = read_all({"pytest_benchmark": READER}, root)
    return runs, [note.slug for note in notes]


@pytest.mark.parametrize("case", ["saved", "single"])
def test_runs_of(case: str, samples: Path, golden: Callable[..., None]) -> None:
    runs, notes = read(samples / "pytest_benchmark" / case)
    golden({"runs": [plain_run(run, points=False) for run in runs], "notes": notes})


def test_two_saved_sessions_are_two_runs_of_two_commits(samples: Path) -> None:
    runs, _ = read(samples / "pytest_benchmark" / "saved")
    assert [run.name for run in runs] == ["0001_first", "0002_second"]
    assert len({run.code.commit for run in runs}) == 2


def test_the_mean_of_the_kept_timings_is_the_mean(samples: Path) -> None:
    (run,), _ = read(samples / "pytest_benchmark" / "single")
    said = json.loads((samples / "pytest_benchmark/single/bench.json").read_text())
    for benchmark in said["benchmarks"]:
        data = benchmark["stats"]["data"]
        assert run.results[f"{benchmark['fullname']}/mean"] == pytest.approx(sum(data) / len(data))
        assert run.results[f"{benchmark['fullname']}/flops"] == benchmark["extra_info"]["flops"]


def test_every_benchmark_is_a_row_of_the_table(samples: Path) -> None:
    runs, _ = read(samples / "pytest_benchmark" / "saved")
    table = json.loads(runs[0].artifacts[0].data or b"")
    assert sorted({row[0] for row in table["data"]}) == ["", "sorting"]
    assert len(table["data"]) == 4


def test_a_cut_session_is_noted_and_leaves_the_other(samples: Path, tmp_path: Path) -> None:
    shutil.copytree(samples / "pytest_benchmark" / "saved", tmp_path / "saved")
    file = next((tmp_path / "saved").rglob("0001*.json"))
    file.write_bytes(file.read_bytes()[:5000])
    runs, notes = read(tmp_path)
    assert ([run.name for run in runs], notes) == (["0002_second"], ["document-unreadable"])


def test_any_name_will_do_in_a_small_folder(samples: Path, tmp_path: Path) -> None:
    shutil.copy(samples / "pytest_benchmark/single/bench.json", tmp_path / "output.json")
    runs, _ = read(tmp_path)
    assert [run.id for run in runs] == ["output"]


def test_other_documents_are_not_claimed(tmp_path: Path) -> None:
    (tmp_path / "bench.json").write_text('{"mean": 1}')
    (tmp_path / "0001_first.json").write_text("[]")
    assert not list(READER.find(list_folder(tmp_path, ".")))

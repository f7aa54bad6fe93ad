"""Runs of DagsHub's logger, compared with what pandas reads from the same files, and damaged."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runpages.codecs import dagshub_log
from runpages.errors import Note, Notes
from runpages.model import Run
from runpages.readers.dagshub import DagshubReader
from runpages.testing import plain_run, read_all

REFERENCE = Path(__file__).parent.parent / "golden" / "reference" / "dagshub.jsonl"
EXPECTED = [json.loads(line) for line in REFERENCE.read_text().splitlines()]


def read(folder: Path) -> tuple[dict[str, Run], list[Note]]:
    runs, notes = read_all({"dagshub": DagshubReader()}, folder)
    return {run.id: run for run in runs}, notes


@pytest.fixture(scope="module")
def everything() -> dict[str, Run]:
    top = Path(__file__).parents[2] / "sample_runs" / "dagshub"
    return read(top / "alone")[0] | read(top / "history")[0]


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda one: one["run"][:10])
def test_metrics_and_params_are_those_in_the_files(everything: dict[str, Run], expected: dict[str, Any]) -> None:
    run = everything[expected["run"]]
    ours = {one.name: one for one in run.series}
    for name, rows in expected["metrics"].items():
        numbers = [(number(value), time, step) for value, time, step in rows if number(value) is not None]
        if not numbers:
            assert run.results.get(name, "") == rows[-1][0]
            continue
        values, times, steps = zip(*numbers, strict=True)
        assert ours[name].steps.tolist() == [1 if step == "" else step for step in steps]
        assert np.array_equal(ours[name].values, np.array(values, np.float64), equal_nan=True)
        seconds = ours[name].times
        assert seconds is not None
        assert np.allclose(seconds, np.array(times) / 1000, atol=1e-6)
    assert set(ours) <= set(expected["metrics"])
    flat = {key: value for key, value in expected["params"].items() if not isinstance(value, dict)}
    assert flat.items() <= run.params.items()
    assert run.params["optimizer.betas"] == expected["params"]["optimizer"]["betas"]


def number(text: str) -> float | None:
    try:
        return {"True": 1.0, "False": 0.0}[text] if text in ("True", "False") else float(text)
    except ValueError:
        return None


def test_every_run_of_the_reference_and_no_other_is_found(everything: dict[str, Run]) -> None:
    assert set(everything) == {one["run"] for one in EXPECTED}


def test_runs_are_as_they_were(samples: Path, golden: Callable[..., None]) -> None:
    for case in ("alone", "history"):
        runs, notes = read_all({"dagshub": DagshubReader()}, samples / "dagshub" / case)
        golden([[plain_run(run, points=False) for run in runs], [note.slug for note in notes]], case)


def test_a_run_that_was_killed_before_the_first_block_is_shown_with_its_parameters(samples: Path) -> None:
    runs, notes = read(samples / "dagshub" / "alone")
    assert runs["short"].params["lr"] == 0.1
    assert not runs["short"].series
    assert ("dagshub-empty", "short") in {(note.slug, note.run) for note in notes}


def test_a_commit_is_a_run_and_carries_its_author_and_message(everything: dict[str, Run]) -> None:
    named = {run.name: run for run in everything.values()}
    assert {"main", "small", "v1"} <= set(named)
    assert "Four times the step\n\nIt learns faster." in {run.notes for run in everything.values()}
    assert {run.user for run in everything.values() if run.code.commit} == {"Ana Gruber"}
    assert named["main"].params["lr"] == 0.5


def repository(samples: Path, folder: Path) -> Path:
    """The sample's repository with its work tree, as its user had it."""
    shutil.copytree(samples / "dagshub" / "history" / "repo.git", folder / ".git")
    subprocess.run(["git", "reset", "-q", "--hard"], cwd=folder, check=True)
    return folder


def test_a_clean_work_tree_adds_no_run_and_a_changed_one_adds_one(samples: Path, tmp_path: Path) -> None:
    folder = repository(samples, tmp_path / "project")
    assert len(read(folder)[0]) == 4
    with (folder / "metrics.csv").open("ab") as file:
        file.write(b'"accuracy",0.999,1795496039999,8\r\n')
    runs, _ = read(folder)
    assert len(runs) == 5
    assert next(one for one in runs["."].series if one.name == "accuracy").values[-1] == 0.999


def test_line_ends_that_git_changed_make_no_new_run(samples: Path, tmp_path: Path) -> None:
    folder = repository(samples, tmp_path / "project")
    (folder / "metrics.csv").write_bytes((folder / "metrics.csv").read_bytes().replace(b"\r\n", b"\n"))
    assert len(read(folder)[0]) == 4


@pytest.mark.parametrize("cut", range(50))
def test_a_log_cut_anywhere_keeps_what_came_before(samples: Path, tmp_path: Path, cut: int) -> None:
    shutil.copytree(samples / "dagshub" / "alone" / "odd", tmp_path / "odd")
    path = tmp_path / "odd" / "metrics.csv"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * cut // 50])
    before = {one.name: one for one in dagshub_log.load(whole, Notes(), "").series}
    runs, _ = read(tmp_path)
    for run in runs.values():
        for one in run.series:
            n = len(one.values)
            assert np.array_equal(one.values, before[one.name].values[:n], equal_nan=True)


@pytest.mark.parametrize("cut", range(50))
def test_a_repository_whose_pack_is_cut_gives_notes_and_no_exception(samples: Path, tmp_path: Path, cut: int) -> None:
    shutil.copytree(samples / "dagshub" / "history", tmp_path / "history")
    pack = next((tmp_path / "history").rglob("*.pack"))
    pack.chmod(0o644)
    pack.write_bytes(pack.read_bytes()[: pack.stat().st_size * cut // 50])
    runs, notes = read(tmp_path / "history")
    assert len(runs) < 4
    assert not runs or notes


def test_values_are_taken_as_the_logger_writes_them(everything: dict[str, Run]) -> None:
    odd = {one.name: one.values.tolist() for one in everything["odd"].series}
    assert math.isnan(odd["odd"][0])
    assert odd["odd"][1:] == [math.inf, 1.0]
    assert everything["odd"].results == {"words": "not a number", "array": "[1 2]"}


def test_a_table_of_another_program_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "metrics.csv").write_text("epoch,step,loss\n0,1,0.5\n")
    assert read(tmp_path) == ({}, [])

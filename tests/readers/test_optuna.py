"""Optuna: what its own client says of the samples, and what a storage may be like otherwise."""

from __future__ import annotations

import json
import math
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runpages.model import Run
from runpages.readers import list_folder
from runpages.readers.optuna import OptunaReader
from runpages.testing import plain_run, read_all

READER = OptunaReader()
CASES = ["digits", "grid", "journal", "objectives", "old", "search"]
REFERENCE = Path(__file__).parent.parent / "golden/reference/optuna.jsonl"


def read(root: Path) -> tuple[list[Run], list[str]]:
    runs, notes = read_all({"optuna": READER}, root)
    return runs, [note.slug for note in notes]


def runs_of(case: Path) -> dict[str, Run]:
    return {run.name: run for run in read(case)[0]}


def changed(copy: Path, *statements: str) -> None:
    connection = sqlite3.connect(copy)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def said(value: Any) -> Any:
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def as_optuna_says(run: Run) -> dict[str, Any]:
    objectives = run.study.directions
    return {
        "id": run.id,
        "state": "fail" if run.study.state == "failed" else run.study.state,
        "params": {name: said(value) for name, value in sorted(run.params.items())},
        "values": {name: said(value) for name, value in run.results.items()},
        "intermediate": [
            [step, said(value)]
            for one in run.series
            for step, value in zip(one.steps.tolist(), one.values.tolist(), strict=True)
        ],
        "directions": dict(objectives),
        "started": run.started,
        "ended": run.ended,
    }


@pytest.fixture
def journal(samples: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(samples / "optuna" / "journal" / "optuna.log", tmp_path))


@pytest.fixture
def database(samples: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(samples / "optuna" / "digits" / "study.db", tmp_path))


@pytest.mark.parametrize("case", CASES)
def test_runs_of(case: str, samples: Path, golden: Callable[..., None]) -> None:
    runs, notes = read(samples / "optuna" / case)
    golden({"runs": [plain_run(run) for run in runs], "notes": notes})


def test_optuna_itself_says_the_same(samples: Path) -> None:
    expected = [json.loads(line) for line in REFERENCE.read_text().splitlines()]
    attributes = {line["id"]: line.pop("attributes") for line in expected}
    runs, _ = read(samples / "optuna")
    assert {run.id: as_optuna_says(run) for run in runs} == {line["id"]: line for line in expected}
    for run in runs:
        assert {name.partition(".")[0] for name in run.tags} >= set(attributes[run.id])


def test_a_pruned_trial_is_killed_and_says_when(samples: Path) -> None:
    pruned = [run for run in read(samples / "optuna" / "digits")[0] if run.study.state == "pruned"]
    assert {run.status for run in pruned} == {"killed"}
    assert all(run.reason == f"pruned at step {run.series[0].steps[-1]}" for run in pruned)


def test_the_last_trial_of_a_killed_worker_still_runs(samples: Path) -> None:
    runs = runs_of(samples / "optuna" / "digits")
    assert (runs["digits/14"].status, runs["digits/15"].study.state) == ("running", "waiting")


def test_samplers_are_known_by_what_they_leave(samples: Path) -> None:
    found = {run.group: run.study.sampler for run in read(samples / "optuna")[0]}
    assert found["digits"] == "TPESampler"
    assert found["wine grid"] == "GridSampler"
    assert found["error and size"] == "NSGAIISampler"
    assert found["unnamed"] == ""  # a random sampler leaves nothing


def test_choices_keep_what_they_are(samples: Path) -> None:
    runs = read(samples / "optuna" / "digits")[0]
    assert {run.params["penalty"] for run in runs if "penalty" in run.params} >= {None, "l2"}
    assert {run.params["average"] for run in runs if "average" in run.params} == {True, False}
    assert runs[0].study.space["penalty"] == {"choices": ["l2", "l1", None]}


def test_a_deleted_study_is_gone(journal: Path) -> None:
    assert {run.group for run in read(journal.parent)[0]} == {"digits-journal", "two"}


def test_a_journal_cut_in_a_line_keeps_the_lines_before(journal: Path) -> None:
    journal.write_bytes(journal.read_bytes()[:-400])
    runs, notes = read(journal.parent)
    assert len(runs) == 13  # the last line added a whole trial
    assert notes == ["json-torn"]


def test_a_second_worker_does_not_take_a_running_trial(journal: Path) -> None:
    first = {"op_code": 0, "worker_id": "a", "study_name": "s", "directions": [1]}
    create = {"op_code": 4, "worker_id": "a", "study_id": 0, "datetime_start": "2026-01-01T00:00:00"}
    again = {"op_code": 6, "worker_id": "b", "trial_id": 0, "state": 0, "values": None, "datetime_start": "2026-02-01"}
    done = {"op_code": 6, "worker_id": "a", "trial_id": 0, "state": 1, "values": [0.5]}
    late = {"op_code": 6, "worker_id": "b", "trial_id": 0, "state": 3, "values": None}
    journal.write_text("".join(json.dumps(line) + "\n" for line in (first, create, again, done, late)))
    (run,), _ = read(journal.parent)
    assert (run.status, run.results, run.started) == ("finished", {"value": 0.5}, 1767225600.0)


def test_journal_lines_of_nothing_known_are_passed_over(journal: Path) -> None:
    before = [run.id for run in read(journal.parent)[0]]
    with journal.open("a") as file:
        for line in ({"op_code": 10, "worker_id": "a"}, {"op_code": 5, "worker_id": "a", "trial_id": 999},
                     {"op_code": 4, "worker_id": "a", "study_id": -1}, {"op_code": "x", "worker_id": "a"},
                     {"op_code": 7, "worker_id": "a", "trial_id": True, "step": "1e99"}):  # fmt: skip
            file.write(json.dumps(line) + "\n")
    assert [run.id for run in read(journal.parent)[0]] == before


def test_a_changed_distribution_is_no_crash(database: Path) -> None:
    changed(
        database,
        """update trial_params set distribution_json = '{"name": "CategoricalDistribution", "attributes": {"choices": [[1], {"a": 2}]}}'
        where param_name = 'batches'""",
        "update trial_params set distribution_json = '[]' where param_name = 'alpha'",
        "update trial_params set param_value = 'text' where param_name = 'eta0'",
    )
    run = runs_of(database.parent)["digits/0"]
    assert run.params["batches"] == '{"a": 2}'
    assert run.params["alpha"] == 0.001
    assert math.isnan(float(str(run.params["eta0"])))
    assert set(run.study.space) == {"batches", "eta0", "penalty", "average"}


def test_notes_of_the_dashboard_are_the_runs_text(database: Path) -> None:
    changed(
        database,
        "insert into study_system_attributes values (90, 1, 'dashboard:note_str:0', '\"For all\"')",
        "insert into study_system_attributes values (91, 1, 'dashboard:2:note_str:0', '\"For \"')",
        "insert into study_system_attributes values (92, 1, 'dashboard:2:note_str:1', '\"one\"')",
    )
    runs = runs_of(database.parent)
    assert (runs["digits/0"].notes, runs["digits/1"].notes) == ("For all", "For one")


def test_what_is_still_in_the_log_beside_the_database_is_read(database: Path) -> None:
    connection = sqlite3.connect(database)
    connection.execute("pragma journal_mode = wal")
    connection.execute("update studies set study_name = 'renamed'")
    connection.commit()
    names = [path.name for path in database.parent.iterdir()]
    assert {run.group for run in read(database.parent)[0]} == {"renamed"}
    assert [path.name for path in database.parent.iterdir()] == names
    connection.close()


def test_other_databases_and_logs_are_left_alone(samples: Path, tmp_path: Path) -> None:
    shutil.copy(next((samples / "mlflow" / "sqlite").rglob("*.db")), tmp_path)
    (tmp_path / "train.log").write_text('{"epoch": 1, "worker_id": 3}\n')
    assert not list(READER.find(list_folder(tmp_path, ".")))

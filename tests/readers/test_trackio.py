"""Trackio's databases and inboxes: the samples, damaged copies, and what is not its."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from runpages.model import Run
from runpages.readers import list_folder
from runpages.readers.trackio import TrackioReader
from runpages.testing import plain_run, read_all

READER = TrackioReader()


def read(root: Path) -> tuple[list[Run], list[str]]:
    runs, notes = read_all({"trackio": READER}, root)
    return runs, [note.slug for note in notes]


def claimed(folder: Path) -> bool:
    return bool(list(READER.find(list_folder(folder, folder.name))))


def database(path: Path, rows: list[tuple[str, int, str]], config: str = "{}") -> None:
    """A database as trackio made them before runs had ids: a run is its name."""
    db = sqlite3.connect(path)
    db.execute(
        "create table metrics (id integer primary key, timestamp text, run_name text, step integer, metrics text)"
    )
    db.execute("create table configs (id integer primary key, run_name text, config text, created_at text)")
    db.executemany(
        "insert into metrics (timestamp, run_name, step, metrics) values ('2026-01-01T00:00:00', ?, ?, ?)", rows
    )
    db.execute("insert into configs (run_name, config) values ('a', ?)", (config,))
    db.commit()
    db.close()


@pytest.mark.parametrize("case", ["digits", "media", "inbox", "traced"])
def test_runs_of(case: str, samples: Path, golden: Callable[..., None]) -> None:
    runs, notes = read(samples / "trackio" / case)
    golden({"runs": [plain_run(run, points=False) for run in runs], "notes": notes})


def test_a_database_says_what_it_holds_itself(samples: Path) -> None:
    runs, _ = read(samples / "trackio" / "digits")
    db = sqlite3.connect(f"file:{samples / 'trackio/digits/digits.db'}?mode=ro&immutable=1", uri=True)
    told = db.execute("select run_id, step, metrics from metrics order by id").fetchall()
    db.close()
    for run in runs:
        expected = [
            (step, json.loads(text)["val/acc" if "lr-" in run.name else "acc"])
            for own, step, text in told
            if own == run.id
        ]
        found = next(one for one in run.series if one.name in ("val/acc", "acc"))
        assert list(zip(found.steps.tolist(), found.values.tolist(), strict=True)) == expected


def test_two_runs_of_one_name_stay_two(samples: Path) -> None:
    runs, _ = read(samples / "trackio" / "digits")
    assert [run.name for run in runs if run.group == "lr-0.3"] == ["lr-0.3", "lr-0.3"]
    assert len({run.id for run in runs}) == 5


def test_the_inbox_and_the_database_tell_a_row_once(samples: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(samples / "trackio" / "digits", copy)
    db = sqlite3.connect(f"file:{copy / 'digits.db'}?mode=ro", uri=True)
    run_id, name, step, metrics, log_id = db.execute(
        "select run_id, run_name, step, metrics, log_id from metrics limit 1"
    ).fetchone()
    db.close()
    line = {"kind": "metric", "project": "digits", "run": name, "run_id": run_id, "log_id": log_id, "step": step}
    (copy / "inbox" / "0").mkdir(parents=True)
    (copy / "inbox" / "0" / "00000000.jsonl").write_text(
        json.dumps(line | {"metrics": json.loads(metrics)})
        + "\n"
        + json.dumps(line | {"log_id": "new", "step": 999, "metrics": {"new": 1}})
    )
    before = {run.id: run for run in read(samples / "trackio" / "digits")[0]}[run_id]
    after = {run.id: run for run in read(copy)[0]}[run_id]
    counts = {one.name: len(one.steps) for one in before.series}
    assert {one.name: len(one.steps) for one in after.series} == {"new": 1} | counts


def test_words_for_what_json_cannot_say_are_numbers(samples: Path) -> None:
    (run,), _ = read(samples / "trackio" / "media")
    odd = next(one for one in run.series if one.name == "odd")
    assert np.isnan(odd.values[1])
    assert np.isposinf(odd.values[0])
    assert run.params["limit"] == np.inf


def test_pictures_tables_and_distributions_are_artifacts(samples: Path) -> None:
    (run,), _ = read(samples / "trackio" / "media")
    kinds = [(one.name, one.kind, one.step) for one in run.artifacts]
    assert kinds == [
        ("weights", "image", 0), ("coefficients", "histogram", 0), ("weights", "image", 11), ("coefficients", "histogram", 11),
        ("classes", "table", 12), ("words", "text", 12),
    ]  # fmt: skip


def test_a_picture_outside_the_folder_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(b"x")
    row = json.dumps({"a": {"_type": "trackio.image", "file_path": "../../secret.png"}})
    (tmp_path / "project").mkdir()
    database(tmp_path / "project" / "p.db", [("a", 0, row)])
    (run,), _ = read(tmp_path)
    assert run.artifacts == ()


def test_a_database_without_run_ids_is_read_by_names(tmp_path: Path) -> None:
    database(
        tmp_path / "old.db",
        [("a", 0, '{"loss": 2}'), ("b", 0, '{"loss": 3}'), ("a", 1, '{"loss": 1}')],
        '{"lr": 1, "_Group": "g"}',
    )
    runs, notes = read(tmp_path)
    assert {run.id: [one.values.tolist() for one in run.series] for run in runs} == {"old/a": [[2, 1]], "old/b": [[3]]}
    assert (runs[0].params, runs[0].group, notes) == ({"lr": 1}, "g", [])


def test_a_row_that_is_no_json_leaves_the_others(tmp_path: Path) -> None:
    database(tmp_path / "p.db", [("a", 0, '{"loss": 2}'), ("a", 1, '{"lo'), ("a", 2, "[" * 100_000)])
    (run,), notes = read(tmp_path)
    assert run.series[0].values.tolist() == [2]
    assert set(notes) == {"document-unreadable"}


def test_a_damaged_project_is_noted_and_leaves_the_others(tmp_path: Path) -> None:
    database(tmp_path / "good.db", [("a", 0, '{"loss": 2}')])
    whole = (tmp_path / "good.db").read_bytes()
    (tmp_path / "bad.db").write_bytes(whole[:4096] + b"\xff" * 4096)
    runs, notes = read(tmp_path)
    assert [run.id for run in runs] == ["good/a"]
    assert notes


def test_another_programs_database_is_not_claimed(samples: Path, tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "x.db")
    db.execute("create table metrics (run_uuid text, key text, value real)")
    db.close()
    assert not claimed(tmp_path)
    assert not read(samples / "mlflow" / "sqlite")[0]


def listed(run: Run, name: str) -> list[dict[str, object]]:
    """The rows of a run's table."""
    table = next(json.loads(one.data or b"") for one in run.artifacts if one.name == name)
    return [dict(zip(table["columns"], row, strict=True)) for row in table["data"]]


def test_traces_have_their_spans_state_time_and_tokens(samples: Path) -> None:
    answers = next(run for run in read(samples / "trackio" / "traced")[0] if run.name == "answers")
    traces, spans = listed(answers, "trackio/traces"), listed(answers, "trackio/spans")
    assert [(one["name"], one["state"], one["tokens"]) for one in traces] == [("answer", "OK", 16)] * 3 + [
        ("answer", "ERROR", 16)
    ]
    assert traces[0]["response"] == "It is a 2."
    assert [(one["name"], one["parent"], one["type"]) for one in spans[:2]] == [
        ("answer", "", "span"),
        ("predict", "root", "generation"),
    ]
    assert str(spans[-2]["error"]).startswith("it is a ")
    assert [series.name for series in answers.series] == ["right"]


def test_traces_in_an_inbox_are_the_same(samples: Path, tmp_path: Path) -> None:
    db = sqlite3.connect(f"file:{samples / 'trackio' / 'traced' / 'traced.db'}?mode=ro&immutable=1", uri=True)
    rows = db.execute(
        "select log_id, step, timestamp, run_id, messages, metadata, spans from traces order by step"
    ).fetchall()
    place = tmp_path / "inbox" / "0123456789abcdef"
    place.mkdir(parents=True)
    lines = [
        {"v": 1, "kind": "metric", "project": "traced", "run": "answers", "run_id": run_id, "log_id": log_id, "step": step, "timestamp": time,
         "metrics": {"answer": {"_type": "trackio.trace", "messages": json.loads(said), "metadata": json.loads(more), "spans": json.loads(spans)}}}
        for log_id, step, time, run_id, said, more, spans in rows
    ]  # fmt: skip
    (place / "00000000.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (run,) = read(tmp_path)[0]
    whole = next(run for run in read(samples / "trackio" / "traced")[0] if run.name == "answers")
    for name in ("trackio/traces", "trackio/spans"):
        own = ({"id", "trace"}, listed(run, name), listed(whole, name))
        assert [[value for key, value in row.items() if key not in own[0]] for row in own[1]] == [
            [value for key, value in row.items() if key not in own[0]] for row in own[2]
        ]


def test_an_artifact_comes_out_of_one_run_and_goes_into_the_next(samples: Path) -> None:
    trains, answers = read(samples / "trackio" / "traced")[0]
    (made,), (used,) = listed(trains, "outputs"), listed(answers, "inputs")
    assert made == used
    assert (made["name"], made["kind"], made["size"]) == ("digits-sgd:v0", "model", 112)
    (file,) = [one for one in trains.artifacts if one.name == "digits-sgd:v0/weights.json"]
    content = (samples / "trackio" / "traced" / file.path).read_bytes()
    assert file.digest == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert [one.path for one in trains.artifacts if one.name == "files/notes.txt"] == ["media/traced/files/notes.txt"]

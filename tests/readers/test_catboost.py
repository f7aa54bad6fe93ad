"""CatBoost's folders: the samples, damaged copies, and what stays other readers'."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from runpages import together
from runpages.errors import Notes
from runpages.find import Root, find
from runpages.model import Run
from runpages.readers import installed
from runpages.readers.catboost import CatboostReader
from runpages.testing import plain_run, read_all

READER = CatboostReader()
CASES = ["cancer", "folds", "killed", "named"]


def read(root: Path) -> tuple[list[Run], list[str]]:
    runs, notes = read_all({"catboost": READER}, root)
    return runs, [note.slug for note in notes]


@pytest.fixture
def folder(samples: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(samples / "catboost" / "cancer" / "shallow", tmp_path / "shallow"))


@pytest.mark.parametrize("case", CASES)
def test_runs_of(case: str, samples: Path, golden: Callable[..., None]) -> None:
    runs, notes = read(samples / "catboost" / case)
    golden({"runs": [plain_run(run) for run in runs], "notes": notes})


def test_catboosts_own_tables_say_the_same(samples: Path) -> None:
    for run in read(samples / "catboost")[0]:
        for file, subset in (("learn_error.tsv", "learn"), ("test_error.tsv", "test")):
            path = samples / "catboost" / run.id / file
            lines = path.read_text().splitlines() if path.exists() else ["iter"]
            header, *rows = list(csv.reader(lines, delimiter="\t"))
            expected = {name.removesuffix(":0"): [float(row[at]) for row in rows] for at, name in enumerate(header)}
            mine = {one.name: one.values.tolist() for one in run.series if one.context["subset"] == subset}
            assert set(mine) == set(expected) - {"iter"}
            if "MultiClass:0" not in header:  # with two evaluation sets the last column is the second set's
                assert all(mine[name] == expected[name] for name in mine)


def test_two_evaluation_sets_are_kept_apart(samples: Path) -> None:
    run = next(run for run in read(samples / "catboost" / "named")[0] if run.name == "three classes")
    assert [one.label for one in run.series] == [f"MultiClass{{subset={name}}}" for name in ("learn", "test", "test1")]


def test_all_iterations_done_is_finished_and_fewer_is_unknown(samples: Path) -> None:
    status = {run.id: run.status for run in read(samples / "catboost")[0]}
    assert status["cancer/steep/catboost_info"] == "finished"
    assert status["killed/catboost_info"] == "unknown"


def test_a_damaged_json_leaves_the_tables(folder: Path) -> None:
    (whole,), _ = read(folder)
    path = folder / "catboost_info" / "catboost_training.json"
    path.write_bytes(path.read_bytes()[:-500])
    (run,), notes = read(folder)
    assert notes == ["document-unreadable"]
    assert {one.label: one.values.tolist() for one in run.series} == {
        one.label: one.values.tolist() for one in whole.series
    }


def test_strange_shapes_in_the_json_are_no_crash(folder: Path) -> None:
    path = folder / "catboost_info" / "catboost_training.json"
    half = '{"meta": {"learn_sets": ["learn"], "learn_metrics": [3, {}]}, "iterations": [3, {"learn": 4, "iteration": "x"}]}'
    for strange in ("[]", '{"meta": 3, "iterations": {}}', half, '{"iterations": [{"passed_time": "1"}]}'):
        path.write_text(strange)
        (run,), _ = read(folder)
        assert run.series


def test_a_folder_with_the_tables_alone_is_a_run(folder: Path) -> None:
    (folder / "catboost_info" / "catboost_training.json").unlink()
    (run,), _ = read(folder)
    assert len(run.series) == 5


def test_its_event_files_are_no_runs_of_their_own(samples: Path) -> None:
    found = find([Root(samples / "catboost")], installed().readers)
    assert {source.reader for source in found.sources} == {"catboost"}
    assert not found.notes


def test_what_catboost_wrote_twice_counts_once(samples: Path) -> None:
    readers = installed().readers
    for source in find([Root(samples / "catboost")], readers).sources:
        (run,) = together.read(source, readers, Notes())
        assert run.tracker == "catboost"
        assert all("subset" in one.context for one in run.series)


def test_a_plain_file_beside_it_makes_no_second_run(folder: Path) -> None:
    inner = folder / "catboost_info"
    (inner / "params.json").write_text('{"depth": 4}')
    (inner / "metrics.csv").write_text("step,loss\n0,1\n1,0.5\n")
    found = find([Root(folder)], installed().readers)
    assert [(source.reader, source.key, source.beside) for source in found.sources] == [
        ("catboost", "catboost_info", ())
    ]


def test_any_folder_with_a_time_left_table_is_not_catboosts(tmp_path: Path) -> None:
    (tmp_path / "time_left.tsv").write_text("iter\tPassed\n0\t1\n")
    (tmp_path / "test_error.tsv").write_text("name,error\n")
    assert not read(tmp_path)[0]


def test_a_given_name_is_the_runs(samples: Path) -> None:
    meta = json.loads((samples / "catboost/named/runs/no eval set/catboost_training.json").read_text())["meta"]
    assert meta["name"] in {run.name for run in read(samples / "catboost" / "named")[0]}

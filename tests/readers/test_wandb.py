"""The W&B reader against what wandb's own scan found, and against damage."""

from __future__ import annotations

import hashlib
import json
import math
import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runpages.codecs.leveldb_log import read_log
from runpages.codecs.wandb_folder import as_seen
from runpages.codecs.wandb_items import Table, leaves, read_rows, tree_of
from runpages.codecs.wandb_log import Logged, RunLog, read_run_log
from runpages.codecs.wandb_media import from_logged
from runpages.codecs.wandb_series import last_values, of_history, of_stats, params, results, row_steps
from runpages.codecs.wire import Message
from runpages.errors import Note
from runpages.model import Run, Series, Study
from runpages.readers.wandb import WandbReader, trial_of
from runpages.testing import plain_run, read_all

TREE = Path(__file__).parent.parent.parent
SAMPLES = TREE / "sample_runs" / "wandb"
REFERENCE = [json.loads(line) for line in (TREE / "tests/golden/reference/wandb.jsonl").read_text().splitlines()]
LOGS = sorted({line["log"] for line in REFERENCE})
CASES = sorted(path.name for path in SAMPLES.iterdir() if path.is_dir())
AXES = {"_step", "_timestamp", "_runtime"}


def read(folder: Path) -> tuple[list[Run], list[Note]]:
    return read_all({"wandb": WandbReader()}, folder)


@cache
def decoded(log: str) -> tuple[RunLog, Table]:
    found = read_run_log(read_log((SAMPLES / log).read_bytes()))
    return found, read_rows(found.history)


def lines(log: str, key: str) -> list[dict[str, Any]]:
    return [line for line in REFERENCE if line["log"] == log and key in line]


def plain(value: Any) -> Any:
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def run_called(runs: list[Run], text: str) -> Run:
    return next(run for run in runs if text in run.tags or text in run.name)


@pytest.mark.parametrize("log", LOGS)
def test_every_point_is_the_one_that_wandbs_own_scan_finds(log: str) -> None:
    found, _ = decoded(log)
    table = read_rows(found.history)
    ours = {one.name: one for one in [*of_history(table, found.history, ()), *of_stats(found.stats)]}
    theirs = lines(log, "series")
    assert sorted(ours) == sorted(line["series"] for line in theirs)
    for line in theirs:
        same_points(ours[line["series"]], line)


def same_points(ours: Series, line: dict[str, Any]) -> None:
    steps, values = ours.steps.tolist(), [plain(value) for value in ours.values.tolist()]
    times = None if ours.times is None else ours.times.tolist()
    assert len(steps) == line["count"]
    if "sha256" in line:
        assert hashlib.sha256(json.dumps([steps, times, values]).encode()).hexdigest() == line["sha256"]
    else:
        assert steps == line["steps"]
        assert values == line["values"]
        assert times == pytest.approx(line["times"], abs=1e-6)


@pytest.mark.parametrize("log", LOGS)
def test_config_and_summary_are_those_of_wandbs_own_scan(log: str) -> None:
    found, table = decoded(log)
    ours, theirs = params(found.config), lines(log, "config")[0]["config"]
    assert {name.partition(".")[0] for name in ours} == {name.partition(".")[0] for name in theirs}
    for name, value in theirs.items():
        assert ours[name] == (json.dumps(value) if isinstance(value, list) else value)
    final = results(last_values(read_rows(found.summary, exact=True)))
    for name, value in lines(log, "summary")[0]["summary"].items():
        if name not in AXES:
            assert plain(final[name]) == value
    assert table.bad == 0


@pytest.mark.parametrize("log", LOGS)
def test_run_record_exit_and_artifacts_are_those_of_wandbs_own_scan(log: str) -> None:
    found, _ = decoded(log)
    theirs = lines(log, "kinds")[0]
    names = {"id": "run_id", "project": "project", "group": "run_group", "job_type": "job_type", "notes": "notes",
             "name": "display_name", "host": "host", "tags": "tags", "commit": "commit"}  # fmt: skip
    for ours, name in names.items():
        assert found.run.get(ours, "") == theirs["run"][name]
    assert found.run["started"] == pytest.approx(theirs["run"]["started"], abs=1e-6)
    assert found.exit_code == theirs.get("exit")
    assert [[one.type, one.name, [file[0] for file in one.files]] for one in found.artifacts] == theirs.get(
        "artifacts", []
    )
    assert len(found.history) == theirs["kinds"].get("history", 0)
    assert found.bad == 0


@pytest.mark.parametrize("case", CASES)
def test_reads(case: str, golden: Callable[..., None]) -> None:
    runs, notes = read(SAMPLES / case)
    golden(
        {
            "runs": [plain_run(run, points=False) for run in runs],
            "notes": [f"{note.slug}: {note.what}" for note in notes],
        }
    )


@pytest.mark.parametrize("log", [log for log in LOGS if re.search("media|part1|v0.13", log)])
def test_a_log_cut_at_fifty_places_keeps_the_beginning(log: str, tmp_path: Path) -> None:
    source = (SAMPLES / log).parent
    target = tmp_path / source.name
    shutil.copytree(source, target)
    path = next(target.glob("*.wandb"))
    data = path.read_bytes()
    counts = []
    for part in range(50):
        path.write_bytes(data[: len(data) * part // 50])
        runs, notes = read(tmp_path)
        assert {note.slug for note in notes} <= {"wandb-torn", "wandb-empty"}
        whole = any(run.reason for run in runs)  # cut between two records: nothing is torn, but no end is recorded
        assert notes or whole or part == 0
        counts.append(sum(len(one.steps) for run in runs for one in run.series))
        assert all(run.status == "unknown" for run in runs if run.reason)
    assert counts == sorted(counts)
    assert counts[-1] > 0


def test_a_killed_run_has_no_end_and_says_so() -> None:
    runs, notes = read(SAMPLES / "current-ended")
    killed = run_called(runs, "killed")
    assert (killed.status, killed.reason) == ("unknown", "no end is recorded: still running, or killed")
    assert [note.slug for note in notes] == ["wandb-torn"]
    assert "epoch 5: loss" in killed.log  # output.log stops at the first line: the log's own records went on


def test_a_run_that_raised_has_failed_with_its_traceback() -> None:
    failed = run_called(read(SAMPLES / "current-ended")[0], "failed")
    assert (failed.status, failed.reason) == ("failed", "exit code 1")
    assert "RuntimeError: loss is not finite <after> epoch 3" in failed.log


def test_both_writers_give_nested_keys_the_same_names() -> None:
    old, new = (run_called(read(SAMPLES / case)[0], "awkward") for case in ("v0.16-mixed", "current-ended"))
    names = [{one.name for one in run.series if not one.name.startswith("system.")} for run in (old, new)]
    assert names[0] - {""} == names[1]  # newer clients leave a metric without a name out
    assert {"train.grad.norm", "train/loss", "nested.a.b", "nested.c.d", "dotted.key", "sp ace/ü"} <= names[0]


def test_nan_and_infinity_survive() -> None:
    run = run_called(read(SAMPLES / "current-ended")[0], "awkward")
    series = {one.name: one.values.tolist() for one in run.series}
    assert all(math.isnan(value) for value in series["nan"])
    assert series["inf"] == [math.inf] * 4
    assert series["-inf"] == [-math.inf] * 4


def test_metrics_follow_their_step_metric_and_hidden_ones_stay_out() -> None:
    run = run_called(read(SAMPLES / "current-digits")[0], "digits")
    series = {one.name: one for one in run.series}
    assert series["val/acc"].step_name == "epoch"
    assert series["val/acc"].steps.tolist() == [0, 1, 2, 3, 4, 5]
    assert series["train/loss"].step_name == "step"
    assert "epoch" not in series
    assert run.results["epoch"] == 5


def test_a_resumed_run_is_one_run() -> None:
    runs, notes = read(SAMPLES / "current-resumed")
    assert [run.id for run in runs] == ["part1"]
    assert [note.slug for note in notes] == ["wandb-resumed"]
    accuracy = next(one for one in runs[0].series if one.name == "val/acc")
    assert accuracy.steps.tolist() == [0, 1, 0, 1, 2]


def test_every_medium_is_an_artifact_whose_file_is_there() -> None:
    runs, _ = read(SAMPLES / "current-media")
    artifacts = runs[0].artifacts
    kinds = {one.kind for one in artifacts}
    assert {"image", "audio", "video", "table", "histogram", "figure", "html"} <= kinds
    for one in artifacts:
        assert one.data is not None or (SAMPLES / "current-media" / one.path).is_file()
    model = next(one for one in artifacts if one.name == "digits-mlp")
    assert json.loads(model.data or b"")["data"][1][0] == "weights.npz"


def test_code_commit_patch_and_packages_are_there() -> None:
    run = read(SAMPLES / "current-media")[0][0]
    assert re.fullmatch("[0-9a-f]{40}", run.code.commit)
    assert run.code.repository == "https://git.example.org/ana/digits.git"
    assert "+# lr is tuned by hand" in run.code.patch
    assert run.code.command == "python train.py --case media --epochs 2"
    assert run.environment["package.wandb"] == "0.31.0"


def test_without_its_log_a_run_is_read_from_the_files_beside_it(tmp_path: Path) -> None:
    source = next((SAMPLES / "v0.16-mixed").glob("offline-run-*"))
    shutil.copytree(source, tmp_path / source.name, ignore=shutil.ignore_patterns("*.wandb"))
    runs, notes = read(tmp_path)
    assert [run.id for run in runs] == [source.name.rpartition("-")[2]]
    assert runs[0].host == "lab-03"
    assert not notes


def test_a_copied_latest_run_is_not_read_twice(tmp_path: Path) -> None:
    source = next((SAMPLES / "v0.13-digits").glob("offline-run-*"))
    for name in (source.name, "latest-run"):
        shutil.copytree(source, tmp_path / "wandb" / name)
    runs, _ = read(tmp_path)
    assert len(runs) == 1
    shutil.rmtree(tmp_path / "wandb" / source.name)
    assert len(read(tmp_path)[0]) == 1


def test_a_runs_folder_can_be_named_itself() -> None:
    source = next((SAMPLES / "current-media").glob("offline-run-*"))
    runs, _ = read(source)
    assert runs[0].id == source.name.rpartition("-")[2]
    assert all(one.data is not None or (source / one.path).is_file() for one in runs[0].artifacts)


def test_a_log_of_something_else_is_noted(tmp_path: Path) -> None:
    folder = tmp_path / "offline-run-20260101_000000-abc"
    folder.mkdir()
    (folder / "run-abc.wandb").write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    runs, notes = read(tmp_path)
    assert not runs
    assert [note.slug for note in notes] == ["wandb-not-a-log", "wandb-empty"]


def test_a_medium_with_a_path_outside_keeps_its_words_only() -> None:
    from runpages.codecs.wandb_media import from_value

    for path in ("../../etc/passwd", "/etc/passwd", "a\\..\\b"):
        found = list(from_value("x", {"_type": "image-file", "path": path}, 0, "files/"))
        assert [(one.kind, one.path) for one in found] == [("text", "")]


def test_progress_bars_and_colours_are_as_last_seen() -> None:
    assert as_seen("10%\r50%\r100%\n\x1b[31mred\x1b[0m\r\ndone") == "100%\nred\ndone"


def item(path: list[str], value: str, typed: bool) -> bytes:
    keys = [(0x12, key) for key in path] if len(path) > 1 or typed else [(0x0A, path[0])]
    body = b"".join(bytes([tag]) + sized(key.encode()) for tag, key in keys)
    return b"\x0a" + sized(body + b"\x82\x01" + sized(value.encode()))


def sized(data: bytes) -> bytes:
    length, out = len(data), b""
    while length > 127:
        out += bytes([length & 127 | 128])
        length >>= 7
    return out + bytes([length]) + data


numbers = st.floats() | st.integers(-(2**70), 2**70)
values = (
    numbers
    | st.text(max_size=8)
    | st.booleans()
    | st.none()
    | st.dictionaries(st.text("ab\n", max_size=2), numbers, max_size=2)
)
keys = st.lists(st.text("ab/ü\n\x82\x01 .é", max_size=140), min_size=1, max_size=3)
a_row = st.lists(st.tuples(keys, values, st.booleans()), max_size=4)


@given(st.lists(a_row, max_size=6), st.integers(1, 6))
def test_rows_taken_apart_at_once_are_the_rows_read_one_by_one(rows: list[Any], times: int) -> None:
    payloads = []
    for number, row in enumerate(rows * times * 4):
        body = b"".join(item(path, json.dumps(value), typed) for path, value, typed in row)
        step = sized(b"\x08" + bytes([number % 128])) if number else b"\0"
        payloads.append(body + b"\x12" + step)
    fast = read_rows(payloads)
    assert row_steps(fast, payloads).tolist() == [number % 128 for number in range(len(payloads))]
    for number, payload in enumerate(payloads):
        names: dict[str, Any] = {}
        for name, value in leaves(tree_of(Message(payload).children(1))):
            names.setdefault(name, value)
        for name, value in names.items():
            if isinstance(value, bool | int | float):
                where, found = fast.columns[name]
                at = where.tolist().index(number)
                assert repr(float(value)) == repr(float(found[at]))
    assert fast.bad == 0


@pytest.mark.parametrize("count", [1, 40])
def test_of_a_key_that_a_row_names_twice_the_last_counts(count: int) -> None:
    twice = item(["a"], "1.5", False) + item(["b"], "7", False) + item(["a"], "2.5", False)
    table = read_rows([twice + b"\x12" + sized(b"\x08" + bytes([row])) for row in range(count)])
    assert [(name, rows.tolist(), values.tolist()) for name, (rows, values) in table.columns.items()] == [
        ("a", list(range(count)), [2.5] * count),
        ("b", list(range(count)), [7.0] * count),
    ]


def test_artifacts_that_were_used_go_in_and_those_that_were_logged_come_out() -> None:
    made = Logged("model", "net", "d41d", files=(("a.pt", 7, "x", "s3://bucket/a.pt"), ("b.pt", 5, "y", "")))
    hidden = Logged("wandb-history", "history")
    tables = {
        one.name: json.loads(one.data or b"")
        for one in from_logged([made, hidden], [("dataset", "digits:v3"), ("job", "j")])
    }
    assert tables["inputs"]["data"] == [["digits:v3", "dataset", "", None, "", ""]]
    assert tables["outputs"]["data"] == [["net", "model", "d41d", 12, "s3://bucket/a.pt", ""]]
    run = read(SAMPLES / "current-digits")[0][0]
    assert [one.name for one in run.artifacts if one.key == "lineage/outputs"] == ["outputs"]


def test_a_run_of_a_sweep_is_a_trial_of_it() -> None:
    assert trial_of({"sweep": "s7xk2p"}, "finished") == Study("s7xk2p", state="complete")
    assert trial_of({"sweep": "s7xk2p"}, "unknown").state == "running"
    assert all(run.study == Study() for run in read(SAMPLES / "current-digits")[0])


@pytest.mark.parametrize(
    "name", ["x" * 10_000_000, "größe/ü\u202e", "a/b//c/", "..", "<script>alert(1)</script>", "a" + ".b" * 300]
)
def test_a_hostile_name_of_a_metric_keeps_its_values(name: str) -> None:
    rows = [item([name], str(row), False) + b"\x12" + sized(b"\x08" + bytes([row])) for row in range(3)]
    table = read_rows(rows)
    ((shown, (_, values)),) = table.columns.items()
    assert values.tolist() == [0.0, 1.0, 2.0]
    assert len(shown) < 2_000
    assert name.startswith(shown[:50])


def test_a_key_that_changes_its_type_keeps_the_numbers_and_the_last_word() -> None:
    texts = ["1", '"two"', "3", "null", '{"a": 4}', "true"]
    table = read_rows(
        [item(["k"], text, False) + b"\x12" + sized(b"\x08" + bytes([row])) for row, text in enumerate(texts)]
    )
    assert [(rows.tolist(), values.tolist()) for rows, values in table.columns.values()] == [
        ([0, 2, 5], [1.0, 3.0, 1.0]),
        ([4], [4.0]),
    ]
    assert table.rest == [(1, "k", "two"), (3, "k", None)]
    assert last_values(table)["k"] == 1.0


def test_nesting_without_end_is_no_crash() -> None:
    deep = "[" * 100_000 + "]" * 100_000
    table = read_rows(
        [item(["k"], deep, False) + b"\x12\0", item(["k"], '{"a":' * 5_000 + "1" + "}" * 5_000, False) + b"\x12\0"]
    )
    assert table.rows == 2

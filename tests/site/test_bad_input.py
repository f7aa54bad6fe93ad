"""What is wrong with the input is said in a sentence; all other runs are there, and nothing of the user's is touched."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from runpages.testing import tree_hash

EVIL = "<script>alert(1)</script>"


def run(room: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`runpages ARGUMENTS` as a user runs it in the folder `room`; never a traceback."""
    done = subprocess.run([sys.executable, "-m", "runpages", *arguments], cwd=room, capture_output=True, text=True)
    assert "Traceback" not in done.stderr + done.stdout
    return done


def read(room: Path, *, expect: int = 0) -> list[dict[str, object]]:
    """Build `runs`, check that it was only read, and return what the site's data says."""
    before = tree_hash(room / "runs")
    done = run(room, "build", "runs", "--quiet")
    assert done.returncode == expect, done.stderr
    assert tree_hash(room / "runs") == before
    return [json.loads(line) for line in (room / "site" / "data" / "runs.jsonl").read_text().splitlines()]


@pytest.fixture
def room(samples: Path, tmp_path: Path) -> Path:
    """A folder with one whole run in `runs/good`."""
    shutil.copytree(samples / "plain" / "full" / "digits-mlp", tmp_path / "runs" / "good")
    return tmp_path


def test_an_empty_folder_is_a_page_that_says_what_was_looked_for(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    done = run(tmp_path, "build", "runs")
    assert done.returncode == 0
    assert "no runs" in done.stdout.lower()
    page = (tmp_path / "site" / "index.html").read_text()
    assert "MLflow" in page
    assert "No runs" in page
    assert not (tmp_path / "site" / "compare.html").exists()


@pytest.mark.parametrize("what", ["missing", "file"])
def test_a_source_that_is_no_folder_is_an_error_of_usage(what: str, tmp_path: Path) -> None:
    if what == "file":
        (tmp_path / "runs").write_text("a file")
    done = run(tmp_path, "build", "runs")
    assert done.returncode == 2
    assert "runs" in done.stderr
    assert not (tmp_path / "site").exists()


def test_a_run_without_metrics_has_a_page(room: Path) -> None:
    (room / "runs" / "bare").mkdir()
    (room / "runs" / "bare" / "params.json").write_text('{"lr": 0.1}')
    (room / "runs" / "bare" / "status").write_text("failed")
    lines = read(room)
    assert {line["id"] for line in lines} == {"bare", "good"}
    assert (room / "site" / "runs" / "bare.html").is_file()


def test_a_torn_event_file_keeps_what_came_before(room: Path, samples: Path) -> None:
    shutil.copytree(samples / "tensorboard" / "torch", room / "runs" / "tb")
    (events, *_) = sorted((room / "runs" / "tb").rglob("*tfevents*"), key=lambda path: -path.stat().st_size)
    events.write_bytes(events.read_bytes()[:-7])
    lines = read(room)
    assert {"good"} < {str(line["id"]) for line in lines}
    assert "torn" in (room / "site" / "notes.html").read_text()


def test_params_that_are_no_yaml_are_a_note(room: Path) -> None:
    bad = room / "runs" / "bad"
    bad.mkdir()
    (bad / "params.yaml").write_text("a: [1, 2\n b: {")
    (bad / "metrics.csv").write_text("step,loss\n0,1\n1,0.5\n")
    lines = read(room)
    (line,) = [line for line in lines if line["id"] == "bad"]
    assert line["warnings"]
    assert dict(line["metrics"])["loss"]["last"] == 0.5  # type: ignore[call-overload]
    assert run(room, "build", "runs", "--strict", "--quiet").returncode == 2


def test_a_name_of_ten_megabytes_is_cut_not_lost(room: Path) -> None:
    long = room / "runs" / "long"
    long.mkdir()
    (long / "run.json").write_text(json.dumps({"name": "n" * 10_000_000}))
    (long / "params.json").write_text(json.dumps({"p" * 100_000: 1, "lr": 0.1}))
    (long / "metrics.csv").write_text("step,loss\n0,1\n1,0.5\n")
    lines = read(room)
    assert {"good", "long"} == {line["id"] for line in lines}
    assert max(path.stat().st_size for path in (room / "site").glob("*.html")) < 1_000_000
    assert (room / "site" / "runs" / "long.html").stat().st_size < 1_000_000


def test_a_script_in_every_name_stays_text(room: Path) -> None:
    evil = room / "runs" / EVIL.replace("/", "_")
    evil.mkdir()
    (evil / "params.json").write_text(json.dumps({EVIL: EVIL}))
    (evil / "metrics.csv").write_text(f"step,{EVIL}\n0,1\n1,2\n")
    (evil / "notes.md").write_text(EVIL)
    (evil / "run.json").write_text(json.dumps({"name": EVIL, "group": EVIL, "tags": {EVIL: EVIL}}))
    (evil / "train.log").write_text(EVIL)
    assert len(read(room)) == 2
    for page in (room / "site").rglob("*.html"):
        assert not re.search(r"<script>alert", page.read_text())


def test_too_many_broken_runs_stop_the_build(room: Path, samples: Path) -> None:
    for number in range(3):
        shutil.copytree(samples / "mlflow" / "sqlite", room / "runs" / f"bad-{number}")
        (store,) = (room / "runs" / f"bad-{number}").rglob("*.db")
        store.write_bytes(store.read_bytes()[:3000])
    done = run(room, "build", "runs", "--max-bad-runs", "2")
    assert done.returncode == 4
    assert run(room, "build", "runs", "--max-bad-runs", "3").returncode == 0


def test_a_folder_that_is_not_ours_is_not_replaced(room: Path) -> None:
    (room / "site").mkdir()
    (room / "site" / "thesis.tex").write_text("years of work")
    done = run(room, "build", "runs")
    assert done.returncode == 6
    assert "--force" in done.stderr
    assert (room / "site" / "thesis.tex").read_text() == "years of work"

"""The command line as people meet it: words, exit codes, what is written, what a pipe gets."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pyarrow.parquet
import pytest

COMMAND = [sys.executable, "-m", "runpages"]


def run(room: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """`runpages ARGUMENTS` in the folder `room`, its output not a terminal."""
    return subprocess.run([*COMMAND, *arguments], cwd=room, capture_output=True, env=os.environ | environment)


def said(room: Path, *arguments: str) -> str:
    """What a command that succeeds says."""
    done = run(room, *arguments)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


@pytest.fixture(scope="module")
def room(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with real runs of three trackers in `runs`."""
    folder = tmp_path_factory.mktemp("cli")
    for name in ("lightning", "plain"):
        shutil.copytree(samples / name, folder / "runs" / name)
    shutil.copytree(samples / "mlflow" / "filestore", folder / "runs" / "mlflow")
    return folder


def test_help_shows_how_to_begin() -> None:
    words = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True, check=True).stdout
    assert "runpages build runs/" in words
    for name in ("build", "inspect", "export", "publish", "serve", "compare"):
        assert re.search(rf"^  {name}\b", words, re.MULTILINE)
        one = subprocess.run([*COMMAND, name, "--help"], capture_output=True, text=True, check=True).stdout
        assert len(one) > 200


def test_a_build_in_a_pipe_is_plain_lines(room: Path) -> None:
    words = said(room, "build", "runs")
    assert re.search(r"^  lightning +9 runs$", words, re.MULTILINE)
    assert re.search(r"^  \d+ runs, \d+ metrics, \d+ notes? +[\d.]+ s$", words, re.MULTILINE)
    assert re.search(r"^  wrote site: \d+ pages, [\d.]+ MB +[\d.]+ s$", words, re.MULTILINE)
    assert "open  site/index.html" in words
    assert "\x1b" not in words


def test_quiet_says_nothing_and_json_says_one_object(room: Path) -> None:
    assert said(room, "build", "runs", "--quiet") == ""
    done = json.loads(said(room, "build", "runs", "--json"))
    assert done["runs"] == sum(one["runs"] for one in done["readers"].values())
    assert done["open"] == "site/index.html"


def test_inspect_writes_nothing_and_names_every_source(room: Path) -> None:
    before = {path for path in room.rglob("*") if ".cache" not in path.parts}
    words = said(room, "inspect", "runs")
    assert {path for path in room.rglob("*") if ".cache" not in path.parts} == before
    assert re.search(r"^  lightning +lightning/digits-sweep/lightning_logs/version_0  1 run$", words, re.MULTILINE)


def test_inspect_explains_what_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "runs" / "pictures").mkdir(parents=True)
    (tmp_path / "runs" / "pictures" / "cat.png").write_bytes(b"\x89PNG")
    assert "pictures: Not a run" in said(tmp_path, "inspect", "runs", "--explain")


def test_export_is_every_run_in_every_format(room: Path) -> None:
    lines = [json.loads(line) for line in said(room, "export", "runs").splitlines()]
    rows = list(csv.DictReader(io.StringIO(said(room, "export", "runs", "--format", "csv"))))
    markdown = said(room, "export", "runs", "--format", "markdown", "--columns", "name,status").splitlines()
    run(room, "export", "runs", "--format", "parquet", "-o", "runs.parquet")
    parquet = pyarrow.parquet.read_table(room / "runs.parquet")
    assert len(lines) == len(rows) == len(markdown) - 2 == parquet.num_rows
    assert [line["id"] for line in lines] == [row["id"] for row in rows] == parquet["id"].to_pylist()
    assert (
        list(lines[0])
        == (
            "id name tracker group parent status started ended user host params metrics results tags notes code environment "
            "artifacts warnings source"
        ).split()
    )


def test_a_number_leaves_as_exactly_as_it_came(room: Path) -> None:
    values = {
        line["id"]: {name: stat["last"] for name, stat in line["metrics"].items()}
        for line in map(json.loads, said(room, "export", "runs/lightning").splitlines())
    }
    (name, last), *_ = values["digits-sweep/lightning_logs/version_0"].items()
    text = (room / "runs/lightning/digits-sweep/lightning_logs/version_0/metrics.csv").read_text()
    assert repr(last) in text or str(last) in text, name


def test_an_unknown_column_says_which_there_are(room: Path) -> None:
    done = run(room, "export", "runs", "--format", "csv", "--columns", "nme")
    assert done.returncode == 2
    assert b"no column nme" in done.stderr
    assert b"name" in done.stderr


def test_a_reader_of_the_pipe_may_stop(room: Path) -> None:
    shell = f"{sys.executable} -m runpages export runs | head -c 10"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", shell], cwd=room, capture_output=True)
    assert b"Traceback" not in done.stderr


def test_compare_says_what_differs(room: Path) -> None:
    words = said(room, "compare", "lr-0.3/seed-0", "lr-0.3/seed-1", "-s", "runs/plain/digits-sweep")
    assert "seed" in words
    assert "width" not in words


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["build", "nowhere"], "no folder nowhere"),
        (["build", "--profile", "loud"], "loud"),
        (["export", "runs", "--format", "xml"], "xml"),
        (["compare", "nobody", "nothing", "-s", "runs"], "nobody"),
        (["publish", "ftp://x/y"], "ftp"),
    ],
)
def test_a_mistake_is_exit_code_two_or_six_and_a_sentence(room: Path, arguments: list[str], word: str) -> None:
    done = run(room, *arguments)
    assert done.returncode in (2, 6)
    assert word in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def test_strict_stops_at_the_first_note(room: Path) -> None:
    done = run(room, "build", "runs", "--strict")
    assert done.returncode == 2
    assert b"with --strict" in done.stderr


def test_the_site_is_served_on_this_machine_only_until_interrupted(room: Path) -> None:
    server = subprocess.Popen([*COMMAND, "serve", "runs/lightning", "--port", "0"], cwd=room, stdout=subprocess.PIPE)
    assert server.stdout is not None
    line = next(line for line in server.stdout if b"serving" in line).decode()
    url = line.split()[1]
    assert url.startswith("http://127.0.0.1:")
    with urllib.request.urlopen(url) as answer:  # noqa: S310
        assert b"Experiment report" in answer.read()
    server.send_signal(signal.SIGINT)
    assert server.wait(20) == 0
    server.stdout.close()

"""All readers together: one sample of each in one folder, a third party's package, and how much looking costs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from runpages.find import Root, find
from runpages.readers import Folder, Reader, installed
from runpages.readers.plain import PlainReader
from runpages.testing import check_reader

MOST_PEEKS = 8  # of one reader in one folder: a look per file that may be its own, never a look into everything


def inspected(folder: Path, **more: str) -> dict[str, Any]:
    """What `runpages inspect --json` says of a folder, in a process of its own."""
    told = subprocess.run(
        [sys.executable, "-m", "runpages", "inspect", ".", "--json", "--executor", "serial"],
        cwd=folder, env={**os.environ, **more}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(told.stdout)
    return found


@pytest.fixture
def one_of_each(samples: Path, tmp_path: Path) -> Path:
    """A folder with the first sample of every reader that is installed, each under its reader's name."""
    room = tmp_path / "runs"
    for name in installed().readers:
        first = next(path for path in sorted((samples / name).iterdir()) if path.is_dir())
        shutil.copytree(first, room / name)
    return room


def test_each_format_is_named_rightly_and_none_clashes(one_of_each: Path) -> None:
    found = inspected(one_of_each)
    owners: dict[str, set[str]] = {}
    for source in found["sources"]:
        owners.setdefault(source["where"].partition("/")[0], set()).add(source["reader"])
    assert owners == {name: {name} for name in installed().readers}
    assert not [note for note in found["messages"] if note["slug"] in ("two-readers", "not-mine", "reader-failed")]


def test_inspecting_draws_nothing(one_of_each: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "runpages", "inspect", "plain"],
        cwd=one_of_each, capture_output=True, text=True, check=True,
    )  # fmt: skip
    imported = {line.rpartition("|")[2].strip() for line in told.stderr.splitlines() if line.startswith("import time:")}
    assert "runpages.survey" in imported
    assert not imported & {"altair", "mkdocs", "jinja2", "pandas", "vl_convert", "runpages.build", "runpages.charts"}


@pytest.mark.parametrize("name", sorted(installed().readers))
def test_looking_for_runs_opens_few_files(name: str, samples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    peeked: dict[Path, set[str]] = {}
    whole = Folder.peek

    def noted(self: Folder, file: str, size: int = 4096) -> bytes:
        peeked.setdefault(self.path, set()).add(file)
        assert size <= 256 * 1024
        return whole(self, file, size)

    monkeypatch.setattr(Folder, "peek", noted)
    reader: Reader = installed().readers[name]
    find([Root(samples)], {name: reader})
    assert max(map(len, peeked.values()), default=0) <= MOST_PEEKS


def test_a_third_partys_reader_is_found_once_it_is_installed(tree: Path, tmp_path: Path) -> None:
    package, target, runs = tmp_path / "package", tmp_path / "installed", tmp_path / "runs"
    shutil.copytree(tree / "docs/guide/example-reader", package)
    assert len((package / "runpages_tally.py").read_text().splitlines()) < 100
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--target", str(target), str(package)],
        check=True, capture_output=True,
    )  # fmt: skip
    (runs / "first").mkdir(parents=True)
    (runs / "first" / "tally.ini").write_text("[run]\nname = first\n[params]\nlr = 0.1\n")
    (runs / "first" / "tally.log").write_text("0 loss 2.5\n1 loss 1.5\nnonsense\n")
    path = os.pathsep.join(part for part in (str(target), os.environ.get("PYTHONPATH", "")) if part)
    found = inspected(runs, PYTHONPATH=path)
    assert found["sources"] == [{"reader": "tally", "where": "first", "runs": 1}]
    assert [note["slug"] for note in found["messages"]] == ["tally-bad-line"]
    assert inspected(runs)["sources"] == []  # not installed: nobody knows it


def test_the_example_obeys_the_laws(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tree / "docs/guide/example-reader")
    tally = __import__("runpages_tally")
    sample = tmp_path / "sample"
    (sample / "first").mkdir(parents=True)
    (sample / "first" / "tally.ini").write_text("[run]\nname = first\n[params]\nlr = 0.1\n")
    (sample / "first" / "tally.log").write_text("0 loss 2.5\n1 loss 1.5\n")
    (tmp_path / "scratch").mkdir()
    check_reader(tally.TallyReader(), sample, tmp_path / "scratch")


def test_the_guide_shows_the_package_as_it_is(tree: Path) -> None:
    guide = (tree / "docs/guide/write-a-reader.md").read_text()
    package = tree / "docs/guide/example-reader"
    for block in guide.split("```")[1::2]:
        kind, _, code = block.partition("\n")
        if kind == 'python title="runpages_tally.py"':
            assert code in (package / "runpages_tally.py").read_text()
        elif kind == "toml":
            assert code in (package / "pyproject.toml").read_text()


def test_every_folder_is_told_why_it_is_a_run_or_not(tmp_path: Path) -> None:
    (tmp_path / "runs" / "a").mkdir(parents=True)
    (tmp_path / "runs" / "a" / "metrics.csv").write_text("step,loss\n0,1\n")
    (tmp_path / "runs" / "b").mkdir()
    (tmp_path / "runs" / "b" / "config.yaml").write_text("a: 1\n")
    told = subprocess.run(
        [sys.executable, "-m", "runpages", "inspect", "runs", "--explain", "--json"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    explained = dict(line.split(": ", 1) for line in json.loads(told.stdout)["explained"])
    assert explained["a"] == "A run: metrics.csv holds measurements."
    assert explained["b"].startswith("Not a run: config.yaml alone is no run")
    assert hasattr(PlainReader(), "explain")

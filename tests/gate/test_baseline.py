"""The baseline, wherever it lies, and the command that compares with it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.gate.conftest import normal, side, write_runs
from tests.gate.test_ci import git

from runpages.cli import main
from runpages.config import Config
from runpages.errors import ConfigError
from runpages.gate import rules_from
from runpages.gate.baseline import resolve
from runpages.gate.records import condition, record_from
from runpages.history import Cell, Entry, entry_lines, merged, open_shelf, parse_entry, parse_history, published
from runpages.history.entry import plain_entry
from runpages.history.shelf import remembered


def line(run: int, value: float, seed: int) -> str:
    """A run as the export writes it."""
    stat = dict.fromkeys(("first", "last", "min", "max", "mean"), value)
    return json.dumps(
        {"id": f"r{run}", "name": f"r{run}", "params": {"lr": 0.1, "seed": seed}, "metrics": {"val/accuracy": stat}}
    )


def publish(folder: Path, at: str, commit: str, mean: float, seed: int) -> None:
    """A report on disk: what the gate and the history read of one."""
    values = normal(mean, 6, seed=seed)
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "runs.jsonl").write_text("\n".join(line(n, value, n) for n, value in enumerate(values)) + "\n")
    entry = Entry(
        "Digits",
        at,
        commit,
        "main",
        "1",
        6,
        "val/accuracy",
        {"val/accuracy": "max"},
        (Cell("k", "lr 0.1", {"val/accuracy": tuple(values)}),),
    )
    (folder / "data" / "report.json").write_text(json.dumps(plain_entry(entry)))


NOW = side({"val/accuracy": normal(0.9, 6, seed=9)})


def found(where: str, base: Path) -> tuple[str, int, int]:
    _, baseline = resolve(where, NOW, rules_from({}), Config(), base)
    return baseline.source, len(baseline.runs), len(baseline.reports)


def test_a_file_a_site_and_a_folder_of_reports(alone: Path) -> None:
    for n in range(6):
        publish(alone / "reports" / f"r{n}", f"2026-01-0{n + 1}T00:00:00Z", f"{n}" * 40, 0.9, n)
    assert found("reports/r3/data/runs.jsonl", alone) == ("reports/r3/data/runs.jsonl", 6, 0)
    assert found("file:reports/r3/data/runs.jsonl", alone)[1:] == (6, 0)
    assert found("reports/r3", alone)[1:] == (6, 0)
    assert found("reports", alone) == ("reports, r5, 5555555", 6, 4)


def test_a_branch_and_a_tag_are_read_without_a_checkout(alone: Path) -> None:
    git("init", "--quiet", "--bare", "origin.git", cwd=alone)
    git("clone", "--quiet", "origin.git", "work", cwd=alone)
    work = alone / "work"
    publish(work / "main" / "1", "2026-01-01T00:00:00Z", "a" * 40, 0.9, 1)
    publish(work / "pr" / "2", "2026-01-02T00:00:00Z", "b" * 40, 0.9, 2)
    git("add", "-A", cwd=work)
    git("commit", "-qm", "reports", cwd=work)
    git("push", "-q", "origin", "HEAD:gh-pages", cwd=work)
    git("tag", "v1", cwd=work)
    before = sorted((path, path.stat().st_mtime_ns) for path in work.rglob("*"))
    assert found("branch:gh-pages", work) == ("branch:gh-pages, pr/2, bbbbbbb", 6, 2)
    assert found("branch:gh-pages:main", work) == ("branch:gh-pages:main, 1, aaaaaaa", 6, 1)
    assert found("tag:v1", work)[1:] == (6, 2)
    assert sorted((path, path.stat().st_mtime_ns) for path in work.rglob("*")) == before


@pytest.mark.parametrize(
    "where",
    ["", "branch:gh-pages", "tag:v9", "nowhere", "run:nobody", "query:param:lr=7", "query:what?", "empty.jsonl"],
)
def test_what_is_not_there_is_said_with_the_way_out(where: str, alone: Path) -> None:
    (alone / "empty.jsonl").write_text('{"id": 3, "params": []}\n')
    subprocess.run(["git", "init", "-q"], cwd=alone, check=True)
    with pytest.raises(ConfigError) as error:
        found(where, alone)
    assert error.value.note.slug in ("baseline-missing", "baseline-broken", "query-wrong")
    assert error.value.note.hint


def test_a_run_stands_for_its_repeats_and_leaves_the_other_side() -> None:
    old = side({"val/accuracy": normal(0.8, 6)}, params={"model": "old"}, name="old")
    both = side({"val/accuracy": normal(0.9, 6)}, params={"model": "new"}, name="new")
    all_ = type(both)((*old.runs, *both.runs), "all")
    for where in ("run:old3", "query:param:model=old", 'query:params.model = "old" and status = finished'):
        one, baseline = resolve(where, all_, rules_from({}), Config(), Path())
        assert {run.params["model"] for run in baseline.runs} == {"old"}
        assert len(one.runs) == len(baseline.runs) == 6


def test_queries_compare_numbers_as_numbers() -> None:
    run = record_from(
        {"id": "a", "params": {"lr": "0.10", "n": 5}, "tags": {"stage": "final"}, "metrics": {"loss": {"last": 0.25}}}
    )
    for words in (
        "param:lr=0.1",
        "n >= 5",
        "stage = final",
        "metric:loss < 0.3",
        "name != b",
        "tag:stage!=debug and n<6",
    ):
        assert condition(words)(run), words
    for words in ("param:lr=0.2", "n > 5", "missing = 1", "stage < final"):
        assert not condition(words)(run), words


def test_copies_and_damage_on_a_shelf(alone: Path) -> None:
    publish(alone / "main" / "1", "2026-01-01T00:00:00Z", "a" * 40, 0.9, 1)
    publish(alone / "latest", "2026-01-01T00:00:00Z", "a" * 40, 0.9, 1)
    (alone / "bad" / "data").mkdir(parents=True)
    (alone / "bad" / "data" / "report.json").write_text('{"format": 99}')
    (alone / "bad" / "data" / "history.jsonl").write_bytes(b'\xff\n{"format": 1}\n')
    with open_shelf(".", alone) as shelf:
        assert [one.folder for one in published(shelf)] == ["main/1"]


def test_a_history_is_made_again_from_the_reports_that_are_there(alone: Path) -> None:
    for n in range(3):
        publish(alone / f"r{n}", f"2026-01-0{n + 1}T00:00:00Z", f"{n}" * 40, 0.9, n)
    with open_shelf(".", alone) as shelf:
        entries = remembered(shelf)
        assert [entry.path for entry in entries] == ["r0", "r1", "r2"]
        (alone / "r2" / "data" / "history.jsonl").write_bytes(entry_lines(entries))
        for path in ("r0", "r1"):
            (alone / path / "data" / "report.json").unlink()
        assert [entry.commit[:1] for entry in remembered(shelf)] == ["0", "1", "2"]
    assert parse_history(entry_lines(entries)) == entries
    assert merged([*entries, *entries]) == entries


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 1, "cells": [{"key": 1}], "metrics": {}}', '{"format": 1, "cells": [{"key": "", "name": "", "values": {"a": ["x"]}}], "metrics": {}}', "[" * 99_999])  # fmt: skip
def test_a_report_that_is_none_is_no_error_of_ours(content: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_entry(content)


def test_the_command_says_its_verdict_and_ends_with_its_code(alone: Path) -> None:
    write_runs(alone / "old", 0.9)
    write_runs(alone / "worse", 0.8, seed=1)
    write_runs(alone / "other", 0.9, seed=2, lr=0.5)
    runner = CliRunner()
    assert runner.invoke(main, ["export", "old", "-o", "old.jsonl"]).exit_code == 0
    for folder, code, words in (
        ("old", 0, "within noise against old.jsonl: passed"),
        ("worse", 3, "regressed"),
        ("other", 3, "lr: 0.1 → 0.5"),
    ):
        done = runner.invoke(
            main, ["check", folder, "-b", "old.jsonl", "--junit", "gate.xml", "--openmetrics", "m.txt"]
        )
        assert (done.exit_code, words in done.output) == (code, True), done.output
    assert runner.invoke(main, ["check", "old", "-b", "nowhere"]).exit_code == 2
    assert (
        runner.invoke(main, ["check", "other", "-b", "old.jsonl", "--axis", "lr", "--json", "g.json", "-q"]).output
        == ""
    )
    done = runner.invoke(main, ["summary", "--check", "g.json", "--url", "https://lab.example"])
    assert done.output.startswith("## ≈ No change beyond noise")
    (alone / "rules.yml").write_text("metrics: {val/accuracy: {direction: min}}\n")
    done = runner.invoke(main, ["check", "worse", "-b", "old.jsonl", "--rules", "rules.yml"])
    assert "improved" in done.output
    (alone / "rules.yml").write_text("- no\n")
    assert runner.invoke(main, ["check", "worse", "-b", "old.jsonl", "--rules", "rules.yml"]).exit_code == 2

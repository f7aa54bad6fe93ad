"""The filter language: one grammar in the page and on the command line, errors in words, a live count, a way back."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.compare.conftest import write_runs
from tests.compare.reading import address, fill, names

from runpages.query import QueryError, where

CASES: dict[str, Any] = json.loads((Path(__file__).parent / "filter_cases.json").read_text())
Opened = Callable[..., Page]


def _column(column: str, kind: str, values: Any, **more: Any) -> dict[str, Any]:
    kind_of = column.partition(":")[0]
    about = {"differs": True, "shown": True, "seed": False, "direction": ""}
    return {
        "id": column,
        "kind": kind_of,
        "label": column.partition(":")[2],
        "type": kind,
        "values": values,
        **about,
        **more,
    }


def metric(name: str, direction: str, low: list[Any], high: list[Any], last: list[Any]) -> dict[str, Any]:
    best = {"max": high, "min": low}[direction]
    values = {"min": low, "max": high, "last": last, "first": low, "mean": low, "best": best, "last_step": [0] * 5}
    return _column(f"metric:{name}", "number", values, direction=direction)


DATA: dict[str, Any] = {
    "count": 5,
    "main": "metric:val/acc",
    "configurations": ["all"],
    "runs": {
        "id": list("abcde"), "key": list("abcde"), "page": [""] * 5, "color": [0] * 5, "dash": [0] * 5,
        "name": ["run-10", "Run-2", "run-3", "run-4", "run-100"],
        "status": ["finished", "finished", "finished", "failed", "running"], "tracker": ["plain"] * 5, "group": [""] * 5,
        "parent": [-1] * 5, "configuration": [0] * 5, "notes": [0] * 5, "note": [""] * 5, "spark": [""] * 5,
        "started": [1767225600, 1767225600 + 3600, 1767225600 + 90000, 1767225600 + 90001, 1767225600 + 99999],
        "duration": [60.0, 90.0, 7200.0, 600.0, 4000.0],
    },
    "columns": [
        metric("val/acc", "max", [0.1, 0.2, 0.4, None, None], [0.9, 0.7, 0.95, None, None], [0.9, 0.6, 0.9, "nan", None]),
        metric("val/loss", "min", [0.2, 0.4, 0.1, 0.5, None], [1.0, 1.0, 2.0, "inf", None], [0.3, 0.4, 0.1, "inf", None]),
        _column("param:lr", "number", [0.01, 0.0001, 0.1, 5, None]),
        _column("param:amp", "bool", [True, False, True, False, None]),
        _column("param:odd:name", "number", [1, 2, 3, 4, 5]),
        _column("param:with space", "text", [None, "a b", None, None, None]),
        _column("param:with_nothing_else", "text", ["x", None, "", None, None]),
        _column("tag:stage", "text", ["debug", "final", "final", "debug", None]),
    ],
}  # fmt: skip
PICK = "([data, q]) => [...runpages.rows.pick(runpages.columns(data), {q, s: '', reducer: 'best'}).runs]"
FAIL = f"([data, q]) => {{ try {{ ({PICK})([data, q]); return ''; }} catch (error) {{ return error.message; }} }}"


@pytest.mark.parametrize(("text", "runs"), CASES["cases"])
def test_python_keeps_the_runs_of_each_case(text: str, runs: list[int]) -> None:
    assert where(DATA, text) == runs


@pytest.mark.parametrize(("text", "message"), CASES["errors"])
def test_python_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(QueryError) as raised:
        where(DATA, text)
    assert raised.value.message == message
    assert 0 <= raised.value.at <= len(text)


@pytest.mark.browser
def test_the_page_agrees_with_python_on_every_case(compare: Opened) -> None:
    page = compare()
    assert [[text, page.evaluate(PICK, [DATA, text])] for text, _ in CASES["cases"]] == CASES["cases"]
    assert [[text, page.evaluate(FAIL, [DATA, text])] for text, _ in CASES["errors"]] == CASES["errors"]


@pytest.mark.browser
def test_a_bad_pattern_is_said_in_words(compare: Opened) -> None:
    with pytest.raises(QueryError, match="does not work"):
        where(DATA, 'name ~ "("')
    page = compare("#q=method%3Dalpha")
    before = names(page)
    fill(page, "filter", 'name ~ "("')
    expect(page.locator("#rp-filter-error")).to_contain_text("The regular expression “(” does not work")
    fill(page, "search", "/(/")
    assert names(page) == before


@pytest.mark.browser
def test_the_count_follows_each_letter_and_a_mistake_keeps_the_table(compare: Opened) -> None:
    page = compare()
    fill(page, "filter", "method = alpha")
    expect(page.locator("#rp-count")).to_have_text("8 of 28 runs")
    fill(page, "filter", "method = alpha and lr <")
    expect(page.locator("#rp-filter-error")).to_contain_text("What should lr be compared with?")
    expect(page.locator("#rp-filter")).to_have_attribute("aria-invalid", "true")
    assert len(names(page)) == 8
    fill(page, "filter", "method = alpha and lr < 1")
    expect(page.locator("#rp-filter-error")).to_be_empty()
    assert address(page)["q"] == "method = alpha and lr < 1"


@pytest.mark.browser
def test_names_then_values_are_offered_and_taken_by_keys(compare: Opened) -> None:
    page = compare()
    page.focus("#rp-filter")
    page.keyboard.type("met")
    expect(page.locator("#rp-filter-list li").first).to_contain_text("method")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.type("= b")
    expect(page.locator("#rp-filter-list li").first).to_contain_text("beta")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(page.locator("#rp-filter")).to_have_value("method = beta ")
    expect(page.locator("#rp-count")).to_have_text("8 of 28 runs")
    page.keyboard.type("and d")
    page.keyboard.press("Escape")
    expect(page.locator("#rp-filter-list")).to_be_hidden()


@pytest.mark.browser
def test_the_search_takes_words_patterns_and_exclusions(compare: Opened) -> None:
    page = compare()
    fill(page, "search", "cifar -gamma")
    assert len(names(page)) == 8
    assert not [name for name in names(page) if "gamma" in name]
    fill(page, "search", "/^(alpha|beta)-mnist-[01]/")
    assert sorted(names(page)) == ["alpha-mnist-0", "alpha-mnist-1", "beta-mnist-0", "beta-mnist-1"]
    fill(page, "search", "-/a-.*-[012]/")
    assert all(name.endswith("3") or "a-" not in name for name in names(page))


@pytest.mark.browser
def test_an_empty_result_names_the_condition_and_takes_it_out(compare: Opened) -> None:
    page = compare("#q=method%3Dalpha%20and%20lr%20%3E%2099%20and%20seed%20%3C%202")
    said = page.locator("#rp-said")
    expect(said).to_contain_text("No run is left. The condition lr > 99 removed the last 8.")
    said.locator("button").click()
    expect(page.locator("#rp-filter")).to_have_value("method=alpha and seed < 2")
    assert len(names(page)) == 4
    fill(page, "search", "nowhere")
    expect(said).to_contain_text("The search nowhere removed the last 4.")
    said.locator("button").click()
    assert len(names(page)) == 4


def test_the_command_line_speaks_the_same_language(tmp_path: Path) -> None:
    write_runs(tmp_path / "runs")

    def export(*options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "runpages", "export", "runs", *options]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    done = export(
        "--format", "csv", "--columns", "name,method", "--where", 'params.lr < 0.05 and tags.stage != "debug"'
    )
    assert len(done.stdout.splitlines()) == 1 + 12
    lines = export("--where", "max(val/acc) > 0.95").stdout.splitlines()
    assert lines
    assert all(max(json.loads(line)["metrics"]["val/acc"]["max"], 0) > 0.95 for line in lines)
    wrong = export("--where", "methode = alpha")
    assert wrong.returncode == 2
    assert "Did you mean method?" in wrong.stderr

"""The comparison of very little and of very much: one run, a name of 10 MB, 300 columns, thousands of rows."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.compare.conftest import write_run
from tests.compare.reading import head, names

from runpages.views.table import first_rows

Opened = Callable[..., Page]
TABLE = "step,val/acc\n0,0.5\n1,0.7\n"


def built(room: Path) -> Path:
    subprocess.run([sys.executable, "-m", "runpages", "build", "runs", "--quiet"], cwd=room, check=True)
    return room / "site" / "compare.html"


@pytest.mark.browser
def test_one_run_is_a_table_too(visit: Opened, tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "alone", {"lr": 0.1}, TABLE, {})
    page = visit(built(tmp_path))
    assert names(page) == ["alone"]
    expect(page.locator("h1")).to_contain_text("1 run")
    page.select_option("#rp-group", index=0)
    page.fill("#rp-filter", "lr > 1")
    expect(page.locator("#rp-said")).to_contain_text("No run is left. The condition lr > 1 removed the last 1")
    page.click("#rp-said button")
    assert names(page) == ["alone"]


@pytest.mark.browser
def test_a_name_of_ten_megabytes_and_300_columns(visit: Opened, tmp_path: Path) -> None:
    long = "begin-" + "x" * 10_000_000 + "-end"
    for number in range(3):
        params = {f"p{at}": at + number for at in range(300)}
        about = {"name": long if number == 0 else f"short {number}"}
        write_run(tmp_path / "runs" / f"r{number}", params, TABLE.replace("0.7", f"0.{7 + number}"), about)
    file = built(tmp_path)
    assert file.stat().st_size < 2_000_000
    assert json.dumps(file.read_text(encoding="utf-8")).count("x" * 3000) == 0
    page = visit(file)
    assert len(head(page)) > 300
    row = page.locator("#rp-runs tbody tr").last
    box = row.locator("th").bounding_box()
    assert box
    assert box["width"] < 600
    expect(row.locator("th a")).to_contain_text("begin-xxx")
    page.locator("#rp-runs tbody input").first.focus()
    page.keyboard.press("End")
    expect(page.locator("#rp-runs tbody td:focus")).to_have_count(1)
    assert page.evaluate("document.getElementById('rp-scroll').scrollLeft") > 5000


def test_the_first_rows_hold_the_best_of_every_tracker() -> None:
    data = {"runs": {"tracker": ["a", "a", "a", "b", "c", "a"]}}
    assert first_rows(data, [5, 2, 1, 0, 4, 3], 3) == [5, 4, 3]
    assert first_rows(data, [5, 2, 1], 10) == [5, 2, 1]
    assert first_rows(data, [0, 3, 4], 2) == [0, 4]

"""Saved views: a page each, the same state as their address, and a reader's own view as configuration."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Page, expect
from tests.compare.conftest import METHODS, SEEDS, accuracy
from tests.compare.reading import column, head, names, numbers, rows

from runpages.config import from_mapping
from runpages.errors import ConfigError
from runpages.views.saved import KEYS, address
from runpages.views.table import compare_view

Opened = Callable[..., Page]


@pytest.mark.browser
def test_a_view_has_a_page_in_its_state(visit: Opened, workspace: Path) -> None:
    page = visit(workspace / "views" / "only-alpha.html")
    expect(page.locator("h1")).to_contain_text("Only alpha 8 of 28 runs")
    assert head(page)[1:] == ["metric:val/acc", "param:dataset", "param:seed"]
    assert column(page, "param:dataset") == ["mnist"] * 4 + ["cifar"] * 4
    wanted = sorted((accuracy("alpha", "mnist", seed)[-1] for seed in SEEDS), reverse=True)
    assert numbers(page, "metric:val/acc")[:4] == pytest.approx(wanted, rel=1e-3)
    page.fill("#rp-filter", "")
    expect(page.locator("h1")).to_contain_text("28 runs")
    page.reload()
    page.wait_for_selector("html[data-ready]")
    expect(page.locator("h1")).to_contain_text("28 runs")


@pytest.mark.browser
def test_a_views_page_is_read_without_javascript(visit: Opened, workspace: Path) -> None:
    page = visit(workspace / "views" / "only-alpha.html", js=False)
    expect(page.locator("h1")).to_contain_text("Only alpha 8 of 28 runs")
    assert page.locator("#rp-runs tbody tr").count() == 8
    expect(page.locator("#rp-runs tbody tr").first).to_contain_text("alpha-mnist")
    page.locator("#rp-runs tbody a").first.click()
    expect(page.locator("h1")).to_contain_text("alpha-mnist")


@pytest.mark.browser
def test_views_stand_in_the_menu_and_the_navigation(compare: Opened) -> None:
    page = compare()
    expect(page.locator(".md-tabs a", has_text="Views")).to_be_visible()
    page.click("#rp-views > summary")
    page.click("#rp-views a:text-is('Paper table')")
    page.wait_for_selector("html[data-ready]")
    assert len(rows(page)) == 3
    assert {next(m for m in METHODS if m in name) for name in names(page)} == set(METHODS)
    assert page.evaluate("runpages.charts.state.y") == "log"
    expect(page.locator("#rp-runs td.rp-h4").first).to_be_visible()


@pytest.mark.browser
def test_a_readers_view_goes_back_into_the_configuration(compare: Opened) -> None:
    state = "#q=method%3Dalpha%20or%20lr%20%3E%201&group=seed&cols=metric:val/acc@min,param:lr&pin=param:lr&sort=metric:val/acc@min:desc,param:lr:asc&red=last&pm=ci&diff=percent&heat=1&y=log&smooth=0.5"
    page = compare(state)
    page.locator("#rp-runs tbody input").first.click()
    page.hover("#rp-runs tbody tr >> nth=0")
    page.locator("#rp-runs .rp-set").first.click()
    text = page.evaluate("runpages.saved.yaml(runpages.state, runpages.get('runs'), 'My view')")
    config = from_mapping(yaml.safe_load(text), "test")
    view = config.views["My view"]
    assert view["sort"] == ["metric:val/acc@min desc", "param:lr asc"]
    assert view["charts"] == {"y": "log", "smooth": 0.5} or view["charts"] == {"y": "log", "smooth": "0.5"}
    before = page.evaluate("Object.fromEntries(runpages.state.all())")
    again = compare("#" + address(page.evaluate("runpages.get('runs')"), "My view", view))
    assert again.evaluate("Object.fromEntries(runpages.state.all())") == before
    assert rows(again) == rows(page)


def test_a_wrong_view_is_said_in_words() -> None:
    with pytest.raises(ConfigError, match="no key filtr"):
        from_mapping({"views": {"x": {"filtr": "a"}}}, "mkdocs.yml")
    with pytest.raises(ConfigError, match="views maps names"):
        from_mapping({"views": ["x"]}, "mkdocs.yml")


def test_a_view_that_asks_for_what_is_not_there_stops_the_build(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "runs" / "a").mkdir(parents=True)
    (tmp_path / "runs" / "a" / "params.json").write_text('{"lr": 1}')
    (tmp_path / "runs" / "a" / "metrics.csv").write_text("step,loss\n0,1\n1,2\n")
    for view, why in (
        ("filter: lrr < 3", "Did you mean lr?"),
        ("baseline: nobody", "names a run nobody"),
        ("sort: x desc", "sorts by x"),
    ):
        text = f"site_name: x\ntheme: {{name: runpages_theme}}\nplugins:\n  - runpages:\n      sources: [runs]\n      views: {{v: {{{view!r}}}}}\n"
        (tmp_path / "mkdocs.yml").write_text(text.replace("'", "", 2))
        command = [sys.executable, "-m", "runpages", "build", "--quiet"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert why in done.stderr
        assert "Traceback" not in done.stderr


def test_page_and_configuration_know_the_same_keys(tree: Path) -> None:
    script = (tree / "themes" / "runpages_theme" / "js" / "saved.js").read_text()
    assert all(f'{short}: "{name}"' in script for name, short in KEYS.items())
    assert compare_view.__doc__

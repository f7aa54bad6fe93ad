"""The comparison table in a real browser: rows, order, columns, and that the address holds all of it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect
from tests.compare.conftest import METHODS, SEEDS, SETS, accuracy
from tests.compare.reading import address, column, fill, head, names, numbers, rows

pytestmark = pytest.mark.browser
Opened = Callable[..., Page]


def menu(page: Page, column_id: str, text: str) -> None:
    """Choose an entry of a column's menu."""
    page.hover(f'th[data-column="{column_id}"]')
    page.click(f'[data-more="{column_id}"]')
    page.click(f'#rp-colmenu button:text-is("{text}")')


def test_without_javascript_the_rows_of_the_server_are_read(compare: Opened) -> None:
    page = compare(js=False)
    best = max(max(accuracy(m, d, s)) for m in METHODS for d in SETS for s in SEEDS)
    assert page.locator("#rp-runs tbody tr").count() == 28
    expect(page.locator("#rp-runs tbody tr").first).to_contain_text(f"{best:.4g}")
    expect(page.locator("#rp-runs .rp-best").first).to_be_visible()
    expect(page.locator("#rp-runs svg.rp-spark").first).to_be_visible()
    expect(page.locator("#rp-under")).to_contain_text("30 columns are the same in every run")
    expect(page.locator("#rp-bar")).to_be_hidden()


def test_the_best_run_is_first_and_what_is_no_number_last(compare: Opened) -> None:
    page = compare()
    values = numbers(page, "metric:val/acc")
    there = [value for value in values if value == value]
    assert there == sorted(there, reverse=True)
    assert [value == value for value in values] == [True] * len(there) + [False] * (28 - len(there))
    page.click('[data-sort="metric:val/acc"]')
    values = numbers(page, "metric:val/acc")
    assert values[: len(there)] == sorted(there)
    assert all(value != value for value in values[len(there) :])


def test_a_second_key_sorts_within_the_first(compare: Opened) -> None:
    page = compare("#cols=param:dataset,param:seed,metric:val/acc")
    page.click('[data-sort="param:dataset"]')
    page.click('[data-sort="metric:val/acc"]', modifiers=["Shift"])
    pairs = list(zip(column(page, "param:dataset"), numbers(page, "metric:val/acc"), strict=True))[:24]
    assert pairs == sorted(pairs, key=lambda pair: (pair[0], -pair[1]))
    assert address(page)["sort"] == "param:dataset:asc,metric:val/acc:desc"
    expect(page.locator('th[data-column="metric:val/acc"] sup')).to_have_text("2")


def test_numbers_in_names_sort_as_numbers(compare: Opened) -> None:
    page = compare()
    order = page.evaluate("['run10', 'run9', 'Run1', 'run100'].sort(runpages.collator.compare)")
    assert order == ["Run1", "run9", "run10", "run100"]


def test_only_differing_columns_stand_there_and_the_others_are_counted(compare: Opened) -> None:
    page = compare()
    shown = head(page)
    assert not [one for one in shown if "same" in one]
    assert {"param:method", "param:dataset", "param:lr", "param:seed"} <= set(shown)
    expect(page.locator("#rp-under")).to_contain_text("30 columns are the same in every run and left out")
    page.click("#rp-columns > summary")
    page.click("#rp-columns-list label:has([data-same])")
    page.click('#rp-columns-list [data-column="param:same7"]')
    assert "param:same7" in head(page)


@pytest.mark.parametrize("reducer", ["last", "min", "max", "mean", "first", "best"])
def test_a_metric_is_reduced_as_asked(compare: Opened, reducer: str) -> None:
    page = compare(
        f"#q=method%3Dalpha%20and%20dataset%3Dcifar&red={reducer}&sort=param:seed:asc&cols=param:seed,metric:val/acc"
    )
    how: dict[str, Callable[[list[float]], float]] = {
        "last": lambda v: v[-1], "min": min, "max": max, "best": max, "first": lambda v: v[0], "mean": lambda v: sum(v) / len(v),
    }  # fmt: skip
    wanted = [how[reducer](accuracy("alpha", "cifar", seed)) for seed in SEEDS]
    assert numbers(page, "metric:val/acc") == pytest.approx(wanted, rel=1e-3)


def test_a_metric_is_read_where_another_was_best(compare: Opened) -> None:
    page = compare("#q=method%3Dalpha%20and%20dataset%3Dcifar&sort=param:seed:asc&cols=param:seed,metric:speed")
    page.select_option("#rp-reducer", "at:val/acc")
    tops = [accuracy("alpha", "cifar", seed) for seed in SEEDS]
    assert numbers(page, "metric:speed") == [0.5 * values.index(max(values)) for values in tops]
    expect(page.locator('th[data-column="metric:speed"]')).to_contain_text("at best val/acc")


def test_one_metric_stands_there_twice_by_two_reducers(compare: Opened) -> None:
    page = compare("#q=method%3Dalpha&cols=metric:val/acc,param:seed")
    page.hover('th[data-column="metric:val/acc"]')
    page.click('[data-more="metric:val/acc"]')
    page.select_option('#rp-colmenu [data-what="beside"]', "min")
    assert head(page)[1:3] == ["metric:val/acc", "metric:val/acc@min"]
    assert all(
        low < high
        for high, low in zip(numbers(page, "metric:val/acc"), numbers(page, "metric:val/acc@min"), strict=True)
    )


def test_the_reader_says_which_way_is_better(compare: Opened) -> None:
    page = compare("#cols=metric:speed,metric:val/acc&q=method%3Dalpha")
    expect(page.locator('th[data-column="metric:speed"]')).to_contain_text("last")
    page.hover('th[data-column="metric:speed"]')
    page.click('[data-more="metric:speed"]')
    page.select_option('#rp-colmenu [data-what="turn"]', "min")
    expect(page.locator('th[data-column="metric:speed"]')).to_contain_text("best ↓")
    assert numbers(page, "metric:speed") == [0.0] * 8
    assert address(page)["dir"] == "metric:speed:min"


def test_columns_are_moved_pinned_hidden_and_sized_and_a_reload_keeps_it(compare: Opened) -> None:
    page = compare("#cols=metric:val/acc,param:method,param:seed,param:lr", width=700)
    page.focus('[data-sort="param:method"]')
    page.keyboard.press("Alt+ArrowLeft")
    assert head(page)[1:3] == ["param:method", "metric:val/acc"]
    menu(page, "param:seed", "Pin to the left")
    assert head(page)[1] == "param:seed"
    menu(page, "metric:val/acc", "Hide")
    assert "metric:val/acc" not in head(page)
    page.focus('[data-sort="param:method"]')
    before = page.locator('th[data-column="param:method"]').bounding_box()
    page.keyboard.press("Alt+Shift+ArrowRight")
    after = page.locator('th[data-column="param:method"]').bounding_box()
    assert before
    assert after
    assert after["width"] > before["width"]
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert head(page)[1:] == ["param:seed", "param:method", "param:lr"]
    again = page.locator('th[data-column="param:method"]').bounding_box()
    assert again
    assert again["width"] == pytest.approx(after["width"], abs=1)


def test_a_pinned_column_stays_in_sight(compare: Opened) -> None:
    every = ",".join(
        ["metric:val/acc", "metric:val/loss", "metric:speed", "param:method", "param:dataset", "param:lr", "param:seed"]
    )
    page = compare(f"#cols={every}&pin=param:method", width=700)
    page.evaluate("document.getElementById('rp-scroll').scrollLeft = 300")
    name, pinned = (page.locator(f"#rp-runs tbody tr:first-child > :nth-child({at})").bounding_box() for at in (1, 2))
    assert name
    assert pinned
    assert pinned["x"] == pytest.approx(name["x"] + name["width"], abs=1)


def test_a_header_is_dragged_to_its_place_and_its_edge_to_its_width(
    compare: Opened, standing: Callable[[Locator], FloatRect]
) -> None:
    page = compare("#cols=param:method,param:dataset,param:seed")
    page.drag_and_drop('[data-sort="param:seed"]', 'th[data-column="param:method"]', target_position={"x": 3, "y": 10})
    assert head(page)[1:] == ["param:seed", "param:method", "param:dataset"]
    assert "sort" not in address(page)
    box = standing(page.locator('th[data-column="param:method"] .rp-grip'))
    page.mouse.move(box["x"] + 3, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + 83, box["y"] + 5, steps=3)
    page.mouse.up()
    page.wait_for_function("() => new URLSearchParams(location.hash.slice(1)).has('w')")
    assert re.fullmatch(r"param:method\*\d+", address(page)["w"])


def test_runs_stand_below_the_run_that_started_them(compare: Opened) -> None:
    page = compare("#q=run.group%20~%20sweep%20or%20name%20~%20child&group=tree&cols=metric:val/acc,metric:cost")
    assert names(page) == ["parent"]
    expect(page.locator("tbody td.rp-soft")).to_have_attribute("title", "the best of 2 below")
    assert column(page, "metric:val/acc") == ["⌄ 0.25"]
    page.click('[data-open^="run:"]')
    assert names(page) == ["parent", "child-2", "child-1"]
    page.click('[data-open^="run:"]')
    assert names(page) == ["parent"]


def test_tags_and_notes_are_columns_that_can_be_asked(compare: Opened) -> None:
    page = compare("#cols=tag:stage,run:note")
    fill(page, "filter", 'tags.stage = debug and note ~ "\\*alpha"')
    assert column(page, "tag:stage") == ["debug"] * 2
    assert set(column(page, "run:note")) == {"The **alpha** note"}


def test_the_ten_best_are_drawn_at_first(compare: Opened) -> None:
    page = compare()
    assert page.locator("#rp-runs tbody input:checked").count() == 10
    assert page.evaluate("runpages.charts.state.runs.length") == 10
    checked = page.evaluate(
        "[...document.querySelectorAll('#rp-runs tbody tr')].map((row) => row.querySelector('input').checked)"
    )
    assert checked == [True] * 10 + [False] * 18


def test_a_hovered_row_lifts_its_line_and_a_clicked_line_its_row(
    compare: Opened, standing: Callable[[Locator], FloatRect]
) -> None:
    page = compare()
    row = page.locator("#rp-runs tbody tr").nth(2)
    standing(row)
    row.hover()
    run = int(row.get_attribute("data-i") or "")
    page.wait_for_function("run => runpages.charts.state.highlight === run", arg=run)
    page.mouse.move(5, 5)
    page.wait_for_function("() => runpages.charts.state.highlight === null")
    page.evaluate("run => document.dispatchEvent(new CustomEvent('runpages:highlight', {detail: run}))", run)
    expect(row).to_have_class(re.compile("rp-lit"))


def test_a_chart_may_narrow_the_table(compare: Opened) -> None:
    page = compare("#q=method%3Dalpha%20or%20method%3Dbeta")
    page.evaluate("runpages.compare.narrow('val/loss < 0.1')")
    assert address(page)["q"] == "(method=alpha or method=beta) and val/loss < 0.1"
    assert all(value > 0.9 for value in numbers(page, "metric:val/acc"))


def test_the_splitter_is_moved_by_keys_and_remembered(compare: Opened) -> None:
    page = compare()
    page.focus("#rp-splitter")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#rp-splitter")).to_have_attribute("aria-valuenow", "51")
    page.reload()
    page.wait_for_selector("html[data-ready]")
    expect(page.locator("#rp-splitter")).to_have_attribute("aria-valuenow", "51")


@pytest.mark.parametrize("width", [1199, 360])
def test_below_1200_pixels_the_charts_stand_under_the_table(compare: Opened, width: int) -> None:
    page = compare(width=width)
    table, charts = (page.locator(name).bounding_box() for name in ("#rp-pane-table", "#rp-charts"))
    assert table
    assert charts
    assert charts["y"] >= table["y"] + table["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_paper_every_row_is_there_and_nothing_to_click(compare: Opened) -> None:
    page = compare()
    page.emulate_media(media="print")
    expect(page.locator("#rp-bar")).to_be_hidden()
    expect(page.locator("#rp-splitter")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.getElementById('rp-scroll')).maxHeight") == "none"
    assert len(rows(page)) == 28


def test_the_other_first_metrics_have_their_course_beside_the_number(compare: Opened) -> None:
    for js in (True, False):
        page = compare(js=js)
        courses = page.locator("#rp-runs tbody td:has(.rp-course svg path)")
        assert (
            courses.count() == 26
        )  # val/loss of every run that wrote it more than once, or once as a dot; "inf" has none
        expect(courses.first).to_contain_text("0.0398")
    page = compare("#group=seed")
    assert page.locator("#rp-runs .rp-course").count() == 0

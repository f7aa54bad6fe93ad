"""Runs side by side in a real browser: the same view as the command's, for any pair, from the address alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from runpages.build import Report, open_report
from runpages.config import Config

pytestmark = pytest.mark.browser
COMPARED = "([sides, all]) => JSON.stringify(runpages.diff.compared(sides, all))"


@pytest.fixture(scope="module")
def report(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    """All runs of the samples, as the demo has them."""
    opened = open_report(Config(sources=(str(samples),)), tmp_path_factory.mktemp("report"))
    yield opened
    opened.close()


def side_of(demo: Path, slug: str) -> Any:
    """What the site's data file says of a run."""
    text = (demo / "data" / "of" / f"{slug}.js").read_text(encoding="utf-8")
    found = re.fullmatch(r'runpages\.data\("of/[^"]+",\'(.*)\'\);\n', text, re.DOTALL)
    assert found
    return json.loads(found[1].replace("\\'", "'").replace("\\u2028", "\u2028").replace("\\\\", "\\"))


def same_numbers(text: str) -> Any:
    """JSON in which a whole number is the same number with and without its point."""
    return json.loads(text, parse_int=float)


def pairs(report: Report) -> list[list[int]]:
    """Runs of each tracker side by side, two and five at a time, and runs of different trackers."""
    by_tracker: dict[str, list[int]] = {}
    for member in report.runs.members:
        by_tracker.setdefault(member.head.run.tracker, []).append(member.number)
    groups = [some[at : at + size] for some in by_tracker.values() for at, size in ((0, 2), (1, 5))]
    return [group for group in [*groups, [some[-1] for some in by_tracker.values()][:6]] if len(group) > 1]


def test_the_page_and_the_command_say_the_same_of_every_tracker(
    report: Report, demo: Path, visit: Callable[..., Page]
) -> None:
    page = visit(demo / "diff.html")
    chosen = pairs(report)
    assert len(chosen) > 20
    for numbers in chosen:
        expected = report.diff(numbers)
        sides = [side_of(demo, report.runs.members[number].slug) for number in numbers]
        actual = same_numbers(page.evaluate(COMPARED, [sides, False]))
        for part in ("facts", "params", "metrics", "results", "packages", "environment", "telling", "params_same"):
            assert actual[part] == same_numbers(json.dumps(expected[part])), (part, [side["id"] for side in sides])
        for mine, theirs in zip(actual["patches"], expected["patches"], strict=True):
            assert bool(mine["lines"]) == bool(theirs["lines"])
        assert [one["file"] for one in actual["files"]] == [one["file"] for one in expected["files"]]


def test_between_two_texts_only_what_changed_is_marked(demo: Path, visit: Callable[..., Page]) -> None:
    page = visit(demo / "diff.html")
    between = "([one, other]) => runpages.diff.between(one, other)"
    one = [f"line {n}" for n in range(40)]
    other = [*one[:10], "new", *one[10:20], *one[21:], "end"]
    lines = page.evaluate(between, [one, other])
    assert [line for line in lines if line[0] in "+-"] == ["+new", "-line 20", "+end"]
    assert len(lines) < 20
    assert page.evaluate(between, [one, one]) == []
    assert page.evaluate(between, [[], ["a"]]) == ["@@ -1 +1 @@", "+a"]


def test_a_link_shows_its_runs_and_another_measure_turns_the_deltas(
    report: Report, demo: Path, visit: Callable[..., Page], serious: Callable[[Page], list[str]]
) -> None:
    some = [m for m in report.runs.members if m.head.run.group == "digits-sweep"][:2]
    keys = [member.key for member in some]
    page = visit(demo / "diff.html", f"#runs={keys[0]},{keys[1]}&base={keys[0]}")
    page.wait_for_selector(f'[data-shown="{keys[0]},{keys[1]}"]')
    expected = report.diff([member.number for member in some])
    rows = page.locator("tbody tr:not(.rp-part) th").all_inner_texts()
    assert [row.split(" ")[0] for row in rows] == [
        row["name"].split(" ")[0]
        for part in ("facts", "params", "metrics", "results", "packages", "environment")
        for row in expected[part]
    ]
    assert serious(page) == []
    page.get_by_role("button", name="measure by this").click()
    page.wait_for_selector(f'[data-shown="{keys[1]},{keys[0]}"]')
    assert f"base={keys[1]}" in page.evaluate("location.hash")
    page.get_by_label("show what is the same too").check()
    page.wait_for_selector(f'[data-shown="{keys[1]},{keys[0]} all"]')
    assert page.locator("tbody tr:not(.rp-part)").count() > len(rows)


def test_a_run_is_added_by_its_name_and_taken_out_again(report: Report, demo: Path, visit: Callable[..., Page]) -> None:
    ids, keys = [m.id for m in report.runs.members[:3]], [m.key for m in report.runs.members[:3]]
    page = visit(demo / "diff.html", width=360, dark=True)
    for at, name in enumerate(ids):
        page.get_by_label("Add a run").fill(name)
        page.get_by_label("Add a run").press("Enter")
        page.wait_for_selector(f'[data-shown="{",".join(keys[: at + 1])}"]')
    page.locator(f'button[data-out="{keys[0]}"]').click()
    page.wait_for_selector(f'[data-shown="{keys[1]},{keys[2]}"]')
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_links_of_a_run_page_lead_to_runs_that_are_there(demo: Path, visit: Callable[..., Page]) -> None:
    run = next(path for path in sorted((demo / "runs").glob("*.html")) if 'href="../diff.html#' in path.read_text())
    page = visit(run)
    page.locator("#changed dt > a").first.click()
    page.wait_for_selector("#rp-diff-body[data-shown] table")
    assert page.locator("thead th").count() == 2


def test_a_link_to_runs_that_are_gone_says_so(report: Report, demo: Path, visit: Callable[..., Page]) -> None:
    keys = [m.key for m in report.runs.members[:2]]
    page = visit(demo / "diff.html", f"#runs={keys[0]},gone,{keys[1]}")
    page.wait_for_selector(f'[data-shown="{keys[0]},{keys[1]}"]')
    assert "1 run of the link is not in this report" in page.locator(".rp-diff-tells").inner_text()


def test_without_javascript_the_page_says_what_to_do(demo: Path, visit: Callable[..., Page]) -> None:
    page = visit(demo / "diff.html", js=False)
    assert "runpages compare" in page.locator("#rp-diff").inner_text()


def test_before_any_run_was_asked_for_the_page_offers_pairs(demo: Path, visit: Callable[..., Page]) -> None:
    page = visit(demo / "diff.html", js=False)
    assert page.locator("#rp-diff-pairs dt").count() >= 2
    page = visit(demo / "diff.html")
    page.locator("#rp-diff-pairs dt > a").first.click()
    page.wait_for_selector("#rp-diff-body[data-shown] table")
    expect(page.locator("#rp-diff-pairs")).to_be_hidden()

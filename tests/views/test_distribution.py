"""Distributions over steps: strip and ridge say the same, and the counts are the tracker's."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from tests.views.test_media_browser import built

from runpages.charts import histogram
from runpages.views.distribution import Histogram, distribution

EDGES = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
SOME = [(step, EDGES + step / 10, np.array([1.0, 2.0, 30.0, 4.0 + step])) for step in range(5)]


def test_a_hill_has_the_shares_of_its_step() -> None:
    hills, span = histogram.hills(SOME, bins=48)
    assert [step for step, _ in hills] == [0, 1, 2, 3, 4]
    assert span == (-1.0, 1.4)
    grid = np.linspace(*span, 49)
    for (_, shares), (_, edges, counts) in zip(hills, SOME, strict=True):
        assert shares.sum() == pytest.approx(1)
        upto = float(np.interp(edges[2], grid, np.concatenate([[0], np.cumsum(shares)])))
        assert upto == pytest.approx(counts[:2].sum() / counts.sum(), abs=0.02)


def test_a_strip_and_a_ridge_carry_the_trackers_counts() -> None:
    view = distribution("weights", SOME, 3)
    bins = json.loads(view["bins"])
    assert [(step, counts) for step, _, counts in bins] == [(step, counts.tolist()) for step, _, counts in SOME]
    assert view["steps"][0] == ["0", "37", "−1", "0.2583", "1", "30 from 0 to 0.5"]
    assert len(re.findall(r"<path d=[^>]*Z", view["ridge"])) == 5
    assert "var(--rp-c3" in view["ridge"]


@pytest.mark.parametrize(
    "broken",
    [
        [],
        [(0, EDGES, np.zeros(4))],
        [(0, EDGES[:2], np.ones(4))],
        [(0, np.full(5, np.nan), np.ones(4))],
        [(0, EDGES, np.array([1, 2, np.inf, 4]))],
    ],
)
def test_what_is_no_distribution_is_not_drawn(broken: list[Histogram]) -> None:
    assert distribution("weights", broken, 0) == {}


@pytest.mark.browser
def test_the_switch_shows_the_ridge_and_the_pointer_says_the_count(
    samples: Path, visit: Callable[..., Page], tmp_path: Path
) -> None:
    site = built(samples / "tensorboard" / "torch", tmp_path)
    page = next(path for path in sorted((site / "runs").glob("*.html")) if "rp-spread" in path.read_text())
    shown = visit(page)
    figure = shown.locator(".rp-spread").first
    figure.scroll_into_view_if_needed()
    expect(figure.locator(".rp-ridge")).to_be_hidden()
    strip = figure.locator(".rp-strip svg")
    strip.hover()
    said = figure.locator(".rp-spread-said")
    expect(said).to_contain_text("step ")
    first = json.loads(str(figure.get_attribute("data-bins")))
    step = int(re.sub(r"\D", "", said.inner_text().partition(":")[0]))
    assert step in [one[0] for one in first]
    figure.get_by_label("ridge").check()
    expect(figure.locator(".rp-ridge")).to_be_visible()
    expect(figure.locator(".rp-strip")).to_be_hidden()

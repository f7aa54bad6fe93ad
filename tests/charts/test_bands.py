"""Lines over seeds: the page's middles and bands are numpy's and scipy's, and say how many runs reach a place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect
from scipy import stats
from tests.charts import page as site
from tests.charts.test_browser import drawn, place

from runpages import charts
from runpages.charts import PALETTE
from runpages.model import Floats

pytestmark = pytest.mark.browser
STEPS = {0: (0, 10, 20, 30, 40), 1: (0, 10, 20, 30, 40), 2: (0, 20, 40, 60), 3: (10, 30), 4: (0, 10, 20, 30, 40)}
RUNS = 8


def values(run: int) -> Floats:
    rng = np.random.default_rng(run)
    made = np.round(rng.normal(run / 10, 1, len(STEPS.get(run, STEPS[0]))), 6)
    if run == 4:
        made[2] = np.nan
    return np.asarray(made, np.float64)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs 0 to 4 repeat one configuration on grids of their own, with a nan; 5 to 7 another on one grid."""
    lines = [
        {"run": run, "s": run, "y": ["nan" if value != value else value for value in values(run).tolist()]}
        for run in range(RUNS)
    ]
    curve = {
        "metric": "val/loss",
        "step_name": "step",
        "steps": [list(STEPS.get(run, STEPS[0])) for run in range(RUNS)],
        "lines": lines,
    }
    table = site.runs(RUNS)
    table["configurations"] = ["lr 0.1", "lr 0.01"]
    table["runs"]["configuration"] = [0] * 5 + [1] * 3
    table["columns"][0]["values"] = [0.1] * 5 + [0.01] * 3
    return site.write(tmp_path_factory.mktemp("bands"), charts.bundle(), table, {"curves/a": curve})


@pytest.fixture
def page(browser: Browser, built: Path) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1400, "height": 1000})
    said: list[str] = []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.goto(built.as_uri())
    drawn(opened, 1)
    yield opened
    opened.close()
    assert said == []


def set_(page: Page, **values: Any) -> None:
    page.evaluate("values => runpages.charts.set(values)", values)
    drawn(page, 1)


def line(page: Page, number: int = 0) -> dict[str, Floats]:
    """x, y, lo, hi and counts of one line as the page has it."""
    found: dict[str, list[Any]] = page.evaluate(
        """number => {
          const line = runpages.charts.of(document.querySelector("figure")).lines[number];
          return Object.fromEntries(["x", "y", "lo", "hi", "counts"].map((key) => [key, Array.from(line[key])]));
        }""",
        number,
    )
    return {key: np.array([np.nan if one is None else one for one in some], np.float64) for key, some in found.items()}


def members() -> tuple[Floats, Floats]:
    """The union of the steps (n,), and (runs, n) values on it: straight lines between a run's points, nothing outside."""
    grid = np.array(sorted({step for run in range(5) for step in STEPS[run]}), np.float64)
    rows = [np.interp(grid, STEPS[run], values(run), left=np.nan, right=np.nan) for run in range(5)]
    return grid, np.array(rows)


def bootstrapped(sample: Floats, picks: Floats, middle: Any) -> tuple[float, float]:
    found = middle(sample[picks.astype(int)].reshape(-1, len(sample)), axis=1)
    return tuple(np.percentile(found, [2.5, 97.5]))


def mulberry(n: int, samples: int = 500) -> Floats:
    """The page's draws again: indices below n."""
    seed, out = 1, []
    for _ in range(samples * n):
        seed = (seed + 0x6D2B79F5) & 0xFFFFFFFF
        t = ((seed ^ (seed >> 15)) * (1 | seed)) & 0xFFFFFFFF
        t = ((t + (((t ^ (t >> 7)) * (61 | t)) & 0xFFFFFFFF)) & 0xFFFFFFFF) ^ t
        out.append(((t ^ (t >> 14)) & 0xFFFFFFFF) / 4294967296 * n)
    return np.floor(out)


def expected(spread: str, middle: str) -> tuple[Floats, Floats, Floats]:
    """Middle, low and high (n,) by numpy and scipy."""
    take = np.median if middle == "median" else np.mean
    rows = []
    for column in members()[1].T:
        sample = column[np.isfinite(column)]
        y, n = float(take(sample)), len(sample)
        if n < 2 or spread == "none":
            rows.append((y, np.nan, np.nan))
        elif spread == "range":
            rows.append((y, sample.min(), sample.max()))
        elif spread == "iqr":
            rows.append((y, *np.percentile(sample, [25, 75])))
        elif spread == "boot":
            rows.append((y, *bootstrapped(sample, mulberry(n), take)))
        else:
            std = sample.std(ddof=1)
            half = {"std": std, "sem": stats.sem(sample), "ci": stats.sem(sample) * stats.t.ppf(0.975, n - 1)}[spread]
            rows.append((y, sample.mean() - half, sample.mean() + half))
    return tuple(np.array(rows).T)


@pytest.mark.parametrize("middle", ["mean", "median"])
@pytest.mark.parametrize("spread", ["std", "sem", "ci", "iqr", "range", "boot", "none"])
def test_middles_and_bands_are_numpys(page: Page, spread: str, middle: str) -> None:
    set_(page, group="seed", spread=spread, middle=middle)
    found = line(page)
    y, lo, hi = expected(spread, middle)
    np.testing.assert_allclose(found["x"], members()[0], rtol=0)
    for name, wanted in {"y": y, "lo": lo, "hi": hi}.items():
        np.testing.assert_allclose(found[name], wanted, rtol=1e-12, atol=1e-12)


def test_no_run_counts_beyond_its_own_points_or_beside_a_nan(page: Page) -> None:
    set_(page, group="seed")
    # steps 0, 10, 20, 30, 40, 60: run 2 alone reaches 60, run 3 has 10 to 30, run 4 has a nan at 20
    assert line(page)["counts"].tolist() == [4, 5, 4, 5, 4, 1]


def test_a_band_is_painted_and_its_rule_is_written_below(page: Page) -> None:
    set_(page, group="seed", members=False)
    expect(page.locator(".rp-chart-told")).to_contain_text("± standard deviation")
    expect(page.locator(".rp-chart-told")).to_contain_text("never beyond")
    set_(page, group="")
    expect(page.locator(".rp-chart-told")).to_have_count(0)


def test_the_tooltip_says_how_many_runs_reach_there(page: Page) -> None:
    set_(page, group="seed")
    page.mouse.move(*place(page, 0.99, 0.5))
    expect(page.locator(".rp-tip li").first).to_contain_text("n=1")
    page.mouse.move(*place(page, 0.17, 0.5))
    expect(page.locator(".rp-tip")).to_contain_text("lr 0.1, 5 runs")
    expect(page.locator(".rp-tip")).to_contain_text("n=5")


def test_the_runs_behind_a_band_are_faint_or_gone(page: Page) -> None:
    count = "() => runpages.charts.of(document.querySelector('figure')).members.length"
    set_(page, group="seed", members=True)
    assert page.evaluate(count) == RUNS
    set_(page, members=False)
    assert page.evaluate(count) == 0


def test_a_param_gives_colours_dashes_and_charts_of_its_own(page: Page) -> None:
    colours = "() => { const c = runpages.charts.of(document.querySelector('figure')); return c.lines.map((l) => c.color(l)); }"
    set_(page, hue="param:lr", stroke="param:lr")
    found = page.evaluate(colours)
    assert found[:5] == [found[0]] * 5
    assert {colour.upper() for colour in found} == {PALETTE[0].upper(), PALETTE[1].upper()}
    set_(page, facet="param:lr")
    parts = page.locator("figure.rp-facet")
    drawn(page, 3)
    expect(parts).to_have_count(2)
    expect(parts.nth(0)).to_have_attribute("data-drawn", "3")
    expect(parts.nth(1)).to_have_attribute("data-drawn", "5")
    domains = page.evaluate(
        "() => [...document.querySelectorAll('.rp-facet')].map((f) => runpages.charts.of(f).domain())"
    )
    assert domains[0] == domains[1]
    set_(page, facet="")
    expect(parts).to_have_count(0)
    expect(page.locator("figure").first).to_be_visible()

"""Compare's charts that are no curves, in a real browser: what they draw, their numbers, and how table and chart speak to each other."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect
from scipy import stats as scipy_stats
from tests.compare.conftest import write_run
from tests.compare.reading import address

from runpages.studies.importance import importance
from runpages.studies.surface import surface

pytestmark = pytest.mark.browser
RUNS = 60
KINDS = ("scatter", "strip", "box", "violin", "bar", "parallel", "importance", "contour")
CONFIG = """site_name: A search
theme: {name: runpages_theme}
use_directory_urls: false
plugins:
  - runpages: {sources: [runs], main_metric: val/acc}
"""
Shown = Callable[..., Page]


def searched() -> list[dict[str, Any]]:
    """The params of 60 runs of a search, the same in every build."""
    rng = np.random.default_rng(0)
    return [
        {
            "lr": float(10 ** rng.uniform(-4, -1)),
            "width": int(rng.choice([32, 64, 128, 256])),
            "opt": str(rng.choice(["adam", "sgd", "lion"])),
            "dropout": float(rng.uniform(0, 0.5)),
        }
        for _ in range(RUNS)
    ]


def reached(params: dict[str, Any], noise: float) -> float:
    """What such a run reaches: lr matters most, then the width."""
    wide = 0.01 * np.log2(params["width"] / 32)
    return round(float(0.9 - 0.05 * (np.log10(params["lr"]) + 2.3) ** 2 + wide + noise), 5)


def values() -> list[float]:
    noise = np.random.default_rng(1).normal(0, 0.008, RUNS)
    return [reached(params, float(one)) for params, one in zip(searched(), noise, strict=True)]


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Path:
    room = tmp_path_factory.mktemp("search")
    for number, (params, value) in enumerate(zip(searched(), values(), strict=True)):
        table = f"step,val/acc\n0,{value - 0.1}\n1,{value}\n"
        write_run(room / "runs" / f"run-{number:02d}", {**params, "seed": number % 3}, table, {})
    (room / "docs").mkdir()
    (room / "mkdocs.yml").write_text(CONFIG)
    subprocess.run([sys.executable, "-m", "runpages", "build", "--quiet"], cwd=room, check=True)
    return room / "site"


@pytest.fixture
def shown(visit: Callable[..., Page], search: Path) -> Shown:
    """`shown("scatter", "kx=param:lr")`: Compare with that chart, drawn."""

    def opened(kind: str, more: str = "", **how: Any) -> Page:
        page = visit(search / "compare.html", f"#kind={kind}" + (f"&{more}" if more else ""), **how)
        page.wait_for_selector(f"#rp-kind-figure[data-drawn={kind}]")
        return page

    return opened


def chart(page: Page, path: str) -> Any:
    """A part of what is drawn: "data.runs", "caption"."""
    return page.evaluate(f"() => runpages.kinds.chart.{path}")


def loaded(page: Page, *names: str) -> None:
    for name in names:
        page.evaluate("name => new Promise((done) => runpages.load(`js/${name}.js`, done))", name)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_draws_what_it_says(kind: str, shown: Shown) -> None:
    page = shown(kind)
    figure = page.locator("#rp-kind-figure")
    picture = figure.locator("svg.rp-still" if kind == "parallel" else "canvas")
    box = picture.bounding_box()
    assert box is not None
    assert box["width"] > 300
    assert re.search(r"val/acc|All params", figure.locator(".rp-chart-title").inner_text())
    assert len(figure.locator("figcaption").inner_text()) > 30
    assert "val/acc" in (figure.locator("[role=img]").get_attribute("aria-label") or "")
    figure.locator("summary").click()
    expect(figure.locator("tbody tr").first).to_be_visible()
    expect(page.locator("#rp-curves")).to_be_hidden()


@pytest.mark.parametrize(("width", "dark"), [(1400, False), (360, True)], ids=["wide-light", "phone-dark"])
@pytest.mark.parametrize("kind", ["scatter", "box", "parallel", "contour"])
def test_axe_finds_nothing_serious_and_nothing_sticks_out(
    kind: str, width: int, dark: bool, shown: Shown, serious: Callable[[Page], list[str]]
) -> None:
    page = shown(kind, width=width, dark=dark)
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_choice_is_kept_in_the_address_and_comes_back(shown: Shown) -> None:
    page = shown("scatter")
    page.select_option("#rp-kx", label="dropout")
    page.select_option("#rp-kc", label="opt")
    expect(page.locator("#rp-kind-figure .rp-chart-title")).to_have_text("val/acc (best) over dropout")
    assert address(page)["kx"] == "param:dropout"
    again = shown("scatter", "kx=param:dropout&kc=param:opt")
    assert again.locator("#rp-kc").input_value() == "param:opt"
    assert "coloured by opt" in chart(again, "caption")
    assert sorted(chart(again, "spec.encoding.color.scale.domain")) == ["adam", "lion", "sgd"]
    again.select_option("#rp-kind", "curves")
    expect(again.locator("#rp-curves")).to_be_visible()


def test_a_box_drawn_over_dots_filters_the_table_and_opens_again(
    shown: Shown, standing: Callable[[Locator], FloatRect]
) -> None:
    page = shown("scatter")
    box = standing(page.locator("#rp-kind-figure canvas"))
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.15 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.5 * box["height"], steps=5)
    page.mouse.up()
    expect(page.locator("#rp-filter")).to_have_value(re.compile(r"param:lr >= .* and param:lr <= .*metric:val/acc >="))
    expect(page.locator("#rp-count")).to_contain_text("of 60")
    passing = int(re.match(r"\s*(\d+)", page.locator("#rp-count").inner_text()).group(1))  # type: ignore[union-attr]
    assert 0 < passing < RUNS
    # what the box leaves out stays, faint
    page.wait_for_function(
        "count => runpages.kinds.chart.data.runs.filter((row) => row.o > 0.1).length === count", arg=passing
    )
    assert len(chart(page, "data.runs")) == RUNS
    page.fill("#rp-filter", "")
    page.wait_for_function("() => runpages.kinds.chart.data.runs.every((row) => row.o > 0.1)")


def test_axes_of_parallel_coordinates_filter_the_table_by_keyboard(shown: Shown) -> None:
    page = shown("parallel")
    figure = page.locator("#rp-kind-figure")
    figure.get_by_label("dropout, from").fill("0.25")
    page.keyboard.press("Tab")
    expect(page.locator("#rp-filter")).to_have_value(re.compile(r"^param:dropout >= 0\.25$"))
    wanted = sum(params["dropout"] >= 0.25 for params in searched())
    expect(page.locator("#rp-count")).to_contain_text(f"{wanted} of 60")
    expect(figure.get_by_label("dropout, from")).to_have_value("0.25")
    figure.get_by_label("opt, first").fill("1")
    figure.get_by_label("opt, last").fill("1")
    page.keyboard.press("Tab")
    expect(page.locator("#rp-filter")).to_have_value(re.compile(r'param:opt in \("adam"\)'))
    figure.get_by_role("button", name="All runs").click()
    expect(page.locator("#rp-filter")).to_have_value("")


def test_the_tables_selection_is_strong_in_every_kind(shown: Shown) -> None:
    page = shown("scatter", "sel=none")
    assert {row["o"] for row in chart(page, "data.runs")} == {0.95}
    page.locator("#rp-runs tbody input").first.check()
    page.wait_for_function("() => runpages.kinds.chart.data.runs.filter((row) => row.o > 0.9).length === 1")
    page.select_option("#rp-kind", "parallel")
    page.wait_for_selector("#rp-kind-figure[data-drawn=parallel]")
    assert sum(chart(page, "parallel.strong")) == 1


def test_quartiles_densities_and_ranks_are_numpys_and_scipys(shown: Shown) -> None:
    page = shown("box")
    sample = [0.3, 0.1, 0.45, 0.2, 0.2, 0.9, 0.33, 0.31]
    box = page.evaluate("v => runpages.spread.box(v)", sample)
    assert [box["q1"], box["median"], box["q3"]] == pytest.approx(np.percentile(sample, [25, 50, 75]).tolist())
    reach = 1.5 * (box["q3"] - box["q1"])
    inside = [value for value in sample if box["q1"] - reach <= value <= box["q3"] + reach]
    assert [box["low"], box["high"], box["out"]] == [min(inside), max(inside), [0.9]]
    density = page.evaluate("v => runpages.spread.density(v, 50)", sample)
    np.testing.assert_allclose(density["d"], scipy_stats.gaussian_kde(sample)(density["x"]), rtol=1e-9)
    other = [3, 1, 2, 2, 5, 5, 0, 1]
    told = page.evaluate("([a, b]) => runpages.spread.spearman(a, b)", [sample, other])
    assert told == pytest.approx(scipy_stats.spearmanr(sample, other).statistic)


def test_groups_have_the_means_and_intervals_of_scipy(shown: Shown) -> None:
    page = shown("bar", "kx=param:opt&pm=ci")
    by_opt: dict[str, list[float]] = {}
    for params, value in zip(searched(), values(), strict=True):
        by_opt.setdefault(params["opt"], []).append(value)
    for row in chart(page, "data.means"):
        sample = by_opt[row["g"].removeprefix("opt ")]
        low, high = scipy_stats.t.interval(0.95, len(sample) - 1, np.mean(sample), scipy_stats.sem(sample))
        assert row["x"] == pytest.approx(np.mean(sample))
        assert [row["lo"], row["hi"]] == pytest.approx([low, high])
    # every run of a group of up to 20 is a dot, and bars begin at zero
    dots = {opt: sum(row["g"] == f"opt {opt}" for row in chart(page, "data.runs")) for opt in by_opt}
    assert dots == {opt: len(sample) if len(sample) <= 20 else 0 for opt, sample in by_opt.items()}
    assert {row["zero"] for row in chart(page, "data.bars")} == {0}


def test_the_surface_is_pythons_and_empty_where_no_run_is_near(shown: Shown) -> None:
    page = shown("contour", "ky=param:dropout")
    lr = np.log10([params["lr"] for params in searched()])
    dropout = np.array([params["dropout"] for params in searched()])
    x, y = ((v - v.min()) / np.ptp(v) for v in (lr, dropout))
    expected = surface(x, y, np.array(values()), 44)
    found = page.evaluate("([x, y, v]) => runpages.surface(x, y, v, 44)", [x.tolist(), y.tolist(), values()])
    assert [[cell["i"], cell["j"]] for cell in found["cells"]] == np.stack([expected.i, expected.j], 1).tolist()
    np.testing.assert_allclose([cell["mean"] for cell in found["cells"]], expected.mean, rtol=1e-9)
    assert found["explained"] == pytest.approx(expected.explained)
    drawn = chart(page, "data.cells")
    assert len(drawn) == len(expected.mean) < 44 * 44
    assert sorted(cell["mean"] for cell in drawn) == pytest.approx(sorted(expected.mean.tolist()))


def test_importance_finds_the_order_python_finds_and_says_how_far_to_trust_it(shown: Shown) -> None:
    page = shown("importance")
    names = [row["name"] for row in chart(page, "data.bars")]
    assert names[0] == "lr"
    assert set(names) == {"lr", "width", "opt", "dropout"}
    assert re.search(r"random forest over 60 runs.*Held-out R² 0\.\d+", chart(page, "caption"))
    x = np.array([[np.log10(p["lr"]), p["width"], p["dropout"]] for p in searched()])
    expected = importance(x, np.array(values()), np.zeros(3))
    assert expected is not None
    found = page.evaluate(
        "([c, y]) => runpages.forest.importance(c.map((v) => Float64Array.from(v)), Float64Array.from(y), [false, false, false])",
        [x.T.tolist(), values()],
    )
    assert np.argmax(found["share"]) == np.argmax(expected.share) == 0
    np.testing.assert_allclose(found["share"], expected.share, atol=0.08)
    assert found["explained"] == pytest.approx(expected.explained, abs=0.08)
    np.testing.assert_allclose(found["rank"], expected.rank)


def test_few_runs_are_refused_in_words(shown: Shown) -> None:
    page = shown("importance", "q=param:dropout%20<%200.05")
    expect(page.locator("#rp-kind-figure .rp-chart-none")).to_contain_text("too few to say which params matter")
    page.fill("#rp-filter", "param:dropout > 7")
    expect(page.locator("#rp-kind-figure .rp-chart-none")).to_have_text("No run passes the filter.")


def test_a_dot_lights_its_row_and_a_row_its_dot(shown: Shown, standing: Callable[[Locator], FloatRect]) -> None:
    page = shown("scatter")
    row = page.locator("#rp-runs tbody tr").nth(1)
    standing(row)
    row.hover()
    run = int(row.get_attribute("data-i") or "")
    page.wait_for_function(
        "run => runpages.kinds.view.data('runs').find((row) => row.run === run).c === '#000000'", arg=run
    )
    page.evaluate("run => runpages.kinds.tell(run)", run)
    expect(row).to_have_class(re.compile("rp-lit"))


def test_a_chart_of_compare_stands_alone_for_a_frame(shown: Shown) -> None:
    page = shown("box", "kx=param:opt&alone=1", width=600)
    for hidden in (".md-header", "#rp-runs", "#rp-kind-bar", ".rp-footer"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.locator("#rp-kind-figure canvas")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 600


def test_a_saved_view_may_open_with_such_a_chart(shown: Shown) -> None:
    page = shown("violin", "kx=param:opt")
    text = page.evaluate("() => runpages.saved.yaml(runpages.state, runpages.compare.data, 'Mine')")
    assert "charts: {kind: violin, kx: param:opt}" in text

"""Repeats of a configuration as one row: numbers equal to scipy's, n in sight, deltas and marks that know noise."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from scipy import stats as oracle
from tests.compare.conftest import METHODS, SEEDS, SETS, accuracy
from tests.compare.reading import address, column, head, names, rows

pytestmark = pytest.mark.browser
Opened = Callable[..., Page]
GRID = "#q=run.group%3Dgrid&group=seed&cols=metric:val/acc,param:method,param:dataset"

CIFAR = GRID.replace("run.group%3Dgrid", "run.group%3Dgrid%20and%20dataset%3Dcifar")


def best(method: str, dataset: str) -> list[float]:
    return [max(accuracy(method, dataset, seed)) for seed in SEEDS]


def told(page: Page, name: str) -> dict[str, tuple[float, float]]:
    """Mean and half-width per group, in full, as the cells' titles say them."""
    script = """(id) => { const { values, shown, groups } = runpages.compare.view; const column = shown.find((one) => one.id === id);
      return Object.fromEntries(groups.map((one) => { const cell = values.group(column, one); return [one.label, [cell.mean, Number.isFinite(cell.half) ? cell.half : null]]; })); }"""
    found = page.evaluate(script, name)
    return {label: (mean, math.nan if half is None else half) for label, (mean, half) in found.items()}


@pytest.mark.parametrize("kind", ["std", "sem", "ci"])
def test_a_group_says_mean_and_interval_as_scipy_does(compare: Opened, kind: str) -> None:
    page = compare(GRID)
    page.click("#rp-look > summary")
    page.select_option("#rp-interval", kind)
    found = told(page, "metric:val/acc")
    assert len(found) == 6
    for method in METHODS:
        for dataset in SETS:
            values = best(method, dataset)
            label = next(one for one in found if method in one and dataset in one)
            std, n = np.std(values, ddof=1), len(values)
            half = {"std": std, "sem": oracle.sem(values), "ci": oracle.t.ppf(0.975, n - 1) * std / math.sqrt(n)}[kind]
            assert found[label] == pytest.approx((np.mean(values), half), rel=1e-12)
    assert address(page).get("pm", "std") == kind


def test_quantiles_and_verdicts_are_scipys(compare: Opened) -> None:
    page = compare()
    freedoms = [1, 1.5, 2, 2.7, 3, 5, 11.3, 40, 500, 12345]
    found = page.evaluate("(all) => all.map(runpages.interval.quantile)", freedoms)
    assert found == pytest.approx([oracle.t.ppf(0.975, one) for one in freedoms], rel=1e-12)
    a, b = best("alpha", "cifar"), best("beta", "cifar")
    welch = page.evaluate(
        "([a, b]) => { const of = runpages.interval.ofSample; return runpages.interval.welch(of(a), of(b), 'max'); }",
        [a, b],
    )
    low, high = oracle.ttest_ind(a, b, equal_var=False).confidence_interval()
    assert (welch["gap"] - welch["half"], welch["gap"] + welch["half"]) == pytest.approx((low, high), rel=1e-12)


def test_all_but_the_seed_makes_one_row_of_the_repeats_and_says_n(compare: Opened) -> None:
    page = compare("#q=run.group%3Dgrid&cols=metric:val/acc,param:method,param:dataset")
    expect(page.locator("#rp-under")).to_contain_text("6 configurations were run more than once")
    page.click("#rp-under button")
    expect(page.locator("#rp-group")).to_have_value("seed")
    assert [row[1] for row in rows(page)] == ["4"] * 6
    expect(page.locator("#rp-count")).to_have_text("24 of 28 runs, 6 groups")
    assert all("±" in text for text in column(page, "metric:val/acc"))
    assert "param:seed" not in head(page)


def test_one_run_never_has_an_interval(compare: Opened) -> None:
    page = compare("#group=seed&cols=metric:val/acc,param:lr")
    single = [row for row in rows(page) if row[1] == "1 run"]
    assert len(single) == 4
    assert not [row for row in single if "±" in row[2]]


def test_repeats_are_found_without_a_logged_seed(compare: Opened) -> None:
    page = compare(GRID)
    data = page.evaluate("""() => { const d = structuredClone(runpages.get("runs")); d.columns = d.columns.filter((one) => !one.seed);
      const c = runpages.columns(d); return runpages.rows.group([...Array(d.count).keys()], runpages.rows.grouping("seed", c, d)).map((one) => one.runs.length); }""")
    assert sorted(data) == [1, 1, 1, 1, 4, 4, 4, 4, 4, 4]


def test_the_same_run_read_twice_counts_once(compare: Opened) -> None:
    page = compare()
    found = page.evaluate("runpages.interval.summary([0.5, 0.5, 0.7, 0.5], [0, 1, 2, 3], [7, 7, 7, 8])")
    assert found["n"] == 3
    assert found["mean"] == pytest.approx((0.5 + 0.7 + 0.5) / 3)


def test_a_group_opens_to_its_runs(compare: Opened) -> None:
    page = compare(GRID)
    page.locator("#rp-runs [data-open]").first.click()
    assert len(names(page)) == 6 + 4
    expect(page.locator("#rp-runs [data-open]").first).to_have_attribute("aria-expanded", "true")


def test_the_best_and_what_is_not_significantly_worse_are_marked(compare: Opened) -> None:
    page = compare(CIFAR)
    alpha, beta = best("alpha", "cifar"), best("beta", "cifar")
    winner, other = ("alpha", "beta") if np.mean(alpha) > np.mean(beta) else ("beta", "alpha")
    assert oracle.ttest_ind(alpha, beta, equal_var=False).pvalue > 0.05
    marks = page.evaluate(
        "() => [...document.querySelectorAll('#rp-runs tbody tr')].map((row) => [row.cells[0].textContent, row.cells[2].className])"
    )
    assert [("rp-best" in kind, "rp-cobest" in kind) for _, kind in marks] == [
        (True, False),
        (False, True),
        (False, False),
    ]
    assert winner in marks[0][0]
    assert other in marks[1][0]
    expect(page.locator(".rp-cobest .rp-sr").first).to_have_text(", not distinguishable from the best")


def test_a_baseline_gives_exact_differences_in_the_right_direction(compare: Opened) -> None:
    page = compare("#q=method%3Dalpha%20and%20dataset%3Dcifar&sort=param:seed:asc&cols=metric:val/acc,metric:val/loss")
    page.hover("#rp-runs tbody tr >> nth=0")
    page.locator("#rp-runs .rp-set").first.click()
    expect(page.locator("#rp-said")).to_contain_text("Differences are to alpha-cifar-0.")
    tops = best("alpha", "cifar")
    deltas = page.locator("#rp-runs tbody tr td:nth-child(2) .rp-delta")
    for at in (1, 2, 3):
        gap = tops[at] - tops[0]
        expect(deltas.nth(at)).to_contain_text(f"{'▲' if gap > 0 else '▼'} {abs(gap):.2g}")
        expect(deltas.nth(at)).to_have_class(re.compile("rp-better" if gap > 0 else "rp-worse"))
        expect(deltas.nth(at).locator(".rp-sr")).to_contain_text("higher, better" if gap > 0 else "lower, worse")
    page.click("#rp-look > summary")
    page.select_option("#rp-differences", "percent")
    expect(deltas.nth(1)).to_contain_text("%")


def test_differences_of_groups_have_an_interval_and_noise_is_grey(compare: Opened) -> None:
    page = compare(CIFAR + "&sort=param:method:asc")
    page.hover("#rp-runs tbody tr >> nth=0")
    page.locator("#rp-runs .rp-set").first.click()
    beta, gamma = (page.locator("#rp-runs tbody tr").nth(at).locator(".rp-delta").first for at in (1, 2))
    expect(beta).to_have_class(re.compile("rp-noise"))
    expect(beta).to_contain_text("within noise")
    low, high = oracle.ttest_ind(best("gamma", "cifar"), best("alpha", "cifar"), equal_var=False).confidence_interval()
    expect(gamma).to_have_class(re.compile("rp-worse"))
    title = gamma.get_attribute("title") or ""
    said = [float(one.replace("−", "-")) for one in re.findall(r"interval (\S+) to (\S+)", title)[0]]
    assert said == pytest.approx([low, high], rel=1e-3)


def test_a_pivot_has_a_column_per_dataset_and_a_row_per_method(compare: Opened) -> None:
    page = compare("#q=run.group%3Dgrid")
    page.click("#rp-look > summary")
    page.select_option("#rp-across", "param:dataset")
    assert head(page)[2:] == ["pivot:cifar:metric:val/acc", "pivot:mnist:metric:val/acc"]
    assert len(names(page)) == 3
    for at, dataset in enumerate(SETS):
        means = {method: np.mean(best(method, dataset)) for method in METHODS}
        cells = {next(m for m in METHODS if m in row[0]): row[2 + at] for row in rows(page)}
        for method, mean in means.items():
            # the mark of the best is drawn by the style sheet, n is the group's half
            assert float(cells[method].split(" ±")[0]) == pytest.approx(mean, abs=0.01)
            assert cells[method].endswith("n 4")
    assert page.locator("#rp-runs td.rp-best").count() == 2
    page.click('[data-sort="pivot:mnist:metric:val/acc"]')
    assert "gamma" in names(page)[2]


def test_shaded_cells_say_their_fifth_by_more_than_colour(compare: Opened) -> None:
    page = compare("#cols=metric:val/acc,metric:val/loss&q=run.group%3Dgrid")
    page.click("#rp-look > summary")
    page.check("#rp-shaded")
    first = page.locator("#rp-runs tbody tr").first.locator("td").first
    expect(first).to_have_class(re.compile("rp-h4"))
    expect(first.locator(".rp-bar-of")).to_have_text("█")
    expect(first.locator(".rp-sr").first).to_have_text("top fifth, ")
    last = page.locator("#rp-runs tbody tr").last.locator("td").nth(1)
    expect(last).to_have_class(re.compile("rp-h0"))  # the highest loss is the worst

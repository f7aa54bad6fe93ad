"""Charts in a real browser, from file://, under the site's own policy."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import vl_convert
from playwright.sync_api import Browser, Page, expect
from tests.charts import page as site
from tests.conftest import STANDING

from runpages import charts
from runpages.charts import PALETTE
from runpages.charts.theme import PALETTE_DARK

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror=document.title='owned'>"
COUNT = """([figure, colour]) => {
  const canvas = document.querySelectorAll("figure")[figure].querySelector("canvas.rp-paint");
  const wanted = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
  // a copy, or reading would change how the browser keeps the original
  const copy = Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height });
  const pen = copy.getContext("2d", { willReadFrequently: true });
  pen.drawImage(canvas, 0, 0);
  const data = pen.getImageData(0, 0, canvas.width, canvas.height).data;
  let count = 0;
  for (let i = 0; i < data.length; i += 4)
    if (data[i + 3] > 200 && wanted.every((value, k) => Math.abs(data[i + k] - value) < 12)) count += 1;
  return count;
}"""
TICKS = """(figure) => runpages.charts.of(document.querySelectorAll("figure")[figure]).domain()"""


@pytest.fixture(scope="module")
def library() -> charts.Bundle:
    return charts.bundle()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, library: charts.Bundle) -> Path:
    noisy = {run: site.course(run, 300) for run in range(3)}
    noisy[1][100:110] = np.nan
    noisy[2][200] = np.inf
    loss = site.curve({run: site.course(run, 200) - 0.3 for run in range(8)}, "val/loss")
    loss["lines"][0].pop("t")
    epochs = site.curve({run: np.arange(300.0) // 100 for run in range(3)}, "epoch")
    table = site.runs(12, [HOSTILE])
    table["columns"].append({"id": "metric:epoch", "kind": "metric", "label": "epoch", "curve": "curves/ep"})
    folder = tmp_path_factory.mktemp("site")
    return site.write(folder, library, table, {"curves/a": site.curve(noisy), "curves/b": loss, "curves/ep": epochs})


@pytest.fixture
def page(browser: Browser, built: Path) -> Iterator[Page]:
    """The site, opened from disk at 1400 px; whatever the console or the policy says fails the test."""
    opened = browser.new_page(viewport={"width": 1400, "height": 1000})
    trouble: list[str] = []
    asked: list[str] = []
    opened.on("console", lambda message: trouble.append(message.text))
    opened.on("pageerror", lambda error: trouble.append(str(error)))
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(built.as_uri())
    drawn(opened)
    yield opened
    assert trouble == []
    assert [url for url in asked if not url.startswith(("file://", "data:", "blob:"))] == []
    assert opened.title() == "Charts"
    opened.close()


def drawn(page: Page, figures: int = 3) -> None:
    page.wait_for_function(
        "count => [...document.querySelectorAll('figure')].filter((f) => f.dataset.drawn && runpages.charts.idle(f)).length >= count",
        arg=figures,
    )


def set_(page: Page, figures: int = 3, **values: Any) -> None:
    page.evaluate("values => runpages.charts.set(values)", values)
    drawn(page, figures)


def pixels(page: Page, colour: str, figure: int = 0) -> int:
    return int(page.evaluate(COUNT, [figure, colour]))


def domain(page: Page, figure: int = 0) -> dict[str, list[float]]:
    return dict(page.evaluate(TICKS, figure))


def place(page: Page, across: float, up: float = 0.5, figure: int = 0) -> tuple[float, float]:
    """A point inside the plot: shares of its width from the left and of its height from the top."""
    page.locator("figure").nth(figure).evaluate(STANDING)
    box = page.evaluate("figure => runpages.charts.of(document.querySelectorAll('figure')[figure]).plot()", figure)
    return box["left"] + across * box["width"], box["top"] + up * box["height"]


def test_every_line_is_drawn_in_its_runs_colour(page: Page) -> None:
    for run in range(3):
        assert pixels(page, PALETTE[run]) > 300
    assert pixels(page, PALETTE[7]) == 0
    assert pixels(page, PALETTE[7], figure=1) > 100


def test_axes_have_the_room_their_own_labels_need(browser: Browser, tmp_path: Path, library: charts.Bundle) -> None:
    narrow = site.curve({0: np.array([1.0, 2.0])}, "narrow")
    wide = site.curve({0: np.array([100_000.0, 200_000.0])}, "wide")
    opened = browser.new_page(viewport={"width": 1400, "height": 1000})
    opened.goto(site.write(tmp_path, library, site.runs(1), {"curves/a": narrow, "curves/b": wide}).as_uri())
    drawn(opened, 2)
    left = [
        opened.evaluate(f"runpages.charts.of(document.querySelectorAll('figure')[{i}]).pointer.left") for i in (0, 1)
    ]
    opened.close()
    assert left[1] > left[0] + 20


def test_dark_pages_have_dark_charts(page: Page) -> None:
    page.evaluate("document.body.dataset.mdColorScheme = 'slate'")
    page.wait_for_function(f"() => ({COUNT})([0, '{PALETTE_DARK[0]}']) > 300")
    assert pixels(page, PALETTE[0]) == 0


def test_a_log_axis_leaves_out_zero_and_says_so(page: Page) -> None:
    assert domain(page, 1)["y"][0] < 0
    set_(page, y="log")
    low, high = domain(page, 1)["y"]
    assert 0 < low < high
    expect(page.locator("figure").nth(1).locator(".rp-chart-left")).to_contain_text("at or below 0")
    assert pixels(page, PALETTE[3], figure=1) > 100


def test_symlog_shows_negative_values(page: Page) -> None:
    set_(page, y="symlog")
    assert domain(page, 1)["y"][0] < 0
    assert pixels(page, PALETTE[3], figure=1) > 100


def test_smoothing_changes_the_picture_and_keeps_the_raw_faint(page: Page) -> None:
    before = pixels(page, PALETTE[0])
    # the length a pen travels: noise travels far
    set_(page, smooth=0.95)
    after = pixels(page, PALETTE[0])
    assert 100 < after < before
    shade = page.locator("figure").first.locator("canvas.rp-paint").screenshot()
    set_(page, smooth=0.99)
    assert page.locator("figure").first.locator("canvas.rp-paint").screenshot() != shade
    set_(page, smooth=0)
    assert pixels(page, PALETTE[0]) == before


def test_relative_time_has_a_unit_and_wall_time_a_date(page: Page) -> None:
    set_(page, x="relative")
    assert domain(page)["x"] == pytest.approx([0, 299 * 2.5 / 60])
    expect(page.locator("figure").nth(1).locator(".rp-chart-left")).to_contain_text("1 run without")
    set_(page, x="wall")
    assert domain(page)["x"][0] == pytest.approx(1_780_000_000_000)
    page.mouse.move(*place(page, 0.02))
    expect(page.locator(".rp-tip-x").first).to_contain_text("UTC")


def test_epochs_come_from_the_metric_that_counts_them(page: Page) -> None:
    set_(page, x="epoch")
    assert domain(page)["x"] == [0, 2]


def test_selected_runs_alone_are_drawn(page: Page) -> None:
    page.evaluate("runpages.charts.select([2])")
    expect(page.locator("figure").first).to_have_attribute("data-drawn", "1")
    drawn(page)
    assert pixels(page, PALETTE[0]) == 0
    assert pixels(page, PALETTE[2]) > 300


def test_the_tooltip_names_the_nearest_run_first_and_what_tells_it_apart(page: Page) -> None:
    page.mouse.move(*place(page, 0.5, 0.9))
    tip = page.locator(".rp-tip").first
    expect(tip.locator("li")).to_have_count(3)
    expect(tip).to_contain_text("lr ")
    expect(tip).not_to_contain_text("seed")
    values = [float(text) for text in tip.locator("li b").all_text_contents()]
    # from the bottom of the plot, the lowest is the nearest
    assert values == sorted(values)


def test_at_most_five_runs_are_named(page: Page) -> None:
    page.mouse.move(*place(page, 0.5, figure=1))
    tip = page.locator("figure").nth(1).locator(".rp-tip")
    expect(tip.locator("li")).to_have_count(5)
    expect(tip).to_contain_text("and 3 more")


def test_a_hostile_name_is_text_everywhere(page: Page) -> None:
    page.mouse.move(*place(page, 0.2, 0.9))
    expect(page.locator(".rp-tip").first).to_contain_text(HOSTILE)
    expect(page.locator(".rp-legend").first).to_contain_text(HOSTILE)
    assert page.locator("figure img").count() == 0


def test_one_crosshair_for_all_charts(page: Page) -> None:
    page.mouse.move(*place(page, 0.4))
    for figure in range(2):
        expect(page.locator(".rp-rule").nth(figure)).to_have_attribute("visibility", "visible")
    page.mouse.move(2, 2)
    for figure in range(2):
        expect(page.locator(".rp-rule").nth(figure)).to_have_attribute("visibility", "hidden")


def test_a_drawn_range_is_zoomed_into_and_a_double_click_shows_all(page: Page) -> None:
    width = place(page, 1)[0] - place(page, 0)[0]
    page.mouse.move(*place(page, 0.25))
    page.mouse.down()
    page.mouse.move(*place(page, 0.5), steps=4)
    page.mouse.up()
    assert domain(page)["x"] == pytest.approx([2990 * 0.25, 2990 * 0.5], rel=0.02)
    assert pixels(page, PALETTE[0]) > 300
    # marks and names left outside the range once took the plot's room
    assert place(page, 1)[0] - place(page, 0)[0] == pytest.approx(width, abs=20)
    page.mouse.dblclick(*place(page, 0.5))
    assert domain(page)["x"] == [0, 2990]


def test_the_wheel_scrolls_the_page_unless_a_key_is_held(page: Page) -> None:
    page.mouse.move(*place(page, 0.5))
    page.mouse.wheel(0, -100)
    assert domain(page)["x"] == [0, 2990]
    page.keyboard.down("Alt")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Alt")
    page.wait_for_function("() => runpages.charts.of(document.querySelector('figure')).domain().x[1] < 2900")


def test_keys_walk_along_a_line(page: Page) -> None:
    page.locator(".rp-chart-live").first.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    expect(page.locator(".rp-tip-x").first).to_have_text("step 20")
    page.keyboard.press("+")
    assert domain(page)["x"][1] < 2990
    page.keyboard.press("Escape")
    assert domain(page)["x"] == [0, 2990]


def test_a_highlighted_run_stands_out_and_lies_back(page: Page) -> None:
    page.evaluate("runpages.charts.highlight(1)")
    expect(page.locator(".rp-chart-live").first).to_have_class(re.compile("rp-dimmed"))
    path = page.locator(".rp-lifted").first
    assert (path.get_attribute("d") or "").count("M") == 2  # the gap of nan
    page.evaluate("runpages.charts.highlight(null)")
    expect(page.locator(".rp-chart-live").first).not_to_have_class(re.compile("rp-dimmed"))


def test_a_clicked_line_tells_the_page_its_run(page: Page) -> None:
    page.evaluate("document.addEventListener('rp-run', (event) => (document.body.dataset.run = event.detail.run))")
    place(page, 0)
    y = page.evaluate(
        "(() => { const c = runpages.charts.of(document.querySelector('figure')); return c.pixel(0, 150); })()"
    )
    page.mouse.click(y["x"], y["y"])
    expect(page.locator("body")).to_have_attribute("data-run", "0")


def test_charts_below_the_fold_wait(browser: Browser, tmp_path: Path, library: charts.Bundle) -> None:
    curves = {f"curves/{i}": site.curve({0: site.course(i, 50)}, f"m{i}") for i in range(20)}
    opened = browser.new_page(viewport={"width": 500, "height": 600})
    opened.goto(site.write(tmp_path, library, site.runs(1), curves).as_uri())
    drawn(opened, 2)
    assert opened.locator("figure").last.locator("svg.rp-still").count() == 1
    assert opened.locator("script[src*='curves/19']").count() == 0
    opened.locator("figure").last.scroll_into_view_if_needed()
    expect(opened.locator("figure").last).to_have_attribute("data-drawn", "1")
    opened.close()


def test_nothing_moves_when_the_picture_comes_alive(browser: Browser, built: Path) -> None:
    opened = browser.new_page(viewport={"width": 1400, "height": 1000}, java_script_enabled=False)
    opened.goto(built.as_uri())
    before = opened.locator("figure").first.bounding_box()
    opened.close()
    opened = browser.new_page(viewport={"width": 1400, "height": 1000})
    opened.goto(built.as_uri())
    drawn(opened)
    after = opened.locator("figure").first.bounding_box()
    opened.close()
    assert before
    assert after
    assert abs(before["height"] - after["height"]) <= 2


def test_a_missing_data_file_leaves_the_still_picture(browser: Browser, tmp_path: Path, library: charts.Bundle) -> None:
    curves = {"curves/a": site.curve({0: site.course(0, 50)}), "curves/b": site.curve({0: site.course(1, 50)}, "other")}
    index = site.write(tmp_path, library, site.runs(1), curves)
    (tmp_path / "data" / "curves" / "a.js").unlink()
    opened = browser.new_page(viewport={"width": 1400, "height": 1000})
    opened.goto(index.as_uri())
    drawn(opened, 1)
    assert opened.locator("figure").first.locator("svg.rp-still").is_visible()
    opened.close()


def saved(page: Page, kind: str) -> bytes:
    page.locator("figure").first.hover()
    with page.expect_download() as download:
        page.locator("figure").first.get_by_role("button", name=kind).click()
    assert download.value.suggested_filename == f"val-accuracy.{kind.lower()}"
    return Path(download.value.path()).read_bytes()


def test_the_saved_svg_has_names_titles_and_ground(page: Page) -> None:
    root = ElementTree.fromstring(saved(page, "SVG"))  # noqa: S314 - our own output
    texts = {"".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {HOSTILE, "mlp-01", "mlp-02", "step", "val/accuracy"} <= texts
    assert any(node.get("stroke", "").upper() == PALETTE[1] for node in root.iter())


def test_the_saved_png_is_a_picture(page: Page) -> None:
    content = saved(page, "PNG")
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(content[16:20], "big") > 1500


def test_the_saved_numbers_are_those_drawn(page: Page) -> None:
    rows = list(csv.DictReader(io.StringIO(saved(page, "CSV").decode())))
    assert len(rows) == 900
    assert {row["run"] for row in rows} == {HOSTILE, "mlp-01", "mlp-02"}
    assert [row["value"] for row in rows if row["run"] == "mlp-01"][100:110] == ["nan"] * 10
    assert rows[800]["value"] == "inf"


def test_a_chart_whose_runs_lack_the_metric_says_so(page: Page) -> None:
    page.evaluate("runpages.charts.select([9, 10])")
    drawn(page)
    said = page.locator("figure .rp-chart-none").first
    expect(said).to_have_text("None of the 2 selected runs has a curve of val/accuracy.")
    page.evaluate("runpages.charts.select([9])")
    expect(said).to_have_text("The selected run has no curve of val/accuracy.")
    page.evaluate("runpages.charts.select([0, 1])")
    drawn(page)
    page.wait_for_function("() => runpages.charts.of(document.querySelector('figure')).lines.length === 2")
    assert pixels(page, PALETTE[0]) > 300


def test_a_chart_leaves_as_a_spec_that_draws_without_us(page: Page) -> None:
    figure = page.locator("figure").first
    figure.hover()
    with page.expect_download() as waiting:
        figure.get_by_role("button", name="Spec", exact=True).click()
    spec = json.loads(Path(waiting.value.path()).read_text())
    picture = vl_convert.vegalite_to_svg(spec, vl_version="6.4", allowed_base_urls=[])
    assert "mlp-01" in picture
    assert spec["config"]["font"].startswith("Helvetica")


@pytest.mark.parametrize("x", ["linear", "log", "symlog"])
@pytest.mark.parametrize("y", ["linear", "log", "symlog"])
def test_painted_lines_stand_where_the_axes_say(page: Page, x: str, y: str) -> None:
    set_(page, xs=x, y=y)
    off = page.evaluate(
        """() => {
          const chart = runpages.charts.of(document.querySelectorAll("figure")[1]);
          const line = chart.lines[2];
          const [sx, sy] = ["x", "y"].map((name) => chart.view.scale(name));
          return [...line.s.keys()].map((i) => Math.max(
            Math.abs(sx(line.drawn.x[i]) - chart.sx.at(line.drawn.x[i])), Math.abs(sy(line.s[i]) - chart.sy.at(line.s[i]))))
            .filter(Number.isFinite);
        }"""
    )
    assert len(off) > 100
    assert max(off) < 1e-6


def test_a_long_name_is_cut_in_its_middle_and_whole_on_hover(
    browser: Browser, tmp_path: Path, library: charts.Bundle
) -> None:
    long = "begin-" + "x" * 200 + "-end"
    curves = {"curves/a": site.curve({run: site.course(run, 50) for run in range(7)})}
    opened = browser.new_page(viewport={"width": 1400, "height": 1000})
    opened.goto(site.write(tmp_path, library, site.runs(7, [long]), curves).as_uri())
    drawn(opened, 1)
    item = opened.locator(".rp-legend li").first
    expect(item).to_have_attribute("title", long)
    text = item.text_content() or ""
    opened.close()
    assert text.startswith("begin-")
    assert text.endswith("-end")
    assert len(text) < 80


def test_a_denser_screen_gets_a_denser_picture(browser: Browser, built: Path) -> None:
    context = browser.new_context(viewport={"width": 1400, "height": 1000}, device_scale_factor=2)
    opened = context.new_page()
    opened.goto(built.as_uri())
    drawn(opened)
    ratio = opened.locator("canvas.rp-paint").first.evaluate("canvas => canvas.width / canvas.clientWidth")
    context.close()
    assert ratio == pytest.approx(2, abs=0.01)


def test_any_metric_is_an_x_axis(page: Page) -> None:
    page.evaluate(
        "() => runpages.get('runs').columns.push({id: 'metric:val/loss', kind: 'metric', label: 'val/loss', curve: 'curves/b'})"
    )
    set_(page, x="metric:val/loss")
    shown = domain(page)["x"]
    values = np.concatenate([site.course(run, 200) - 0.3 for run in range(3)])
    assert shown == pytest.approx([values.min(), values.max()], abs=1e-5)
    page.mouse.move(*place(page, 0.5))
    expect(page.locator(".rp-tip-x").first).to_contain_text("val/loss")


def test_outliers_are_cut_off_with_a_mark_and_words(browser: Browser, tmp_path: Path, library: charts.Bundle) -> None:
    wild = site.course(0, 400)
    wild[[50, 51, 200]] = 300, 900, -400
    opened = browser.new_page(viewport={"width": 1400, "height": 1000})
    opened.goto(site.write(tmp_path, library, site.runs(1), {"curves/a": site.curve({0: wild})}).as_uri())
    drawn(opened, 1)
    assert domain(opened)["y"][1] > 900
    set_(opened, 1, clip=True)
    assert domain(opened)["y"][1] < 2
    expect(opened.locator(".rp-chart-left")).to_contain_text("3 outliers beyond the y axis, marked at its edge")
    marks = "() => runpages.plot.strands(runpages.charts.of(document.querySelector('figure')))[0].beyond.map(({x, above}) => [x, above])"
    assert opened.evaluate(marks) == [[510, True], [2000, False]]
    opened.close()


def test_a_range_drawn_in_one_chart_is_the_range_of_all(page: Page) -> None:
    page.evaluate("() => runpages.charts.of(document.querySelector('figure')).zoom([500, 1000])")
    page.wait_for_function("() => runpages.charts.of(document.querySelectorAll('figure')[1]).domain().x[0] === 500")
    assert domain(page, 1)["x"] == [500, 1000]


def test_events_are_ticks_with_words(browser: Browser, tmp_path: Path, library: charts.Bundle) -> None:
    values = np.array([0.1, 0.5, 0.9, 0.6, 0.7, 0.8])
    restarted = site.curve({0: values})
    restarted["steps"] = [[0, 10, 20, 15, 25, 35]]
    table = site.runs(1)
    table["marks"] = [{"step": 25, "text": "lower learning rate"}]
    table["columns"].append(
        {
            "id": "metric:val/accuracy",
            "kind": "metric",
            "label": "val/accuracy",
            "direction": "max",
            "curve": "curves/a",
        }
    )
    table["columns"].append({"id": "metric:epoch", "kind": "metric", "label": "epoch", "curve": "curves/e"})
    epochs = site.curve({0: np.array([0.0, 0, 1, 1, 2, 2])}, "epoch")
    opened = browser.new_page(viewport={"width": 1400, "height": 1000})
    opened.goto(site.write(tmp_path, library, table, {"curves/a": restarted, "curves/e": epochs}).as_uri())
    drawn(opened, 2)
    set_(opened, 2, events=True)
    found = opened.evaluate(
        "() => runpages.charts.of(document.querySelector('figure')).events.map(({kind, x}) => [kind, x])"
    )
    assert sorted(found) == [["best", 20], ["epoch", 10], ["epoch", 30], ["mark", 25], ["restart", 15]]
    said = opened.locator(".rp-chart-live").first.get_attribute("aria-label") or ""
    opened.close()
    assert "mlp-00 is best at step 20: 0.9." in said
    assert "mlp-00 restarts at step 15." in said
    assert "lower learning rate (step 25)." in said

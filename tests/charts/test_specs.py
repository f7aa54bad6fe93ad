"""Specs are plain, deterministic and complete; pictures show what the data say."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from xml.etree import ElementTree

import numpy as np
import pytest
import vl_convert

from runpages.charts import bars, curve_xy, curves, dots, histogram, kinds, page_specs, scatter, static, still
from runpages.charts.theme import DARK, LIGHT, PALETTE, config
from runpages.model import Floats

HOSTILE = 'a</text><script>alert(1)</script>" onload="x'


def lines(count: int, points: int = 40) -> list[still.Line]:
    x = np.arange(points, dtype=np.float64)
    return [still.Line(f"run-{i}", x, 1 - np.exp(-x / (5 + i)), color=i % 10, dash=i // 10 % 4) for i in range(count)]


def xml(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)  # noqa: S314 - our own output


def texts(picture: str) -> list[str]:
    return ["".join(node.itertext()) for node in xml(picture).iter("{http://www.w3.org/2000/svg}text")]


def test_the_frame_of_a_page(golden: Callable[..., None]) -> None:
    golden(curves.live_spec())


def test_still_curves(golden: Callable[..., None]) -> None:
    golden(curves.spec(title="val/accuracy"))


def test_figures_beside_curves(golden: Callable[..., None]) -> None:
    golden(dots.spec("val/accuracy", ["lr 0.1", "lr 0.01"]), "dots")
    golden(bars.spec("hours", ["a", "b"]), "bars")
    golden(scatter.spec("lr", "val/accuracy", "log"), "scatter")
    golden(scatter.spec("optimizer", "val/accuracy", "words"), "scatter-words")
    golden(histogram.spec("layer1/weights"), "histogram")


def test_charts_of_compare_that_are_no_curves(golden: Callable[..., None]) -> None:
    golden(kinds.specs())


def test_configs_of_both_looks(golden: Callable[..., None]) -> None:
    golden({"light": config(LIGHT), "dark": config(DARK), "paper": config(LIGHT, paper=True)})


def test_every_spec_compiles_to_vega() -> None:
    specs = page_specs("assets/vega.js")
    for spec in [specs["live"], *specs["still"].values(), *kinds.specs()["specs"].values()]:
        assert vl_convert.vegalite_to_vega(spec)["marks"]


def test_specs_ask_nothing_of_another_host() -> None:
    assert "http" not in json.dumps(page_specs("assets/vega.js"))


def test_another_process_makes_the_same_specs() -> None:
    program = "import json; from runpages.charts import page_specs; print(json.dumps(page_specs('x')))"
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    curves.live_spec()
    assert json.loads(printed) == page_specs("x")


def test_a_metric_may_be_called_like_one_of_altairs_names() -> None:
    assert curves.spec(title="param_1")["layer"][0]["encoding"]["y"]["axis"]["title"] == "param_1"


def test_few_lines_carry_their_names_and_many_have_a_legend() -> None:
    few = static.svg(*still.picture(lines(3), "val/accuracy"), alt="three")
    assert {"run-0", "run-1", "run-2", "val/accuracy", "step"} <= set(texts(few))
    assert "role-legend" not in few
    many = static.svg(*still.picture(lines(14), "val/accuracy"), alt="many")
    assert "role-legend" in many
    assert [name for name in texts(many) if name.startswith("run-")] == [f"run-{i}" for i in range(12)]


def test_each_line_is_drawn_in_its_runs_colour() -> None:
    picture = static.svg(*still.picture(lines(3), "m"), alt="a", ground="light")
    strokes = re.findall(r'mark-line[^>]*>\s*<path[^>]*stroke="(#[0-9A-Fa-f]{6})"', picture)
    assert [stroke.upper() for stroke in strokes] == list(PALETTE[:3])


def test_a_picture_in_a_page_takes_the_pages_colours() -> None:
    picture = static.svg(*still.picture(lines(2), "m"), alt="a")
    assert "var(--rp-c0, #0072B2)" in picture
    assert 'fill="currentColor"' in picture
    assert "#010203" not in picture


def test_the_same_picture_twice_is_the_same_text_with_ids_of_its_own() -> None:
    spec, data = still.picture(lines(8), "m")
    first, second = (static.svg(spec, data, alt="a", id_prefix="p") for _ in range(2))
    assert first == second
    other = static.svg(spec, data, alt="a", id_prefix="q")
    ids = [set(re.findall(r'\bid="([^"]+)"', text)) for text in (first, other)]
    assert ids[0]
    assert not ids[0] & ids[1]
    for text in (first, other):
        assert set(re.findall(r"url\(#([^)]+)\)", text)) <= set(re.findall(r'\bid="([^"]+)"', text))


def test_a_hostile_name_stays_a_name() -> None:
    line = lines(2)[0]
    named = [still.Line(HOSTILE, line.x, line.y), lines(2)[1]]
    picture = static.svg(*still.picture(named, HOSTILE), alt=HOSTILE)
    assert not [node for node in xml(picture).iter() if node.tag.endswith("script") or node.get("onload")]
    assert xml(picture).get("aria-label") == HOSTILE


def test_a_run_named_like_a_stand_in_colour_keeps_its_name() -> None:
    line = lines(1)[0]
    picture = static.svg(*still.picture([still.Line("#010203", line.x, line.y), *lines(1)], "m"), alt="a")
    assert "#010203" in texts(picture)


def test_nan_is_a_gap_and_a_mark() -> None:
    line = lines(1)[0]
    y = line.y.copy()
    y[10:12] = np.nan
    y[20] = np.inf
    _, data = still.picture([still.Line("a", line.x, y)], "m")
    assert [row["bad"] for row in data["marks"]] == ["nan", "nan", "inf"]
    assert [row["x"] for row in data["points"] if row["y"] is None] == [10, 11, 20]


def test_a_log_axis_leaves_out_what_is_not_above_zero() -> None:
    x = np.arange(4.0)
    spec, data = still.picture([still.Line("a", x, np.array([1.0, 0.0, -1.0, 10.0]))], "m", y="log")
    assert [row["y"] for row in data["points"]] == [1.0, None, None, 10.0]
    assert static.svg(spec, data, alt="a")


def test_thinning_keeps_ends_and_spikes() -> None:
    y = np.zeros(5000)
    y[0], y[-1], y[2500] = 3, 4, 99
    thin = still.thin(still.Line("a", np.arange(5000.0), y), 100)
    assert (len(thin.y), thin.y[0], thin.y[-1], thin.x[-1]) == (100, 3, 4, 4999)
    assert thin.hi is not None
    assert thin.hi.max() == 99
    assert abs(thin.y[1:-1].mean() - y[1:-1].mean()) < 0.01


def test_thinning_an_empty_stretch_leaves_a_gap() -> None:
    y = np.ones(1000)
    y[400:600] = np.nan
    thin = still.thin(still.Line("a", np.arange(1000.0), y), 50)
    assert 8 <= np.isnan(thin.y).sum() <= 12


@pytest.mark.parametrize("wanted", [[0.0, 0.0, 0.0], [1.0, 1.01, 1.02], [0.5, 0.5, 1.0]])
def test_labels_stand_apart_and_inside(wanted: list[float]) -> None:
    places = still.spread(np.array(wanted), 0.1, 0.0, 1.0)
    assert (np.diff(places) >= 0.1 - 1e-12).all()
    assert places.min() >= 0
    assert places.max() <= 1


def test_histograms_with_other_bins_share_one_grid() -> None:
    def of(low: float, high: float, bins: int) -> tuple[Floats, Floats]:
        return np.linspace(low, high, bins + 1), np.full(bins, 7.0)

    rows = histogram.cells([(0, *of(-1, 1, 10)), (10, *of(-2, 2, 30))], bins=40)
    for step in (0.0, 10.0):
        assert abs(sum(row["share"] for row in rows if row["step"] == step) - 1) < 1e-4
    assert {(row["x"], row["x2"]) for row in rows} == {(-5.0, 5.0), (5.0, 15.0)}
    assert min(row["lo"] for row in rows if row["step"] == 0) == -1


def test_a_broken_histogram_is_left_out() -> None:
    good = (1, np.array([0.0, 1.0]), np.array([3.0]))
    assert histogram.cells([(0, np.array([0.0]), np.array([1.0])), (2, np.array([0.0, np.nan]), np.array([1.0])), good])
    assert histogram.cells([(0, np.array([0.0, 1.0]), np.array([0.0]))]) == []


def test_a_curves_area_does_not_depend_on_its_direction() -> None:
    x = np.linspace(0, 1, 101)
    forward = curve_xy.area(curve_xy.Curve("a", x, x))
    assert abs(forward - 0.5) < 1e-12
    assert abs(curve_xy.area(curve_xy.Curve("a", x[::-1], x[::-1])) - forward) < 1e-12
    steps = curve_xy.Curve("b", np.array([0, 0, 0.5, 0.5, 1.0]), np.array([0, 0.5, 0.5, 1.0, 1.0]))
    assert curve_xy.area(steps) == 0.75


def test_two_runs_of_one_name_are_two_curves(golden: Callable[..., None]) -> None:
    x = np.array([0.0, 0.5, 1.0])
    both = [curve_xy.Curve("same", x, x), curve_xy.Curve("same", x, x, color=1)]
    spec, data = curve_xy.picture(both, "false positive rate", "true positive rate", chance=True)
    golden(spec)
    assert len({row["name"] for row in data["points"]}) == 2
    assert static.svg(spec, data, alt="roc").count("mark-line") >= 2


def test_every_curve_spec_is_valid_vega_lite() -> None:
    import altair as alt

    for name, spec in {**curves.all_specs(), "live": curves.live_spec()}.items():
        assert alt.LayerChart.from_dict(spec, validate=True).to_dict(validate=True), name

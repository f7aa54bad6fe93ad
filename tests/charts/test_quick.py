"""Still pictures made without Vega: points stand where their numbers say, extremes are never lost."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runpages.charts import quick


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.e+-]+) (-?[\d.e+-]+)", path)]


def test_a_line_runs_from_corner_to_corner() -> None:
    svg = quick.course(np.array([0.0, 5, 10]), np.array([1.0, 2, 3]), alt="a & b")
    drawn = [one for one in ElementTree.fromstring(svg).iter() if one.get("stroke-width") == "1.75"]  # noqa: S314
    assert points(drawn[0].get("d") or "") == [(60, 248), (340, 128), (620, 8)]
    assert 'aria-label="a &amp; b"' in svg


def test_nan_is_a_gap_with_a_mark_and_nothing_finite_is_no_picture() -> None:
    svg = quick.course(np.arange(5.0), np.array([1, np.nan, 2, np.inf, 3]), alt="")
    assert len(re.findall(r'd="M[^"]*v5"', svg)) == 2
    assert svg.count("h0") == 3
    assert quick.course(np.arange(2.0), np.full(2, np.nan), alt="") == ""


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=190))
def test_a_tiny_line_keeps_both_extremes_and_both_ends(values: list[float]) -> None:
    drawn = points(quick.tiny(np.array(values)))
    assert 1 <= len(drawn) <= 30
    x, y = [place[0] for place in drawn], [place[1] for place in drawn]
    assert x == sorted(x)
    assert x[0] == pytest.approx(1)
    assert all(0.9 <= one <= 23.1 for one in y)
    if max(values) - min(values) > 1e-3:
        assert [min(y), max(y)] == pytest.approx([1, 23], abs=0.1)


@given(st.floats(-1e12, 1e12), st.floats(1e-6, 1e9))
def test_ticks_are_round_in_order_and_inside(low: float, width: float) -> None:
    found = quick.ticks(low, low + width)
    assert found == sorted(found)
    assert len(found) <= 12
    assert all(low - width * 1e-6 <= tick <= low + width * (1 + 1e-6) or abs(low) > 1e6 * width for tick in found)


@pytest.mark.parametrize(
    ("value", "label"),
    [(0, "0"), (4000, "4,000"), (0.25, "0.25"), (-2, "−2"), (2e-5, "2e−5"), (3e6, "3e+6"), (1.5e-10, "1.5e−10")],
)
def test_a_tick_says_its_value_in_few_characters(value: float, label: str) -> None:
    assert quick.tick_label(value) == label


def test_a_strip_is_darkest_where_most_values_were() -> None:
    cells = [
        {"x": 0.0, "x2": 1.0, "lo": 0.0, "hi": 1.0, "share": 0.9},
        {"x": 0.0, "x2": 1.0, "lo": 1.0, "hi": 2.0, "share": 0.1},
    ]
    svg = quick.strip(cells, alt="")
    assert re.search(r'd="M60 128H620V248H60Z"[^>]*opacity="1.00"', svg)
    assert re.search(r'd="M60 8H620V128H60Z"[^>]*opacity="0.38"', svg)
    assert quick.strip([], alt="") == ""

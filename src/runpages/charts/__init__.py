"""What a chart looks like: altair in, Vega-Lite dicts, SVG text and the drawing library's bytes out.

A spec never holds data: it names its datasets ("points", "bands", ...) and `static.svg` or the page's script fills
them. The same call gives the same bytes, in every process.
"""

from __future__ import annotations

import importlib.metadata
from typing import Any

from runpages.charts import (
    bars,
    curve_xy,
    curves,
    dots,
    histogram,
    history,
    kinds,
    parallel,
    scatter,
    space,
    spark,
    static,
    still,
    trials,
)
from runpages.charts.bundle import Bundle, bundle
from runpages.charts.theme import DARK, DASHES, LIGHT, PALETTE, config

Spec = dict[str, Any]
DRAWN_BY = importlib.metadata.version("altair")  # specs are the same until this changes

__all__ = [
    "DARK",
    "DASHES",
    "DRAWN_BY",
    "LIGHT",
    "PALETTE",
    "Bundle",
    "Spec",
    "bars",
    "bundle",
    "config",
    "curve_xy",
    "curves",
    "dots",
    "histogram",
    "history",
    "kinds",
    "page_specs",
    "parallel",
    "scatter",
    "space",
    "spark",
    "static",
    "still",
    "trials",
]


def page_specs(bundle_path: str) -> Spec:
    """What the page's script needs to draw any curve, for `data/specs.js`: specs, the two looks, the library's path.

    `live` is the axes of a page's chart, `still` are what a reader downloads, by "step/linear", "wall/log", ...
    `bundle_path` is the library's path from the site's root.
    """
    return {
        "format": 1,
        "bundle": bundle_path,
        "live": curves.live_spec(),
        "still": curves.all_specs(),
        "config": {"light": config(LIGHT), "dark": config(DARK), "paper": config(LIGHT, paper=True)},
        "colors": list(PALETTE),
    }

"""The look of a chart: run colours and dashes, the light and the dark page, and Vega's config made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Okabe and Ito's set without its yellow (too pale for a line on white), drawn out to ten; the style sheet says the same
PALETTE = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#B07D00",
    "#56B4E9",
    "#6A3D9A",
    "#A0522D",
    "#444444",
    "#00838F",
)
PALETTE_DARK = (
    "#4DA6E0",
    "#F58A3C",
    "#2DC79C",
    "#E59CC5",
    "#DDAA33",
    "#9AD4F5",
    "#B493E6",
    "#D89A72",
    "#C4C4C4",
    "#4CC3CF",
)
DASHES = ((1, 0), (6, 3), (2, 2), (8, 3, 2, 3))
FONT = "system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif"
# LaTeX and Inkscape know these two by name
PAPER_FONT = "Helvetica, Arial, sans-serif"


@dataclass(frozen=True, slots=True)
class Look:
    """The colours of one page that are not a run's."""

    ink: str
    muted: str
    grid: str
    surface: str
    accent: str
    runs: tuple[str, ...]
    ramp: tuple[str, ...]


LIGHT = Look(
    ink="#1f2430",
    muted="#5b6270",
    grid="#e6e8ec",
    surface="#ffffff",
    accent="#0072B2",
    runs=PALETTE,
    ramp=("#f1f6fb", "#b5d3ea", "#5fa5d3", "#1f6fae", "#0b3c6b"),
)
DARK = Look(
    ink="#e4e7ee",
    muted="#a5acba",
    grid="#363b47",
    surface="#1e2129",
    accent="#4DA6E0",
    runs=PALETTE_DARK,
    ramp=("#242a36", "#2c4a6b", "#3a78ae", "#74b4e2", "#d5ebfa"),
)


def config(look: Look, *, paper: bool = False) -> dict[str, Any]:
    """Vega-Lite's config for one look; `paper` is for pictures that leave the page: white ground, fonts LaTeX accepts."""
    return {
        "background": look.surface if paper else None,
        "font": PAPER_FONT if paper else FONT,
        "padding": 8 if paper else {"left": 2, "right": 8, "top": 4, "bottom": 2},
        "view": {"stroke": None},
        "axis": _axis(look),
        # the vertical rules of a grid carry nothing that the ticks do not
        "axisX": {"grid": False, "ticks": True, "tickSize": 4, "domain": True, "titlePadding": 6},
        "axisY": {"domain": False, "ticks": False, "labelPadding": 6},
        "axisYQuantitative": {"grid": True},
        "title": {"color": look.ink, "fontSize": 13, "fontWeight": 600, "anchor": "start", "offset": 10},
        "legend": {
            "labelColor": look.ink,
            "labelFontSize": 11,
            "labelLimit": 220,
            "symbolStrokeWidth": 2.5,
            "title": None,
            "titleColor": look.muted,
            "titleFontSize": 11,
            "titleFontWeight": "normal",
        },
        "text": {"color": look.ink, "fontSize": 11},
        "rule": {"color": look.muted},
        "line": {"strokeCap": "round", "strokeJoin": "round"},
        "range": {"category": list(look.runs), "ramp": list(look.ramp), "heatmap": list(look.ramp)},
    }


def _axis(look: Look) -> dict[str, Any]:
    return {
        "domainColor": look.muted,
        "tickColor": look.muted,
        "gridColor": look.grid,
        "gridWidth": 1,
        "labelColor": look.muted,
        "labelFontSize": 11,
        "labelOverlap": True,
        "labelSeparation": 8,
        "titleColor": look.ink,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
    }

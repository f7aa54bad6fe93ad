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
    "#4AA8E0",
    "#F58B3C",
    "#35C79A",
    "#E6A3C8",
    "#D9AB33",
    "#8FD0F5",
    "#B08AE0",
    "#CF8A63",
    "#B8BEC6",
    "#45BCC6",
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


LIGHT = Look(
    ink="#1b2129",
    muted="#5a6470",
    grid="#e3e6ea",
    surface="#ffffff",
    accent="#0072B2",
    runs=PALETTE,
)
DARK = Look(
    ink="#e3e7ec",
    muted="#a2acb8",
    grid="#2b323b",
    surface="#13171c",
    accent="#4AA8E0",
    runs=PALETTE_DARK,
)


def config(look: Look, *, paper: bool = False) -> dict[str, Any]:
    """Vega-Lite's config for one look; `paper` is for pictures that leave the page: white ground, fonts LaTeX accepts."""
    return {
        # a sentence per point helps no listener and costs an expression each; the figure says one for all
        "aria": False,
        "background": look.surface if paper else None,
        "font": PAPER_FONT if paper else FONT,
        "padding": 8 if paper else {"left": 2, "right": 10, "top": 4, "bottom": 2},
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
            # how wide a name is depends on the fonts at hand; on paper it had better be whole
            "labelLimit": 400 if paper else 220,
            "symbolOpacity": 1,
            "symbolStrokeWidth": 2.5,
            "title": None,
            "titleColor": look.muted,
            "titleFontSize": 11,
            "titleFontWeight": "normal",
        },
        "text": {"color": look.ink, "fontSize": 11},
        "rule": {"color": look.muted},
        "line": {"strokeCap": "round", "strokeJoin": "round"},
        "range": {"category": list(look.runs)},
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

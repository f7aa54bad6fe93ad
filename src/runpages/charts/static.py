"""A chart as SVG text, drawn at build time: what a reader sees before, or without, JavaScript."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import Any, Literal

import vl_convert

from runpages.charts.bundle import VEGA_LITE
from runpages.charts.theme import DARK, LIGHT, PALETTE, config

Rows = Sequence[Mapping[str, Any]]
Ground = Literal["page", "light", "dark"]

# stand-ins that no palette has, so that they can be found again in the finished text
_INK, _MUTED, _GRID = "#010203", "#010204", "#010205"
_SENTINELS = replace(LIGHT, ink=_INK, muted=_MUTED, grid=_GRID)
_PAGE = {
    _INK: "currentColor",
    _MUTED: f"var(--rp-soft, {LIGHT.muted})",
    _GRID: f"var(--rp-line, {LIGHT.grid})",
    **{color: f"var(--rp-c{number}, {color})" for number, color in enumerate(PALETTE)},
}


def svg(
    spec: Mapping[str, Any], data: Mapping[str, Rows], *, alt: str, ground: Ground = "page", id_prefix: str = "rp"
) -> str:
    """The picture of `spec` over `data` as an `<svg>` element.

    "page" is for use inside a page: colours are the page's own (currentColor and the --rp-c variables), so light and
    dark need one picture. "light" and "dark" are files that stand alone, with a ground. `alt` is read out by a screen
    reader; ids begin with `id_prefix`, which must differ between pictures of one page.
    """
    look = {"page": _SENTINELS, "light": LIGHT, "dark": DARK}[ground]
    shown = {**spec, "config": config(look, paper=ground != "page")}
    shown["datasets"] = {name: list(rows) for name, rows in data.items()}
    # names of fonts are asked of the reader's machine; nothing is loaded
    text = vl_convert.vegalite_to_svg(shown, vl_version=VEGA_LITE, allowed_base_urls=[])
    if ground == "page":
        text = _with_page_colours(text)
    return _with_ids(_with_alt(text, alt), id_prefix)


def _with_page_colours(text: str) -> str:
    # only in attributes: a run may be named like a colour
    pattern = re.compile(r'(\b(?:fill|stroke)=")(#[0-9a-fA-F]{6})(")')
    colours = {key.lower(): value for key, value in _PAGE.items()}
    return pattern.sub(lambda found: found[1] + colours.get(found[2].lower(), found[2]) + found[3], text)


def _with_alt(text: str, alt: str) -> str:
    head, rest = text.split(">", 1)
    head = re.sub(r' (?:class|role|style|aria-\w+)="[^"]*"', "", head)
    label = escape(alt, quote=True)
    # one picture with one sentence: Vega's groups call themselves symbols and have no names
    rest = re.sub(r'(<g\b[^>]*?)((?: (?:role|aria-[a-z]+)="[^"<>]*")+)', r"\1", rest)
    # the reader's fonts may be wider than those at hand here: what stands out over the edge is still seen
    return f'{head} class="rp-still" role="img" aria-label="{label}" style="overflow:visible">{rest}'


def _with_ids(text: str, prefix: str) -> str:
    # Vega counts its clip paths up through a process: "clip37"
    seen: dict[str, str] = {}
    for name in re.findall(r'<[^>]*\bid="([^"]+)"', text):
        seen.setdefault(name, f"{prefix}-{len(seen) + 1}")
    for name, new in seen.items():
        old = re.escape(name)
        text = re.sub(rf'(<[^>]*\bid="){old}(")', rf"\g<1>{new}\g<2>", text)
        text = re.sub(rf'(<[^>]*="url\(#){old}(\)")', rf"\g<1>{new}\g<2>", text)
    return text

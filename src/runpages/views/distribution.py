"""How logged values were spread, step by step: a strip, a ridge, exact counts for the pointer, a table behind."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from runpages.charts import histogram, quick
from runpages.model import Floats
from runpages.views import text

STEPS = 40
BINS = 60  # of a step for the pointer
COUNTED = 12  # steps whose counts a page carries
Histogram = tuple[int, Floats, Floats]  # step, edges (n+1,), counts (n,)


def distribution(key: str, some: Sequence[Histogram], color: int) -> dict[str, Any]:
    """`svg` and `ridge`, `bins` as JSON for the pointer, `steps` as rows of a table; {} when no histogram is whole."""
    whole = sorted((one for one in some if _drawable(one)), key=lambda one: one[0])
    said = f"Distribution of {key} over {text.plural(len(some), 'step')}"
    cells = histogram.cells(whole, bins=30, steps=STEPS)
    svg = quick.strip(cells, alt=f"{said}; darker where more values were.", color=color)
    if not svg:
        return {}
    hills, span = histogram.hills(whole)
    ridge = (
        quick.ridge(hills, span, alt=f"{said}, a hill per step.", x_title=key, color=color) if len(whole) > 1 else ""
    )
    kept = [whole[i] for i in np.unique(np.linspace(0, len(whole) - 1, min(STEPS, len(whole))).round().astype(int))]
    return {
        "name": key,
        "svg": svg,
        "ridge": ridge,
        "note": f"{text.plural(len(some), 'step')}; in the strip darker: more of that step's values",
        "bins": _packed(kept),
        "span": json.dumps(
            [
                min(c["x"] for c in cells),
                max(c["x2"] for c in cells),
                min(c["lo"] for c in cells),
                max(c["hi"] for c in cells),
            ]
        ),
        "steps": [_row(one) for one in kept[:: max(1, len(kept) // COUNTED)]],
    }


def _packed(kept: Sequence[Histogram]) -> str:
    """[[step, edges, counts]] as JSON without spaces, of at most COUNTED evenly chosen steps."""
    some = [kept[i] for i in np.unique(np.linspace(0, len(kept) - 1, min(COUNTED, len(kept))).round().astype(int))]
    return json.dumps(
        [[step, _short(edges), _short(counts)] for step, edges, counts in map(_fewer, some)], separators=(",", ":")
    )


def _fewer(one: Histogram) -> Histogram:
    """Neighbouring bins put together until there are at most BINS, none that are empty at the ends: counts stay exact."""
    step, edges, counts = one
    filled = np.flatnonzero(counts)
    edges, counts = edges[filled[0] : filled[-1] + 2], counts[filled[0] : filled[-1] + 1]
    starts = np.arange(0, len(counts), -(-len(counts) // BINS))
    return step, np.append(edges[starts], edges[-1]), np.add.reduceat(counts, starts)


def _drawable(one: Histogram) -> bool:
    _, edges, counts = one
    return bool(
        len(counts)
        and len(edges) == len(counts) + 1
        and np.isfinite(edges).all()
        and np.isfinite(counts).all()
        and counts.sum() > 0
    )


def _short(values: Floats) -> list[float | int]:
    """Four digits are more than a pixel shows; counts are whole and stay so."""
    return [
        int(value) if value.is_integer() and abs(value) < 2**53 else float(f"{value:.4g}") for value in values.tolist()
    ]


def _row(one: Histogram) -> list[str]:
    """Step, values, lowest and highest edge, the middle by counts, the fullest bin with its count."""
    step, edges, counts = one
    below = np.concatenate([[0.0], np.cumsum(counts)])
    middle = float(np.interp(below[-1] / 2, below, edges))
    top = int(np.argmax(counts))
    fullest = f"{text.number(_whole(float(counts[top])))} from {text.number(float(edges[top]))} to {text.number(float(edges[top + 1]))}"
    numbers = [_whole(float(below[-1])), float(edges[0]), middle, float(edges[-1])]
    return [text.count(step), *(text.number(value) for value in numbers), fullest]


def _whole(value: float) -> float | int:
    return int(value) if value.is_integer() else value

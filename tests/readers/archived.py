"""What the tests of ClearML, Comet and Neptune share: reading a folder, a summary as the reference files have it."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from runpages.model import Run
from runpages.readers import installed
from runpages.testing import read_all

SAMPLES = Path(__file__).parents[2] / "sample_runs"
REFERENCE = Path(__file__).parents[1] / "golden" / "reference"


def read(name: str, root: Path) -> tuple[list[Run], list[str]]:
    """The runs below a folder as one reader sees them, and the slugs of its notes."""
    runs, notes = read_all({name: installed().readers[name]}, root)
    return runs, [note.slug for note in notes]


def named(runs: list[Run], text: str) -> Run:
    """The first run with this in its name."""
    return next(run for run in runs if text in run.name)


def lines(name: str) -> list[dict[str, Any]]:
    """What the tracker's own reading says, one run a line."""
    return [json.loads(line) for line in (REFERENCE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def points(run: Run) -> dict[str, dict[str, Any]]:
    """Steps and values of every series, nan and infinity as words."""
    return {
        one.label: {"steps": one.steps.tolist(), "values": [word(value) for value in one.values.tolist()]}
        for one in run.series
    }


def word(value: Any) -> Any:
    """A number that JSON has, or its name."""
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return value

"""Points that come one by one, each with its name and step, into series."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from runpages.codecs.flatten import MAX_DEPTH
from runpages.codecs.text import short_name, to_float
from runpages.model import Series

_MAX_STEP = 2**63
_WORDS = {"NaN": np.nan, "Infinity": np.inf, "-Infinity": -np.inf}


class Points:
    """Collects points; `series` hands them out, each metric in the order in which its points came."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[list[int], list[float], list[float]]] = {}

    def add(self, name: str, step: int, value: float, when: float | None = None) -> None:
        """One point; a step beyond 64 bits counts one on from the point before."""
        steps, values, times = self.rows.setdefault(short_name(name), ([], [], []))
        steps.append(step if -_MAX_STEP <= step < _MAX_STEP else steps[-1] + 1 if steps else 0)
        values.append(value)
        times.append(np.nan if when is None else when)

    def series(self, step_name: str = "step") -> list[Series]:
        """A series per name; times only where every point has one."""
        return [
            Series(
                name,
                np.array(steps, np.int64),
                np.array(values, np.float64),
                None if np.isnan(times).any() else np.array(times, np.float64),
                step_name,
            )
            for name, (steps, values, times) in self.rows.items()
        ]


def numeric(value: Any) -> float | None:
    """A JSON number, or one of the three words that JSON writers use for what JSON has no number for; else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return to_float(value)
    return _WORDS.get(value) if isinstance(value, str) else None


def leaves(
    row: Mapping[str, Any], *, sign: str = ".", typed: str = "", prefix: str = "", depth: int = 0
) -> Iterator[tuple[str, Any]]:
    """Each value of nested mappings with its joined name; a mapping with the key `typed`, or one too deep, is a value."""
    for key, value in row.items():
        if isinstance(value, Mapping) and depth < MAX_DEPTH and not (typed and typed in value):
            yield from leaves(value, sign=sign, typed=typed, prefix=f"{prefix}{key}{sign}", depth=depth + 1)
        else:
            yield f"{prefix}{key}", value

"""Points told one by one, in any order of names, into series."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np

from runpages.codecs.text import number, short_name, to_float
from runpages.model import Scalar, Series

MAX_STEP = 2**53


class Points:
    """The points of each metric as they come; `series` are those metrics in the order they were first named."""

    def __init__(self) -> None:
        self._by_name: dict[str, tuple[list[int], list[float], list[float], str]] = {}
        self.texts: dict[str, Scalar] = {}

    def add(self, name: object, value: object, step: object, time: float | None, step_name: str = "step") -> None:
        """One point. A step that is no number is the one after the last; a value that is none is kept in `texts`."""
        key = short_name(str(name))
        found = as_number(value)
        if found is None:
            self.texts[key] = value if isinstance(value, str) else str(value)
            return
        steps, values, times, _ = self._by_name.setdefault(key, ([], [], [], step_name))
        whole = as_step(step)
        steps.append((steps[-1] + 1 if steps else 0) if whole is None else whole)
        values.append(found)
        times.append(math.nan if time is None else time)

    def join(self, later: Points) -> None:
        """Put the points of another part of the run behind these."""
        for name, (steps, values, times, step_name) in later._by_name.items():
            mine = self._by_name.setdefault(name, ([], [], [], step_name))
            mine[0].extend(steps)
            mine[1].extend(values)
            mine[2].extend(times)
        self.texts |= later.texts

    def series(self) -> tuple[Series, ...]:
        """A series for each metric, its points as they came; times only where every point has one."""
        found = []
        for name, (steps, values, times, step_name) in self._by_name.items():
            stamps = np.array(times, np.float64)
            timed = stamps if bool(np.isfinite(stamps).all()) else None
            found.append(Series(name, np.array(steps, np.int64), np.array(values, np.float64), timed, step_name))
        return tuple(found)

    def last_time(self) -> float | None:
        """The latest time of any point."""
        times = [one for _, _, times, _ in self._by_name.values() for one in times if math.isfinite(one)]
        return max(times, default=None)


def as_number(value: object) -> float | None:
    """A JSON number, or one of the strings that stand for nan and infinity; else None."""
    if isinstance(value, bool | int | float):
        return to_float(value)
    return number(value) if isinstance(value, str) else None


def as_step(value: object) -> int | None:
    """A step as a whole number; None when it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < MAX_STEP:
        return None
    return math.floor(value)


def seconds(milliseconds: object) -> float | None:
    """Unix milliseconds as seconds; None for what is no time."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return None
    return milliseconds / 1000 if 0 < milliseconds < 1e14 else None


def moment(text: object) -> float | None:
    """A time in ISO 8601 as UTC seconds; None for what is none."""
    try:
        when = datetime.fromisoformat(text) if isinstance(text, str) else None
        return None if when is None else (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None

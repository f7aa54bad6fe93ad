"""What trackers' JSON records are made of: nested fields, numbers written as text, times, points in any order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from runpages.codecs import series, text
from runpages.codecs.flatten import TooMuch, flatten
from runpages.codecs.text import short_name
from runpages.errors import Notes
from runpages.model import Scalar, Series

Point = tuple[Any, Any, Any]  # step, value, time: each as the tracker wrote it, or None
_KEY = re.compile(rb'"([^"\\]{1,80})"\s*:')


def keys_in(head: bytes) -> frozenset[str]:
    """The names given in the beginning of a JSON object, at any depth; none when it is no object."""
    if not head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        return frozenset()
    return frozenset(name.decode("utf-8", "replace") for name in _KEY.findall(head))


def at(value: Any, *path: str) -> Any:
    """The value under nested names, None where one is missing."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def fields(value: Any, *path: str) -> Mapping[str, Any]:
    """The mapping under nested names, empty where there is none."""
    found = at(value, *path)
    return found if isinstance(found, Mapping) else {}


def rows(value: Any, *path: str) -> list[Mapping[str, Any]]:
    """The mappings in the list under nested names; anything else in it is left out."""
    found = at(value, *path)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def words(value: Any, *path: str) -> str:
    """The text (or number, as text) under nested names, "" for none and for containers."""
    found = at(value, *path)
    return "" if found is None or isinstance(found, Mapping | list) else str(found)


def when(value: Any) -> float | None:
    """UTC seconds of a time (Unix seconds or milliseconds, ISO 8601, up to nanoseconds), None for none."""
    found = float("nan") if value is None or isinstance(value, bool) else series.seconds(value)
    return found if np.isfinite(found) else None


def number(value: Any) -> float | None:
    """A number, or a text that is one ("0.5", "NaN", "-Infinity"), as float; None for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return text.to_float(value)
    return text.number(value) if isinstance(value, str) else None


def flat(value: Any, notes: Notes, where: str) -> dict[str, Scalar]:
    """A mapping with dotted names; one that nobody wrote by hand is noted and empty."""
    try:
        return flatten(value) if isinstance(value, Mapping) and value else {}
    except TooMuch as error:
        notes.warn("document-unreadable", str(error), where=where, kept="the other fields")
        return {}


def measured(name: str, points: Iterable[Point], step_name: str = "step", **context: str) -> Series | None:
    """A metric's points, in the order given; None when no point has a number.

    Steps are the tracker's whole numbers when every point has one, else points are counted ("row").
    """
    kept = [(step, value, time) for step, raw, time in points if (value := number(raw)) is not None]
    if not kept:
        return None
    steps, values, times = zip(*kept, strict=True)
    given = [_whole(step) for step in steps]
    whole = None not in given
    seen = [when(time) for time in times]
    return Series(
        short_name(name),
        np.array(given if whole else range(len(kept)), np.int64),
        np.array(values, np.float64),
        None if all(one is None for one in seen) else np.array([np.nan if one is None else one for one in seen]),
        step_name if whole else "row",
        context,
    )


def distinct(found: Iterable[Series | None]) -> tuple[Series, ...]:
    """The series that are there, the first of each label."""
    kept: dict[str, Series] = {}
    for one in found:
        if one is not None:
            kept.setdefault(one.label, one)
    return tuple(kept.values())


def lasting(several: Sequence[Series]) -> tuple[float | None, float | None]:
    """First and last time of all points: the start and end of a run whose tracker kept neither."""
    times = [one.times[np.isfinite(one.times)] for one in several if one.times is not None]
    known = np.concatenate(times) if times else np.empty(0)
    return (float(known.min()), float(known.max())) if known.size else (None, None)


def _whole(value: Any) -> int | None:
    """A step as int: 3, 3.0 and "3" are one; None for what is no whole number of 53 bits."""
    found = number(value)
    return int(found) if found is not None and abs(found) < 2**53 and found == int(found) else None

"""One metric's curves as the browser draws them, and the sparkline of each run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from runpages.frames import Line
from runpages.model import Floats


def curves_data(label: str, step_name: str, lines: Sequence[Line]) -> dict[str, Any]:
    """The data file of one metric: step arrays shared by the lines, values to 6 digits, seconds since the first point."""
    shared: dict[bytes, int] = {}
    steps: list[list[int]] = []
    rows = []
    rounded = _rounded(lines)
    for line in lines:
        held = line.steps.tobytes()
        if held not in shared:
            shared[held] = len(steps)
            steps.append(line.steps.tolist())
        row: dict[str, Any] = {"run": line.number, "s": shared[held], "y": next(rounded), "n": line.count}
        if line.low is not None and line.high is not None:
            row |= {"lo": next(rounded), "hi": next(rounded)}
        if _timed(line):
            row |= {"t": next(rounded), "t0": float(line.times[0])}  # type: ignore[index]
        rows.append(row)
    return {"metric": label, "step_name": step_name, "steps": steps, "lines": rows}


def _timed(line: Line) -> bool:
    return line.times is not None and len(line.times) > 0 and bool(np.isfinite(line.times[0]))


def _rounded(lines: Sequence[Line]) -> Iterator[list[float | str]]:
    """The numbers of all lines, each array as a list, rounded in one go: y, then lo and hi, then seconds."""
    arrays: list[Floats] = []
    for line in lines:
        arrays.append(line.values)
        if line.low is not None and line.high is not None:
            arrays += [line.low, line.high]
        if line.times is not None and _timed(line):
            arrays.append(np.round(line.times - line.times[0], 3))
    if not arrays:
        return
    whole = numbers(np.concatenate(arrays))
    at = 0
    for array in arrays:
        yield whole[at : at + len(array)]
        at += len(array)


def numbers(values: Floats, digits: int = 6) -> list[float | str]:
    """Values to so many significant digits, whole ones without a point; nan and inf as words."""
    finite = np.isfinite(values)
    safe = np.where(finite & (values != 0), values, 1.0)
    with np.errstate(all="ignore"):
        scale = 10.0 ** np.clip(digits - 1 - np.floor(np.log10(np.abs(safe))), -300, 300)
        rounded = np.where(scale > 1e15, values, np.round(values * scale) / scale)
    if not finite.all():
        words: list[float | str] = rounded.tolist()
        for at in np.flatnonzero(~finite):
            words[at] = "nan" if np.isnan(values[at]) else "inf" if values[at] > 0 else "-inf"
        return words
    if np.all(rounded == np.floor(rounded)) and np.all(np.abs(rounded) < 1e15):
        whole: list[float | str] = rounded.astype(np.int64).tolist()
        return whole
    short: list[float | str] = rounded.tolist()
    return short

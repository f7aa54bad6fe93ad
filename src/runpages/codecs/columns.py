"""Columns of numbers written as text, exactly: whole buffers in, arrays out. The only codec that may use pandas."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from runpages.model import Floats, Ints

Points = tuple[Ints, Floats, Ints]
FEW_LINES = 1200  # below this, setting up pandas' parser costs more than parsing in Python
_NUMBER = b"0123456789+-.einfaE"
_TYPES = {"time": "int64", "value": "float64", "step": "int64"}


def read_points(data: bytes) -> Points | None:
    """Times (n,) int64, values (n,) float64 and steps (n,) int64 of lines `time value step`, each ended by a newline.

    None when any line has another form: the caller then looks at the lines one by one.
    Values are the doubles that Python's float() gives; nan, inf and -inf are values.
    """
    lines = data.count(b"\n")
    if data.translate(None, _NUMBER) != b"  \n" * lines:
        return None
    try:
        return _few(data) if lines < FEW_LINES else _many(data)
    except (ValueError, OverflowError):
        return None


def _few(data: bytes) -> Points | None:
    fields = data.decode().split()
    if len(fields) != 3 * data.count(b"\n"):
        return None
    times = np.array(list(map(int, fields[0::3])), dtype=np.int64)
    values = np.array(list(map(float, fields[1::3])), dtype=np.float64)
    return times, values, np.array(list(map(int, fields[2::3])), dtype=np.int64)


def _many(data: bytes) -> Points | None:
    import pandas as pd  # here: its import takes longer than most files

    # exact by default from 3.1 on, where the option is deprecated
    newer = tuple(map(int, pd.__version__.split(".")[:2])) >= (3, 1)
    exact: dict[str, Any] = {} if newer else {"float_precision": "round_trip"}
    table = pd.read_csv(
        io.BytesIO(data),
        sep=" ",
        header=None,
        names=list(_TYPES),
        dtype=_TYPES,
        engine="c",
        **exact,
        keep_default_na=False,
        na_values={"value": ["nan"]},
        skip_blank_lines=False,
    )
    return table["time"].to_numpy(), table["value"].to_numpy(), table["step"].to_numpy()


def _fast_json() -> Callable[[bytes], Any] | None:
    try:
        import orjson
    except ImportError:  # no wheel for this machine: float() takes three times as long
        return None
    loads: Callable[[bytes], Any] = orjson.loads
    return loads


_LOADS = _fast_json()


def floats(texts: Sequence[bytes]) -> Floats:
    """The doubles that these texts spell, (n,): JSON's numbers, NaN and Infinity. Raises ValueError for any other."""
    if _LOADS is not None and texts:
        try:
            return np.array(_LOADS(b"[%b]" % b",".join(texts)), np.float64)
        except ValueError:  # NaN, Infinity, or none of them
            pass
    return np.array(list(map(float, texts)), np.float64)

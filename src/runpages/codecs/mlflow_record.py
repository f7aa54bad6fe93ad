"""What both of MLflow's stores hold of one run, in MLflow's words, before it is a Run; and how its artifacts are named."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

import numpy as np

from runpages.codecs.columns import Points

MAX_ARTIFACTS = 20_000
MAX_DEPTH = 32
TEXT_LIMIT = 1 << 20
_IMAGE = re.compile(
    r"(?P<key>.+)(?P<mark>[%+])step(?P=mark)(?P<step>-?\d{1,18})(?P=mark)timestamp(?P=mark)\d+(?P=mark)[^%+]+"
)
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_THUMBNAIL = ("%compressed.webp", "+compressed.webp")


@dataclass(slots=True)
class Record:
    """One run as a store has it. Times are milliseconds since 1970; `points` are in MLflow's order."""

    id: str
    name: str = ""
    experiment: str = ""
    experiment_id: str = ""
    experiment_tags: dict[str, str] = field(default_factory=dict)
    status: str = "RUNNING"
    started: int | None = None
    ended: int | None = None
    user: str = ""
    deleted: bool = False
    artifact_uri: str = ""
    params: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    points: dict[str, Points] = field(default_factory=dict)
    datasets: list[dict[str, Any]] = field(default_factory=list)
    models: list[dict[str, Any]] = field(default_factory=list)
    registered: list[dict[str, Any]] = field(default_factory=list)
    traces: list[dict[str, Any]] = field(default_factory=list)


def in_order(points: Points) -> Points:
    """The points by (step, time, value), so that MLflow's "latest" is the last; a point written twice once."""
    times, values, steps = points
    if len(steps) < 2 or bool((steps[1:] > steps[:-1]).all()):
        return points
    order = np.lexsort((np.where(np.isnan(values), 0.0, values), times, steps))
    times, values, steps = times[order], values[order], steps[order]
    bits = values.view(np.int64)
    new = np.ones(len(steps), dtype=bool)
    new[1:] = (steps[1:] != steps[:-1]) | (times[1:] != times[:-1]) | (bits[1:] != bits[:-1])
    return times[new], values[new], steps[new]


def files_below(folder: str) -> list[tuple[str, str, os.DirEntry[str]]]:
    """(name below the folder with `/`, path, entry) of every regular file, in name order; links are left out."""
    found = []
    todo = [(folder, "", 0)]
    while todo:
        here, prefix, depth = todo.pop()
        try:
            with os.scandir(here) as entries:
                for entry in entries:
                    if entry.is_file(follow_symlinks=False):
                        found.append((prefix + entry.name, entry.path, entry))
                    elif depth < MAX_DEPTH and entry.is_dir(follow_symlinks=False):
                        todo.append((entry.path, f"{prefix}{entry.name}/", depth + 1))
        except OSError:
            continue
    found.sort(key=itemgetter(0))
    return found


def children(folder: str) -> list[str]:
    """Paths of the folders in a folder, in name order, without links; empty when it cannot be listed."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.path for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError:
        return []


def read_bytes(path: str, limit: int | None = None) -> bytes:
    """The file's bytes, or its first `limit`. Raises OSError. Never waits for a pipe."""
    handle = os.open(path, _FLAGS)
    try:
        parts = [os.read(handle, 65536 if limit is None else min(limit, 65536))]
        if len(parts[0]) == 65536:
            whole = os.fstat(handle).st_size
            left = (whole if limit is None else min(whole, limit)) - 65536
            while left > 0 and (more := os.read(handle, left)):
                parts.append(more)
                left -= len(more)
    finally:
        os.close(handle)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def is_thumbnail(name: str) -> bool:
    """Whether an artifact is the small copy that log_image keeps beside the picture."""
    return name.endswith(_THUMBNAIL)


def stepped_image(name: str) -> tuple[str, int] | None:
    """Key and step of a picture logged with log_image(key=, step=), by its path among the artifacts; else None."""
    folder, _, file = name.rpartition("/")
    match = _IMAGE.fullmatch(file.rpartition(".")[0]) if folder == "images" else None
    if match is None:
        return None
    key = match["key"].replace("#", "/")
    return (key.replace("~", "/") if match["mark"] == "+" else key), int(match["step"])


def as_int(value: object) -> int | None:
    """A whole number out of a number or its text; None for anything else, or beyond 64 bits."""
    try:
        number = int(value)  # type: ignore[call-overload]
    except (TypeError, ValueError, OverflowError):
        return None
    return int(number) if -(2**63) <= number < 2**63 else None


def as_text(value: object) -> str:
    """Text of a scalar, empty for None and for anything with parts."""
    return "" if value is None or isinstance(value, dict | list) else str(value)

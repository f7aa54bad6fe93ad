"""Neptune's attributes, however they were stored, as the parts of a run (docs/formats/neptune.md)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from runpages.codecs.text import short_name
from runpages.model import Artifact, Code, Floats, Scalar, Series

_MONITORING = re.compile(r"monitoring/[^/]+/(.+)")
_CONSOLE = ("stdout", "stderr", "traceback")
_HIDDEN = ("sys/", "monitoring/", "source_code/")


@dataclass
class Attributes:
    """The attributes of one run by path. `lines` are string series: (seconds or nan, text); steps may be fractions."""

    values: dict[str, Scalar] = field(default_factory=dict)
    moments: dict[str, float] = field(default_factory=dict)
    sets: dict[str, list[str]] = field(default_factory=dict)
    points: dict[str, list[tuple[Floats, Floats, Floats]]] = field(default_factory=dict)
    lines: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    artifacts: list[Artifact] = field(default_factory=list)
    patch: str = ""

    def add_point(self, path: str, step: float, value: float, time: float) -> None:
        """One point of a number series."""
        self.points.setdefault(path, []).append(tuple(np.array([one], np.float64) for one in (step, value, time)))  # type: ignore[arg-type]

    def series(self) -> tuple[list[Series], list[Artifact]]:
        """Every number series in the order of its steps; a series with fractional steps is counted by rows, and as a curve
        over its real steps.

        The process that monitored is left out of a name, or no two runs would share a column, unless there were several.
        """
        made, curves = [], []
        for path, name in self._names().items():
            columns: list[Floats] = [np.concatenate(part) for part in zip(*self.points[path], strict=True)]
            order = np.argsort(columns[0], kind="stable")
            steps, values, times = (one[order] for one in columns)
            stamps = times if bool(np.isfinite(times).all()) else None
            whole = bool((np.isfinite(steps) & (np.abs(steps) < 2**53) & (steps == np.floor(steps))).all())
            if whole:
                made.append(Series(name, steps.astype(np.int64), values, stamps))
                continue
            made.append(Series(name, np.arange(len(steps), dtype=np.int64), values, stamps, "row"))
            content = {"x": _plain(steps), "y": _plain(values), "x_name": "step", "y_name": name}
            curves.append(Artifact(f"{name} by step", "curve", "", data=json.dumps(content).encode()))
        return made, curves

    def _names(self) -> dict[str, str]:
        short = {path: match[1] if (match := _MONITORING.fullmatch(path)) else "" for path in self.points}
        names = [name for name in short.values() if name]
        return {
            path: short_name(f"monitoring/{name}" if name and names.count(name) == 1 else path)
            for path, name in short.items()
        }

    def params(self) -> dict[str, Scalar]:
        """Every value that the user set: all but Neptune's own."""
        return {short_name(path): value for path, value in self.values.items() if not path.startswith(_HIDDEN)}

    def log(self) -> str:
        """Console output and tracebacks, in the order of their times."""
        found = [
            (time, text if text.endswith("\n") else text + "\n")
            for path, lines in self.lines.items()
            if (match := _MONITORING.fullmatch(path)) and match[1] in _CONSOLE
            for time, text in lines
            if text.strip()  # the client keeps a line's end as a text of its own
        ]
        return "".join(text for _, text in sorted(found, key=lambda one: one[0] if one[0] == one[0] else 0.0))

    def failure(self) -> str:
        """The last line of the traceback; "" without one."""
        lines = [
            line
            for path, texts in self.lines.items()
            if path.endswith("/traceback")
            for _, text in texts
            for line in text.splitlines()
        ]
        return next((line.strip()[:300] for line in reversed(lines) if line.strip()), "")

    def texts(self) -> list[Artifact]:
        """The user's string series, one text each."""
        return [
            Artifact(path, "text", "", path, data="\n".join(text for _, text in lines).encode("utf-8", "replace"))
            for path, lines in self.lines.items()
            if not path.startswith("monitoring/")
        ]

    def last_time(self) -> float | None:
        """The latest time in any series."""
        times = [
            float(one[2].max())
            for pieces in self.points.values()
            for one in pieces
            if np.isfinite(one[2]).all() and len(one[2])
        ]
        times += [time for lines in self.lines.values() for time, _ in lines if time == time]
        return max(times, default=None)

    def text(self, *paths: str) -> str:
        """The first of these attributes that is a text."""
        return next((value for path in paths if isinstance(value := self.values.get(path), str)), "")

    def code(self) -> Code:
        """The commit and the script, by the names that clients of both generations use."""
        git: Mapping[str, Scalar] = {
            path.rpartition("/")[2]: value for path, value in self.values.items() if path.startswith("source_code/")
        }
        said = {key: value if isinstance(value, str) else "" for key, value in git.items()}
        commit, dirty = said.get("commit_id", ""), git.get("dirty")
        state = dirty if isinstance(dirty, bool) else (bool(self.patch) if commit else None)
        return Code(said.get("origin", ""), commit, said.get("branch", said.get("current_branch", "")), state, self.patch,
                    said.get("entrypoint", ""), said.get("run_command", ""))  # fmt: skip


def iso(seconds: float) -> str:
    """A moment as text; "" for one that no calendar has."""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return ""


def _plain(values: Floats) -> list[Any]:
    return [value if np.isfinite(value) else None for value in values.tolist()]

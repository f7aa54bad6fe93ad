"""Runs as the export writes them, read back: what both sides of the gate are made of."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from runpages.errors import ConfigError

MOST_BYTES = 200_000_000
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: bool(a == b),
    "!=": lambda a, b: bool(a != b),
    "<": lambda a, b: bool(a < b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    ">=": lambda a, b: bool(a >= b),
}


@dataclass(frozen=True, slots=True)
class Record:
    """One run: what it was told (`params`), how it ended, and per metric `last`, `min`, `max`, ... as numbers."""

    id: str
    name: str
    group: str
    tracker: str
    status: str
    params: Mapping[str, object]
    metrics: Mapping[str, Mapping[str, float]]
    tags: Mapping[str, object] = field(default_factory=dict)
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """The runs of one report, and where they come from in words: `gh-pages:latest, 3f2a91c`."""

    runs: tuple[Record, ...]
    source: str
    commit: str = ""
    reports: tuple[tuple[Record, ...], ...] = ()

    @property
    def labels(self) -> list[str]:
        """Every metric of a run, the most common first."""
        counts: dict[str, int] = {}
        for run in self.runs:
            for label in run.metrics:
                counts[label] = counts.get(label, 0) + 1
        return sorted(counts, key=lambda label: (-counts[label], label))


def record_from(plain: Mapping[str, Any]) -> Record:
    """A run out of the export's object. Raises ValueError when it is none."""
    if not isinstance(plain, Mapping) or not all(
        isinstance(plain.get(key, {}), Mapping) for key in ("params", "metrics", "results", "tags", "code")
    ):
        raise ValueError("no run")
    metrics: dict[str, Mapping[str, float]] = {}
    for label, value in plain.get("results", {}).items():
        if (isinstance(value, int | float) and not isinstance(value, bool)) or value in ("nan", "inf", "-inf"):
            metrics[str(label)] = dict.fromkeys(("last", "min", "max", "mean", "first"), float(value))
    for label, stat in plain.get("metrics", {}).items():
        metrics[str(label)] = {key: float(stat[key]) for key in ("last", "min", "max", "mean", "first") if key in stat}
    words = {key: str(plain.get(key) or "") for key in ("id", "name", "group", "tracker", "status")}
    code = plain.get("code", {})
    return Record(
        **words,
        params=dict(plain.get("params", {})),
        metrics=metrics,
        tags=dict(plain.get("tags", {})),
        commit=str(code.get("commit") or ""),
    )


def parse_lines(content: bytes, where: str) -> tuple[Record, ...]:
    """The runs of a `runs.jsonl`. Raises ConfigError for what was not written by `runpages export` or a build."""
    if len(content) > MOST_BYTES:
        raise ConfigError("baseline-broken", "the baseline is larger than is read (200 MB)", where=where)
    runs = []
    for number, line in enumerate(content.decode("utf-8", "replace").split("\n"), 1):
        if line.strip():
            try:
                runs.append(record_from(json.loads(line)))
            except (ValueError, KeyError, TypeError, RecursionError, OverflowError) as error:
                raise ConfigError(
                    "baseline-broken",
                    f"line {number} is no run: {str(error)[:100]}",
                    where=where,
                    hint="write it with `runpages export --format jsonl`, or name a built site",
                ) from error
    return tuple(runs)


def records_of(plain: Iterable[Mapping[str, Any]]) -> tuple[Record, ...]:
    """Runs just read, through JSON as well, so that both sides have gone the same way."""
    return tuple(record_from(json.loads(json.dumps(one, default=str))) for one in plain)


def condition(words: str) -> Callable[[Record], bool]:
    """The test that a query says: `param:model = old and tag:stage != debug`. Raises ConfigError."""
    parts = [_comparison(part) for part in re.split(r"\s+and\s+", words.strip())]
    return lambda run: all(part(run) for part in parts)


def _comparison(part: str) -> Callable[[Record], bool]:
    found = re.fullmatch(r"\s*(.+?)\s*(!=|<=|>=|=|<|>)\s*(.*?)\s*", part, re.DOTALL)
    if not found:
        raise ConfigError(
            "query-wrong", f"{part[:80]!r} compares nothing", hint="query:param:model=old and tag:stage!=debug"
        )
    name, operator, wanted = found[1], _OPERATORS[found[2]], found[3].strip("\"'")

    def holds(run: Record) -> bool:
        value = _field(run, name)
        try:
            return operator(float(str(value)), float(wanted))
        except ValueError:
            return found[2] in ("=", "!=") and operator("" if value is None else str(value), wanted)

    return holds


def _field(run: Record, name: str) -> object:
    kind, _, rest = name.replace("params.", "param:", 1).replace("tags.", "tag:", 1).partition(":")
    if kind == "param":
        return run.params.get(rest)
    if kind == "tag":
        return run.tags.get(rest)
    if kind == "metric":
        return run.metrics.get(rest, {}).get("last", math.nan)
    if kind in ("id", "name", "group", "tracker", "status", "commit"):
        return getattr(run, kind)
    return run.params.get(name, run.tags.get(name))


def split(side: Side, chosen: Callable[[Record], bool], source: str) -> tuple[Side, Side]:
    """(the others, the chosen runs as a side of their own)."""
    some = tuple(run for run in side.runs if chosen(run))
    if not some:
        raise ConfigError(
            "baseline-missing", "no run is the baseline", where=source, hint="runpages inspect shows what is here"
        )
    return replace(side, runs=tuple(run for run in side.runs if not chosen(run))), Side(some, source, some[0].commit)

"""The numbers of the report at hand, as they are kept for later ones."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

from runpages.config import Config
from runpages.frames import Member, RunSet
from runpages.history.entry import Cell, Entry
from runpages.stats import direction, is_seed

MOST_METRICS = 12
MOST_CELLS = 100


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a report says of itself: title, when its newest run ended (ISO), commit, branch, program version."""

    title: str
    at: str
    commit: str
    branch: str
    version: str


def entry_of(runs: RunSet, main: str, config: Config, stamp: Stamp, ignore: Sequence[str] = ()) -> Entry:
    """The entry of this report: its metrics with a known direction (the main one first), its best configurations."""
    found: dict[tuple[object, ...], list[Member]] = {}
    for member in runs.members:
        found.setdefault(_told(member, config, ignore), []).append(member)
    labels = _labels(runs, main, config)
    differing = _differing(found)
    cells = [
        Cell(_key(told), _name(told, members, differing), _values(members, labels, config))
        for told, members in found.items()
    ]
    cells = [cell for cell in cells if cell.values]
    kept = _best(cells, labels[0] if labels else "", config)
    metrics = {label: direction(label, config) for label in labels}
    return Entry(
        stamp.title, stamp.at, stamp.commit, stamp.branch, stamp.version, len(runs), main, metrics, kept,
        len(cells) - len(kept),
    )  # fmt: skip


def commit_of(runs: RunSet) -> str:
    """The commit of all runs that name one, "" when they name several."""
    commits = {member.head.run.code.commit for member in runs.members} - {""}
    return commits.pop() if len(commits) == 1 else ""


def _told(member: Member, config: Config, ignore: Sequence[str]) -> tuple[object, ...]:
    run = member.head.run
    params = tuple(
        sorted(
            (name, str(value)) for name, value in run.params.items() if not is_seed(name, config) and name not in ignore
        )
    )
    return run.tracker, run.group, params, "" if run.params else run.name


def _key(told: tuple[object, ...]) -> str:
    return hashlib.blake2b(repr(told).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def _differing(found: dict[tuple[object, ...], list[Member]]) -> set[str]:
    seen: dict[str, set[str]] = {}
    for members in found.values():
        for name, value in members[0].head.run.params.items():
            seen.setdefault(name, set()).add(str(value))
    return {name for name, values in seen.items() if len(values) > 1}


def _name(told: tuple[object, ...], members: Sequence[Member], differing: set[str]) -> str:
    params = told[2]
    assert isinstance(params, tuple)
    shown = [f"{name.rpartition('.')[2]} {value[:24]}" for name, value in params if name in differing]
    words = ", ".join(shown[:4]) + (f" and {len(shown) - 4} more" if len(shown) > 4 else "")
    alone = "every run" if len(members) > 1 else members[0].head.run.name
    return (words or members[0].head.run.group or alone)[:80]


def _labels(runs: RunSet, main: str, config: Config) -> list[str]:
    results: dict[str, None] = {}
    for member in runs.members:
        results |= {name: None for name, value in member.head.run.results.items() if _is_number(value)}
    there = [label for label in dict.fromkeys([*runs.metrics, *results]) if direction(label, config)]
    first = [main] if main else []
    return list(dict.fromkeys([*first, *there]))[:MOST_METRICS]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _values(members: Sequence[Member], labels: Sequence[str], config: Config) -> dict[str, tuple[float, ...]]:
    values = {}
    for label in labels:
        some = [value for member in members if (value := _value(member, label, config)) is not None]
        if some:
            values[label] = tuple(some)
    return values


def _value(member: Member, label: str, config: Config) -> float | None:
    stat, result = member.head.stats.get(label), member.head.run.results.get(label)
    if stat is not None:
        return float(getattr(stat, direction(label, config) or "last"))
    return float(result) if isinstance(result, int | float) and not isinstance(result, bool) else None


def _best(cells: list[Cell], label: str, config: Config) -> tuple[Cell, ...]:
    """At most MOST_CELLS, the best by the first metric, in their own order."""
    if len(cells) <= MOST_CELLS:
        return tuple(cells)
    sign = -1 if direction(label, config) == "max" else 1

    def worth(cell: Cell) -> float:
        some = [value for value in cell.values.get(label, ()) if math.isfinite(value)]
        return sign * sum(some) / len(some) if some else math.inf

    chosen = {cell.key for cell in sorted(cells, key=worth)[:MOST_CELLS]}
    return tuple(cell for cell in cells if cell.key in chosen)

"""The gate to tables: every run of a report by its number, its columns as pandas, its curves in buckets."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from runpages.errors import Note
from runpages.model import Floats, Head, Ints, Run, Series, Source, Stat
from runpages.store import Store, Stored
from runpages.store import place as stored_as

if TYPE_CHECKING:
    import pandas as pd

REDUCERS = ("last", "first", "min", "max", "mean")


@dataclass(frozen=True, slots=True)
class Member:
    """One run of a report. `number` is the same on every page; `key` (8 hex) survives a rebuild, `slug` names its page."""

    number: int
    head: Head
    id: str
    slug: str
    key: str
    source: Source
    place: int
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One run's curve: `values` are means of buckets with their extremes `low` and `high` (None when nothing was
    bucketed); the first and the last point are exact. `count` is the number of points before bucketing."""

    number: int
    steps: Ints
    values: Floats
    low: Floats | None
    high: Floats | None
    times: Floats | None
    count: int


class RunSet:
    """Every run of a report. Heads are in memory; points come from the store when asked for."""

    def __init__(self, store: Store, stored: Sequence[Stored]) -> None:
        self._store = store
        self.members = _members(stored)
        self.source_notes = tuple((one.source, note) for one in stored for note in one.notes)

    def __len__(self) -> int:
        return len(self.members)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each run by its id."""
        return {member.id: member.number for member in self.members}

    def parent(self, number: int) -> int:
        """The number of a run's parent, -1 for none."""
        run = self.members[number].head.run
        return self.numbers.get(run.parent, -1) if run.parent else -1

    @cached_property
    def children(self) -> dict[int, list[int]]:
        """The numbers of each parent's children."""
        below: dict[int, list[int]] = {}
        for member in self.members:
            parent = self.parent(member.number)
            if parent >= 0 and parent != member.number:
                below.setdefault(parent, []).append(member.number)
        return below

    @cached_property
    def metrics(self) -> dict[str, int]:
        """Every metric's label with the number of runs that have it, the most common first."""
        return self.metrics_of(range(len(self.members)))

    def metrics_of(self, numbers: Iterable[int]) -> dict[str, int]:
        """The metrics of some runs with how many of them have each, the most common first."""
        counts: Counter[str] = Counter()
        for number in numbers:
            counts.update(self.members[number].head.stats.keys())
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def stamps(self) -> list[str]:
        """Per run, what says that nothing of its source changed: "" when its files are too young to trust."""
        held = self._store.stamps()
        return [held.get(stored_as(member.source), "") for member in self.members]

    def run(self, number: int) -> Run:
        """A whole run with its points, log and patch."""
        member = self.members[number]
        return self._store.run(member.source, member.place)

    def points(self, number: int, label: str) -> Series | None:
        """One metric of a run with every point, or None."""
        member = self.members[number]
        return self._store.series(member.source, member.place, label)

    def stat(self, label: str, field: str) -> Floats:
        """(runs,) one number of the Stat of a metric for every run, nan where a run has no such metric."""
        return np.array([_number(member.head.stats.get(label), field) for member in self.members], np.float64)

    def table(self, reducer: str = "last") -> pd.DataFrame:
        """A row per run (index = number): id, name, status ..., then `param:`, `metric:`, `result:` and `tag:` columns."""
        import pandas as pd

        return pd.DataFrame([row(member, reducer) for member in self.members])

    def runs(self) -> Iterator[tuple[int, Run]]:
        """Every run with its points, one at a time."""
        for member in self.members:
            yield member.number, self._store.run(member.source, member.place)

    def lines(self, budget: int = 100_000, watch: Callable[[int, Run], None] | None = None) -> dict[str, list[Line]]:
        """Every metric's curves, each metric with about `budget` points spread over its lines; `watch` is shown every run."""
        most = {label: max(20, budget // count) for label, count in self.metrics.items()}
        lines: dict[str, list[Line]] = {label: [] for label in self.metrics}
        for number, run in self.runs():
            if watch is not None:
                watch(number, run)
            for series in run.series:
                if len(series.steps) > 1:
                    lines[series.label].append(bucketed(number, series, most[series.label]))
        return {label: some for label, some in lines.items() if some}


class Beside:
    """Every metric's value at the step where another one, of `references` (label -> what is better), was best in its run.

    `values[reference][label]` is (runs,): the value at that step, or the last one before it; nan where there is none.
    """

    def __init__(self, runs: RunSet, references: Mapping[str, str]) -> None:
        self._runs, self._references = runs, references
        self.values: dict[str, dict[str, Floats]] = {label: {} for label in references}

    def take(self, number: int, run: Run) -> None:
        """Read one run's values."""
        stats = self._runs.members[number].head.stats
        for reference, which in self._references.items():
            stat = stats.get(reference)
            if stat is None or np.isnan(stat.min):
                continue
            step = stat.argmax_step if which == "max" else stat.argmin_step
            for series in run.series:
                before = np.flatnonzero(series.steps <= step)
                if len(before):
                    self._of(reference, series.label)[number] = series.values[before[-1]]

    def _of(self, reference: str, label: str) -> Floats:
        found = self.values[reference]
        if label not in found:
            found[label] = np.full(len(self._runs), np.nan)
        return found[label]


def bucketed(number: int, series: Series, most: int) -> Line:
    """A series in at most about `most` points: mean, min and max of equal runs of points, first and last exact.

    A bucket without a real number stays nan, so that a gap stays a gap.
    """
    count = len(series.steps)
    if count <= max(most, 3):
        return Line(number, series.steps, series.values, None, None, series.times, count)
    edges = np.unique(np.linspace(1, count - 1, max(most, 3) - 1).astype(np.int64))
    starts = edges[:-1]
    values = series.values[: count - 1]
    real = ~np.isnan(values)
    amount = np.add.reduceat(real.astype(np.float64), starts)
    with np.errstate(all="ignore"):
        mean = np.add.reduceat(np.where(real, values, 0.0), starts) / amount
    low = np.minimum.reduceat(np.where(real, values, np.inf), starts)
    high = np.maximum.reduceat(np.where(real, values, -np.inf), starts)
    low[amount == 0] = high[amount == 0] = np.nan
    first, last = series.values[:1], series.values[-1:]
    middle = (starts + np.append(starts[1:], count - 1)) // 2
    index = np.concatenate([[0], middle, [count - 1]])
    return Line(
        number,
        series.steps[index],
        np.concatenate([first, mean, last]),
        np.concatenate([first, low, last]),
        np.concatenate([first, high, last]),
        None if series.times is None else series.times[index],
        count,
    )


def _number(stat: Stat | None, field: str) -> float:
    return float("nan") if stat is None else float(getattr(stat, field))


def row(member: Member, reducer: str = "last") -> dict[str, object]:
    """One run as a row of the table: its fields, then `param:`, `metric:`, `result:` and `tag:` values."""
    run, stats = member.head.run, member.head.stats
    cells: dict[str, object] = {
        "id": member.id,
        "name": run.name,
        "tracker": run.tracker,
        "group": run.group,
        "parent": run.parent,
        "status": run.status,
        "started": run.started,
        "ended": run.ended,
    }
    cells |= {f"param:{name}": value for name, value in run.params.items()}
    cells |= {f"metric:{label}": getattr(stat, reducer) for label, stat in stats.items()}
    cells |= {f"result:{name}": value for name, value in run.results.items()}
    return cells | {f"tag:{name}": value for name, value in run.tags.items()}


def _members(stored: Sequence[Stored]) -> tuple[Member, ...]:
    ids: Counter[str] = Counter()
    slugs: set[str] = {"index"}  # the page of every run
    members: list[Member] = []
    for one in stored:
        for place, head in zip(one.places or range(len(one.heads)), one.heads, strict=True):
            run_id = head.run.id
            ids[run_id] += 1
            if ids[run_id] > 1:  # a copied folder: both are shown, the later one under a numbered id
                run_id = f"{run_id}~{ids[run_id]}"
            slug = _slug(run_id, slugs)
            notes = tuple(
                note for note in one.notes if note.run == head.run.id or (not note.run and len(one.heads) == 1)
            )
            key = hashlib.blake2b(run_id.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
            members.append(Member(len(members), head, run_id, slug, key, one.source, place, notes))
    return tuple(members)


def _slug(run_id: str, taken: set[str]) -> str:
    """A file name for a run's page: readable, short, safe on every file system, unique ignoring case."""
    safe = re.sub(r"[^a-z0-9._-]+", "-", run_id.lower()).strip("-.")[:80]
    if safe != run_id or safe in taken:
        digest = hashlib.blake2b(run_id.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
        safe = f"{safe}-{digest}" if safe else digest
    taken.add(safe)
    return safe

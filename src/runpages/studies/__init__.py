"""Searches: which runs are trials of one study, their params and objectives as numbers, and what follows from them."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from runpages.config import Config, Direction
from runpages.frames import Member, RunSet
from runpages.model import Floats, Scalar
from runpages.stats import direction, is_seed, main_metric

LEAST_RUNS = 8  # a group of fewer runs that no tracker calls a study is only a group
State = Literal["complete", "pruned", "failed", "running", "waiting"]
_STATES: dict[str, State] = {"finished": "complete", "failed": "failed", "killed": "failed", "running": "running"}


@dataclass(frozen=True, slots=True)
class Objective:
    """What a study looks for: the label of a metric or name of a result, and which way is better."""

    label: str
    direction: Direction

    @property
    def sign(self) -> float:
        """What turns its values into losses: -1 where more is better."""
        return -1.0 if self.direction == "max" else 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Param:
    """One param of a study as (trials,) numbers, nan where a trial has none.

    A param of words has `words`: the number is the place of its word there. `log` says that it is better seen on a
    logarithmic axis.
    """

    name: str
    values: Floats
    words: tuple[str, ...] = ()
    log: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Studied:
    """One study: trials in the order of their numbers, as arrays over them.

    `runs` are the runs' numbers in the report, `values` is (objectives, trials) with nan where a trial has no value,
    `reported` is (trials,) the last value of a trial that did not come to its end. `made` says who called it a study:
    a tracker ("tracker"), or nobody ("group").
    """

    name: str
    slug: str
    made: Literal["tracker", "group"]
    tracker: str
    objectives: tuple[Objective, ...]
    runs: tuple[int, ...]
    numbers: tuple[int, ...]
    states: tuple[State, ...]
    values: Floats
    reported: Floats
    params: tuple[Param, ...]
    curve: str = ""
    sampler: str = ""
    pruner: str = ""

    @property
    def complete(self) -> Sequence[int]:
        """The places of trials that came to their end with a finite value of every objective."""
        finite = [bool(np.isfinite(values).all()) for values in self.values.T]
        return [at for at, state in enumerate(self.states) if state == "complete" and finite[at]]


def find_studies(runs: RunSet, config: Config) -> list[Studied]:
    """The studies of a report: those that trackers recorded, then groups with enough runs and a numeric param that varies."""
    together = Counter((member.source.key, member.head.run.study.name) for member in runs.members)
    recorded: dict[tuple[str, str, str, str], list[Member]] = {}
    grouped: dict[tuple[str, str], list[Member]] = {}
    for member in runs.members:
        run = member.head.run
        if run.study.name:
            # a storage holds all trials of a study; of trackers with a folder per trial the group keeps them together
            storage = member.source.key if together[member.source.key, run.study.name] > 1 else ""
            recorded.setdefault((run.tracker, storage, run.group, run.study.name), []).append(member)
        elif run.group:
            grouped.setdefault((run.tracker, run.group), []).append(member)
    taken: set[str] = set()
    found = [_studied(runs, config, key[-1], some, "tracker", taken) for key, some in recorded.items()]
    found += [
        _studied(runs, config, group, some, "group", taken)
        for (_, group), some in grouped.items()
        if len(some) >= LEAST_RUNS
    ]
    return [one for one in found if one.params and one.objectives and (one.made == "tracker" or _searched(one))]


def _searched(study: Studied) -> bool:
    numeric = [one for one in study.params if not one.words]
    return bool(numeric) and len(study.complete) >= LEAST_RUNS


def _studied(
    runs: RunSet, config: Config, name: str, members: list[Member], made: Literal["tracker", "group"], taken: set[str]
) -> Studied:
    members = sorted(members, key=_order)
    numbers = [member.number for member in members]
    objectives = _objectives(runs, config, members)
    values = np.array([[_value(member, one) for member in members] for one in objectives], np.float64)
    first = members[0].head.run
    curve = _curve(members, objectives)
    return Studied(
        name=name,
        slug=_slug(f"{first.tracker}/{name}/{members[0].id}", name, taken),
        made=made,
        tracker=first.tracker,
        objectives=objectives,
        runs=tuple(numbers),
        numbers=tuple(_number(member, place) for place, member in enumerate(members)),
        states=tuple(_state(member) for member in members),
        values=values.reshape(len(objectives), len(members)),
        reported=np.array([_last(member, curve) for member in members], np.float64),
        params=_params(members, config),
        curve=curve,
        sampler=first.study.sampler,
        pruner=first.study.pruner,
    )


def _order(member: Member) -> tuple[float, float, int]:
    study = member.head.run.study
    started = member.head.run.started
    return (
        float(study.number) if study.number is not None else math.inf,
        started if started is not None else math.inf,
        member.number,
    )


def _number(member: Member, place: int) -> int:
    number = member.head.run.study.number
    return place if number is None else number


def _state(member: Member) -> State:
    run = member.head.run
    return run.study.state or _STATES.get(run.status, "complete")


def _objectives(runs: RunSet, config: Config, members: Sequence[Member]) -> tuple[Objective, ...]:
    """The tracker's own objectives; without any, the metric that the members would be ranked by."""
    told = next((member.head.run.study.directions for member in members if member.head.run.study.directions), None)
    if told:
        return tuple(Objective(label, which) for label, which in told.items())
    label = main_metric(runs, config, [member.number for member in members])
    return (Objective(label, direction(label, config)),) if label and direction(label, config) else ()


def _value(member: Member, objective: Objective) -> float:
    """What the trial reached: the tracker's own final, else the best of the metric."""
    run, stat = member.head.run, member.head.stats.get(objective.label)
    final = run.results.get(objective.label)
    if isinstance(final, int | float) and (number := _as_number(final)) is not None:
        return number
    if stat is None or run.study.directions:
        return math.nan
    return stat.max if objective.direction == "max" else stat.min


def _curve(members: Sequence[Member], objectives: Sequence[Objective]) -> str:
    """The metric whose course over steps is that of the objective: of its name, or the one thing trials reported."""
    labels = {label for member in members for label, stat in member.head.stats.items() if stat.count > 1}
    for one in objectives:
        if one.label in labels:
            return one.label
    return "intermediate_value" if "intermediate_value" in labels else ""


def _last(member: Member, curve: str) -> float:
    stat = member.head.stats.get(curve or "intermediate_value")
    return math.nan if stat is None else stat.last


def _params(members: Sequence[Member], config: Config) -> tuple[Param, ...]:
    """The params that were searched: those of the space where it is known, else those that differ; no seeds."""
    space: dict[str, Mapping[str, Any]] = {}
    for member in members:
        space |= member.head.run.study.space
    names = space or dict.fromkeys(name for member in members for name in member.head.run.params)
    found: dict[str, Param] = {}
    for name in names:
        there = [name in member.head.run.params for member in members]
        values = [member.head.run.params.get(name) for member in members]
        told = [repr(value) for value, here in zip(values, there, strict=True) if here]
        # a param with another value in every run and no number is a name; one that copies another says nothing new
        if is_seed(name, config) or len(set(told)) < 2 or repr(told) in found:
            continue
        one = _param(name, values, there, space.get(name, {}))
        if space or not one.words or len(one.words) < max(3, len(told) // 2):
            found[repr(told)] = one
    return tuple(found.values())


def _param(name: str, values: Sequence[Scalar], there: Sequence[bool], drawn: Mapping[str, Any]) -> Param:
    given = [value for value, here in zip(values, there, strict=True) if here]
    numbers = [_as_number(value) for value in given]
    if "choices" not in drawn and all(number is not None for number in numbers):
        filled = np.array([_as_number(v) if h else None for v, h in zip(values, there, strict=True)], np.float64)
        filled[~np.isfinite(filled)] = np.nan
        return Param(name, filled, log=_logarithmic(filled, drawn))
    words = list(dict.fromkeys(_word(value) for value in [*drawn.get("choices", ()), *given]))
    seen = {_word(value) for value in given}
    kept = tuple(word for word in words if word in seen)
    place = [float(kept.index(_word(v))) if h else math.nan for v, h in zip(values, there, strict=True)]
    if all(_as_number(word) is not None for word in kept) and kept:  # a grid of numbers is an axis of numbers
        filled = np.array([float(kept[int(p)]) if p == p else math.nan for p in place], np.float64)
        return Param(name, filled, log=_spans_decades(filled))
    return Param(name, np.array(place, np.float64), kept)


def _word(value: object) -> str:
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)[:60]


def _as_number(value: object) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None


def _logarithmic(values: Floats, drawn: Mapping[str, Any]) -> bool:
    """As the search drew it, where every value can have a logarithm; else by how far the values reach."""
    if "log" in drawn:
        return bool(drawn["log"]) and bool((values[np.isfinite(values)] > 0).all())
    return _spans_decades(values)


def _spans_decades(values: Floats) -> bool:
    """Whether values reach over a factor of 50 and crowd at the low end: what is spread evenly is better seen so."""
    real = values[np.isfinite(values)]
    if not (len(real) > 2 and (real > 0).all() and real.max() >= 50 * real.min()):
        return False
    return bool(np.median(real) <= (real.min() + real.max()) / 4)


def _slug(unique: str, name: str, taken: set[str]) -> str:
    safe = re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-.")[:60]
    if not safe or safe in taken:
        safe = f"{safe}-{hashlib.blake2b(unique.encode('utf-8', 'surrogatepass'), digest_size=4).hexdigest()}".strip(
            "-"
        )
    taken.add(safe)
    return safe

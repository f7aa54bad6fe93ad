"""Which runs of one side are to be compared with which of the other: only those that were told the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from runpages.config import Config
from runpages.gate.records import Record, Side
from runpages.gate.rules import Rules
from runpages.stats import is_seed

Key = tuple[tuple[str, str], ...]
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Pair:
    """Runs of both sides that were told the same but for seeds and declared axes. `task` is "" without tasks."""

    name: str
    task: str
    ones: tuple[Record, ...]
    others: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Matched:
    """The pairs, and what has no counterpart: `refused` says in what, `gone` and `new` are configurations by name."""

    pairs: tuple[Pair, ...]
    refused: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    new: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Cells:
    """Runs by what they were told: core -> variant -> runs."""

    cells: dict[Key, dict[Key, list[Record]]] = field(default_factory=dict)


def match(one: Side, base: Side, rules: Rules, config: Config) -> Matched:
    """Pairs of configurations. Nothing is compared with what was told something else outside `axes`."""
    grouped = not _single_group(one, base) and "group" not in rules.ignore
    ones, others = (_cells(side.runs, rules, config, grouped=grouped) for side in (one, base))
    differing = _differing([*ones, *others])
    pairs: list[Pair] = []
    refused: list[str] = []
    for core in ones:
        if core in others:
            made, wrong = _variants(core, ones[core], others[core], (rules, differing))
            pairs += made
            refused += wrong
    new, gone = [core for core in ones if core not in others], [core for core in others if core not in ones]
    if new and gone:
        return Matched(tuple(pairs), (*refused, *(_difference(core, gone) for core in new)))
    names = [tuple(_name(core, differing) for core in cores) for cores in (gone, new)]
    return Matched(tuple(pairs), tuple(refused), *names)


def _single_group(one: Side, base: Side) -> bool:
    return all(len({run.group for run in side.runs}) <= 1 for side in (one, base))


def _cells(
    runs: Iterable[Record], rules: Rules, config: Config, *, grouped: bool
) -> dict[Key, dict[Key, list[Record]]]:
    found: dict[Key, dict[Key, list[Record]]] = {}
    for run in runs:
        told = {
            name: _told(value)
            for name, value in run.params.items()
            if not is_seed(name, config) and name not in rules.ignore
        }
        variant = tuple(sorted((name, told.pop(name)) for name in rules.axes if name in told))
        if grouped:
            told["group"] = run.group
        if not run.params:  # without params nothing says that two runs repeat each other
            told["run"] = run.name
        found.setdefault(tuple(sorted(told.items())), {}).setdefault(variant, []).append(run)
    return found


def _told(value: object) -> str:
    """A param's value as both sides write it: trackers that keep texts say "0.1" where others say 0.1."""
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    return str(value)


def _variants(
    core: Key,
    ones: Mapping[Key, list[Record]],
    others: Mapping[Key, list[Record]],
    about: tuple[Rules, set[str]],
) -> tuple[list[Pair], list[str]]:
    """Each variant with the equal one of the baseline, else with the only one there is."""
    rules, differing = about
    pairs, refused = [], []
    for variant, runs in ones.items():
        partner = others.get(variant) or (next(iter(others.values())) if len(others) == 1 else None)
        task = ", ".join(value for name, value in core if name in rules.tasks)
        rest = tuple((name, value) for name, value in core if name not in rules.tasks)
        name = _name((*variant, *rest), differing | set(rules.axes))
        if partner is None:
            refused.append(f"{name}: the baseline has {len(others)} values of {', '.join(rules.axes)} to choose from")
        else:
            pairs.append(Pair(name, task, tuple(runs), tuple(partner)))
    return pairs, refused


def _differing(cores: Sequence[Key]) -> set[str]:
    """The params that tell configurations apart: the only ones worth saying."""
    values: dict[str, set[str]] = {}
    for core in cores:
        for name, value in core:
            values.setdefault(name, set()).add(value)
    often = {name: sum(any(key == name for key, _ in core) for core in cores) for name in values}
    return {name for name, some in values.items() if len(some) > 1 or often[name] < len(cores)}


def _name(core: Key, differing: set[str]) -> str:
    shown = [f"{name.rpartition('.')[2]} {value[:40]}" for name, value in core if name in differing]
    return ", ".join(shown[:_SHOWN]) + (f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else "")


def _difference(core: Key, gone: Sequence[Key]) -> str:
    """In what a configuration differs from the nearest one of the baseline: `lr 0.01 -> 0.02`."""
    told = dict(core)

    def apart(other: Key) -> list[str]:
        theirs = dict(other)
        names = [name for name in sorted(told.keys() | theirs.keys()) if told.get(name) != theirs.get(name)]
        return [f"{name}: {theirs.get(name, 'not set')[:60]} → {told.get(name, 'not set')[:60]}" for name in names]

    return "; ".join(min((apart(other) for other in gone), key=len)[:6])

"""Every run as columns: what the browser's table, the server-made table and the CSV are made of."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runpages.config import Config
from runpages.errors import ConfigError
from runpages.frames import RunSet
from runpages.model import Floats, Scalar
from runpages.stats import configurations, direction, is_seed, main_metric
from runpages.views.colours import by_key
from runpages.views.ranking import what

FIRST_METRICS = 3
CELL = 2_000  # characters of a text value kept in a table; the run's page has all
_FIELDS = {
    "last": "last",
    "first": "first",
    "min": "min",
    "max": "max",
    "mean": "mean",
    "last_step": "last_step",
    "count": "count",
}


@dataclass(frozen=True)
class Drawn:
    """What charts and pages of a report are called: curve file per metric, page per run, sparkline per run."""

    curves: Mapping[str, str] = field(default_factory=dict)
    pages: Sequence[str] = ()
    sparks: Mapping[int, str] = field(default_factory=dict)
    beside: Mapping[str, Mapping[str, Floats]] = field(default_factory=dict)


def runs_data(runs: RunSet, config: Config, drawn: Drawn) -> dict[str, Any]:
    """The data file `runs`: see docs/reference/site-data.md for its shape."""
    main = main_metric(runs, config)
    columns = [
        *_metrics(runs, config, main, drawn),
        *_params(runs, config),
        *_mapping(runs, "result"),
        *_mapping(runs, "tag"),
    ]
    names, numbers = _configurations(runs, config)
    return {
        "format": 1,
        "count": len(runs),
        "main": f"metric:{main}" if main else "",
        "beside": list(drawn.beside),
        "configurations": names,
        "runs": _runs(runs, drawn) | {"configuration": numbers},
        "columns": _chosen(columns, config),
    }


def _runs(runs: RunSet, drawn: Drawn) -> dict[str, list[Any]]:
    every = [(member, member.head.run) for member in runs.members]
    return {
        "id": [member.id for member, _ in every],
        "key": [member.key for member, _ in every],
        "name": display_names(runs),
        "page": list(drawn.pages),
        "color": [by_key(member.key)[0] for member, _ in every],
        "dash": [by_key(member.key)[1] for member, _ in every],
        "status": [run.status for _, run in every],
        "tracker": [run.tracker for _, run in every],
        "source": [run.source[:CELL] for _, run in every],
        "group": [run.group[:CELL] for _, run in every],
        "parent": [runs.parent(member.number) for member, _ in every],
        "started": [run.started for _, run in every],
        "duration": [_duration(run.started, run.ended) for _, run in every],
        "notes": [len(member.notes) for member, _ in every],
        "note": [" ".join(run.notes.split())[:CELL] for _, run in every],
        "spark": [drawn.sparks.get(member.number, "") for member, _ in every],
    }


def _configurations(runs: RunSet, config: Config) -> tuple[list[str], list[int]]:
    """Every configuration in words, and which one each run repeats: runs of one number differ in nothing but seeds."""
    found = configurations(runs, config)
    numbers = [0] * len(runs)
    for place, one in enumerate(found):
        for number in one.members:
            numbers[number] = place
    names = [what(one.params) or runs.members[one.members[0]].head.run.name for one in found]
    often = Counter(names)
    return [
        f"{name}, {one.group}"[:CELL] if often[name] > 1 and one.group else name[:CELL]
        for name, one in zip(names, found, strict=True)
    ], numbers


def references(runs: RunSet, config: Config) -> dict[str, str]:
    """The metrics at whose best step others can be read, with what is better: the configured ones, else the main
    metric and two more of the first ones."""
    main = main_metric(runs, config)
    wanted = list(config.best_of) or [label for label in _ordered(runs, config, main)[:FIRST_METRICS] if label]
    return {label: which for label in wanted if label in runs.metrics for which in (direction(label, config),) if which}


def _ordered(runs: RunSet, config: Config, main: str) -> list[str]:
    """Every metric: the main one, those with a direction, the others, the system's."""
    return sorted(
        runs.metrics, key=lambda label: (label != main, label.startswith("system"), not direction(label, config))
    )


def display_names(runs: RunSet) -> list[str]:
    """Every run's name as lists and charts say it: with its group's last part where the bare name stands for several."""
    names = [member.head.run.name or member.id for member in runs.members]
    often = Counter(names)
    longer = [
        _with_group(name, member.head.run.group) if often[name] > 1 else name
        for name, member in zip(names, runs.members, strict=True)
    ]
    return [name[:CELL] for name in longer]


def _with_group(name: str, group: str) -> str:
    last = group.rstrip("/").rpartition("/")[2]
    return f"{last}/{name}" if last and last != name else name


def _duration(started: float | None, ended: float | None) -> float | None:
    return None if started is None or ended is None else max(0.0, ended - started)


def _metrics(runs: RunSet, config: Config, main: str, drawn: Drawn) -> list[dict[str, Any]]:
    heads = [member.head for member in runs.members]
    columns = []
    for place, label in enumerate(_ordered(runs, config, main)):
        which = direction(label, config)
        stats = [head.stats.get(label) for head in heads]
        values = {
            name: [None if s is None else plain(getattr(s, field)) for s in stats] for name, field in _FIELDS.items()
        }
        best_step = {"max": "argmax_step", "min": "argmin_step"}.get(which)
        values["best"] = values[which] if which else [None] * len(stats)
        values["best_step"] = [None if s is None or not best_step else getattr(s, best_step) for s in stats]
        for reference, found in drawn.beside.items():
            if label in found and label != reference:
                values[f"at:{reference}"] = [None if math.isnan(one) else plain(float(one)) for one in found[label]]
        column = _column("metric", label, values["last"])
        names = sorted({head.step_names[label] for head in heads if label in head.step_names})
        column |= {"type": "number", "direction": which, "step_name": names[0] if len(names) == 1 else "step"}
        column |= {"curve": drawn.curves.get(label, ""), "values": values, "shown": place < FIRST_METRICS}
        columns.append(column)
    return columns


def _params(runs: RunSet, config: Config) -> list[dict[str, Any]]:
    columns = _mapping(runs, "param")
    for column in columns:
        column["seed"] = is_seed(column["label"], config)
        column["shown"] = column["differs"]
    return sorted(columns, key=lambda column: (not column["differs"], column["seed"]))


def _mapping(runs: RunSet, kind: str) -> list[dict[str, Any]]:
    every: list[Mapping[str, Scalar]] = [getattr(member.head.run, f"{kind}s") for member in runs.members]
    names = dict.fromkeys(name for mapping in every for name in mapping)
    return [_column(kind, name, [plain(mapping.get(name)) for mapping in every]) for name in names]


def _column(kind: str, label: str, values: list[Any]) -> dict[str, Any]:
    kind_of_values = _type(values)
    return {
        "id": f"{kind}:{label}",
        "kind": kind,
        "label": label,
        "type": kind_of_values,
        "direction": "",
        "differs": len({repr(value) for value in values}) > 1,
        "shown": False,
        "seed": False,
        "values": [_as_number(value) for value in values] if kind_of_values == "number" else values,
    }


def _type(values: list[Any]) -> str:
    there = [value for value in values if value is not None]
    if there and all(isinstance(value, bool) for value in there):
        return "bool"
    if there and all(value in ("nan", "inf", "-inf") or _is_number(value) for value in there):
        return "number"
    return "text"


def _is_number(value: object) -> bool:
    """Numbers, and texts that are one: several trackers keep every param as text."""
    if isinstance(value, int | float):
        return not isinstance(value, bool)
    if not isinstance(value, str) or len(value) > 40 or "_" in value:
        return False
    try:
        return abs(float(value)) < 2**53  # beyond, a browser would show another number
    except ValueError:
        return False


def _as_number(value: Any) -> Any:
    if not isinstance(value, str) or value in ("nan", "inf", "-inf"):
        return value
    number = float(value)
    return int(number) if number.is_integer() and value.lstrip("+-").isdigit() else number


def plain(value: Scalar) -> Scalar:
    """A value as the data files hold it: not-finite numbers as words, long texts cut."""
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if isinstance(value, str) and len(value) > CELL:
        return value[:CELL] + "…"
    return value


def _chosen(columns: list[dict[str, Any]], config: Config) -> list[dict[str, Any]]:
    """The configured columns first and shown; without any, the reader sees what differs."""
    if not config.columns:
        return columns
    wanted = list(config.columns)
    for column in columns:
        column["shown"] = column["id"] in wanted or column["label"] in wanted
    place = {name: at for at, name in enumerate(wanted)}
    return sorted(columns, key=lambda one: min(place.get(one["id"], len(place)), place.get(one["label"], len(place))))


def choose(data: Mapping[str, Any], runs: object, columns: object) -> dict[str, Any]:
    """The data file cut down to some runs, by id or name, and some columns. Raises ConfigError for what is not there."""
    numbers = list(range(data["count"])) if runs is None else [n for one in _names(runs) for n in _numbers(data, one)]
    chosen = [_cut(column, numbers) for column in data["columns"]]
    if columns is not None:
        wanted = _names(columns)
        chosen = [{**_named(chosen, name), "shown": True} for name in wanted]
    return {
        **data,
        "only": columns is not None,
        "count": len(numbers),
        "runs": {key: [values[n] for n in numbers] for key, values in data["runs"].items()},
        "columns": chosen,
    }


def _names(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _numbers(data: Mapping[str, Any], name: str) -> list[int]:
    found = [n for n in range(data["count"]) if name in (data["runs"]["id"][n], data["runs"]["name"][n])]
    if not found:
        raise ConfigError("figure-wrong", f"there is no run {name}", hint="runs are named by their id or their name")
    return found


def _named(columns: list[dict[str, Any]], name: str) -> dict[str, Any]:
    for column in columns:
        if name in (column["id"], column["label"]):
            return column
    raise ConfigError(
        "figure-wrong", f"there is no column {name}", hint="a column is a param's, metric's, result's or tag's name"
    )


def _cut(column: dict[str, Any], numbers: list[int]) -> dict[str, Any]:
    values = column["values"]
    if isinstance(values, dict):
        cut: Any = {name: [some[n] for n in numbers] for name, some in values.items()}
        return {**column, "values": cut}
    cut = [values[n] for n in numbers]
    return {**column, "values": cut, "differs": len({repr(value) for value in cut}) > 1}

"""Two or more runs side by side: what was set otherwise, what came out, which code and packages. The first run is the measure."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from runpages.config import Config
from runpages.errors import ConfigError
from runpages.frames import RunSet
from runpages.model import Run, Scalar, Stat
from runpages.stats import direction
from runpages.views import text
from runpages.views.columns import display_names, plain

PATCH = 2_000  # lines of a patch that are compared
_PACKAGE = "package."


def find_runs(runs: RunSet, names: Sequence[str]) -> list[int]:
    """The numbers of the runs called so: by id, name, page or the beginning of an id. Raises ConfigError."""
    shown = display_names(runs)
    found = []
    for name in names:
        exact = [m.number for m in runs.members if name in (m.id, m.head.run.name, m.slug, m.key, shown[m.number])]
        hits = exact or [m.number for m in runs.members if name and m.id.startswith(name)]
        if len(hits) != 1:
            raise _unclear(runs, name, hits)
        found.append(hits[0])
    return found


def _unclear(runs: RunSet, name: str, hits: Sequence[int]) -> ConfigError:
    if hits:
        ids = ", ".join(runs.members[number].id for number in hits[:4])
        return ConfigError(
            "run-ambiguous", f"{name} is the name of {text.plural(len(hits), 'run')}", hint=f"say the id: {ids}"
        )
    close = difflib.get_close_matches(name, [m.id for m in runs.members] + [m.head.run.name for m in runs.members], 3)
    hint = f"did you mean {' or '.join(close)}?" if close else "`runpages inspect` lists what is here"
    return ConfigError("run-unknown", f"there is no run {name}", hint=hint)


def diff_view(runs: RunSet, numbers: Sequence[int], config: Config) -> dict[str, Any]:
    """Everything in which the runs differ, as plain data; every row has one value per run, "" where a run has none."""
    whole = [runs.run(number) for number in numbers]
    heads = [runs.members[number].head for number in numbers]
    names = display_names(runs)
    return {
        "runs": [
            {"name": names[n], "id": runs.members[n].id, "status": runs.members[n].head.run.status} for n in numbers
        ],
        "facts": _facts(whole),
        "params": _differing(whole, lambda run: run.params),
        "params_same": _same(whole, lambda run: run.params),
        "metrics": _metrics([head.stats for head in heads], config),
        "results": _differing(whole, lambda run: run.results),
        "packages": _differing(
            whole,
            lambda run: {k.removeprefix(_PACKAGE): v for k, v in run.environment.items() if k.startswith(_PACKAGE)},
        ),
        "environment": _differing(
            whole, lambda run: {k: v for k, v in run.environment.items() if not k.startswith(_PACKAGE)}
        ),
        "patches": [
            _patch(whole[0], other, names[numbers[0]], names[n])
            for other, n in zip(whole[1:], numbers[1:], strict=True)
        ],
    }


def _facts(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Status, duration, code: the rows that are not the same everywhere."""
    lasted = [None if run.started is None or run.ended is None else run.ended - run.started for run in runs]
    rows: dict[str, list[str]] = {
        "status": [run.status for run in runs],
        "group": [run.group for run in runs],
        "duration": ["" if seconds is None else text.duration(max(0.0, seconds)) for seconds in lasted],
        "commit": [run.code.commit[:12] for run in runs],
        "branch": [run.code.branch for run in runs],
        "command": [run.code.command for run in runs],
    }
    return [{"name": name, "values": values} for name, values in rows.items() if len(set(values)) > 1]


Part = Callable[[Run], Mapping[str, Scalar]]


def _differing(runs: Sequence[Run], part: Part) -> list[dict[str, Any]]:
    parts = [part(run) for run in runs]
    names = dict.fromkeys(name for mapping in parts for name in mapping)
    return [
        {"name": name, "values": [text.number(mapping[name]) if name in mapping else "" for mapping in parts]}
        for name in names
        if len({repr(mapping[name]) if name in mapping else "" for mapping in parts}) > 1
    ]


def _same(runs: Sequence[Run], part: Part) -> int:
    names = {name for run in runs for name in part(run)}
    return len(names) - len(_differing(runs, part))


def _metrics(stats: Sequence[Mapping[str, Stat]], config: Config) -> list[dict[str, Any]]:
    """A row per metric: the best where better is known, else the last; deltas against the first run."""
    rows = []
    for label in dict.fromkeys(label for some in stats for label in some):
        which = direction(label, config)
        field = which or "last"
        values = [float(getattr(some[label], field)) if label in some else math.nan for some in stats]
        there = [label in some for some in stats]
        rows.append(
            {
                "name": label,
                "direction": which,
                "values": [text.number(value) if here else "" for value, here in zip(values, there, strict=True)],
                "full": [plain(value) if here else None for value, here in zip(values, there, strict=True)],
                "deltas": [None, *(_delta(value - values[0], which) for value in values[1:])],
            }
        )
    return rows


def _delta(gap: float, which: str) -> dict[str, Any] | None:
    """The difference in words and whether it is for the better; None where there is none to speak of."""
    if not math.isfinite(gap):
        return None
    better = None if gap == 0 or not which else (gap > 0) == (which == "max")
    return {"text": ("+" if gap > 0 else "") + text.number(gap), "up": gap > 0, "better": better}


def _patch(one: Run, other: Run, name: str, other_name: str) -> dict[str, Any]:
    """How the uncommitted changes of two runs differ, as the lines of a unified diff."""
    first, second = one.code.patch.splitlines()[:PATCH], other.code.patch.splitlines()[:PATCH]
    lines = list(difflib.unified_diff(first, second, name, other_name, lineterm="", n=2))
    return {"between": [name, other_name], "lines": lines}

"""Two or more runs side by side: what was set otherwise, what came out, which code and packages. One of them is the measure.

`side` is one run as a diff sees it, plain data: the site has a file of it per run, so that any pair can be put side by
side there. `compared` puts sides together; js/diff.js does the same in the browser.
"""

from __future__ import annotations

import difflib
import hashlib
import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from runpages.config import Config
from runpages.errors import ConfigError
from runpages.frames import RunSet
from runpages.media import MediaShelf, Unshown
from runpages.model import Run, Scalar, Stat
from runpages.stats import direction
from runpages.views import text
from runpages.views.columns import display_names, plain
from runpages.views.run_text import plain_line

PATCH = 2_000  # lines of a patch or a file that are compared
LONG = 400  # characters of a value
CONFIG_BYTES, CONFIGS = 40_000, 4  # of one file of settings, and how many of them
SETTINGS = (".yaml", ".yml", ".json", ".toml", ".ini", ".cfg", ".txt")
PARTS = ("params", "results", "packages", "environment")
_PACKAGE = "package."

Side = Mapping[str, Any]


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


def diff_view(
    runs: RunSet, numbers: Sequence[int], config: Config, shelf: MediaShelf | None = None, *, everything: bool = False
) -> dict[str, Any]:
    """Everything in which the runs differ, as plain data; every row has one value per run, "" where a run has none."""
    names = display_names(runs)
    return compared([side(runs, number, names[number], config, shelf) for number in numbers], everything=everything)


def side(runs: RunSet, number: int, name: str, config: Config, shelf: MediaShelf | None = None) -> dict[str, Any]:
    """One run as a diff sees it. With a shelf to read by, the files of its settings are a part of it."""
    member, run = runs.members[number], runs.run(number)
    packages = {k.removeprefix(_PACKAGE): v for k, v in run.environment.items() if k.startswith(_PACKAGE)}
    return {
        "name": name,
        "id": member.id,
        "status": run.status,
        "facts": _facts(run),
        "params": _words(run.params),
        "metrics": {label: _metric(label, stat, config) for label, stat in member.head.stats.items()},
        "results": _words(run.results),
        "packages": _words(packages),
        "environment": _words({k: v for k, v in run.environment.items() if not k.startswith(_PACKAGE)}),
        "patch": _lines(run.code.patch),
        "files": {} if shelf is None else _settings(run, member.head.root, shelf),
    }


def _facts(run: Run) -> dict[str, str]:
    lasted = None if run.started is None or run.ended is None else run.ended - run.started
    return {
        "status": run.status,
        "reason": text.shortened(run.reason, LONG),
        "group": run.group,
        "duration": "" if lasted is None else text.duration(max(0.0, lasted)),
        "repository": text.shortened(run.code.repository, LONG),
        "commit": run.code.commit[:12],
        "branch": run.code.branch,
        "entry point": run.code.entry_point,
        "command": text.shortened(run.code.command, LONG),
    }


def _words(part: Mapping[str, Scalar]) -> dict[str, str | list[str]]:
    """Values as shown; beside it what tells two of them apart that look the same, where there may be such."""
    return {name: _word(value) for name, value in part.items()}


def _word(value: Scalar) -> str | list[str]:
    shown = text.number(value)
    if len(shown) > LONG:
        return [
            text.shortened(shown, LONG),
            hashlib.blake2b(shown.encode("utf-8", "replace"), digest_size=6).hexdigest(),
        ]
    return [shown, repr(value)] if isinstance(value, float) and text.full(value) != shown else shown


def _metric(label: str, stat: Stat, config: Config) -> list[Any]:
    """The best where better is known, else the last, with its direction."""
    which = direction(label, config)
    return [which, plain(float(getattr(stat, which or "last")))]


def _lines(whole: str) -> list[str]:
    return [plain_line(line) for line in whole.splitlines()[:PATCH]]


def _settings(run: Run, root: Any, shelf: MediaShelf) -> dict[str, list[str]]:
    """The lines of the run's files of settings, by name, without its secrets."""
    found: dict[str, list[str]] = {}
    for artifact in run.artifacts:
        told = artifact.name.lower().endswith(SETTINGS) and (artifact.size or 0) <= CONFIG_BYTES
        if len(found) < CONFIGS and told and artifact.kind in ("text", "file") and artifact.step is None:
            try:
                content = shelf.read(artifact, root)
            except Unshown:
                continue
            if content.media_type in ("text/plain", "application/json") and len(content.data) <= CONFIG_BYTES:
                found[artifact.name] = _lines(content.text)
    return found


def compared(sides: Sequence[Side], *, everything: bool = False) -> dict[str, Any]:
    """Sides side by side, the first as the measure: only rows that differ, or `everything`."""
    parts = {name: _rows([one[name] for one in sides], everything) for name in PARTS}
    differing = [row for row in parts["params"] if row["differs"]]
    return {
        "runs": [{key: one[key] for key in ("name", "id", "status")} for one in sides],
        "facts": [row for row in _rows([one["facts"] for one in sides], everything) if any(row["values"])],
        **parts,
        "params_same": len({name for one in sides for name in one["params"]}) - len(differing),
        "telling": telling(differing, len(sides)),
        "metrics": _metrics([one["metrics"] for one in sides], everything),
        "patches": [_patch(sides[0], other) for other in sides[1:]],
        "files": _files(sides),
    }


def _rows(parts: Sequence[Mapping[str, Any]], everything: bool) -> list[dict[str, Any]]:
    rows = []
    for name in dict.fromkeys(name for part in parts for name in part):
        values = [part.get(name, "") for part in parts]
        differs = any(value != values[0] for value in values)
        if differs or everything:
            shown = [value if isinstance(value, str) else value[0] for value in values]
            exact = [value if isinstance(value, str) else value[1] for value in values]
            kinds = [values.index(value) for value in values]  # which of the runs have the same
            rows.append({"name": name, "values": shown, "exact": exact, "kinds": kinds, "differs": differs})
    return rows


def telling(rows: Sequence[Mapping[str, Any]], count: int) -> dict[str, Any]:
    """The smallest set of params whose values tell the runs apart: `names`, `alike` (name -> others that would do as well),
    `apart` (whether it tells all of them apart, or no set does).

    Exact up to three params among the first forty that divide the runs differently, one by one from there on.
    """
    kinds: dict[tuple[int, ...], list[str]] = {}
    for row in rows:
        kinds.setdefault(tuple(row["kinds"]), []).append(row["name"])
    goal = _told(list(kinds))
    best = next(
        (some for size in (1, 2, 3) for some in combinations(list(kinds)[:40], size) if _told(some) == goal), None
    )
    chosen = list(best) if best is not None else _greedy(list(kinds), goal)
    names = [kinds[kind][0] for kind in chosen] if goal > 1 else []
    alike = {kinds[kind][0]: kinds[kind][1:] for kind in chosen if len(kinds[kind]) > 1} if goal > 1 else {}
    return {"names": names, "alike": alike, "apart": goal == count}


def _told(kinds: Sequence[tuple[int, ...]]) -> int:
    """How many runs can be told from each other by these divisions."""
    return len(set(zip(*kinds, strict=True))) if kinds else 1


def _greedy(kinds: list[tuple[int, ...]], goal: int) -> list[tuple[int, ...]]:
    chosen: list[tuple[int, ...]] = []
    while kinds and _told(chosen) < goal:
        chosen.append(max(kinds, key=lambda kind: _told([*chosen, kind])))
    return chosen


def _metrics(parts: Sequence[Mapping[str, Any]], everything: bool) -> list[dict[str, Any]]:
    """A row per metric; deltas against the first run."""
    rows = []
    for label in dict.fromkeys(label for part in parts for label in part):
        which = next(part[label][0] for part in parts if label in part)
        full = [part[label][1] if label in part else None for part in parts]
        differs = any(value != full[0] for value in full)
        if differs or everything:
            rows.append(
                {
                    "name": label,
                    "direction": which,
                    "values": ["" if value is None else text.number(float(value)) for value in full],
                    "full": full,
                    "deltas": [None, *(_delta(full[0], value, which) for value in full[1:])],
                    "differs": differs,
                }
            )
    return rows


def _delta(one: Any, other: Any, which: str) -> dict[str, Any] | None:
    """The difference in words and whether it is for the better; None where there is none to speak of."""
    gap = math.nan if one is None or other is None else float(other) - float(one)
    if not math.isfinite(gap):
        return None
    better = None if gap == 0 or not which else (gap > 0) == (which == "max")
    return {"text": ("+" if gap > 0 else "") + text.number(gap), "up": gap > 0, "better": better}


def _patch(one: Side, other: Side) -> dict[str, Any]:
    """How the uncommitted changes of two runs differ, as the lines of a unified diff."""
    return _between(one["name"], other["name"], one["patch"], other["patch"])


def _between(one: str, other: str, first: Sequence[str], second: Sequence[str]) -> dict[str, Any]:
    lines = list(difflib.unified_diff(first, second, one, other, lineterm="", n=2))
    return {"between": [one, other], "lines": lines}


def _files(sides: Sequence[Side]) -> list[dict[str, Any]]:
    """Files of settings that differ from the first run's, as far as both runs left one of that name."""
    found = []
    for other in sides[1:]:
        for name in [name for name in sides[0]["files"] if name in other["files"]]:
            patch = _between(sides[0]["name"], other["name"], sides[0]["files"][name], other["files"][name])
            if patch["lines"]:
                found.append({"file": name, **patch})
    return found

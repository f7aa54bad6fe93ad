"""The first page: is it better, by how much, is that real?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from runpages.config import Config, Direction
from runpages.frames import RunSet
from runpages.stats import compare, direction
from runpages.views import text
from runpages.views.groups import groups_view
from runpages.views.ranking import Ranked, ranking
from runpages.views.table import run_ref

LEADERS = 10
_TIES = frozenset({"within noise", "cannot tell"})


def overview_view(
    runs: RunSet, data: Mapping[str, Any], config: Config, titles: Mapping[str, str], chart: Mapping[str, Any] | None
) -> dict[str, Any]:
    """What the template `overview` shows; `titles` are the trackers' names as people write them."""
    metric = data["main"].removeprefix("metric:")
    which = direction(metric, config) if metric else ""
    leaders = ranking(runs, config, metric) if metric else []
    return {
        "root": "",
        "title": config.title or "Experiment report",
        "sentence": _sentence(runs, data, titles, metric, which, leaders),
        "figures": _figures(runs, metric, leaders),
        "leaderboard": _leaderboard(data, metric, which, leaders) if leaders else None,
        "chart": chart,
        "groups": groups_view(runs, data, config, metric),
        "changes": [],
        "empty": None,
    }


def empty_view(looked: Sequence[str], expected: Sequence[str]) -> dict[str, Any]:
    """The overview of a report without runs: what was looked at, what would have been a run."""
    return {
        "root": "",
        "title": "No runs found",
        "sentence": [],
        "figures": [],
        "leaderboard": None,
        "chart": None,
        "groups": None,
        "changes": [],
        "empty": {"looked": list(looked), "expected": list(expected), "command": "runpages build PATH"},
    }


def _name(data: Mapping[str, Any], one: Ranked) -> str:
    if len(one.configuration.members) > 1 and one.what:
        return one.what
    return text.shortened(str(data["runs"]["name"][one.top]), 60)


def _seeds(n: int) -> str:
    return "single run" if n == 1 else f"{n} seeds"


def _sentence(
    runs: RunSet,
    data: Mapping[str, Any],
    titles: Mapping[str, str],
    metric: str,
    which: Direction,
    leaders: list[Ranked],
) -> list[dict[str, Any]]:
    groups = {member.head.run.group for member in runs.members if member.head.run.group}
    trackers = Counter(one for member in runs.members for one in member.head.run.tracker.split(" + "))
    where = f" in {text.plural(len(groups), 'group')}" if len(groups) > 1 else ""
    from_ = text.listed([titles.get(name, name) for name, _ in trackers.most_common()])
    parts = [_part(f"{text.plural(len(runs), 'run')}{where}, from {from_}.")]
    if not leaders:
        return [*parts, _part(" No run has a metric.")] if not runs.metrics else parts
    first = leaders[0]
    value = text.plus_minus(first.spread.mean, first.spread.std)
    verb = {"max": "Highest", "min": "Lowest", "": "Last"}[which]
    parts += [_part(f" {verb} "), _part(metric, strong=True), _part(f" is {value} ({_seeds(first.spread.n)}), by ")]
    parts.append(_part(_name(data, first), page=run_ref(data, first.top)["page"]))
    return [*parts, *_rivals(data, which, leaders)]


def _rivals(data: Mapping[str, Any], which: Direction, leaders: list[Ranked]) -> list[dict[str, Any]]:
    """What the next best is worth saying about: within noise, clearly behind, or nobody can tell."""
    if len(leaders) < 2 or not which:
        return [_part(".")]
    first, second = leaders[0], leaders[1]
    verdict = compare(first.values, second.values, which)
    rival = _part(_name(data, second), page=run_ref(data, second.top)["page"])
    if verdict == "within noise":
        return [_part("; "), rival, _part(" is within noise of it.")]
    if verdict == "better":
        return [_part(", ahead of "), rival, _part(" by more than noise.")]
    return [_part("; with fewer than 3 seeds on a side, nobody can tell whether "), rival, _part(" is really behind.")]


def _part(words: str, *, strong: bool = False, page: str = "") -> dict[str, Any]:
    return {"text": words, "strong": strong, "page": page}


def _figures(runs: RunSet, metric: str, leaders: list[Ranked]) -> list[dict[str, Any]]:
    statuses: Counter[str] = Counter(member.head.run.status for member in runs.members)
    figures = []
    if leaders:
        first = leaders[0]
        value, _, around = text.plus_minus(first.spread.mean, first.spread.std).partition(" ± ")
        note = ", ".join(part for part in (_seeds(first.spread.n), first.what) if part)
        figures.append(_figure(f"best {metric}", value, around, note))
    order = ("finished", "running", "failed", "killed", "unknown")
    figures.append(
        _figure("runs", text.count(len(runs)), "", ", ".join(f"{statuses[s]:,} {s}" for s in order if statuses[s]))
    )
    spent = [run.ended - run.started for m in runs.members for run in (m.head.run,) if run.started and run.ended]
    if spent:
        usual = text.duration(float(np.median(spent)))
        figures.append(_figure("median duration", usual, "", f"{text.duration(sum(spent))} in all"))
    seeds = [one.spread.n for one in leaders]
    if seeds:
        note = (
            "each run once"
            if max(seeds) == 1
            else f"{min(seeds)} to {max(seeds)} seeds each"
            if min(seeds) < max(seeds)
            else f"{seeds[0]} seeds each"
        )
        figures.append(_figure("configurations", text.count(len(leaders)), "", note))
    return figures


def _figure(label: str, value: str, around: str, note: str) -> dict[str, Any]:
    return {"label": label, "value": value, "spread": around, "note": note, "tone": "", "mark": ""}


def _leaderboard(data: Mapping[str, Any], metric: str, which: Direction, leaders: list[Ranked]) -> dict[str, Any]:
    shown = leaders[:LEADERS]
    parts = [text.plus_minus(one.spread.mean, one.spread.std).partition(" ± ") for one in shown]
    wanted = max(text.decimals(value) for value, _, _ in parts)
    verdicts = ["best"] + [compare(leaders[0].values, one.values, which) for one in shown[1:]]
    rows = []
    for place, one in enumerate(shown):
        value, _, around = parts[place]
        repeated = one.spread.n > 1 and bool(one.what)
        mark = "best" if place == 0 else "co-best" if verdicts[place] == "within noise" else ""
        rows.append(
            {
                "rank": place + 1,
                "run": run_ref(data, one.top) | ({"name": one.what} if repeated else {}),
                "what": f"best: {run_ref(data, one.top)['name']}" if repeated else one.what,
                "value": value,
                "pad": text.pad(value, wanted),
                "spread": around,
                "n": one.spread.n,
                "mark": mark if which else "",
                "delta": None,
                "spark": data["runs"]["spark"][one.top],
            }
        )
    reducer = "best of each run" if which else "last"
    note = _leader_note(shown, verdicts)
    return {
        "metric": metric,
        "reducer": reducer,
        "direction": which,
        "more": len(leaders) - len(shown),
        "note": note,
        "rows": rows,
    }


def _leader_note(shown: list[Ranked], verdicts: list[str]) -> str:
    """How to read the marks, and how far to trust them."""
    most = max(one.spread.n for one in shown)
    if most == 1:
        return "Every row is a single run: differences between rows may be noise."
    words = "Mean ± standard deviation over runs that differ in nothing but the seed; the link is the best of them."
    if "within noise" in verdicts:
        return f"{words} ★ best, ○ not distinguishable from it (Welch, 95 %)."
    return words

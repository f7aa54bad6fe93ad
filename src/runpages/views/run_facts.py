"""What a run's page says of the other runs, found once for all pages: rank, siblings, parent, children, neighbours."""

from __future__ import annotations

import bisect
import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from runpages.frames import RunSet
from runpages.views import text
from runpages.views.table import as_float, metric_values, ranked, run_ref

RANKED = 24  # metrics, in the order of the table
CHILDREN = 60
CHANGED = 5

Group = tuple[str, str]  # tracker and group: runs of two trackers without a group have nothing in common


class Relations:
    """The runs of a report as each of them sees the others; `data` is the data file `runs`."""

    def __init__(self, runs: RunSet, data: Mapping[str, Any]) -> None:
        self._runs, self._data = runs, data
        self._groups = _groups(runs)
        self._standings = _standings(data, self._groups)
        self._differing = _differing(runs, self._groups)
        self.columns: dict[str, Mapping[str, Any]] = {
            one["label"]: one for one in data["columns"] if one["kind"] == "metric"
        }
        self._best = ranked(data)[:1] if data["main"] else []

    def of(self, number: int) -> dict[str, Any]:
        """Everything about one run that other runs decide, as plain JSON."""
        run = self._runs.members[number].head.run
        group = (run.tracker, run.group)
        below = self._runs.children.get(number, [])
        parent = self._runs.parent(number)
        return {
            "run": self.ref(number),
            "key": self._data["runs"]["key"][number],
            "group": {"name": run.group, "count": len(self._groups[group])},
            "parent": self.ref(parent) if parent >= 0 else None,
            "children": [self.ref(child) for child in below[:CHILDREN]],
            "children_more": max(0, len(below) - CHILDREN),
            "previous": self.ref(number - 1) if number > 0 else None,
            "next": self.ref(number + 1) if number + 1 < len(self._runs) else None,
            "differing": sorted(self._differing.get(group, ())),
            "ranks": self._ranks(number, group),
            "compare": self._comparisons(number, parent),
        }

    def ref(self, number: int) -> dict[str, Any]:
        """What a link to a run needs."""
        return run_ref(self._data, number)

    def _ranks(self, number: int, group: Group) -> dict[str, list[int]]:
        """label -> [place, of how many], where the run reached a number and has someone to be compared with."""
        ranks = {}
        for label, standings in self._standings.items():
            values, (mine, ordered) = standings["values"], (standings["values"][number], standings["groups"][group])
            if not math.isnan(values[number]) and len(ordered) > 1:
                ranks[label] = [bisect.bisect_left(ordered, mine) + 1, len(ordered)]
        return ranks

    def _comparisons(self, number: int, parent: int) -> list[dict[str, Any]]:
        """The best run, the parent and the run before: the link that puts both side by side, and what changed, in short."""
        keys = self._data["runs"]["key"]
        others = [
            ("the best run", self._best[0] if self._best else -1),
            ("its parent", parent),
            ("the run before", number - 1),
        ]
        seen: set[int] = {number, -1}
        links = []
        for words, other in others:
            if other not in seen:
                seen.add(other)
                url = f"diff.html#runs={keys[other]},{keys[number]}&base={keys[other]}"
                links.append({"text": words, "url": url, "run": self.ref(other), **self.changed(other, number)})
        return links

    def changed(self, there: int, here: int) -> dict[str, Any]:
        """Params that two runs have otherwise, the first few, how many there are, and the main metric of both."""
        one, other = (self._runs.members[number].head.run.params for number in (there, here))
        names = [
            name
            for name in dict.fromkeys([*other, *one])
            if name not in one or name not in other or text.full(one[name]) != text.full(other[name])
        ]
        shown = [
            {
                "name": name,
                "there": text.shortened(text.number(one[name]), 40) if name in one else "",
                "here": text.shortened(text.number(other[name]), 40) if name in other else "",
            }
            for name in names[:CHANGED]
        ]
        return {"changed": shown, "changed_more": len(names) - len(shown), "main": self._main(there, here)}

    def _main(self, there: int, here: int) -> dict[str, Any] | None:
        """The main metric of two runs with the difference; None when one of them has none."""
        column = next((one for one in self._data["columns"] if one["id"] == self._data["main"]), None)
        if column is None:
            return None
        one, other = (as_float(metric_values(column)[number]) for number in (there, here))
        gap = other - one
        if not math.isfinite(gap):
            return None
        better = None if gap == 0 else (gap > 0) == (column["direction"] == "max")
        delta = {"text": text.number(gap), "up": gap > 0, "better": better} if gap else None
        return {"name": column["label"], "there": text.number(one), "here": text.number(other), "delta": delta}


def _groups(runs: RunSet) -> dict[Group, list[int]]:
    groups: dict[Group, list[int]] = {}
    for member in runs.members:
        groups.setdefault((member.head.run.tracker, member.head.run.group), []).append(member.number)
    return groups


def _standings(data: Mapping[str, Any], groups: Mapping[Group, list[int]]) -> dict[str, dict[str, Any]]:
    """Per metric with a direction: every run's value with its sign turned so that less is better, and each group's in order."""
    found: dict[str, dict[str, Any]] = {}
    for column in [one for one in data["columns"] if one["kind"] == "metric" and one["direction"]][:RANKED]:
        sign = -1.0 if column["direction"] == "max" else 1.0
        values = [sign * as_float(value) for value in metric_values(column)]
        ordered = {
            name: sorted(values[n] for n in numbers if not math.isnan(values[n])) for name, numbers in groups.items()
        }
        found[column["label"]] = {"values": values, "groups": ordered}
    return found


def _differing(runs: RunSet, groups: Mapping[Group, list[int]]) -> dict[Group, set[str]]:
    """Per group the params that have more than one value among its runs; a param that one run lacks differs too."""
    found: dict[Group, set[str]] = {}
    for group, numbers in groups.items():
        values: dict[str, set[str]] = {}
        amounts: Counter[str] = Counter()
        for number in numbers:
            params = runs.members[number].head.run.params
            amounts.update(params.keys())
            for name, value in params.items():
                values.setdefault(name, set()).add(repr(value))
        found[group] = {name for name, kinds in values.items() if len(kinds) > 1 or amounts[name] < len(numbers)}
    return found


def ordinal(place: int) -> str:
    """`1st`, `2nd`, `11th`."""
    ending = "th" if 10 <= place % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{text.count(place)}{ending}"

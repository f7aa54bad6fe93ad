"""The page of samples: per set of samples its runs with what separates them, and two runs' answers side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from runpages.config import Config
from runpages.model import Floats
from runpages.stats import direction
from runpages.stats.difference import holm
from runpages.stats.paired import FEWEST, Paired, paired
from runpages.views import text
from runpages.views.samples import Group, aligned
from runpages.views.table import run_ref

FIRST = 12  # samples of a set before JavaScript
ROWS = 2_000  # of a run in the page's data
LONG = 2_000  # characters of a text in the page
TEXTS = 6_000_000  # characters of one page's data; what goes beyond is left out, scores stay
ALL_PAIRS = 8  # up to so many runs any two are tested, beyond only against the best
ALPHA = 0.05
_BY = {"hash": "matched by their hash", "id": "matched by their id", "input": "matched by what went in", "": ""}


def samples_page(groups: Sequence[Group], data: Mapping[str, Any], config: Config) -> dict[str, Any]:
    """What the template `samples` shows."""
    return {"root": "", "groups": [_view(group, data, config) for group in groups]}


def _main(group: Group, config: Config) -> str:
    """The score to rank by: of those most runs have, the first with a known direction; "" without any."""
    counts: dict[str, int] = {}
    for one in group.members:
        for name in one.scores:
            counts[name] = counts.get(name, 0) + 1
    known = [name for name in counts if direction(name, config)] or list(counts)
    return max(known, key=lambda name: counts[name]) if known else ""


def _view(group: Group, data: Mapping[str, Any], config: Config) -> dict[str, Any]:
    score = _main(group, config)
    order = ranking(group, score, config)
    names = [run_ref(data, group.members[place].run)["name"] for place in range(len(group.members))]
    tests = against_best(group, order, score)
    runs = []
    for rank, place in enumerate(order):
        values = group.members[place].scores.get(score)
        runs.append(
            {
                "ref": run_ref(data, group.members[place].run),
                "n": text.count(len(group.members[place])),
                "mean": text.number(_mean(values)) if values is not None else "",
                "step": group.members[place].step,
                **(_told(tests[rank - 1], direction(score, config)) if rank and tests else {"gap": "", "words": ""}),
            }
        )
    shown = order[:2]
    return {
        "key": group.key,
        "score": score,
        "direction": direction(score, config),
        "by": _BY[group.by] if len(group.members) > 1 else "",
        "shared": group.known if len(group.members) > 1 else 0,
        "left_out": _left_out(group),
        "total": max(len(one) for one in group.members),
        "runs": runs,
        "names": [names[place] for place in shown],
        "rows": _rows(group, shown, score),
    }


def ranking(group: Group, score: str, config: Config) -> list[int]:
    """The places of a group's members, best mean score first."""
    sign = 1 if direction(score, config) == "min" else -1
    means = [_mean(one.scores.get(score)) for one in group.members]
    return sorted(
        range(len(means)), key=lambda place: (math.isnan(means[place]), sign * means[place], group.members[place].run)
    )


def _mean(values: Floats | None) -> float:
    return float(np.nanmean(values)) if values is not None and np.isfinite(values).any() else math.nan


def against_best(group: Group, order: Sequence[int], score: str) -> list[tuple[Paired, float]]:
    """What separates each other run from the best, with p adjusted for having asked about all of them."""
    if not score or not group.known:
        return []
    best = aligned(group, order[0], score)
    tests = [paired(best, aligned(group, place, score)) for place in order[1:]]
    adjusted = holm([1.0 if math.isnan(one.p) else one.p for one in tests])
    return list(zip(tests, adjusted, strict=True))


def _told(test: tuple[Paired, float], better: str) -> dict[str, str]:
    """The change from the best to this run, and whether it is more than noise, in words."""
    found, p = test
    if found.n < 2:
        return {"gap": "", "words": "too few samples in common to say"}
    gap = f"{text.number(-found.change)} ({text.number(-found.high)} to {text.number(-found.low)})"
    return {"gap": gap, "words": verdict(found, p, better)}


def verdict(found: Paired, p: float, better: str) -> str:
    """In words: on how many samples the two differ and whether that is more than noise; `p` is already adjusted."""
    of = f"{text.count(found.lower)} higher, {text.count(found.higher)} lower of {text.count(found.n)} shared"
    if found.higher + found.lower < FEWEST:
        return f"cannot tell: {of}"
    test = "McNemar's exact test" if found.exact else "paired bootstrap"
    if p >= ALPHA:
        return f"within noise: {of} (p = {text.number(round(p, 4))}, {test})"
    word = {"max": "worse", "min": "worse", "": "different"}[better]
    return f"{word}, more than noise: {of} (p {_p(p)}, {test})"


def _p(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"= {text.number(round(p, 4))}"


def _left_out(group: Group) -> str:
    if len(group.members) < 2:
        return ""
    parts = []
    if group.ambiguous and group.by:
        parts.append(f"{text.plural(group.ambiguous, 'row')} that share it with another row of their run")
    if group.unlike:
        parts.append(f"{text.plural(group.unlike, 'row')} with the id of a sample that has another input")
    return " and ".join(parts)


def _rows(group: Group, places: Sequence[int], score: str) -> list[dict[str, Any]]:
    """The first samples with the answers of the shown runs."""
    if not places:
        return []
    first = group.members[places[0]]
    others = [{number: row for row, number in enumerate(group.same[place]) if number >= 0} for place in places]
    rows = []
    for row in range(min(FIRST, len(first))):
        number = group.same[places[0]][row]
        found = [row, *(table.get(number) if number >= 0 else None for table in others[1:])]
        rows.append(
            {
                "id": first.ids[row] if first.ids else "",
                "input": text.shortened(first.inputs[row], 300) if first.inputs else "",
                "target": text.shortened(first.targets[row], 160) if first.targets else "",
                "answers": [
                    _answer(group, place, at, score) if at is not None else {"text": "", "score": "–"}
                    for place, at in zip(places, found, strict=True)
                ],
            }
        )
    return rows


def _answer(group: Group, place: int, row: int, score: str) -> dict[str, str]:
    values = group.members[place].scores.get(score)
    number = "–" if values is None or math.isnan(values[row]) else text.number(_whole(float(values[row])))
    return {"text": text.shortened(group.members[place].answers[row], 300), "score": number}


def _whole(value: float) -> float | int:
    return int(value) if value.is_integer() else value


class _Texts:
    """Every text once, cut to LONG; beyond TEXTS characters in all none is taken any more."""

    def __init__(self) -> None:
        self.all = [""]
        self._places = {"": 0}
        self._used = 0

    def place(self, words: str) -> int:
        """Where the text stands, 0 for one that found no room."""
        cut = words[:LONG] + ("…" if len(words) > LONG else "")
        if cut not in self._places and self._used + len(cut) <= TEXTS:
            self._used += len(cut)
            self._places[cut] = len(self.all)
            self.all.append(cut)
        return self._places.get(cut, 0)


def samples_data(groups: Sequence[Group], config: Config) -> dict[str, Any]:
    """The data file `samples`: `texts`, and per set its runs, best first, with rows [sample, id, input, target, answer, scores...].

    Texts are places in `texts`, each there once; a row of a sample nobody shares has the number -1.
    """
    texts = _Texts()
    sets = []
    for group in groups:
        main = _main(group, config)
        order = ranking(group, main, config)
        names = list(
            dict.fromkeys([*([main] if main else []), *(name for one in group.members for name in one.scores)])
        )
        sets.append(
            {
                "key": group.key,
                "scores": [[name, direction(name, config)] for name in names],
                "by": _BY[group.by] if len(group.members) > 1 else "",
                "runs": [
                    {
                        "run": group.members[at].run,
                        "total": len(group.members[at]),
                        "rows": [
                            [
                                group.same[at][row],
                                *(texts.place(column[row]) if column else 0 for column in _columns(group, at)),
                                *(_cell(group.members[at].scores.get(name), row) for name in names),
                            ]
                            for row in range(min(ROWS, len(group.members[at])))
                        ],
                    }
                    for at in order
                ],
                "tests": _tests(group, order, names),
            }
        )
    return {"texts": texts.all, "sets": sets}


def _columns(group: Group, at: int) -> tuple[Sequence[str], ...]:
    one = group.members[at]
    return one.ids, one.inputs, one.targets, one.answers


def _cell(values: Floats | None, row: int) -> float | int | None:
    if values is None or math.isnan(values[row]):
        return None
    value = float(values[row])
    return _whole(value) if math.isfinite(value) else None


def _tests(group: Group, order: Sequence[int], names: Sequence[str]) -> dict[str, list[Any]]:
    """By "score/first/second" (places in the order shown): [n, change, low, high, higher, lower, p, exact]."""
    if not group.known:
        return {}
    every = combinations(range(len(order)), 2)
    pairs = every if len(order) <= ALL_PAIRS else ((0, other) for other in range(1, len(order)))
    found: dict[str, list[Any]] = {}
    columns = {(name, at): aligned(group, order[at], name) for name in names for at in range(len(order))}
    for one, other in pairs:
        for number, name in enumerate(names):
            test = paired(columns[name, one], columns[name, other])
            if test.n:
                numbers = (test.change, test.low, test.high)
                found[f"{number}/{one}/{other}"] = [
                    test.n, *(None if math.isnan(value) else value for value in numbers), test.higher, test.lower,
                    None if math.isnan(test.p) else test.p, test.exact,
                ]  # fmt: skip
    return found

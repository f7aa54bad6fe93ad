"""What a search found where, as drawings: slices, two params at once, importance, parallel coordinates."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from runpages.charts import bars, kinds, parallel, space
from runpages.charts.theme import PALETTE
from runpages.model import Floats
from runpages.remember import Remembered
from runpages.studies import Param, Studied
from runpages.studies.course import rank_of
from runpages.studies.importance import LEAST, Importance, importance
from runpages.studies.surface import surface
from runpages.views import text
from runpages.views.study_course import Drawing

SLICES = 12
BINS = 8
AXES = 10
LEAST_SURFACE = 8


def weigh(study: Studied, remembered: Remembered) -> tuple[Importance | None, list[Param], str]:
    """The importance for the first objective with the params it covers, or None and why not; seconds for a large study, so
    it is remembered."""
    complete = study.complete
    if len(complete) < LEAST:
        return (
            None,
            [],
            f"{text.plural(len(complete), 'complete trial')}: too few to say which params matter ({LEAST} are needed).",
        )
    whole = [
        one for one in study.params if np.isfinite(one.values[complete]).all() and np.ptp(one.values[complete]) > 0
    ]
    if len(whole) < 2:
        return None, [], "Fewer than two params vary and were set in every complete trial: there is nothing to compare."
    x = np.array([np.log10(one.values) if one.log else one.values for one in whole], np.float64).T[complete]
    found = _remembered(x, study.values[0][complete], np.array([float(bool(one.words)) for one in whole]), remembered)
    if found is None:
        return None, [], f"Every trial reached the same {study.objectives[0].label}."
    if found.explained <= 0.05:
        why = f"A random forest over {text.plural(found.n, 'complete trial')} explains nothing of trials it did not see (held-out R² {text.number(round(found.explained, 2))}): no order of params could be trusted."
        return None, [], why
    return found, whole, ""


def _remembered(x: Floats, y: Floats, words: Floats, remembered: Remembered) -> Importance | None:
    """`importance` of these, made once for the same numbers."""

    def made() -> str:
        found = importance(x, y, words)
        if found is None:
            return ""
        lists = [one.tolist() for one in (found.share, found.spread, found.rank)]
        return json.dumps([*lists, found.explained, found.n])

    told = remembered.text("importance", [str(x.shape).encode(), x.tobytes(), y.tobytes(), words.tobytes()], made)
    if not told:
        return None
    *lists, explained, n = json.loads(told)
    share, spread, rank = (np.array(one, np.float64) for one in lists)
    return Importance(share, spread, rank, explained, n)


def important(study: Studied, found: Importance, params: Sequence[Param]) -> Drawing:
    """How much each param matters for the first objective, with how far to trust it."""
    order = np.argsort(-found.share, kind="stable").tolist()
    rows = [
        {
            "name": params[at].name,
            "value": float(found.share[at]),
            "lo": float(max(0.0, found.share[at] - 1.96 * found.spread[at])),
            "hi": float(found.share[at] + 1.96 * found.spread[at]),
            "c": PALETTE[0],
        }
        for at in order
    ]
    first = params[order[0]].name
    label = study.objectives[0].label
    trust = "" if found.explained > 0.3 else " That is little: do not read much into the order."
    alt = f"Importance of {text.plural(len(params), 'param')} for {label}: {first} matters most, with {found.share[order[0]]:.0%}."
    caption = (
        f"Permutation importance for the rank of {label}, by a random forest over {text.plural(found.n, 'complete trial')}; lines: 95 % over trees. "
        f"Of trials it did not see the forest explains {found.explained:.0%} (held-out R² {found.explained:.2f}).{trust}"
    )
    table = [
        [params[at].name, float(found.share[at]), "" if np.isnan(found.rank[at]) else float(found.rank[at])]
        for at in order
    ]
    spec = bars.spec("importance (shares)", [row["name"] for row in rows])
    columns = ("param", "importance", f"rank correlation with {label}")
    return Drawing("importance", "Which params matter", alt, caption, spec, {"bars": rows}, columns, table)


def slices(study: Studied, names: Sequence[str], order: Sequence[Param]) -> list[Drawing]:
    """The first objective over each param, those that matter first."""
    objective = study.objectives[0].label
    drawings = []
    for place, one in enumerate(order[:SLICES]):
        at = [n for n in study.complete if np.isfinite(one.values[n])]
        if len(at) < 2:
            continue
        shown = _shown(one)
        rows = [
            {
                "x": shown[n],
                "y": float(study.values[0][n]),
                "trial": study.numbers[n],
                "name": names[n],
            }
            for n in at
        ]
        alt = f"{objective} over {one.name} for {text.plural(len(at), 'complete trial')}."
        table = [[row["trial"], row["x"], row["y"]] for row in rows]
        drawings.append(
            Drawing(
                f"slice-{place}",
                one.name,
                alt,
                "",
                space.slice_(_axis(one), objective),
                {"trials": rows},
                ("trial", one.name, objective),
                table,
            )
        )
    return drawings


def two(study: Studied, names: Sequence[str], order: Sequence[Param]) -> list[Drawing]:
    """The two params that matter most: where good trials lie, and the mean per cell; nothing without two params."""
    if len(order) < 2:
        return []
    x, y = order[0], order[1]
    places = dict(zip(study.complete, rank_of(study).tolist(), strict=True))
    at = [n for n in study.complete if np.isfinite(x.values[n]) and np.isfinite(y.values[n])]
    if len(at) < 4:
        return []
    label = study.objectives[0].label
    across, up = _shown(x), _shown(y)
    rows = [
        {
            "x": across[n],
            "y": up[n],
            "rank": places[n],
            "value": float(study.values[0][n]),
            "trial": study.numbers[n],
            "name": names[n],
        }
        for n in at
    ]
    told = f"{x.name} and {y.name} of {text.plural(len(at), 'complete trial')}"
    columns = ("trial", x.name, y.name, label)
    table = [[row["trial"], row["x"], row["y"], row["value"]] for row in rows]
    first = Drawing(
        "rank",
        f"{y.name} over {x.name}",
        f"{told}, coloured by the rank of their {label}.",
        f"Colour: the trial's rank by {label}, 0 % is the best.",
        space.rank(_axis(x), _axis(y), label),
        {"trials": rows},
        columns,
        table,
    )
    smooth = [] if x.words or y.words or len(at) < LEAST_SURFACE else _contour(study, x, y, at, names)
    return [first, _heat(study, x, y, at, told), *smooth]


def _contour(study: Studied, x: Param, y: Param, at: Sequence[int], names: Sequence[str]) -> list[Drawing]:
    """The smoothed objective over two params of numbers; nothing where one of them never changes."""
    label = study.objectives[0].label
    values = study.values[0][list(at)]
    places = [_Scaled(one, at) for one in (x, y)]
    if not all(one.reach > 0 for one in places):
        return []
    found = surface(places[0].share, places[1].share, values, kinds.CELLS)
    cells = [
        {**places[0].ends("x", i), **places[1].ends("y", j), "mean": mean}
        for i, j, mean in zip(found.i.tolist(), found.j.tolist(), found.mean.tolist(), strict=True)
    ]
    dots = [
        {
            "x": float(x.values[n]),
            "y": float(y.values[n]),
            "name": names[n],
            "c": "#1b2129",
            "o": 0.9,
            "trial": study.numbers[n],
        }
        for n in at
    ]
    told = f"{x.name} and {y.name}"
    trust = "" if found.explained > 0.1 else " That is nothing: do not read shapes into it."
    return [
        Drawing(
            "contour",
            f"Smoothed {label} over {told}",
            f"Smoothed {label} over {told}, from {text.plural(len(at), 'complete trial')}; empty where no trial is near.",
            f"Dots are trials. The surface is their Gaussian-kernel mean, empty where none is near; of trials left out it explains R² {found.explained:.2f}.{trust}",
            kinds.titled_contour((x.name, x.log), (y.name, y.log), label),
            {"cells": cells, "runs": dots},
            ("trial", x.name, y.name, label),
            [[study.numbers[n], float(x.values[n]), float(y.values[n]), float(study.values[0][n])] for n in at],
        )
    ]


class _Scaled:
    """One param of numbers scaled to 0..1 over the trials at hand."""

    def __init__(self, one: Param, at: Sequence[int]) -> None:
        self.log = one.log
        bent = np.log10(one.values[list(at)]) if one.log else one.values[list(at)]
        self.low, self.reach = float(bent.min()), float(np.ptp(bent))
        self.share = (bent - self.low) / (self.reach or 1.0)

    def ends(self, name: str, cell: int) -> dict[str, float]:
        """The borders of a cell in the param's own values; it reaches a little into the next, or the ground would show between."""
        bent = [self.low + self.reach * min(1.0, place / kinds.CELLS) for place in (cell, cell + 1.08)]
        low, high = (10.0**one if self.log else one for one in bent)
        return {name: low, f"{name}2": high}


def _heat(study: Studied, x: Param, y: Param, at: Sequence[int], told: str) -> Drawing:
    label = study.objectives[0].label
    cells: dict[tuple[int, int], list[float]] = {}
    columns, rows_ = _Cells(x, at), _Cells(y, at)
    for place, n in enumerate(at):
        cells.setdefault((columns.index[place], rows_.index[place]), []).append(float(study.values[0][n]))
    rows = []
    for (column, row), values in sorted(cells.items()):
        rows.append(
            {**columns.ends("x", column), **rows_.ends("y", row), "mean": float(np.mean(values)), "n": len(values)}
        )
    table = [[columns.words(c), rows_.words(r), float(np.mean(v)), len(v)] for (c, r), v in sorted(cells.items())]
    return Drawing(
        "heat",
        f"Mean {label} over {x.name} and {y.name}",
        f"Mean {label} over a grid of {told}; cells without a trial are empty.",
        f"{text.plural(len(rows), 'cell')} with a trial of {columns.count * rows_.count}; the others are left empty, nothing is interpolated.",
        space.heat(_axis(x), _axis(y), label),
        {"cells": rows},
        (x.name, y.name, f"mean {label}", "trials"),
        table,
    )


class _Cells:
    """One param cut into cells: `index` (trials at hand) the cell of each, `count` how many there are."""

    def __init__(self, one: Param, at: Sequence[int]) -> None:
        self.one = one
        values = one.values[list(at)]
        self.bent = np.log10(values) if one.log else values
        unique = np.unique(self.bent)
        if one.words:
            self.count, self.edges = len(one.words), np.arange(len(one.words) + 1.0)
        else:
            self.count = int(min(BINS, len(unique)))
            self.edges = self._edges(unique)
        self.index = np.clip(np.searchsorted(self.edges, self.bent, side="right") - 1, 0, self.count - 1).tolist()

    def _edges(self, unique: Floats) -> Floats:
        """Equal cells; between the values of a param that has only a few of them, borders lie half way."""
        if len(unique) > BINS or len(unique) < 2:
            return np.linspace(unique[0], unique[-1] if len(unique) > 1 else unique[0] + 1, self.count + 1)
        middle = (unique[1:] + unique[:-1]) / 2
        return np.concatenate([[2 * unique[0] - middle[0]], middle, [2 * unique[-1] - middle[-1]]])

    def ends(self, name: str, cell: int) -> dict[str, Any]:
        """The fields of a cell's row."""
        if self.one.words:
            return {name: self.one.words[cell]}
        low, high = self.edges[cell : cell + 2]
        return {name: float(10**low if self.one.log else low), f"{name}2": float(10**high if self.one.log else high)}

    def words(self, cell: int) -> str:
        """A cell as text."""
        ends = list(self.ends("x", cell).values())
        return str(ends[0]) if len(ends) == 1 else f"{text.number(ends[0])} to {text.number(ends[1])}"


def coordinates(study: Studied, names: Sequence[str], order: Sequence[Param]) -> dict[str, Any] | None:
    """Parallel coordinates: the still picture, its sentence, and the data the page's script draws from."""
    ended = [n for n in range(len(study.runs)) if study.states[n] != "waiting"]
    params = [one for one in order if np.isfinite(one.values[ended]).any()][: AXES - len(study.objectives)]
    if len(params) < 2 or len(study.complete) < 2:
        return None
    scales = [parallel.Scale(one.name, one.values[ended], one.words, one.log) for one in params]
    for one, values in zip(study.objectives, study.values, strict=True):
        finite = np.where(np.isfinite(values), values, np.nan)
        scales.append(parallel.Scale(one.label, finite[ended]))
    shade = np.full(len(study.runs), np.nan)
    shade[study.complete] = rank_of(study)
    label = study.objectives[0].label
    alt = f"Parallel coordinates of {text.plural(len(ended), 'trial')} over {text.plural(len(params), 'param')} and {label}; amber lines are the best."
    axes = [
        {
            "name": one.name,
            "words": list(one.words),
            "log": one.log,
            "values": [None if value != value else value for value in one.values.tolist()],
        }
        for one in scales
    ]
    return {
        "svg": parallel.picture(scales, shade[ended], alt=alt),
        "alt": alt,
        "data": {
            "axes": axes,
            "shade": [None if value != value else round(value, 4) for value in shade[ended].tolist()],
            "names": [names[n] for n in ended],
            "trials": [study.numbers[n] for n in ended],
            "states": [study.states[n] for n in ended],
            "ramp": list(space.RAMP),
            "alt": alt,
        },
    }


def _axis(one: Param) -> space.Axis:
    return space.Axis(one.name, one.words, one.log)


def _shown(one: Param) -> list[Any]:
    return [None if value != value else one.words[int(value)] if one.words else value for value in one.values.tolist()]

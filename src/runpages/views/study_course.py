"""How a search went, as drawings: history, share of trials, time, and the front of several objectives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np

from runpages.charts import trials
from runpages.frames import RunSet
from runpages.model import Floats
from runpages.studies import Objective, Studied
from runpages.studies.course import best_so_far, front_of, losses_of, reference_of, shares, volumes
from runpages.studies.front import hypervolume
from runpages.views import text

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart of a page: its key in the data file, title, sentence, caption, spec, datasets, and its numbers as a table."""

    key: str
    title: str
    alt: str
    caption: str
    spec: Mapping[str, Any]
    data: Mapping[str, Rows]
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Any]] = field(default_factory=list)


def course(study: Studied, runs: RunSet, names: Sequence[str]) -> list[Drawing]:
    """The drawings, the front first when there are several objectives."""
    drawings: list[Drawing] = []
    if len(study.objectives) > 1:
        drawings += fronts(study, names)
    drawings += [_history(study, at, names) for at in range(len(study.objectives))]
    drawings += [_edf(study, at) for at in range(len(study.objectives)) if len(study.complete) > 1]
    timeline = _timeline(study, runs, names)
    return [*drawings, *([timeline] if timeline else [])]


def _history(study: Studied, at: int, names: Sequence[str]) -> Drawing:
    objective = study.objectives[at]
    values, best = study.values[at], best_so_far(study, at)
    shown = np.where(np.isnan(values), study.reported, values) if len(study.objectives) == 1 else values
    every = range(len(study.runs))
    rows: Rows = [
        {"trial": study.numbers[n], "value": float(shown[n]), "state": study.states[n], "name": names[n]}
        for n in every
        if np.isfinite(shown[n]) and (study.states[n] != "complete" or np.isfinite(values[n]))
    ]
    lost: Rows = [
        {"trial": study.numbers[n], "state": study.states[n], "name": names[n]}
        for n in every
        if not np.isfinite(shown[n])
    ]
    line = [{"trial": study.numbers[n], "value": float(best[n])} for n in every if np.isfinite(best[n])]
    count = {state: study.states.count(state) for state in trials.STATES}
    ended = ", ".join(f"{amount:,} {state}" for state, amount in count.items() if amount)
    reached = f"; the best, trial {_best(study, at)}, reaches {text.number(_top(best))}" if line else ""
    alt = f"{objective.label} of {text.plural(len(study.runs), 'trial')} in their order ({ended}){reached}."
    caption = f"Line: best so far ({_word(objective)})."
    if any(row["state"] != "complete" for row in rows):
        caption += " Trials that did not finish stand at the last value they reported."
    if lost:
        caption += f" {text.plural(len(lost), 'trial')} without a finite value at the lower edge."
    table = [[study.numbers[n], study.states[n], _cell(values[n]), _cell(best[n])] for n in every]
    key = "history" if at == 0 else f"history-{at}"
    columns = ("trial", "state", objective.label, "best so far")
    return Drawing(
        key,
        f"History of {objective.label}",
        alt,
        caption,
        trials.history(objective.label, sorted({str(row["state"]) for row in [*rows, *lost]})),
        {"trials": rows, "best": line, "lost": lost},
        columns,
        table,
    )


def _top(best: Floats) -> float:
    real = best[np.isfinite(best)]
    return float(real[-1]) if len(real) else float("nan")


def _best(study: Studied, at: int) -> int:
    complete = study.complete
    values = study.objectives[at].sign * study.values[at][complete]
    return study.numbers[complete[int(np.argmin(values))]] if complete else -1


def _word(objective: Objective) -> str:
    return "higher is better" if objective.direction == "max" else "lower is better"


def _edf(study: Studied, at: int) -> Drawing:
    objective = study.objectives[at]
    values, share = shares(study, at)
    rows = [{"value": float(v), "share": float(s)} for v, s in zip(values, share, strict=True)]
    median = float(np.median(study.values[at][study.complete]))
    alt = f"Share of {text.plural(len(study.complete), 'complete trial')} with {objective.label} at or below a value; half of them reach {text.number(median)}."
    return Drawing(
        "edf" if at == 0 else f"edf-{at}",
        f"Share of trials by {objective.label}",
        alt,
        "Empirical distribution of complete trials.",
        trials.edf(objective.label),
        {"share": [{"value": float(values[0]), "share": 0.0}, *rows]},
        (objective.label, "share at or below"),
        [[row["value"], row["share"]] for row in rows],
    )


def _timeline(study: Studied, runs: RunSet, names: Sequence[str]) -> Drawing | None:
    rows: Rows = []
    for place, number in enumerate(study.runs):
        run = runs.members[number].head.run
        if run.started is None or run.ended is None or not 0 <= run.ended - run.started < np.inf:
            continue
        took = text.duration(run.ended - run.started)
        rows.append(
            {
                "trial": study.numbers[place],
                "start": run.started * 1000,
                "end": run.ended * 1000,
                "state": study.states[place],
                "name": names[place],
                "took": took,
            }
        )
    if len(rows) < 2:
        return None
    whole = (max(row["end"] for row in rows) - min(row["start"] for row in rows)) / 1000
    alt = f"When each of {text.plural(len(rows), 'trial')} ran; {text.duration(whole)} from the first start to the last end."
    missing = len(study.runs) - len(rows)
    caption = f"{text.plural(missing, 'trial')} without both times not shown." if missing else ""
    table = [[row["trial"], row["state"], text.date(row["start"] / 1000), row["took"]] for row in rows]
    return Drawing(
        "timeline",
        "Timeline",
        alt,
        caption,
        trials.timeline(len(rows), sorted({str(row["state"]) for row in rows})),
        {"spans": rows},
        ("trial", "state", "started", "duration"),
        table,
    )


def fronts(study: Studied, names: Sequence[str]) -> list[Drawing]:
    """The front of each pair of objectives, then the volume behind it after each trial; nothing without a complete trial."""
    if len(study.complete) < 2:
        return []
    best = set(front_of(study))
    reference = reference_of(study)
    pairs = [
        _pair(study, a, b, best, reference, names) for a, b in list(combinations(range(len(study.objectives)), 2))[:6]
    ]
    return [*pairs, _volume(study, reference)]


def _pair(study: Studied, a: int, b: int, best: set[int], reference: Floats, names: Sequence[str]) -> Drawing:
    one, other = study.objectives[a], study.objectives[b]
    points = [
        {
            "x": float(study.values[a][n]),
            "y": float(study.values[b][n]),
            "front": "yes" if n in best else "no",
            "trial": study.numbers[n],
            "name": names[n],
        }
        for n in study.complete
    ]
    edge = sorted((row["x"], row["y"]) for row in points if row["front"] == "yes") if len(study.objectives) == 2 else []
    signs = np.array([each.sign for each in study.objectives])
    volume = hypervolume(losses_of(study), signs * reference)
    at = ", ".join(
        f"{each.label} {text.number(float(value))}" for each, value in zip(study.objectives, reference, strict=True)
    )
    alt = f"{other.label} over {one.label} of {text.plural(len(points), 'complete trial')}, {len(best)} of them beaten by none; hypervolume {text.number(volume)}."
    caption = f"{one.label}: {_word(one)}; {other.label}: {_word(other)}. Hypervolume {text.number(volume)} from the reference point ({at}), the worst values seen, drawn as a cross."
    table = [[row["trial"], row["x"], row["y"], row["front"]] for row in points]
    return Drawing(
        "front" if (a, b) == (0, 1) else f"front-{a}-{b}",
        f"{other.label} over {one.label}",
        alt,
        caption,
        trials.pareto(one.label, other.label, high=one.direction == "max"),
        {
            "points": points,
            "edge": [{"x": x, "y": y, "i": i} for i, (x, y) in enumerate(edge)],
            "reference": [{"x": float(reference[a]), "y": float(reference[b]), "what": "reference point"}],
        },
        ("trial", one.label, other.label, "beaten by none"),
        table,
    )


def _volume(study: Studied, reference: Floats) -> Drawing:
    after = volumes(study, reference)
    rows = [
        {"trial": study.numbers[n], "value": float(value)}
        for n, value in zip(study.complete, after, strict=True)
        if np.isfinite(value)
    ]
    alt = f"Hypervolume behind the front after each of {text.plural(len(rows), 'complete trial')}; {text.number(float(after[-1]))} at the end."
    return Drawing(
        "volume",
        "Hypervolume",
        alt,
        "Measured from the same reference point.",
        trials.volume("hypervolume"),
        {"best": rows},
        ("trial", "hypervolume"),
        [[row["trial"], row["value"]] for row in rows],
    )


def _cell(value: float) -> Any:
    return float(value) if np.isfinite(value) else "" if np.isnan(value) else "inf" if value > 0 else "-inf"

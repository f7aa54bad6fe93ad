"""The pages of searches: a list of all studies, and per study what was searched, what was found, and every trial."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from runpages.charts import static
from runpages.frames import RunSet
from runpages.remember import Remembered
from runpages.studies import Param, Studied
from runpages.studies.course import front_of
from runpages.views import text
from runpages.views.study_course import Drawing, course
from runpages.views.study_space import coordinates, important, slices, two, weigh
from runpages.views.table import run_ref

SHOWN = 200  # rows of a table in the page; the data file has all


@dataclass(frozen=True, slots=True)
class StudyPage:
    """A study's page: what the template shows, and the data its charts are drawn from."""

    view: Mapping[str, Any]
    data: Mapping[str, Any]


def studies_view(studies: Sequence[Studied], data: Mapping[str, Any], titles: Mapping[str, str]) -> dict[str, Any]:
    """What the template `studies` shows: one line per study."""
    rows = []
    for one in studies:
        best = _best(one)
        rows.append(
            {
                "name": text.shortened(one.name, 60),
                "page": f"studies/{one.slug}.html",
                "tracker": titles.get(one.tracker, one.tracker),
                "made": one.made,
                "trials": len(one.runs),
                "complete": len(one.complete),
                "params": len(one.params),
                "objective": text.listed([each.label for each in one.objectives]),
                "direction": one.objectives[0].direction if len(one.objectives) == 1 else "",
                "best": text.number(float(one.values[0][best])) if best is not None else text.NONE,
                "front": len(front_of(one)) if len(one.objectives) > 1 else 0,
                "run": run_ref(data, one.runs[best]) if best is not None and len(one.objectives) == 1 else None,
            }
        )
    return {"root": "", "studies": rows}


def study_page(
    study: Studied, runs: RunSet, data: Mapping[str, Any], titles: Mapping[str, str], remembered: Remembered
) -> StudyPage:
    """One study's page."""
    names = [str(run_ref(data, number)["name"]) for number in study.runs]
    found, weighed, why = weigh(study, remembered)
    order = _order(study.params, weighed, found.share.tolist() if found else [])
    lines = course(study, runs, names)
    matters = [important(study, found, weighed)] if found else []
    both, single = two(study, names, order), slices(study, names, order)
    across = coordinates(study, names, order)
    drawings = [*lines, *matters, *both, *single]
    view = {
        "root": "../",
        "name": text.shortened(study.name, 80),
        "data": f"studies/{study.slug}",
        "sentence": _sentence(study, titles),
        "facts": _facts(study),
        "course": [_figure(one, study, remembered) for one in lines],
        "intermediate": _intermediate(study, data),
        "importance": [_figure(one, study, remembered) for one in matters],
        "why_not": why,
        "parallel": across and {"svg": across["svg"], "alt": across["alt"]},
        "two": [_figure(one, study, remembered) for one in both],
        "slices": [_figure(one, study, remembered) for one in single],
        "trials": _trials(study, data),
    }
    charts = {one.key: {"title": one.title, "spec": _spec(one), "data": one.data, "alt": one.alt} for one in drawings}
    return StudyPage(view, {"name": study.name, "charts": charts, "parallel": across and across["data"]})


def _best(study: Studied) -> int | None:
    complete = study.complete
    if not complete:
        return None
    return complete[int(np.argmin(study.objectives[0].sign * study.values[0][complete]))]


def _order(params: Sequence[Param], weighed: Sequence[Param], share: Sequence[float]) -> list[Param]:
    """Those that matter first; before anything is known, numbers before words."""
    weight = {one.name: value for one, value in zip(weighed, share, strict=False)}
    return sorted(params, key=lambda one: (-weight.get(one.name, -1.0), bool(one.words)))


def _sentence(study: Studied, titles: Mapping[str, str]) -> str:
    """What was searched, by whom, and what came out."""
    tracker = titles.get(study.tracker, study.tracker)
    made = f"A study of {tracker}" if study.made == "tracker" else f"A group of {tracker} runs, read as a search"
    wanted = text.listed(
        [f"{'highest' if one.direction == 'max' else 'lowest'} {one.label}" for one in study.objectives]
    )
    told = f"{made}: {text.plural(len(study.runs), 'trial')} over {text.plural(len(study.params), 'param')} for the {wanted}"
    best = _best(study)
    if best is None:
        return f"{told}; none of them is complete."
    if len(study.objectives) > 1:
        return f"{told}; {len(front_of(study))} of {len(study.complete)} complete ones are beaten by none."
    return f"{told}; the best is {text.number(float(study.values[0][best]))} (trial {study.numbers[best]})."


def _facts(study: Studied) -> list[list[str]]:
    count = {state: study.states.count(state) for state in dict.fromkeys(study.states)}
    facts = [["trials", ", ".join(f"{amount:,} {state}" for state, amount in count.items())]]
    facts += [["sampler", study.sampler]] if study.sampler else []
    facts += [["pruner", study.pruner]] if study.pruner else []
    return facts


def _figure(one: Drawing, study: Studied, remembered: Remembered) -> dict[str, Any]:
    spec = _spec(one)
    about = json.dumps([one.key, study.slug, spec, one.data, one.alt], default=str)
    prefix = f"rp-{one.key}"
    svg = remembered.text(
        "figure",
        [about.encode("utf-8", "surrogatepass")],
        lambda: static.svg(spec, _safe(one.data), alt=one.alt, id_prefix=prefix),
    )
    rows = [[text.number(cell) if isinstance(cell, float) else cell for cell in row] for row in one.rows[:SHOWN]]
    return {
        "key": one.key,
        "embed": f"embed/{study.slug}-{one.key}.html",
        "title": one.title,
        "alt": one.alt,
        "caption": one.caption,
        "svg": svg,
        "columns": list(one.columns),
        "rows": rows,
        "more": max(0, len(one.rows) - SHOWN),
    }


def _spec(one: Drawing) -> dict[str, Any]:
    """The spec without the layers that have no rows: they are only weight, and their empty extents a warning."""
    if "layer" not in one.spec:
        return dict(one.spec)
    return {
        **one.spec,
        "layer": [layer for layer in one.spec["layer"] if "data" not in layer or one.data[layer["data"]["name"]]],
    }


def _safe(data: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Names as the drawing library takes them: half a character of a broken name replaced."""
    return {
        name: [
            {
                key: value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
                for key, value in row.items()
            }
            for row in rows
        ]
        for name, rows in data.items()
    }


def _intermediate(study: Studied, data: Mapping[str, Any]) -> dict[str, Any] | None:
    """What trials reported on their way, as a chart of curves like those of Compare."""
    if not study.curve:
        return None
    column = next((one for one in data["columns"] if one["id"] == f"metric:{study.curve}" and one.get("curve")), None)
    if column is None:
        return None
    have = [n for n in study.runs if column["values"]["last"][n] is not None]
    unfinished = sum(study.states[at] != "complete" for at, n in enumerate(study.runs) if n in set(have))
    label = "Values reported on the way" if study.curve == "intermediate_value" else f"{study.curve} on the way"
    alt = f"Line chart of what {text.plural(len(have), 'trial')} reported over {column['step_name']}; {unfinished} of them did not finish."
    return {
        "metric": column["label"],
        "curve": column["curve"],
        "title": label,
        "caption": f"{text.plural(len(have), 'trial')}, {unfinished} of them pruned, failed or still running: their lines end early.",
        "alt": alt,
        "runs": have,
        "svg": "",
        "src": "",
        "width": 0,
        "height": 0,
    }


def _trials(study: Studied, data: Mapping[str, Any]) -> dict[str, Any]:
    """Every trial, the best first; then those without a value in their order."""
    losses = study.objectives[0].sign * study.values[0]
    order = sorted(
        range(len(study.runs)),
        key=lambda n: (losses[n] != losses[n], losses[n] if losses[n] == losses[n] else 0, n),
    )
    rows = [
        {
            "run": run_ref(data, study.runs[n]),
            "number": study.numbers[n],
            "state": study.states[n],
            "values": [text.number(float(v)) if v == v else text.NONE for v in study.values[:, n]],
            "params": [_param(one, n) for one in study.params],
        }
        for n in order[:SHOWN]
    ]
    return {
        "objectives": [one.label for one in study.objectives],
        "params": [one.name for one in study.params],
        "rows": rows,
        "more": max(0, len(order) - SHOWN),
    }


def _param(one: Param, n: int) -> str:
    value = float(one.values[n])
    if value != value:
        return text.NONE
    return text.shortened(one.words[int(value)], 40) if one.words else text.number(value)

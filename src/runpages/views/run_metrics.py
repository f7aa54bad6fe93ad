"""The numbers of one run: the figures at the top, the table of its metrics by prefix, its charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from runpages.charts import quick
from runpages.frames import Line
from runpages.model import Head, Run, Stat
from runpages.views import text
from runpages.views.run_facts import ordinal
from runpages.views.run_layout import sectioned
from runpages.views.run_machine import machine_charts, system
from runpages.views.table import prefix

FIGURES = 4
PICTURES = 2
OPEN_CHARTS = 6
ROWS = 300
REDUCERS = ("last", "best", "min", "max", "mean", "first")
Columns = Mapping[str, Mapping[str, Any]]


def figures(head: Head, columns: Columns, ranks: Mapping[str, Sequence[int]], group: str) -> list[dict[str, Any]]:
    """The main metrics' values in large: the best where better is known, with the step and the rank among its group."""
    shown = [label for label in columns if label in head.stats and not system(label)]
    told = [label for label in shown if columns[label]["direction"]] or shown
    return [_figure(label, head.stats[label], columns[label], ranks.get(label), group) for label in told[:FIGURES]]


def _figure(
    label: str, stat: Stat, column: Mapping[str, Any], rank: Sequence[int] | None, group: str
) -> dict[str, Any]:
    which = column["direction"]
    value, step = _best(stat, which)
    what = {"max": "highest", "min": "lowest", "": "last"}[which]
    told = f"{what}, at {column['step_name']} {text.count(step)}" if stat.count > 1 else ""
    place = "" if rank is None else f"{ordinal(rank[0])} of {text.count(rank[1])}" + (" in its group" if group else "")
    return {
        "label": label,
        "value": text.number(value),
        "full": text.full(value),
        "told": told,
        "rank": place,
        "first": bool(rank and rank[0] == 1),
    }


def _best(stat: Stat, which: str) -> tuple[float, int]:
    if which == "max":
        return stat.max, stat.argmax_step
    if which == "min":
        return stat.min, stat.argmin_step
    return stat.last, stat.last_step


def metrics_view(head: Head, columns: Columns, lines: Mapping[str, Line]) -> dict[str, Any]:
    """`sections` of rows by prefix, the machine's own apart in `system`; `left_out` counts what the page has no room for."""
    labels = [label for label in columns if label in head.stats]
    labels += [label for label in head.stats if label not in columns]
    found: dict[str, list[dict[str, Any]]] = {}
    machine: list[dict[str, Any]] = []
    for label in labels[:ROWS]:
        row = _row(label, head.stats[label], columns.get(label, {}), lines.get(label))
        if system(label):
            machine.append(row)
        else:
            found.setdefault(prefix(label), []).append(row)
    sections = [{"name": name, "rows": rows} for name, rows in found.items()]
    bad = any(row["bad"] for rows in (machine, *found.values()) for row in rows)
    return {
        "sections": sections,
        "system": machine,
        "bad": bad,
        "total": len(labels),
        "left_out": max(0, len(labels) - ROWS),
    }


def _row(label: str, stat: Stat, column: Mapping[str, Any], line: Line | None) -> dict[str, Any]:
    which = column.get("direction", "")
    best, step = _best(stat, which)
    values = {
        "last": stat.last,
        "best": best if which else None,
        "min": stat.min,
        "max": stat.max,
        "mean": stat.mean,
        "first": stat.first,
    }
    bad = [
        text.plural(amount, word, word) for amount, word in ((stat.nan_count, "nan"), (stat.inf_count, "inf")) if amount
    ]
    return {
        "label": label,
        "direction": which,
        "spark": "" if line is None else quick.tiny(line.values),
        "cells": _cells(list(values.values())),
        "step": text.count(step) if which else "",
        "at": _at(stat),
        "step_name": column.get("step_name", "step"),
        "last_step": text.count(stat.last_step),
        "count": text.count(stat.count),
        "bad": ", ".join(bad),
    }


def _at(stat: Stat) -> str:
    """Where the lowest, the highest and the first value stand: what a reader asks for who wants to find a number's source."""
    return f"{stat.argmin_step} {stat.argmax_step} {stat.first_step}" if stat.count > 1 else ""


def _cells(values: Sequence[float | None]) -> list[list[str]]:
    """Each number as shown, and in full where that says more; the best is often the last or the least, so written once."""
    known: dict[str, list[str]] = {"None": ["", ""]}
    for value in values:
        full = repr(value)
        if full not in known:
            shown = text.number(value)
            known[full] = [shown, "" if full in (shown, f"{shown}.0") else full]
    return [known[repr(value)] for value in values]


def charts_view(
    number: int, ref: Mapping[str, Any], columns: Columns, lines: Mapping[str, Line], run: Run
) -> dict[str, Any]:
    """A chart per metric with a curve: in the `sections` of the run's own layout, `first` on the page (two of them with a picture), `more` folded, `system` folded.

    The machine's are pictures over the time of the training; those without times are drawn over their own steps."""
    charts = []
    pictures = 0
    for label, column in columns.items():
        line = lines.get(label)
        if line is None or not column["curve"]:
            continue
        drawn = pictures < PICTURES and not system(label)
        chart = _chart(number, ref, label, column, line, drawn)
        pictures += bool(chart["svg"])
        charts.append(chart)
    own = [chart for chart in charts if not system(chart["metric"])]
    parts, own = sectioned(own, run)
    machine = machine_charts(run, ref)
    timed = {chart["metric"] for chart in machine}
    return {
        **({"sections": parts} if parts else {}),
        "first": own[:OPEN_CHARTS],
        "more": own[OPEN_CHARTS:],
        "left_out": 0,
        "machine": machine,
        "system": [chart for chart in charts if system(chart["metric"]) and chart["metric"] not in timed],
    }


def _chart(
    number: int, ref: Mapping[str, Any], label: str, column: Mapping[str, Any], line: Line, drawn: bool
) -> dict[str, Any]:
    step_name = column["step_name"]
    alt = f"Line chart of {label} over {step_name}, {text.plural(line.count, 'point')}, from {text.number(float(line.values[0]))} to {text.number(float(line.values[-1]))}."
    band = None if line.low is None or line.high is None else (line.low, line.high)
    svg = ""
    if drawn:
        svg = quick.course(
            line.steps.astype("float64"),
            line.values,
            band=band,
            alt=alt,
            x_title=step_name,
            color=ref["color"],
            dash=ref["dash"],
        )
    caption = (
        ""
        if band is None
        else f"Means of {text.plural(len(line.steps), 'bucket')} of {text.plural(line.count, 'point')}; the band runs from the lowest to the highest."
    )
    return {
        "metric": label,
        "curve": column["curve"],
        "title": label,
        "caption": caption,
        "alt": alt,
        "svg": svg,
        "run": number,
    }

"""The page of evaluation: matrices and curves of all runs by key, the best first."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from runpages.charts import curve_xy, overlay
from runpages.model import Floats
from runpages.views import text
from runpages.views.evaluation import AXES, POINTS, Found
from runpages.views.table import run_ref

FIRST = 4  # matrices of one key before JavaScript
MATRICES = 60  # of one key in the data
LINES = 20  # curves over each other
SHADES = 8
TITLES = {"roc": "ROC curve", "pr": "Precision and recall", "calibration": "Calibration"}
VALUES = {"roc": "area", "pr": "average precision", "calibration": "Brier score"}
_PLACE = re.compile(r"^(?:.*/)?plots/(?:sklearn/|metrics/)?")


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Something found in a run's files, and the run's number."""

    run: int
    found: Found


def evaluation_page(some: Sequence[Evaluated], data: Mapping[str, Any]) -> dict[str, Any]:
    """What the template `evaluation` shows, and as `data` what its script needs."""
    matrices = [_matrices(key, members, data) for key, members in _by_key(some, matrices=True).items()]
    curves = [_curves(key, members, data) for key, members in _by_key(some, matrices=False).items()]
    matrices.sort(key=lambda group: (-len(group["all"]), group["key"]))
    curves.sort(key=lambda group: (-len(group["lines"]), group["key"], group["kind"]))
    return {"root": "", "matrices": matrices, "curves": curves, "runs": len({one.run for one in some})}


def evaluation_data(page: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The data file `evaluation`: per key of a matrix its labels and the cells of each run, best first."""
    return [{"key": group["key"], "labels": group["labels"], "runs": group["all"]} for group in page["matrices"]]


def _by_key(some: Iterable[Evaluated], *, matrices: bool) -> dict[tuple[str, ...], dict[int, Found]]:
    """The last of each run by kind, key and classes."""
    groups: dict[tuple[str, ...], dict[int, Found]] = {}
    for one in some:
        found = one.found
        if (found.cells is not None) != matrices:
            continue
        key = (found.kind, _PLACE.sub("", found.key), *found.labels)
        members = groups.setdefault(key, {})
        before = members.get(one.run)
        if before is None or (found.step or 0) >= (before.step or 0):
            members[one.run] = found
    return groups


def _matrices(key: tuple[str, ...], members: Mapping[int, Found], data: Mapping[str, Any]) -> dict[str, Any]:
    labels = list(key[2:])
    every = [_matrix(run, found) for run, found in members.items()]
    every.sort(key=lambda one: (-one["accuracy"], one["run"]))
    shown = [
        {
            "ref": run_ref(data, one["run"]),
            "said": _said(one),
            "rows": [[label, _shaded(row)] for label, row in zip(labels, np.array(one["cells"]), strict=True)],
        }
        for one in every[:FIRST]
    ]
    return {
        "key": key[1],
        "labels": [text.shortened(label, 24) for label in labels],
        "first": shown,
        "total": len(every),
        "all": every[:MATRICES],
    }


def _matrix(run: int, found: Found) -> dict[str, Any]:
    assert found.cells is not None
    total = float(found.cells.sum())
    counts = bool((found.cells == np.round(found.cells)).all())
    rows = found.cells.sum(axis=1)
    # of shares by class each row says as much as another: the accuracy of classes is all that is known
    right = np.diag(found.cells) / np.where(rows > 0, rows, np.nan)
    accuracy = float(np.trace(found.cells)) / total if counts else float(np.nanmean(right))
    cells = [[int(cell) if counts else round(float(cell), 6) for cell in row] for row in found.cells]
    return {"run": run, "step": found.step, "cells": cells, "counts": counts, "accuracy": round(accuracy, 12)}


def _said(one: Mapping[str, Any]) -> str:
    """One line below a matrix: how many are right, of how many, at which step."""
    total = sum(map(sum, one["cells"]))
    what = f"{text.number(one['accuracy'])} right of {text.count(total)}" if one["counts"] else f"{text.number(one['accuracy'])} right by class"  # fmt: skip
    return what + ("" if one["step"] is None else f", step {text.count(one['step'])}")


def _shaded(row: Floats) -> list[list[Any]]:
    """Each cell's text and its shade by its share of the row."""
    total = float(row.sum())
    return [[text.number(_whole(cell)), round(cell / total * SHADES) if total else 0] for cell in row.tolist()]


def _whole(value: float) -> float | int:
    return int(value) if float(value).is_integer() else value


def _curves(key: tuple[str, ...], members: Mapping[int, Found], data: Mapping[str, Any]) -> dict[str, Any]:
    kind = key[0]
    sign = 1 if kind == "calibration" else -1  # a Brier score is better when low
    values = {run: found.curve.value for run, found in members.items() if found.curve is not None}
    order = sorted(values, key=lambda run: (math.isnan(values[run]), sign * values[run], run))
    lines: list[dict[str, Any]] = []
    drawn = []
    for run in order:
        found, ref = members[run], run_ref(data, run)
        assert found.curve is not None
        value = found.curve.value
        lines.append(
            {
                "ref": ref,
                "value": "" if math.isnan(value) else text.number(value),
                "full": "" if math.isnan(value) else text.full(value),
                "points": text.count(len(found.curve.x)),
                "from": text.plural(found.samples, "sample") if found.samples else "logged points",
                "step": found.step,
            }
        )
        drawn.append(curve_xy.Curve(ref["name"], found.curve.x, found.curve.y, ref["color"], ref["dash"]))
    x_title, y_title = AXES[kind]
    best = f", best {VALUES[kind]} {lines[0]['value']} by {lines[0]['ref']['name']}" if lines[0]["value"] else ""
    alt = f"{TITLES[kind]} {key[1]} of {text.plural(len(lines), 'run')}{best}."
    square = overlay.overlay(
        drawn[:LINES], x_title=x_title, y_title=y_title, alt=alt, diagonal=kind != "pr", dots=kind == "calibration"
    )
    return {
        "kind": kind,
        "key": key[1],
        "title": TITLES[kind],
        "value": VALUES[kind],
        "svg": square,
        "lines": lines,
        "drawn": min(LINES, len(lines)),
        "points": _table(drawn[:LINES]),
        "x": x_title,
        "y": y_title,
    }


def _table(curves: Sequence[curve_xy.Curve]) -> list[list[str]]:
    """Rows name, x, y of what is drawn, a long curve thinned."""
    rows = []
    for curve in curves:
        at = np.unique(np.linspace(0, len(curve.x) - 1, min(len(curve.x), POINTS // len(curves))).round().astype(int))
        rows += [[curve.name, text.number(float(curve.x[i])), text.number(float(curve.y[i]))] for i in at]
    return rows

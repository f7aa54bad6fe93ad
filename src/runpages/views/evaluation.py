"""What runs logged of how well they classify: confusion matrices and ROC, precision-recall and calibration curves.

Points that a run logged are shown as they are; from samples with a label and a score, curves are computed as scikit-learn
computes them. Of several steps of one key the last counts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from runpages.model import Artifact, Floats
from runpages.stats import classification
from runpages.stats.classification import Curve
from runpages.views.run_tables import parsed, table_of

CLASSES = 40  # of a matrix
POINTS = 400  # of a curve in the page's data
FEWEST = 12  # samples: a table of three mistakes is no evaluation
Kind = Literal["confusion", "roc", "pr", "calibration"]
Table = tuple[list[Any], list[list[Any]]]
AXES: Mapping[str, tuple[str, str]] = {
    "roc": ("false positive rate", "true positive rate"),
    "pr": ("recall", "precision"),
    "calibration": ("mean predicted probability", "share of positives"),
}
_ACTUAL = frozenset(
    "actual true truth label labels target targets ytrue groundtruth actualclass trueclass class".split()
)
_PREDICTED = frozenset(
    "predicted pred preds prediction predictions ypred guess guessed predictedclass predictedlabel estimated".split()
)
_COUNT = frozenset("npredictions count counts n number value samples".split())
_SCORE = frozenset("score scores prob probs proba probability probabilities yscore yprob confidence ypredproba".split())
_PAIRS: Mapping[tuple[str, str], Kind] = {
    ("fpr", "tpr"): "roc",
    ("falsepositiverate", "truepositiverate"): "roc",
    ("recall", "precision"): "pr",
    ("probpred", "probtrue"): "calibration",
    ("meanpredictedprobability", "fractionofpositives"): "calibration",
    ("meanpredicted", "fractionpositive"): "calibration",
}


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """One matrix or curve of one artifact: matrices (k, k) with the actual class down and the predicted across."""

    kind: Kind
    key: str
    step: int | None
    labels: tuple[str, ...] = ()
    cells: Floats | None = None
    curve: Curve | None = None
    samples: int = 0  # that a curve was computed from; 0 for logged points


def found_in(artifact: Artifact, content: str) -> list[Found]:
    """Every matrix and curve that the text of an artifact holds."""
    key = _key(artifact)
    if artifact.kind == "curve":
        return _logged_curve(artifact, key, parsed(content))
    value = parsed(content) if content.lstrip()[:1] in ("{", "[") else None
    matrix = _matrix(value, f"{key} {artifact.name} {artifact.caption}")
    if matrix is not None:
        return [Found("confusion", key, artifact.step, *matrix)]
    table = table_of(content, artifact.name) if artifact.kind != "figure" else None
    return [] if table is None else _of_table(table, key, artifact.step)


def _key(artifact: Artifact) -> str:
    name = artifact.key or artifact.name.rpartition("/")[2]
    return re.sub(r"\.(json|csv|tsv|table\.json|plotly\.json)$", "", name) or artifact.name


def _plain(name: object) -> str:
    return re.sub(r"[^a-z]", "", str(name).lower())


# --- curves


def _logged_curve(artifact: Artifact, key: str, value: Any) -> list[Found]:
    if not isinstance(value, Mapping):
        return []
    kind = _curve_kind(f"{key} {artifact.name}", str(value.get("x_name")), str(value.get("y_name")))
    points = [_numbers(value.get(axis)) for axis in ("x", "y")]
    if not kind or len(points[0]) != len(points[1]) or len(points[0]) < 2:
        return []
    return [Found(kind, key, artifact.step, curve=of_points(kind, points[0], points[1]))]


def _curve_kind(name: str, x: str, y: str) -> Kind | Literal[""]:
    axes = _PAIRS.get((_plain(x), _plain(y)))
    if axes:
        return axes
    words = set(re.findall(r"[a-z]+", name.lower()))
    if "roc" in words or "receiver" in words:
        return "roc"
    if words & {"calibration", "reliability"}:
        return "calibration"
    return "pr" if "pr" in words or {"precision", "recall"} <= words else ""


def of_points(kind: Kind, x: Floats, y: Floats) -> Curve:
    """Logged points with their number: the area, the average precision; a Brier score takes samples, so nan."""
    if kind == "roc":
        x, y = _whole(x, y)
    if kind == "pr":  # TensorBoard fills up with points that are none
        some = (x != 0) | (y != 0)
        x, y = x[some], y[some]
    value = {"roc": classification.trapezia, "pr": classification.step_area}.get(kind)
    return Curve(x, y, math.nan if value is None else value(x, y))


def _whole(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """A ROC curve with its ends: every one goes from (0, 0) to (1, 1), whether they were logged or not."""
    if not (np.isfinite(x).all() and np.isfinite(y).all() and x.min() >= 0 and x.max() <= 1):
        return x, y
    if x[0] > x[-1]:
        x, y = x[::-1], y[::-1]
    if x[0] > 0 or y[0] > 0:
        x, y = np.insert(x, 0, 0.0), np.insert(y, 0, 0.0)
    if x[-1] < 1 or y[-1] < 1:
        x, y = np.append(x, 1.0), np.append(y, 1.0)
    return x, y


def _numbers(values: Any) -> Floats:
    if not isinstance(values, Sequence) or isinstance(values, str):
        return np.array([])
    return np.array([_number(value) for value in values], np.float64)


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


# --- matrices


def _matrix(value: Any, name: str) -> tuple[tuple[str, ...], Floats] | None:
    """Labels and cells of a heat map, a Vega-Lite matrix, or scikit-learn's nested lists; None for what is none."""
    called = "confusion" in name.lower()
    if isinstance(value, list):
        return _square(value, None) if called else None
    if not isinstance(value, Mapping):
        return None
    for one in ("confusion_matrix", "confusion", "matrix", "cm"):
        if isinstance(value.get(one), list) and (called or one.startswith("confusion")):
            return _square(value[one], value.get("labels", value.get("classes")))
    if "vega" in str(value.get("$schema", "")):
        data = value.get("data")
        rows = data.get("values") if isinstance(data, Mapping) else None
        some = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
        names = list(some[0]) if some else []
        return _counted((names, [[row.get(one) for one in names] for row in some]))
    return _heatmap(value, called)


def _heatmap(value: Mapping[str, Any], called: bool) -> tuple[tuple[str, ...], Floats] | None:
    traces = value.get("data")
    maps = [one for one in traces if isinstance(one, Mapping) and one.get("type") == "heatmap"] if isinstance(traces, list) else []  # fmt: skip
    if len(maps) != 1:
        return None
    layout = value.get("layout") if isinstance(value.get("layout"), Mapping) else {}
    assert isinstance(layout, Mapping)
    x, y, title = (_title(layout.get(one)) for one in ("xaxis", "yaxis", "title"))
    across, down = set(re.findall("[a-z]+", x.lower())), set(re.findall("[a-z]+", y.lower()))
    turned = bool(across & _ACTUAL and down & _PREDICTED)
    if not (called or turned or "confusion" in title.lower() or (across & _PREDICTED and down & _ACTUAL)):
        return None
    found = _square(maps[0].get("z"), maps[0].get("x") or maps[0].get("y"))
    return (found[0], found[1].T) if found and turned else found


def _title(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("title", value.get("text"))
        value = value.get("text") if isinstance(value, Mapping) else value
    return value if isinstance(value, str) else ""


def _square(rows: Any, labels: Any) -> tuple[tuple[str, ...], Floats] | None:
    if not isinstance(rows, list) or not 2 <= len(rows) <= CLASSES:
        return None
    if not all(isinstance(row, list) and len(row) == len(rows) for row in rows):
        return None
    cells = np.array([[_number(value) for value in row] for row in rows])
    named = [str(one) for one in labels] if isinstance(labels, list) and len(labels) == len(rows) else None
    return _checked(tuple(named or map(str, range(len(rows)))), cells)


def _checked(labels: tuple[str, ...], cells: Floats) -> tuple[tuple[str, ...], Floats] | None:
    good = np.isfinite(cells).all() and (cells >= 0).all() and cells.sum() > 0
    return (labels, cells) if good else None


def _counted(table: Table) -> tuple[tuple[str, ...], Floats] | None:
    """A matrix out of rows (actual, predicted, count): each pair once."""
    names = [_plain(name) for name in table[0]]
    actual, predicted, count = (
        _first(names, some) for some in (_ACTUAL - {"class"}, _PREDICTED, _COUNT | {"npredictions"})
    )
    if actual is None or predicted is None or count is None or len(table[1]) > CLASSES**2:
        return None
    return _pairs(table[1], actual, predicted, count)


def _pairs(
    rows: Sequence[Sequence[Any]], actual: int, predicted: int, count: int | None
) -> tuple[tuple[str, ...], Floats] | None:
    """Rows counted (or their counts added up) by actual and predicted class; None for more classes than a page can show."""
    some = [row for row in rows if len(row) > max(actual, predicted, count or 0)]
    labels = _ordered({str(row[place]) for row in some for place in (actual, predicted)})
    if not 2 <= len(labels) <= CLASSES:
        return None
    at = {label: number for number, label in enumerate(labels)}
    cells = np.zeros((len(labels), len(labels)))
    for row in some:
        cells[at[str(row[actual])], at[str(row[predicted])]] += 1 if count is None else _number(row[count])
    return _checked(labels, cells)


def _ordered(labels: set[str]) -> tuple[str, ...]:
    numbers = {label: _number(label) for label in labels}
    if all(math.isfinite(number) for number in numbers.values()):
        return tuple(sorted(labels, key=lambda label: (numbers[label], label)))
    return tuple(sorted(labels))


def _first(names: Sequence[str], wanted: frozenset[str]) -> int | None:
    return next((place for place, name in enumerate(names) if name in wanted), None)


# --- tables


def _of_table(table: Table, key: str, step: int | None) -> list[Found]:
    """Curves by their points, a matrix by its counts or as it stands, or what samples with labels give."""
    names, rows = [_plain(name) for name in table[0]], table[1]
    for (x, y), kind in _PAIRS.items():
        if x in names and y in names and len(rows) > 1:
            return _points(rows, kind, (names.index(x), names.index(y), _first(names, frozenset({"class", "name"}))), key, step)  # fmt: skip
    matrix = _counted(table) or _labelled(table, key)
    if matrix is not None:
        return [Found("confusion", key, step, *matrix)]
    return _samples(names, rows, key, step)


def _points(
    rows: Sequence[Sequence[Any]], kind: Kind, places: tuple[int, int, int | None], key: str, step: int | None
) -> list[Found]:
    """A curve per class, or the one."""
    x, y, by = places
    parts: dict[str, list[Sequence[Any]]] = {}
    for row in rows:
        if len(row) > max(x, y, by or 0):
            parts.setdefault("" if by is None else str(row[by]), []).append(row)
    return [
        Found(kind, f"{key}, {name}" if name and len(parts) > 1 else key, step,
              curve=of_points(kind, _numbers([row[x] for row in some]), _numbers([row[y] for row in some])))
        for name, some in list(parts.items())[:CLASSES]
    ]  # fmt: skip


def _labelled(table: Table, key: str) -> tuple[tuple[str, ...], Floats] | None:
    """A matrix with a class before each row, and the same classes as its header."""
    names, rows = [str(name) for name in table[0]], table[1]
    first = [str(row[0]) for row in rows if row]
    if len(rows) < 2 or names[1:] != first or any(len(row) != len(names) for row in rows):
        return None
    named = "confusion" in key.lower() or _plain(names[0]) in _ACTUAL or not names[0]
    return _square([list(row[1:]) for row in rows], first) if named else None


def _samples(names: Sequence[str], rows: Sequence[Sequence[Any]], key: str, step: int | None) -> list[Found]:
    actual, predicted, score = (_first(names, some) for some in (_ACTUAL, _PREDICTED, _SCORE))
    if actual is None or len(rows) < FEWEST:
        return []
    found: list[Found] = []
    if predicted is not None and len({str(row[actual]) for row in rows[:5000] if len(row) > actual}) <= CLASSES:
        matrix = _pairs(rows, actual, predicted, None)
        found += [] if matrix is None else [Found("confusion", key, step, *matrix)]
    if score is not None:
        found += _scored(rows, actual, score, key, step)
    return found


def _scored(rows: Sequence[Sequence[Any]], actual: int, score: int, key: str, step: int | None) -> list[Found]:
    """The three curves of samples with a label of two classes and a number."""
    some = [row for row in rows if len(row) > max(actual, score)]
    labels = np.array([_binary(row[actual]) for row in some], np.float64)
    scores = np.array([_number(row[score]) for row in some], np.float64)
    if np.isnan(labels).any() or len(set(labels.tolist())) < 2 or not np.isfinite(scores).all():
        return []
    curves: tuple[tuple[Kind, Curve], ...] = (
        ("roc", classification.roc(labels, scores)),
        ("pr", classification.precision_recall(labels, scores)),
        ("calibration", classification.calibration(labels, scores)),
    )
    return [Found(kind, key, step, curve=curve, samples=len(labels)) for kind, curve in curves if len(curve.x)]


def _binary(value: Any) -> float:
    return {"1": 1.0, "0": 0.0, "true": 1.0, "false": 0.0, "1.0": 1.0, "0.0": 0.0}.get(str(value).lower(), math.nan)

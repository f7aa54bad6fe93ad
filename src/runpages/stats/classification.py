"""How good scores are at telling two classes apart, from labels (n,) of 0 and 1 and scores (n,): the numbers of scikit-learn."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from runpages.model import Floats

BINS = 10  # of a calibration curve, of equal width


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Points x and y (k,) and the one number said of them: area, average precision, or Brier score; nan when undefined."""

    x: Floats
    y: Floats
    value: float


def _counts(labels: Floats, scores: Floats) -> tuple[Floats, Floats]:
    """(fp, tp): false and true positives when everything from each distinct score upwards is called positive, highest first."""
    order = np.argsort(-scores, kind="stable")
    ranked, positive = scores[order], labels[order]
    last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    tp = np.cumsum(positive)[last]
    return np.asarray(1 + last - tp, np.float64), np.asarray(tp, np.float64)


def roc(labels: Floats, scores: Floats) -> Curve:
    """False against true positive rate, from (0, 0) on, points on straight lines left out; its area.

    nan where one of the classes is missing.
    """
    if not len(labels):
        return Curve(np.array([]), np.array([]), math.nan)
    fp, tp = _counts(labels, scores)
    if len(fp) > 2:
        corner = np.concatenate([[True], (np.diff(fp, 2) != 0) | (np.diff(tp, 2) != 0), [True]])
        fp, tp = fp[corner], tp[corner]
    fp, tp = np.concatenate([[0.0], fp]), np.concatenate([[0.0], tp])
    with np.errstate(invalid="ignore"):
        x, y = fp / fp[-1] if fp[-1] else np.full(len(fp), np.nan), tp / tp[-1] if tp[-1] else np.full(len(tp), np.nan)
    return Curve(x, y, float(np.sum(np.diff(x) * (y[1:] + y[:-1])) / 2))


def precision_recall(labels: Floats, scores: Floats) -> Curve:
    """Recall against precision, recall falling to (0, 1); the value is the average precision, no trapezia.

    Without a positive label recall is 1 throughout, as scikit-learn has it, and the value is 0.
    """
    if not len(labels):
        return Curve(np.array([]), np.array([]), math.nan)
    fp, tp = _counts(labels, scores)
    precision = np.where(tp + fp > 0, tp / np.maximum(tp + fp, 1), 0.0)
    recall = tp / tp[-1] if tp[-1] else np.ones(len(tp))
    x, y = np.append(recall[::-1], 0.0), np.append(precision[::-1], 1.0)
    return Curve(x, y, float(max(0.0, -np.sum(np.diff(x) * y[:-1]))) if tp[-1] else 0.0)


def calibration(labels: Floats, scores: Floats, bins: int = BINS) -> Curve:
    """Mean predicted probability against the share of positives, one point per bin that has any; the value is the Brier score.

    Scores outside of 0 to 1 are no probabilities: no points, nan.
    """
    if not len(scores) or scores.min() < 0 or scores.max() > 1:
        return Curve(np.array([]), np.array([]), math.nan)
    place = np.searchsorted(np.linspace(0.0, 1.0, bins + 1)[1:-1], scores)
    many = np.bincount(place, minlength=bins)
    some = many > 0
    mean = np.bincount(place, weights=scores, minlength=bins)[some] / many[some]
    share = np.bincount(place, weights=labels, minlength=bins)[some] / many[some]
    return Curve(mean, share, brier(labels, scores))


def brier(labels: Floats, scores: Floats) -> float:
    """The mean squared difference between probability and label."""
    return float(np.mean((scores - labels) ** 2))


def step_area(recall: Floats, precision: Floats) -> float:
    """Average precision of logged points: each rise of recall weighs the precision reached there; nan without two points.

    Only the points are known, so a curve that was logged thinned gives the number of the thinned curve.
    """
    ok = np.isfinite(recall) & np.isfinite(precision)
    order = np.lexsort((-precision[ok], recall[ok]))
    x, y = recall[ok][order], precision[ok][order]
    return float(np.sum(np.diff(x, prepend=0.0) * y)) if len(x) > 1 else math.nan


def trapezia(x: Floats, y: Floats) -> float:
    """The area below logged points by trapezia, in ascending or descending x; nan with fewer than two finite points."""
    ok = np.isfinite(x) & np.isfinite(y)
    x, y = x[ok], y[ok]
    if len(x) < 2:
        return math.nan
    return float(abs(np.sum(np.diff(x) * (y[1:] + y[:-1])) / 2))

# ruff: noqa: T201 - printing is what it is for
"""What scikit-learn says of made-up labels and scores: the goldens that tests hold our curves to.

    python3 -m venv ENV && ENV/bin/pip install scikit-learn
    ENV/bin/python benchmarks/sklearn_goldens.py > tests/golden/reference/sklearn.json

Runs in an environment of its own: scikit-learn is no dependency of runpages, in tests or elsewhere.
"""

from __future__ import annotations

import json
import warnings

import numpy as np
import sklearn
from sklearn import metrics
from sklearn.calibration import calibration_curve

CASES = {"few": (12, 3), "usual": (200, 3), "ties": (300, 1), "sure": (150, 0), "one class": (20, 3)}  # samples, digits


def scored(samples: int, digits: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels and probabilities that know something of them, the same each time."""
    random = np.random.default_rng(samples + digits)
    labels = random.integers(0, 2, samples)
    return labels, np.round(np.clip(0.35 + 0.3 * labels + random.normal(0, 0.25, samples), 0, 1), digits)


def case(name: str) -> dict[str, object]:
    """Everything about one pair of labels and scores."""
    labels, scores = scored(*CASES[name])
    if name == "one class":
        labels = np.ones_like(labels)
    fpr, tpr, _ = metrics.roc_curve(labels, scores)
    precision, recall, _ = metrics.precision_recall_curve(labels, scores)
    share, mean = calibration_curve(labels, scores, n_bins=10)
    return {
        "labels": labels.tolist(),
        "scores": scores.tolist(),
        "roc": {"x": fpr.tolist(), "y": tpr.tolist(), "value": metrics.auc(fpr, tpr)},
        "pr": {"x": recall.tolist(), "y": precision.tolist(), "value": metrics.average_precision_score(labels, scores)},
        "calibration": {"x": mean.tolist(), "y": share.tolist(), "value": metrics.brier_score_loss(labels, scores)},
        "confusion": metrics.confusion_matrix(labels, scores > 0.5, labels=[0, 1]).tolist(),
    }


warnings.simplefilter("ignore")
print(json.dumps({"scikit-learn": sklearn.__version__, **{name: case(name) for name in CASES}}))

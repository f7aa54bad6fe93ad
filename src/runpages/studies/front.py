"""Several objectives at once: who is beaten by nobody, and how much of the space lies behind them."""

from __future__ import annotations

import numpy as np

from runpages.model import Floats

MOST = 400  # points of a front whose volume is still computed when it has more than two objectives


def front(losses: Floats) -> list[int]:
    """The places of the points of losses (trials, objectives) that no other point beats, in their order.

    A point beats another when it is nowhere worse and somewhere better; equal points are both kept.
    """
    kept = []
    for at, point in enumerate(losses):
        beaten = (losses <= point).all(axis=1) & (losses < point).any(axis=1)
        if not beaten.any():
            kept.append(at)
    return kept


def hypervolume(losses: Floats, reference: Floats) -> float:
    """The volume between the points (n, objectives) and the reference (objectives,); points beyond it add nothing.

    nan when there are more than `MOST` points in more than two objectives.
    """
    inside = losses[(losses < reference).all(axis=1)]
    if not len(inside):
        return 0.0
    best = np.unique(inside[front(inside)], axis=0)
    if losses.shape[1] > 2 and len(best) > MOST:
        return float("nan")
    return _volume(best, reference)


def _volume(points: Floats, reference: Floats) -> float:
    """By slices along the last objective: each slice is the volume, one dimension below, of what reaches it."""
    if points.shape[1] == 1:
        return float(reference[0] - points[:, 0].min())
    order = points[np.argsort(points[:, -1], kind="stable")]
    edges = np.append(order[:, -1], reference[-1])
    total = 0.0
    for at in range(len(order)):
        height = edges[at + 1] - edges[at]
        if height > 0:
            below = order[: at + 1, :-1]
            total += float(height) * _volume(below[front(below)], reference[:-1])
    return total


def worst(losses: Floats) -> Floats:
    """The reference point when nobody names one: the worst finite loss of each objective (objectives,)."""
    return np.asarray(np.max(losses, axis=0), np.float64)

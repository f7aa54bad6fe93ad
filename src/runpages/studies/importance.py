"""Which params matter: permutation importance of a small random forest, with the share it explains of trials it never saw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from runpages.model import Floats, Ints

LEAST = 20  # trials below which nothing is claimed
MOST = 600  # trials that are looked at, evenly chosen, so that a study of thousands costs no minute
TREES = 64
LEAF = 3


@dataclass(frozen=True, slots=True, eq=False)
class Importance:
    """How much each param (params,) explains: by how much the held-out error grows when its values are shuffled.

    `share` is scaled to a sum of 1, `spread` (same scale) is its standard error over trees, `rank` the rank correlation with the
    objective (nan for words), `explained` the held-out R², `n` the trials it rests on.
    """

    share: Floats
    spread: Floats
    rank: Floats
    explained: float
    n: int


def importance(x: Floats, y: Floats, words: Floats) -> Importance | None:
    """The importance of the columns of x (trials, params) for the rank of y (trials,), all finite: one trial that went
    wrong must not decide. `words` (params,) marks columns
    that only name a choice. None with fewer than `LEAST` trials or without two values of y."""
    if len(y) < LEAST or np.ptp(y) == 0:
        return None
    if len(y) > MOST:
        at = np.linspace(0, len(y) - 1, MOST).astype(np.int64)
        x, y = x[at], y[at]
    y = ranks(y)
    rng = np.random.default_rng(0)  # the same report says the same
    n, width = x.shape
    growth = np.full((TREES, width), np.nan)
    guess, seen = np.zeros(n), np.zeros(n)
    for tree in range(TREES):
        bag = rng.integers(0, n, n)
        out = np.setdiff1d(np.arange(n), bag)
        if not len(out):
            continue
        grown = _grow(x[bag], y[bag], rng)
        told = _predict(grown, x[out])
        guess[out] += told
        seen[out] += 1
        error = np.mean((y[out] - told) ** 2)
        for column in range(width):
            mixed = x[out].copy()
            mixed[:, column] = rng.permutation(mixed[:, column])
            growth[tree, column] = np.mean((y[out] - _predict(grown, mixed)) ** 2) - error
    held = seen > 0
    explained = 1 - float(np.mean((y[held] - guess[held] / seen[held]) ** 2) / np.var(y[held]))
    mean = np.clip(np.nanmean(growth, axis=0), 0, None)
    total = float(mean.sum()) or 1.0
    error_of_mean = np.nanstd(growth, axis=0, ddof=1) / np.sqrt(TREES)
    rank = np.array([np.nan if words[c] else spearman(x[:, c], y) for c in range(width)], np.float64)
    return Importance(mean / total, error_of_mean / total, rank, explained, n)


def spearman(x: Floats, y: Floats) -> float:
    """The rank correlation of x and y (n,), ties averaged; nan when one of them never changes."""
    a, b = ranks(x), ranks(y)
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])


def ranks(values: Floats) -> Floats:
    """(n,) the place of each value from 0, equal values sharing the mean of their places."""
    _, group, count = np.unique(values, return_inverse=True, return_counts=True)
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    return np.asarray((first + (count - 1) / 2)[group], np.float64)


Tree = tuple[Ints, Floats, Ints, Ints, Floats]


def _grow(x: Floats, y: Floats, rng: np.random.Generator) -> Tree:
    """A regression tree as arrays over its nodes: column (-1: a leaf), border, left and right child, mean."""
    nodes: list[tuple[int, float, int, int, float]] = [(-1, 0.0, 0, 0, float(y.mean()))]
    waiting = [(0, np.arange(len(y)))]
    while waiting:
        node, rows = waiting.pop()
        found = _split(x[rows], y[rows], rng)
        if found is None:
            continue
        column, border = found
        low = x[rows, column] <= border
        left, right = rows[low], rows[~low]
        nodes[node] = (column, border, len(nodes), len(nodes) + 1, nodes[node][4])
        for side in (left, right):
            waiting.append((len(nodes), side))
            nodes.append((-1, 0.0, 0, 0, float(y[side].mean())))
    columns = list(zip(*nodes, strict=True))
    whole = [np.array(columns[i], np.int64) for i in (0, 2, 3)]
    return whole[0], np.array(columns[1], np.float64), whole[1], whole[2], np.array(columns[4], np.float64)


def _split(x: Floats, y: Floats, rng: np.random.Generator) -> tuple[int, float] | None:
    """The column and border after which the squares are smallest, of two thirds of the columns; None for a leaf."""
    n, width = x.shape
    if n < 2 * LEAF or np.ptp(y) == 0:
        return None
    best, found = 0.0, None
    for column in rng.permutation(width)[: max(1, -(-2 * width // 3))].tolist():
        order = np.argsort(x[:, column], kind="stable")
        a, b = x[order, column], y[order]
        total = np.cumsum(b)
        left = np.arange(1, n)
        gain = total[:-1] ** 2 / left + (total[-1] - total[:-1]) ** 2 / (n - left) - total[-1] ** 2 / n
        gain[(a[1:] == a[:-1]) | (left < LEAF) | (n - left < LEAF)] = -1.0
        at = int(np.argmax(gain))
        if gain[at] > best:
            best, found = float(gain[at]), (column, float((a[at] + a[at + 1]) / 2))
    return found


def _predict(tree: Tree, x: Floats) -> Floats:
    column, border, left, right, mean = tree
    node = np.zeros(len(x), np.int64)
    while (inner := column[node] >= 0).any():
        at = np.flatnonzero(inner)
        here = node[at]
        low = x[at, column[here]] <= border[here]
        node[at] = np.where(low, left[here], right[here])
    return mean[node]

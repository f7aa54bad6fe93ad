"""How a search went: best so far, the share of trials that reached a value, the volume behind the front after each trial."""

from __future__ import annotations

import numpy as np

from runpages.model import Floats
from runpages.studies import Studied
from runpages.studies.front import front, hypervolume, worst
from runpages.studies.importance import ranks


def best_so_far(study: Studied, objective: int = 0) -> Floats:
    """(trials,) the best value of complete trials up to and with each; nan before the first. nan counts as no value."""
    sign = study.objectives[objective].sign
    done = np.array([state == "complete" for state in study.states])
    losses = np.where(done, sign * study.values[objective], np.nan)
    running = np.minimum.accumulate(np.where(np.isnan(losses), np.inf, losses))
    seen = np.logical_or.accumulate(~np.isnan(losses))
    return np.where(seen, sign * running, np.nan)


def shares(study: Studied, objective: int = 0) -> tuple[Floats, Floats]:
    """The finite values of complete trials, ascending and once each (n,), and the share of trials at or below each."""
    values = study.values[objective][study.complete]
    unique, count = np.unique(values, return_counts=True)
    return unique, np.cumsum(count) / max(1, len(values))


def rank_of(study: Studied, objective: int = 0) -> Floats:
    """(complete,) each complete trial's place from 0 (best) to 1 (worst), equal values sharing theirs."""
    losses = study.objectives[objective].sign * study.values[objective][study.complete]
    return ranks(losses) / max(1, len(losses) - 1)


def losses_of(study: Studied) -> Floats:
    """(complete, objectives) the values of complete trials, turned so that less is better."""
    signs = np.array([one.sign for one in study.objectives])
    return np.asarray((signs[:, None] * study.values[:, study.complete]).T, np.float64)


def front_of(study: Studied) -> list[int]:
    """The places (among all trials) of complete trials that no other one beats."""
    complete = study.complete
    return [complete[at] for at in front(losses_of(study))] if complete else []


def reference_of(study: Studied) -> Floats:
    """The reference point, in the objectives' own values: the worst that any complete trial had in each (objectives,)."""
    signs = np.array([one.sign for one in study.objectives])
    return signs * worst(losses_of(study))


def volumes(study: Studied, reference: Floats) -> Floats:
    """(complete,) the hypervolume behind the front of the complete trials up to and with each, within `reference` (objectives,)."""
    losses = losses_of(study)
    signs = np.array([one.sign for one in study.objectives])
    after, last = [], 0.0
    kept = np.empty((0, losses.shape[1]))
    for loss in losses:
        # only a trial that nobody beats changes the volume; what it beats need not be looked at again
        if not (kept <= loss).all(axis=1).any():
            kept = np.vstack([kept[~(loss <= kept).all(axis=1)], loss])
            last = hypervolume(kept, signs * reference)
        after.append(last)
    return np.array(after, np.float64)

"""Numbers over runs: which metric matters, which way is better, what repeats what, and how sure one can be."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from runpages.config import Config, Direction
from runpages.frames import RunSet
from runpages.model import Floats

BETTER_HIGH = frozenset(
    """accuracy acc top1 top5 f1 f1score auc auroc auprc roc ap map map50 precision recall r2 bleu rouge iou miou dice score reward
    return psnr ssim mcc kappa ndcg mrr hit hits success win winrate elo throughput exact em specificity sensitivity evidence likelihood
    correct pass silhouette jaccard meteor chrf pearson spearman""".split()
)
BETTER_LOW = frozenset(
    """loss losses error err mse rmse mae mape msle nll perplexity ppl wer cer ter fid kl cost regret latency duration time seconds
    bpb bpc brier ece rank entropy crossentropy ce bce logloss kid lpips distance""".split()
)
HELD_OUT = frozenset("val valid validation test eval evaluation dev holdout heldout".split())
SEEDS = frozenset(
    "seed randomseed randomstate rngseed manualseed globalseed seedeverything fold repeat replicate rep".split()
)
Verdict = Literal["better", "worse", "within noise", "cannot tell"]


def words(name: str) -> list[str]:
    """The lower-case words of a metric's or param's name: `valLoss/top_1` gives val, loss, top, 1."""
    return re.findall(r"[a-z]+\d*|\d+", re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name).lower())


def direction(label: str, config: Config) -> Direction:
    """Which way is better: as configured, else by the words of the name, else unknown ("")."""
    name = label.partition("{")[0]
    for given in (label, name):
        if given in config.directions:
            return config.directions[given]
    said = words(name)
    if "per" in said[1:-1]:
        return _rate(said[said.index("per") - 1], said[said.index("per") + 1])
    for word in reversed(said):
        if {word, word.rstrip("0123456789")} & BETTER_HIGH:
            return "max"
        if {word, word.rstrip("0123456789")} & BETTER_LOW:
            return "min"
    return ""


def _rate(what: str, each: str) -> Direction:
    """Tokens per second are better high; seconds, milliseconds or bits per anything low; of other rates nobody knows."""
    if each in ("s", "sec", "second", "min", "minute", "h", "hour"):
        return "max"
    return "min" if what in ("s", "sec", "second", "seconds", "ms", "milliseconds", "bits", "error", "errors") else ""


def of_studies(runs: RunSet, config: Config) -> Config:
    """The configuration with what the runs' studies say of their objectives, where it says nothing itself."""
    told: dict[str, set[Direction]] = {}
    for member in runs.members:
        for label, which in member.head.run.study.directions.items():
            told.setdefault(label, set()).add(which)
    agreed = {label: next(iter(ways)) for label, ways in told.items() if len(ways) == 1}
    return replace(config, directions={**agreed, **config.directions}) if agreed else config


def main_metric(runs: RunSet, config: Config, members: Sequence[int] | None = None) -> str:
    """The label to rank by: the configured one, else the best known held-out metric that most runs have.

    `members` asks for some runs only: a group without the report's main metric has one of its own.
    """
    counts = runs.metrics if members is None else runs.metrics_of(members)
    if config.main_metric and members is None:
        return next((label for label in counts if config.main_metric in (label, label.partition("{")[0])), "")
    if not counts:
        return ""
    most = max(counts.values())

    def worth(label: str) -> tuple[float, str]:
        which = direction(label, config)
        held_out = bool(HELD_OUT & set(words(label)))
        quality = {"max": 2.0, "min": 1.0, "": 0.0}[which] + (2.5 if held_out and which else 0.0)
        return -(quality + 3.0 * counts[label] / most - (3.0 if label.startswith("system") else 0.0)), label

    return min(counts, key=worth)


def is_seed(name: str, config: Config) -> bool:
    """Whether a param only tells repeats of one configuration apart."""
    if config.seeds:
        return name in config.seeds
    last = name.rpartition(".")[2].rpartition("/")[2]
    return re.sub(r"[^a-z]", "", last.lower()) in SEEDS


@dataclass(frozen=True, slots=True)
class Configuration:
    """Runs that differ in nothing but their seeds. `params` are the ones in which configurations differ."""

    group: str
    params: Mapping[str, object]
    members: tuple[int, ...]


def configurations(runs: RunSet, config: Config) -> list[Configuration]:
    """Every run in exactly one configuration: the same group, tracker and params but for seeds."""
    varying = _varying(runs, config)
    found: dict[tuple[object, ...], list[int]] = {}
    for member in runs.members:
        run = member.head.run
        params = tuple(sorted((name, repr(value)) for name, value in run.params.items() if not is_seed(name, config)))
        alone = () if run.params else (member.number,)  # without params nothing says that two runs repeat each other
        found.setdefault((run.tracker, run.group, params, alone), []).append(member.number)
    return [
        Configuration(run.group, {name: value for name, value in run.params.items() if name in varying}, tuple(numbers))
        for numbers in found.values()
        for run in (runs.members[numbers[0]].head.run,)
    ]


def _varying(runs: RunSet, config: Config) -> set[str]:
    """The params that have more than one value among the runs of one group."""
    seen: dict[tuple[str, str], set[str]] = {}
    for member in runs.members:
        for name, value in member.head.run.params.items():
            seen.setdefault((member.head.run.group, name), set()).add(repr(value))
    return {name for (_, name), values in seen.items() if len(values) > 1 and not is_seed(name, config)}


def independent(runs: RunSet, members: Sequence[int], values: Floats, config: Config) -> list[int]:
    """The members whose finite values are evidence of their own: of runs with equal seeds and equal values (the same
    run in two stores, a copied folder) only the first counts."""
    first: dict[tuple[object, ...], int] = {}
    for number in members:
        params = runs.members[number].head.run.params
        seeds = tuple((name, str(value)) for name, value in sorted(params.items()) if is_seed(name, config))
        if math.isfinite(values[number]):
            first.setdefault((float(values[number]), *seeds), number)
    return list(first.values())


def best(runs: RunSet, label: str, config: Config) -> Floats:
    """(runs,) the best value each run reached: max or min by the metric's direction; the last one when it is unknown."""
    return runs.stat(label, direction(label, config) or "last")


@dataclass(frozen=True, slots=True)
class Spread:
    """A sample of repeats: `std` is the sample's (n - 1), `half` half of the 95 % t-interval of the mean; nan when n < 2."""

    n: int
    mean: float
    std: float
    half: float


def spread(values: Sequence[float] | Floats) -> Spread:
    """Mean, standard deviation and 95 % interval of the finite values."""
    array = np.asarray(values, np.float64)
    array = array[np.isfinite(array)]
    n = len(array)
    if n == 0:
        return Spread(0, math.nan, math.nan, math.nan)
    if n == 1:
        return Spread(1, float(array[0]), math.nan, math.nan)
    std = float(array.std(ddof=1))
    return Spread(n, float(array.mean()), std, t_quantile(0.975, n - 1) * std / math.sqrt(n))


def compare(one: Sequence[float] | Floats, other: Sequence[float] | Floats, which: Direction) -> Verdict:
    """Whether `one` is better than `other` by Welch's 95 % interval; no claim with fewer than 3 on a side."""
    a, b = spread(one), spread(other)
    if min(a.n, b.n) < 3 or not which:
        return "cannot tell"
    va, vb = a.std**2 / a.n, b.std**2 / b.n
    if va + vb == 0:
        gap, half = a.mean - b.mean, 0.0
    else:
        freedom = (va + vb) ** 2 / (va**2 / (a.n - 1) + vb**2 / (b.n - 1))
        gap, half = a.mean - b.mean, t_quantile(0.975, freedom) * math.sqrt(va + vb)
    if abs(gap) <= half:
        return "within noise"
    return "better" if (gap > 0) == (which == "max") else "worse"


def t_quantile(p: float, freedom: float) -> float:
    """Student's t quantile for p > 0.5, to 1e-9: the distribution function integrated and bisected."""
    low, high = 0.0, 1e3 if freedom >= 2 else 1e5
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if t_cdf(middle, freedom) < p else (low, middle)
    return (low + high) / 2


_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(80)


def t_cdf(t: float, freedom: float) -> float:
    """Student's distribution function for t >= 0: by Gauss-Legendre over the angle: with t = sqrt(v) tan a the density becomes cos(a)^(v - 1)."""
    angle = math.atan(t / math.sqrt(freedom))
    points = angle / 2 * (_NODES + 1)
    area = angle / 2 * float(np.sum(_WEIGHTS * np.cos(points) ** (freedom - 1)))
    constant = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(math.pi)
    return 0.5 + constant * area

"""The verdict: per metric and configuration, then of the whole."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from runpages.config import Config, Direction
from runpages.errors import ConfigError
from runpages.gate.match import Matched, Pair, match
from runpages.gate.pool import pooled
from runpages.gate.records import Record, Side
from runpages.gate.rules import Rule, Rules
from runpages.stats import HELD_OUT, direction, words
from runpages.stats.difference import Difference, difference, holm, over_tasks

Verdict = Literal["improved", "regressed", "within noise", "cannot tell", "missing"]
Overall = Literal["improved", "regressed", "within noise", "cannot tell", "missing", "refused"]
SERIOUS: tuple[Overall, ...] = ("refused", "regressed", "missing", "cannot tell", "improved", "within noise")
UNFINISHED = frozenset({"running", "failed", "killed"})
NOT_ASKED = 12  # informational metrics shown of their own accord


@dataclass(frozen=True, slots=True)
class Row:
    """One metric of one configuration: both sides' means, what separates them, and what follows from it.

    `lost` counts runs of this side without a finite value; `note` says in words what a reader must know.
    """

    metric: str
    name: str
    direction: Direction
    informational: bool
    verdict: Verdict
    n: int = 0
    m: int = 0
    lost: int = 0
    mean: float = math.nan
    base: float = math.nan
    change: float = math.nan
    low: float = math.nan
    high: float = math.nan
    relative: float = math.nan
    p: float = 1.0
    adjusted: float = 1.0
    method: str = "no values"
    better: float = math.nan
    visible: float = math.nan
    seeds: int | None = None
    values: tuple[float, ...] = ()
    base_values: tuple[float, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What the gate found; `passed` is what the exit code says, `reports` how many made the baseline."""

    verdict: Overall
    passed: bool
    rows: tuple[Row, ...]
    baseline: str = ""
    baseline_commit: str = ""
    commit: str = ""
    alpha: float = 0.0152
    refused: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    reports: int = 1


def check(one: Side, base: Side, rules: Rules, config: Config) -> Result:
    """The verdict over `one` against `base`. Raises ConfigError when no metric can be judged."""
    metrics = _metrics(one, base, rules, config)
    base, reports = pooled(base, metrics, rules, config, _values)
    matched = match(one, base, rules, config)
    rows = [row for label, rule in metrics.items() for row in _rows(label, rule, matched.pairs, rules)]
    rows = _adjusted(rows, metrics, rules)
    verdict = _overall(rows, matched)
    passed = verdict in ("improved", "within noise") or (verdict == "cannot tell" and rules.undecided == "pass")
    return Result(
        verdict, passed, tuple(rows), base.source, base.commit, one.commit, rules.alpha, matched.refused, matched.gone,
        matched.new, reports,
    )  # fmt: skip


def _metrics(one: Side, base: Side, rules: Rules, config: Config) -> dict[str, Rule]:
    """The metrics to show with their rules, the gated first. Without rules the main metric is gated."""
    there = list(dict.fromkeys([*base.labels, *one.labels]))
    chosen: dict[str, Rule] = {}
    for wanted, rule in rules.metrics.items():
        found = [label for label in there if wanted in (label, label.partition("{")[0])]
        for label in found or [wanted]:
            which = rule.direction or direction(label, config)
            if not which and not rule.informational:
                raise ConfigError(
                    "gate-direction",
                    f"which way is better for {label}?",
                    hint=f"metrics: {{{label}: {{direction: max}}}}",
                )
            chosen[label] = replace(rule, direction=which)
    if not any(not rule.informational for rule in chosen.values()):
        main = _main([label for label in there if label not in chosen], config)
        if not main:
            raise ConfigError(
                "gate-no-metric", "no metric can be judged", hint="name one: metrics: {NAME: {direction: max}}"
            )
        chosen = {main: Rule(direction(main, config)), **chosen}
    if not rules.metrics:
        others = [label for label in there if label not in chosen and direction(label, config)][:NOT_ASKED]
        chosen |= {label: Rule(direction(label, config), informational=True) for label in others}
    return dict(sorted(chosen.items(), key=lambda item: item[1].informational))


def _main(labels: Sequence[str], config: Config) -> str:
    """The configured metric, else the best known held-out one."""
    if config.main_metric:
        return next(
            (label for label in labels if config.main_metric in (label, label.partition("{")[0])), config.main_metric
        )
    known = [label for label in labels if direction(label, config) and not label.startswith("system")]
    return min(
        known,
        key=lambda label: (not HELD_OUT & set(words(label)), direction(label, config) != "max", labels.index(label)),
        default="",
    )


def _rows(label: str, rule: Rule, pairs: Sequence[Pair], rules: Rules) -> list[Row]:
    """A row per configuration; over tasks, one for all of them and an informational one for each."""
    if not pairs:
        return []
    if not rules.tasks:
        return [_row(label, rule, pair, rules) for pair in pairs]
    rows = []
    for name in dict.fromkeys(pair.name for pair in pairs):
        some = [pair for pair in pairs if pair.name == name]
        rows.append(_over_tasks(label, rule, some, rules))
        rows += [_row(label, replace(rule, informational=True), pair, rules) for pair in some]
    return rows


def _row(label: str, rule: Rule, pair: Pair, rules: Rules) -> Row:
    ones, lost = _values(pair.ones, label, rule)
    others, _ = _values(pair.others, label, rule)
    name = ", ".join(part for part in (pair.name, pair.task) if part)
    row = _told(Row(label, name, rule.direction, rule.informational, "missing"), difference(ones, others, rules.alpha))
    return _without(replace(row, lost=lost, values=tuple(ones), base_values=tuple(others)), rules, len(pair.ones))


def _over_tasks(label: str, rule: Rule, pairs: Sequence[Pair], rules: Rules) -> Row:
    ones, others, lost = {}, {}, 0
    for pair in pairs:
        ones[pair.task], gone = _values(pair.ones, label, rule)
        others[pair.task], _ = _values(pair.others, label, rule)
        lost += gone
    name = ", ".join(part for part in (pairs[0].name, f"{len(pairs)} tasks") if part)
    row = _told(Row(label, name, rule.direction, rule.informational, "missing"), over_tasks(ones, others, rules.alpha))
    here, base = (tuple(value for task in side.values() for value in task) for side in (ones, others))
    row = replace(row, lost=lost, values=here, base_values=base)
    return _without(row, rules, min(len(pair.ones) for pair in pairs))


def _told(row: Row, found: Difference) -> Row:
    names = ("n", "m", "mean", "base", "change", "low", "high", "p", "method", "visible", "seeds")
    share = 1 - found.better if row.direction == "min" else found.better
    relative = found.change / abs(found.base) if found.base else math.copysign(math.inf, found.change)
    return replace(row, relative=relative, better=share, **{name: getattr(found, name) for name in names})


def _without(row: Row, rules: Rules, runs: int) -> Row:
    """The row with its note when values are missing; a missing value is never a pass."""
    if row.lost:
        plain = f"{row.lost} of {runs} runs have no finite value, or did not finish"
        return replace(row, verdict="missing", note=plain)
    if not row.n:
        return replace(row, verdict="missing", note="the metric is missing in this report")
    if not row.m:
        return replace(row, verdict="cannot tell", note="the baseline has no such metric", seeds=None)
    if runs < rules.minimum_runs:
        return replace(row, verdict="missing", note=f"{runs} of at least {rules.minimum_runs} runs")
    return replace(row, verdict="within noise")


def _values(runs: Sequence[Record], label: str, rule: Rule) -> tuple[list[float], int]:
    """(finite values, runs without one); a run that is not finished has none."""
    reducer = (rule.direction or "last") if rule.value == "best" else rule.value
    found = [
        math.nan if run.status in UNFINISHED else run.metrics.get(label, {}).get(reducer, math.nan) for run in runs
    ]
    finite = [value for value in found if math.isfinite(value)]
    return finite, len(found) - len(finite)


def _adjusted(rows: Sequence[Row], metrics: Mapping[str, Rule], rules: Rules) -> list[Row]:
    """The rows with their verdicts: Holm over the gated ones that claim anything; informational ones stand alone."""
    asked = [place for place, row in enumerate(rows) if not row.informational and row.verdict == "within noise"]
    told = dict(zip(asked, holm([rows[place].p for place in asked]), strict=True))
    return [
        _judged(replace(row, adjusted=told.get(place, row.p)), rules.floors(metrics[row.metric]), rules.alpha)
        if row.verdict == "within noise"
        else row
        for place, row in enumerate(rows)
    ]


def _judged(row: Row, floors: tuple[float, float], alpha: float) -> Row:
    """Practical AND statistical: a change that matters, and that chance alone would not show."""
    matters = abs(row.relative) >= floors[0] and abs(row.change) >= floors[1] and row.change != 0
    if row.method == "no spread known":
        return replace(row, verdict="cannot tell", note="one or two runs a side: no spread known")
    if not row.direction:
        return replace(row, note="no direction: not judged")
    gain = (row.change > 0) == (row.direction == "max")
    if not matters:
        return replace(row, note="surely changed, by less than matters" if row.adjusted <= alpha else row.note)
    if row.adjusted > alpha:
        return replace(row, verdict="cannot tell", note=f"looks {'better' if gain else 'worse'}, may be noise")
    return replace(row, verdict="improved" if gain else "regressed")


def _overall(rows: Sequence[Row], matched: Matched) -> Overall:
    found: set[Overall] = {row.verdict for row in rows if not row.informational}
    if matched.refused or not matched.pairs:
        found.add("refused")
    if matched.gone:
        found.add("missing")
    return next(one for one in SERIOUS if one in found or one == "within noise")

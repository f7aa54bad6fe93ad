"""A baseline out of several reports: more seeds, as long as they tell the same story."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from runpages.config import Config
from runpages.gate.match import match
from runpages.gate.records import Record, Side
from runpages.gate.rules import Rule, Rules
from runpages.stats.difference import difference

SAME = 0.02  # a report whose values are rarer than this in the pool is another level: older ones are left out

Values = Callable[[Sequence[Record], str, Rule], tuple[list[float], int]]


def pooled(base: Side, metrics: Mapping[str, Rule], rules: Rules, config: Config, values: Values) -> tuple[Side, int]:
    """(the newest report and those before it that do not differ from it, how many these are).

    Going back ends at the first report of other configurations, or with a gated metric at another level.
    """
    if len(base.reports) < 2:
        return base, 1
    runs, count = list(base.reports[0]), 1
    gated = {label: rule for label, rule in metrics.items() if not rule.informational}
    for older in base.reports[1:]:
        fresh = _fresh(older, runs)
        if not _alike(
            replace(base, runs=tuple(older)), replace(base, runs=tuple(runs)), gated, (rules, config, values)
        ):
            break
        runs += fresh
        count += 1
    return replace(base, runs=tuple(runs)), count


def _fresh(older: Sequence[Record], runs: Sequence[Record]) -> list[Record]:
    """The runs that are evidence of their own: the same params, seed and values again are the same run shown twice."""
    seen = {_identity(run) for run in runs}
    return [run for run in older if _identity(run) not in seen]


def _identity(run: Record) -> tuple[str, str]:
    return repr(sorted(run.params.items(), key=str)) or run.name, repr(sorted(run.metrics.items()))


def _alike(older: Side, pool: Side, gated: Mapping[str, Rule], about: tuple[Rules, Config, Values]) -> bool:
    rules, config, values = about
    matched = match(older, pool, rules, config)
    if matched.refused or matched.gone or matched.new:
        return False
    questions = len(matched.pairs) * len(gated)
    for pair in matched.pairs:
        for label, rule in gated.items():
            ones, others = values(pair.ones, label, rule)[0], values(pair.others, label, rule)[0]
            if questions * difference(ones, others).p < SAME or (ones and not others):
                return False
    return True

"""One line per group: its runs, the best by the report's main metric or by one of its own, its last activity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from runpages.config import Config
from runpages.frames import RunSet
from runpages.stats import direction, main_metric
from runpages.views import text
from runpages.views.ranking import Ranked, ranking

SHOWN = 20


def groups_view(runs: RunSet, data: Mapping[str, Any], config: Config, metric: str) -> dict[str, Any] | None:
    """The groups, those with the report's main metric first and best first; None when there are fewer than two.

    A group without the main metric says its best by a metric of its own, and which one that is.
    """
    members: dict[str, list[int]] = {}
    for member in runs.members:
        members.setdefault(member.head.run.group, []).append(member.number)
    if len(members) < 2:
        return None
    ranked: dict[str, dict[str, Ranked]] = {}
    rows = []
    for name, numbers in members.items():
        label = metric if metric in runs.metrics_of(numbers) else main_metric(runs, config, numbers)
        if label and label not in ranked:
            ranked[label] = _leaders(runs, config, label)
        rows.append(_row(runs, data, name, numbers, label, ranked.get(label, {}).get(name)))
    sign = -1 if direction(metric, config) == "max" else 1
    rows.sort(key=lambda row: (row["metric"] != metric, sign * row["mean"] if row["metric"] == metric else 0.0))
    several = any(row["metric"] not in ("", metric) for row in rows)
    return {"metric": metric, "several": several, "rows": rows[:SHOWN], "more": max(0, len(rows) - SHOWN)}


def _leaders(runs: RunSet, config: Config, label: str) -> dict[str, Ranked]:
    """The best configuration of each group by one metric."""
    leaders: dict[str, Ranked] = {}
    for one in ranking(runs, config, label):
        leaders.setdefault(one.configuration.group, one)
    return leaders


def _row(
    runs: RunSet, data: Mapping[str, Any], name: str, numbers: Sequence[int], label: str, leader: Ranked | None
) -> dict[str, Any]:
    ends = [at for n in numbers for at in (_last(runs, n),) if at is not None]
    value, _, around = (
        text.plus_minus(leader.spread.mean, leader.spread.std).partition(" ± ") if leader else ("", "", "")
    )
    return {
        "name": text.shortened(name, 60) or "no group",
        "page": f"compare.html#q={quote(_filter(name))}",
        "runs": len(numbers),
        "metric": label if leader else "",
        "mean": leader.spread.mean if leader else 0.0,
        "best": value or text.NONE,
        "spread": around,
        "last": max(ends) if ends else None,
        "spark": data["runs"]["spark"][leader.top] if leader and data["main"] == f"metric:{label}" else "",
        "color": data["runs"]["color"][leader.top] if leader else 0,
    }


def _filter(name: str) -> str:
    """The group in the words of the table's filter."""
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'run:group = "{quoted}"' if name else "not run:group"


def _last(runs: RunSet, number: int) -> float | None:
    run = runs.members[number].head.run
    return run.ended or run.started

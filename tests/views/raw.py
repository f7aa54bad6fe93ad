"""What a raw file says of a run, read without any code of ours, and the page's numbers that must be the same."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Points = list[tuple[int, float]]


@dataclass
class Raw:
    """Metrics with their points in the order of the log, params and finals, as the tracker's own files have them.

    `whole`: the page shows these metrics and no others, but for those whose names begin with one of `beside`."""

    metrics: dict[str, Points] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)
    results: dict[str, Any] = field(default_factory=dict)
    beside: tuple[str, ...] = ()

    def add(self, name: str, step: int, value: Any) -> None:
        """One more point."""
        self.metrics.setdefault(name, []).append((int(step), float(value)))


@dataclass(frozen=True)
class Row:
    """A row of the page's table of metrics."""

    direction: str
    last: float
    best: float
    min: float
    max: float
    mean: float
    first: float
    best_step: int | None
    last_step: int
    count: int


_CELL = re.compile(r'<td class="rp-n"(?: title="([^"]*)")?>([^<]*)')


def number(shown: str) -> float:
    """A number as a page writes it."""
    return float(shown.replace("−", "-").replace(",", ""))


def rows(page: str) -> dict[str, Row]:
    """Every row of the tables of metrics of a run's page."""
    found = {}
    for line in re.findall(r'<tr [^>]*><th scope="row">(.*?)</tr>', page, re.DOTALL):
        if 'class="rp-sparks"' not in line:
            continue
        label = html.unescape(re.match(r"[^<]*", line)[0])  # type: ignore[index]
        arrow = re.search(r'title="(higher|lower) is better"', line)
        cells = [(exact or shown).strip() for exact, shown in _CELL.findall(line)]
        # the two that a metric without a direction has not are nan here
        values = [number(html.unescape(cell)) if cell else math.nan for cell in cells]
        last, best, low, high, mean, first, best_step, last_step, count = values[:9]
        way = {"higher": "max", "lower": "min"}[arrow[1]] if arrow else ""
        step = None if not way else int(best_step)
        found[label.rstrip()] = Row(way, last, best, low, high, mean, first, step, int(last_step), int(count))
    return found


def differences(row: Row, points: Points) -> list[str]:
    """In what a row is not what the points say; none when every number of it is."""
    values = [value for _, value in points]
    real = [value for value in values if not math.isnan(value)]
    low, high = (min(real), max(real)) if real else (math.nan, math.nan)
    mean = (
        math.fsum(real) / len(real)
        if all(map(math.isfinite, real)) and real
        else sum(real) / len(real)
        if real
        else math.nan
    )
    said = {"last": values[-1], "first": values[0], "min": low, "max": high}
    wrong = [
        f"{name} {getattr(row, name)} != {value}" for name, value in said.items() if not same(getattr(row, name), value)
    ]
    if not same(row.mean, mean) and not math.isclose(row.mean, mean, rel_tol=1e-12, abs_tol=1e-300):
        wrong.append(f"mean {row.mean} != {mean}")
    if row.count != len(points):
        wrong.append(f"count {row.count} != {len(points)}")
    if row.last_step != points[-1][0]:
        wrong.append(f"last step {row.last_step} != {points[-1][0]}")
    if row.direction and real:
        best = {"max": high, "min": low}[row.direction]
        if not same(row.best, best):
            wrong.append(f"best {row.best} != {best}")
        if (row.best_step, best) not in points:
            wrong.append(f"best at {row.best_step}")
    return wrong


def same(one: float, other: float) -> bool:
    """Equal, nan included."""
    return one == other or (math.isnan(one) and math.isnan(other))


def value_of(shown: Mapping[str, str], like: Any) -> Any:
    """A value of the page as the kind of value that the raw file has."""
    text = shown["full"] or shown["text"]
    if isinstance(like, bool) or like is None:
        return {"true": True, "false": False, "–": None}.get(text, text)
    if isinstance(like, int | float):
        return number(text.strip('"'))
    return text.strip('"')


def flattened(value: Any, prefix: str = "") -> dict[str, Any]:
    """Nested mappings with dotted names."""
    if not isinstance(value, Mapping):
        return {prefix: value}
    return {
        k: v for key, one in value.items() for k, v in flattened(one, f"{prefix}.{key}" if prefix else str(key)).items()
    }

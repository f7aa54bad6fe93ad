"""The charts of a report's metrics: what each shows, in words and as a still picture."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runpages.charts import static, still
from runpages.frames import Line
from runpages.remember import Remembered
from runpages.views import text
from runpages.views.table import as_float, metric_values, ranked, run_ref

PICTURES = 4  # charts of a page that have a picture before JavaScript; the others are drawn when opened
DRAWN = 10  # runs in a picture, the ones the table selects at first


def chart_list(
    data: Mapping[str, Any], lines: Mapping[str, Sequence[Line]], remembered: Remembered
) -> list[dict[str, Any]]:
    """One chart per metric that has curves, in the order of the table's columns."""
    shown = ranked(data)[:DRAWN]
    metrics = [column for column in data["columns"] if column["kind"] == "metric" and column["label"] in lines]
    return [
        _chart(column, lines[column["label"]], data, shown, remembered if place < PICTURES else None, place)
        for place, column in enumerate(metrics)
    ]


def _chart(
    column: Mapping[str, Any],
    lines: Sequence[Line],
    data: Mapping[str, Any],
    shown: Sequence[int],
    remembered: Remembered | None,
    place: int,
) -> dict[str, Any]:
    label, step_name = column["label"], column["step_name"]
    chosen = [line for line in lines if line.number in shown]
    alt = _alt(column, data, len(lines))
    caption = "" if len(chosen) == len(lines) else f"The {len(chosen)} best of {text.plural(len(lines), 'run')}."
    draw = _Picture(label, step_name, alt, f"rp{place}", chosen, [run_ref(data, line.number) for line in chosen])
    return {
        "metric": label,
        "curve": column["curve"],
        "embed": column["curve"].replace("curves/", "embed/") + ".html",
        "title": label,
        "caption": caption if remembered else "",
        "alt": alt,
        "runs": [line.number for line in chosen],
        "svg": "" if remembered is None else draw.remembered(remembered),
        "src": "",
        "width": 0,
        "height": 0,
        "step_name": step_name,
        "times": any(line.times is not None for line in lines),
    }


def _alt(column: Mapping[str, Any], data: Mapping[str, Any], count: int) -> str:
    """One sentence for those who cannot see it: what over what, how many, from where to where."""
    values = [value for value in (as_float(one) for one in metric_values(column)) if value == value]
    told = f"Line chart of {column['label']} over {column['step_name']} for {text.plural(count, 'run')}"
    if not values or not column["direction"]:
        return f"{told}."
    best = max(values) if column["direction"] == "max" else min(values)
    number = next(n for n, value in enumerate(metric_values(column)) if as_float(value) == best)
    return f"{told}; the best, {run_ref(data, number)['name']}, reaches {text.number(best)}."


@dataclass(frozen=True)
class _Picture:
    """A still picture to draw, or to find again: all it depends on."""

    label: str
    step_name: str
    alt: str
    prefix: str
    lines: Sequence[Line]
    runs: Sequence[Mapping[str, Any]]

    def remembered(self, remembered: Remembered) -> str:
        """The picture as SVG, drawn only when something of it changed."""
        about = json.dumps([self.label, self.step_name, self.alt, self.prefix, list(self.runs)])
        arrays = [
            array.tobytes()
            for line in self.lines
            for array in (line.steps, line.values, line.low, line.high)
            if array is not None
        ]
        return remembered.text("picture", [about.encode(), *arrays], self._draw)

    def _draw(self) -> str:
        drawn = [_line(line, run) for line, run in zip(self.lines, self.runs, strict=True)]
        spec, rows = still.picture(drawn, self.label, self.step_name, points=600)
        return static.svg(spec, rows, alt=self.alt, id_prefix=self.prefix)


def _line(line: Line, run: Mapping[str, Any]) -> still.Line:
    name = text.shortened(str(run["name"]), 40).encode("utf-8", "replace").decode()
    steps = line.steps.astype("float64")
    return still.Line(name, steps, line.values, line.low, line.high, run["color"], run["dash"])

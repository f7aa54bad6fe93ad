"""Figures in Markdown: a fenced block with a YAML body becomes a table or a chart of chosen runs."""

from __future__ import annotations

from typing import Any

import yaml

from runpages.build import Report
from runpages.errors import ConfigError
from runpages.pages.render import render
from runpages.views.table import compare_view

ROOT = "runpages-root:"  # stands for the way to the site's root, which only the page knows
KEYS = frozenset({"figure", "metric", "runs", "columns", "rows", "caption"})


def fence(report: Report) -> dict[str, Any]:
    """The entry of `custom_fences` that draws blocks named `runpages`."""

    def draw(source: str, *_: Any, **__: Any) -> str:
        return figure(report, source)

    return {"name": "runpages", "class": "runpages", "format": draw}


def figure(report: Report, source: str) -> str:
    """The HTML of one block. A mistake in it becomes a sentence on the page and in the log, never a failed build.

    Keys: figure (table or chart), metric, runs (a list of ids or names; default all), columns, rows, caption.
    """
    try:
        return _drawn(report, _asked(source))
    except ConfigError as error:
        return render("figure_error", what=str(error), hint=error.note.hint)


def _asked(source: str) -> dict[str, Any]:
    try:
        asked = yaml.safe_load(source)
    except yaml.YAMLError as error:
        raise ConfigError("figure-wrong", f"the block is not YAML: {error}", hint="figure: table") from None
    if not isinstance(asked, dict) or asked.get("figure") not in ("table", "chart"):
        raise ConfigError(
            "figure-wrong", "the block says no figure", hint="figure: table, or figure: chart with a metric"
        )
    unknown = sorted(set(asked) - KEYS)
    if unknown:
        raise ConfigError("figure-wrong", f"there is no key {unknown[0]}", hint=f"known are {', '.join(sorted(KEYS))}")
    return asked


def _drawn(report: Report, asked: dict[str, Any]) -> str:
    if asked["figure"] == "chart":
        chart = next((one for one in report.charts if one["metric"] == asked.get("metric", one["metric"])), None)
        if chart is None:
            known = ", ".join(one["metric"] for one in report.charts[:8])
            raise ConfigError("figure-wrong", f"no run has a curve of {asked.get('metric')}", hint=f"there are {known}")
        return render("figure_chart", chart={**chart, "caption": asked.get("caption", chart["caption"])}, root=ROOT)
    data = report.chosen(asked.get("runs"), asked.get("columns"))
    view = compare_view(data, [], rows=int(asked.get("rows", 20)))
    return render("figure_table", caption=asked.get("caption", ""), **{**view, "root": ROOT})


def placed(html: str, url: str) -> str:
    """A page's HTML with the links of its figures made relative to `url`, the page's own path."""
    return html.replace(ROOT, "../" * url.count("/"))

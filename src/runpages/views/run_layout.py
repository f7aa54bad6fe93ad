"""Chart sections that a run brings along: TensorBoard's custom scalar layouts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from runpages.model import Run
from runpages.views import text
from runpages.views.run_tables import parsed

LAYOUT = (
    "custom scalars"  # the name of the artifact with {"sections": [{"title", "charts": [{"tags"} or {"margins"}]}]}
)
MOST = 50
_PLAIN = re.compile(r"(?:[^\\^$*+?{}\[\]|()]|\\[^a-zA-Z0-9]|\.\*)+")  # a tag as it is, or with `.*` in it


def sectioned(charts: Sequence[dict[str, Any]], run: Run) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The charts in the sections of the run's layout [{title, charts}], each chart in the first that names it; and the other charts.

    Tags of a layout are regular expressions. Run text is hostile: those are taken whose only sign is `.*`, others name nothing.
    """
    left, found = list(charts), []
    for section in _sections(run):
        wanted = [_pattern(tag) for tag in _tags(section)[:MOST]]
        mine = [one for one in left if any(each.fullmatch(_name(one)) for each in wanted if each)]
        if mine:
            found.append({"title": text.shortened(str(section.get("title") or ""), 80), "charts": mine})
            left = [one for one in left if one not in mine]
    return found, left


def _name(chart: Mapping[str, Any]) -> str:
    return str(chart["metric"]).partition("{")[0]


def _sections(run: Run) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for artifact in run.artifacts:
        if artifact.data and artifact.kind == "file" and artifact.name.rpartition("/")[2] == LAYOUT:
            value = parsed(artifact.data.decode("utf-8", "replace"))
            listed = value.get("sections") if isinstance(value, dict) else None
            found += [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return found[:MOST]


def _tags(section: Mapping[str, Any]) -> list[str]:
    charts = section.get("charts")
    found: list[Any] = []
    for chart in charts if isinstance(charts, list) else []:
        tags, margins = (chart.get(key) if isinstance(chart, dict) else None for key in ("tags", "margins"))
        found += tags if isinstance(tags, list) else []
        for margin in margins if isinstance(margins, list) else []:
            found += margin.values() if isinstance(margin, dict) else []
    return [tag for tag in found if isinstance(tag, str)]


def _pattern(tag: str) -> re.Pattern[str] | None:
    """The tag as an expression that takes no more than linear time: at most two `.*`."""
    if not _PLAIN.fullmatch(tag) or tag.count(".*") > 2 or len(tag) > 500:
        return None
    pieces = [re.escape(re.sub(r"\\(.)", r"\1", piece)) for piece in tag.split(".*")]
    return re.compile(".*".join(pieces), re.DOTALL)

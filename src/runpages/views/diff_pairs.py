"""Pairs of runs that are worth putting side by side: what the page of differences offers before any was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runpages.views import text
from runpages.views.run_facts import Relations
from runpages.views.table import ranked


def pairs_view(data: Mapping[str, Any], relations: Relations, baseline: str) -> list[dict[str, Any]]:
    """[{words, url, there, here, changed, changed_more, main}]: each pair once, the measure first, with what changed in short."""
    keys = data["runs"]["key"]
    found: dict[frozenset[int], dict[str, Any]] = {}
    for words, there, here in _worth(data, baseline):
        if there == here or frozenset((there, here)) in found:
            continue
        found[frozenset((there, here))] = {
            "words": words,
            "url": f"diff.html#runs={keys[there]},{keys[here]}&base={keys[there]}",
            "there": relations.ref(there),
            "here": relations.ref(here),
            **relations.changed(there, here),
        }
    return list(found.values())


def _worth(data: Mapping[str, Any], baseline: str) -> Iterator[tuple[str, int, int]]:
    """In words, the measure, the other: the best against the best of another configuration and group, the baseline, the worst;
    the last two that were started."""
    runs = data["runs"]
    order = ranked(data) if data["main"] else []
    if order:
        best = order[0]
        configurations, groups = runs.get("configuration", runs["group"]), runs["group"]
        other = next((n for n in order if configurations[n] != configurations[best]), -1)
        if other >= 0:
            yield "the best run and the best that was set up otherwise", other, best
        group = next((n for n in order if groups[n] != groups[best]), -1)
        if group >= 0:
            yield "the best run and the best of another group", group, best
        measure = _named(data, baseline)
        if measure >= 0:
            yield "the best run and the baseline", measure, best
        yield "the best run and the last in its order", order[-1], best
    started = [(time, n) for n, time in enumerate(runs["started"]) if time is not None]
    last = [n for _, n in sorted(started)[-2:]]
    if len(last) == 2:
        yield "the last two runs", last[0], last[1]


def _named(data: Mapping[str, Any], name: str) -> int:
    """The number of the run of that id or name, -1 for none."""
    runs = data["runs"]
    return next((n for n in range(data["count"]) if name and name in (runs["id"][n], runs["name"][n])), -1)


def diff_page(data: Mapping[str, Any], relations: Relations, gate: Mapping[str, Any]) -> dict[str, Any]:
    """What the template `diff` shows before the browser has put runs side by side: pairs, and an example of how to ask."""
    runs = data["runs"]
    baseline = str(gate.get("baseline") or "").removeprefix("run:")
    shown = [
        one | {"title": text.listed([one["there"]["name"], one["here"]["name"]])}
        for one in pairs_view(data, relations, baseline)
    ]
    return {"root": "", "total": data["count"], "example": runs["id"][:2], "pairs": shown}

"""Every run by its group, as plain links: how a reader without JavaScript gets to any of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runpages.views import text
from runpages.views.table import metric_values, run_ref

EACH = 250  # runs on a page: about 50 kB


def every_views(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the template `every` shows of the data file `runs`, page by page: each group's runs with their main metric."""
    main = next((column for column in data["columns"] if column["id"] == data["main"]), None)
    values = metric_values(main) if main else [None] * data["count"]
    by_group: dict[str, list[int]] = {}
    for number, group in enumerate(data["runs"]["group"]):
        by_group.setdefault(group, []).append(number)
    order = [(group, number) for group, numbers in by_group.items() for number in numbers]
    starts = range(0, max(1, len(order)), EACH)
    others = [
        {"page": page_of(at), "first": start + 1, "last": min(start + EACH, len(order))}
        for at, start in enumerate(starts)
    ]
    views = []
    for at, start in enumerate(starts):
        groups: dict[str, list[dict[str, Any]]] = {}
        for group, number in order[start : start + EACH]:
            value = "" if values[number] is None else text.number(values[number])
            groups.setdefault(group, []).append({"run": run_ref(data, number), "value": value})
        views.append(
            {
                "root": "../",
                "metric": main["label"] if main else "",
                "total": data["count"],
                "page": page_of(at),
                "pages": others if len(others) > 1 else [],
                "groups": [_group(name, runs, len(by_group[name])) for name, runs in groups.items()],
            }
        )
    return views


def page_of(at: int) -> str:
    """The name of the page that begins with run EACH * at; no run's page can be called so."""
    return "index.html" if not at else f"index~{at + 1}.html"


def _group(name: str, runs: list[dict[str, Any]], total: int) -> dict[str, Any]:
    return {"name": text.shortened(name, 100) or "no group", "runs": runs, "total": total}

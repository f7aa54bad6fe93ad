"""Every run by its group, as plain links: how a reader without JavaScript gets to any of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runpages.views import text
from runpages.views.table import metric_values, run_ref


def every_view(data: Mapping[str, Any]) -> dict[str, Any]:
    """What the template `every` shows of the data file `runs`: each group's runs with their main metric."""
    main = next((column for column in data["columns"] if column["id"] == data["main"]), None)
    values = metric_values(main) if main else [None] * data["count"]
    groups: dict[str, list[dict[str, Any]]] = {}
    for number, group in enumerate(data["runs"]["group"]):
        shown = {"run": run_ref(data, number), "value": "" if values[number] is None else text.number(values[number])}
        groups.setdefault(group, []).append(shown)
    return {
        "root": "../",
        "metric": main["label"] if main else "",
        "total": data["count"],
        "groups": [{"name": text.shortened(name, 100) or "no group", "runs": runs} for name, runs in groups.items()],
    }

"""From an altair chart to a plain dict that is the same in every process."""

from __future__ import annotations

import re
from typing import Any

_AUTO = re.compile(r"^(view|param|layer|concat)_(?:[0-9a-f]{16}_)?\d+$")
# where altair's names stand; a metric may well be called "param_1" itself
_NAMED = {"name", "param", "views"}


def plain(chart: Any, *, validated: bool = False) -> dict[str, Any]:
    """The altair chart as a Vega-Lite dict without altair's own config, counters and schema address.

    Nothing in a report may be asked of another host, so the schema's URL goes; names that altair counts up
    through a process ("view_3") are renumbered in the order in which they appear. Checking against the schema
    (`validated`) takes most of the time; the tests do it for every spec there is.
    """
    spec: dict[str, Any] = chart.to_dict(validate=validated)
    for key in ("config", "$schema", "usermeta"):
        spec.pop(key, None)
    return dict(_walk(spec, {}))


def _walk(value: Any, seen: dict[str, str], key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _walk(item, seen, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_walk(item, seen, key) for item in value]
    if key in _NAMED and isinstance(value, str) and (found := _AUTO.match(value)):
        return seen.setdefault(value, f"rp_{found[1]}_{len(seen) + 1}")
    return value

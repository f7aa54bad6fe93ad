"""Traces of answers and the spans in them, as tables that all readers fill alike."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from runpages.model import Artifact

TRACE = ("id", "name", "time", "state", "milliseconds", "tokens", "request", "response")
SPAN = ("trace", "span", "parent", "name", "type", "status", "start_ms", "milliseconds", "inputs", "outputs", "error")
MAX_ROWS = 10_000
MAX_WORDS = 4_000  # characters of what went into a span, and of what came out


def tables(tracker: str, traces: Iterable[Mapping[str, Any]], spans: Iterable[Mapping[str, Any]]) -> list[Artifact]:
    """The tables `TRACKER/traces` and `TRACKER/spans`, each only when it has a row. Times are ISO 8601, `start_ms` since the trace began."""
    named = (("traces", TRACE, list(traces)), ("spans", SPAN, list(spans)))
    return [_table(f"{tracker}/{name}", columns, rows) for name, columns, rows in named if rows]


def _table(name: str, columns: Sequence[str], rows: list[Mapping[str, Any]]) -> Artifact:
    content = {"columns": columns, "data": [[row.get(column) for column in columns] for row in rows[:MAX_ROWS]]}
    data = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
    caption = f"{MAX_ROWS:,} of {len(rows):,} rows" if len(rows) > MAX_ROWS else ""
    return Artifact(name, "table", "", size=len(data), data=data, caption=caption)


def words(value: Any) -> str:
    """What went into a span or came out of it, as text: a text bare, anything else as JSON; cut where it is long."""
    text = (
        value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False, default=str)
    )
    return text if len(text) <= MAX_WORDS else text[:MAX_WORDS] + "…"

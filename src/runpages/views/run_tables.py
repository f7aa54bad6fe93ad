"""Tables that a run logged, as rows a page can show."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from runpages.views import text

ROWS, COLUMNS = 50, 20
CELL = 160
MAX_JSON = 16_000_000  # characters


def table_view(content: str, name: str) -> dict[str, Any] | None:
    """The first rows and columns of a JSON or CSV table with how many there are; None for what is no table."""
    found = table_of(content, name)
    return None if found is None else shown(*found)


def table_of(content: str, name: str) -> tuple[list[Any], list[list[Any]]] | None:
    """Columns and rows of a JSON or CSV table, whole; None for what is no table."""
    return _json_table(content) if content.lstrip()[:1] in ("{", "[") else _csv_table(content, name)


def shown(columns: Sequence[Any], rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """A table cut to what a page has room for; numbers are told apart for their alignment."""
    width = max([len(columns), *(len(row) for row in rows[:ROWS])], default=0)
    names = [text.shortened(str(name), CELL) for name in columns] + [""] * (width - len(columns))
    kept = [[_cell(row[at] if at < len(row) else None) for at in range(min(width, COLUMNS))] for row in rows[:ROWS]]
    return {
        "columns": names[:COLUMNS],
        "rows": kept,
        "total_rows": len(rows),
        "total_columns": width,
        "cut": len(rows) > ROWS or width > COLUMNS,
    }


def _cell(value: Any) -> dict[str, Any]:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False, default=str)
    shown = text.shortened(text.number(value), CELL)
    full = text.full(value) if number else ""
    return {"text": shown, "full": "" if full == shown else full, "number": number}


def parsed(content: str) -> Any:
    """The JSON value, None for what is none or too large to look at."""
    if len(content) > MAX_JSON:
        return None
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _json_table(content: str) -> tuple[list[Any], list[list[Any]]] | None:
    value = parsed(content)
    if isinstance(value, dict) and isinstance(value.get("columns"), list) and isinstance(value.get("data"), list):
        return value["columns"], [row if isinstance(row, list) else [row] for row in value["data"]]
    if isinstance(value, dict) and value and all(isinstance(column, list) for column in value.values()):
        names = list(value)
        length = max(len(value[name]) for name in names)
        return names, [[value[name][at] if at < len(value[name]) else None for name in names] for at in range(length)]
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        return records(value)
    return None


def records(rows: Sequence[Mapping[str, Any]]) -> tuple[list[Any], list[list[Any]]]:
    """Rows that name their columns, as columns and rows."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return names, [[row.get(name) for name in names] for row in rows]


def _csv_table(content: str, name: str) -> tuple[list[Any], list[list[Any]]] | None:
    first = content.partition("\n")[0]
    mark = (
        "\t" if name.lower().endswith(".tsv") or "\t" in first else ";" if first.count(";") > first.count(",") else ","
    )
    try:
        rows = list(islice(csv.reader(io.StringIO(content, newline=""), delimiter=mark), 100_001))
    except csv.Error:
        return None
    if len(rows) < 2 or len(rows[0]) < 2:
        return None
    return rows[0], [list(row) for row in rows[1:]]

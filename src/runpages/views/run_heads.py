"""The beginnings of files that need more than their first lines to be read: notebooks cell by cell, Parquet as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runpages.media import parquet_head
from runpages.views import text
from runpages.views.run_tables import ROWS, parsed, shown
from runpages.views.run_text import plain_line

CELLS, LINES = 12, 24  # of a notebook on a page, and of a cell's source or output
NO_PARQUET = "The first rows of Parquet files are shown where pyarrow is installed: pip install 'runpages[parquet]'."


def notebook_view(content: str) -> dict[str, Any] | None:
    """A notebook's first cells as text: `cells` [{kind, source, outputs}], `left_out`; None for what is no notebook.

    Outputs are their plain text: HTML and pictures that a notebook holds stay in the file.
    """
    value = parsed(content)
    cells = value.get("cells") if isinstance(value, Mapping) else None
    if not isinstance(cells, list) or "nbformat" not in value:
        return None
    some = [one for one in cells if isinstance(one, Mapping)]
    kept = [
        {
            "kind": text.shortened(str(one.get("cell_type", "")), 20),
            "source": _lines(one.get("source")),
            "outputs": _outputs(one),
        }
        for one in some[:CELLS]
    ]
    return {"cells": kept, "left_out": len(some) - len(kept)}


def _outputs(cell: Mapping[str, Any]) -> str:
    outputs = cell.get("outputs")
    said = [_output(one) for one in outputs if isinstance(one, Mapping)] if isinstance(outputs, list) else []
    return _lines("\n".join(one for one in said if one))


def _output(output: Mapping[str, Any]) -> str:
    data = output.get("data")
    if isinstance(data, Mapping):
        return (
            _joined(data.get("text/plain"))
            or f"({', '.join(text.shortened(str(kind), 40) for kind in list(data)[:4])})"
        )
    if output.get("output_type") == "error":
        return f"{output.get('ename', '')}: {output.get('evalue', '')}"
    return _joined(output.get("text"))


def _joined(source: Any) -> str:
    return (
        "".join(one for one in source if isinstance(one, str))
        if isinstance(source, list)
        else source
        if isinstance(source, str)
        else ""
    )


def _lines(source: Any) -> str:
    """The first lines as a terminal would show them."""
    lines = _joined(source)[:20_000].split("\n")
    return "\n".join([plain_line(line) for line in lines[:LINES]] + ["…"] * (len(lines) > LINES)).strip("\n")


def parquet_view(data: bytes) -> dict[str, Any] | None:
    """The first rows of a Parquet file as a table; None when it is none, is damaged or would unpack to too much.

    Raises ImportError without pyarrow.
    """
    head = parquet_head(data, ROWS)
    if head is None:
        return None
    names, rows, total = head
    view = shown(names, rows)
    return view | {"total_rows": total, "cut": view["cut"] or total > len(rows)}

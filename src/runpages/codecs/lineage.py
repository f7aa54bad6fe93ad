"""What a run was made from and what came of it: two tables that all readers fill alike."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields

from runpages.model import Artifact

KEY = "lineage/"  # then "inputs" or "outputs", the artifact's name
MAX_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Item:
    """A data set, file or model: its name, what the tracker calls it, its hash, bytes, where it lies, and who read or made it."""

    name: str
    kind: str = ""
    digest: str = ""
    size: int | None = None
    place: str = ""
    by: str = ""


COLUMNS = tuple(one.name for one in fields(Item))


def lineage(inputs: Iterable[Item], outputs: Iterable[Item]) -> list[Artifact]:
    """The tables `inputs` and `outputs` of a run (key "lineage/inputs", "lineage/outputs"), each only when it has a row; equal rows once."""
    return [
        _table(name, list(dict.fromkeys(items)))
        for name, given in (("inputs", inputs), ("outputs", outputs))
        if (items := list(given))
    ]


def _table(name: str, items: list[Item]) -> Artifact:
    content = {"columns": COLUMNS, "data": [[getattr(one, name) for name in COLUMNS] for one in items[:MAX_ROWS]]}
    data = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
    caption = f"{MAX_ROWS:,} of {len(items):,} rows" if len(items) > MAX_ROWS else ""
    return Artifact(
        name, "table", "", KEY + name, size=len(data), data=data, media_type="application/json", caption=caption
    )

"""What a run was made from and what came of it, as far as its tracker recorded either: inputs -> run -> outputs.

Readers that know it hand on two tables (runpages/codecs/lineage.py). Other trackers say it in facts of the environment, in
tags, or by the kind of what they kept; that counts where the tables have nothing of the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from runpages.model import Artifact, Run, Scalar
from runpages.views import text
from runpages.views.run_code import web
from runpages.views.run_pairs import LONG
from runpages.views.run_tables import parsed

KEY = "lineage/"  # the tables of runpages/codecs/lineage.py
MOST = 40
FACTS = {
    "dataset.": ("input", "data"),
    "input.": ("input", ""),
    "output.": ("output", ""),
    "registered.": ("output", "registered model"),
}
_READ = {"used_artifacts": "artifact", "inputs": "data", "datasets": "data", "dataset": "data", "base_model": "model"}
_LISTING = ["path", "size", "digest", "reference"]

Thing = dict[str, str]


def lineage_view(run: Run) -> dict[str, Any]:
    """`inputs` and `outputs` [{name, kind, about, url}], at most MOST of each, with `inputs_more` and `outputs_more`."""
    told = {"inputs": [*_facts(run, "input"), *_tagged(run)], "outputs": [*_facts(run, "output"), *_made(run)]}
    view: dict[str, Any] = {}
    for side, others in told.items():
        things = list(_listed(run, side))
        known = [one["name"] for one in things if one["name"]]
        things += [
            one
            for one in others
            if not any(one["name"].startswith(name) or name.startswith(one["name"]) for name in known)
        ]
        once = list({(one["name"], one["kind"], one["about"]): one for one in things}.values())
        view[side] = once[:MOST]
        view[f"{side}_more"] = max(0, len(once) - MOST)
    return view


def _listed(run: Run, side: str) -> Iterator[Thing]:
    """The rows of the reader's table."""
    table = next((one for one in run.artifacts if one.key == f"{KEY}{side}" and one.data is not None), None)
    value = None if table is None else parsed((table.data or b"").decode("utf-8", "replace"))
    if not isinstance(value, dict) or not isinstance(value.get("data"), list):
        return
    columns = [str(one) for one in value["columns"]]
    for row in value["data"]:
        cells = dict(zip(columns, row, strict=False))
        size = cells.get("size")
        parts = [
            text.filesize(size) if isinstance(size, int) else "",
            str(cells.get("digest") or "")[:20],
            f"by {cells['by']}" if cells.get("by") else "",
        ]
        place = str(cells.get("place") or "")
        about = " · ".join(part for part in (*parts, "" if web(place) else place) if part)
        yield {**_thing(str(cells["name"]), str(cells.get("kind") or ""), about), "url": place if web(place) else ""}


def is_lineage(name: str) -> bool:
    """Whether a fact of the environment is told among inputs and outputs."""
    return name.startswith(tuple(FACTS))


def _facts(run: Run, side: str) -> Iterator[Thing]:
    for name, value in run.environment.items():
        for start, (where, kind) in FACTS.items():
            if where == side and name.startswith(start):
                rest = name.removeprefix(start)
                if start == "dataset.":  # the role is the name's, the data set the value's
                    yield _thing(str(value), kind, rest)
                else:
                    yield _thing(rest, kind, "" if value in (None, True) else str(value))


def _tagged(run: Run) -> Iterator[Thing]:
    for tag, kind in _READ.items():
        for name in _names(run.tags.get(tag)):
            yield _thing(name, kind, "")


def _names(value: Scalar) -> list[str]:
    """The names in `a, b` or `["a", "b"]`."""
    if not isinstance(value, str):
        return []
    listed = parsed(value) if value.startswith("[") else None
    return (
        [str(one) for one in listed] if isinstance(listed, list) else [one for one in re.split(r",\s*", value) if one]
    )


def _made(run: Run) -> Iterator[Thing]:
    for artifact in run.artifacts:
        if artifact.kind == "model":
            size = "" if artifact.size is None else text.filesize(artifact.size)
            yield _thing(artifact.name, "model", ", ".join(part for part in (size, artifact.digest[:12]) if part))
        elif _logged(artifact):
            yield _thing(artifact.name, "artifact", artifact.caption)
    for name in ("model", "registered_model"):
        if name in run.links:
            yield _thing(run.links[name], "model", "")


def _logged(artifact: Artifact) -> bool:
    """Whether a table is the listing of an artifact that was logged whole."""
    if artifact.kind != "table" or artifact.path or artifact.data is None:
        return False
    value = parsed(artifact.data.decode("utf-8", "replace"))
    return isinstance(value, dict) and value.get("columns") == _LISTING


def _thing(name: str, kind: str, about: str) -> Thing:
    url = name if web(name) else ""
    return {"name": text.shortened(name, LONG), "kind": kind, "about": text.shortened(about, 200), "url": url}

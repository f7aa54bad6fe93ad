"""Params of one run: those in which its siblings differ first, the rest as the tree that their dotted names make."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from runpages.model import Scalar
from runpages.views.run_pairs import pairs

DEEP = 6  # levels of a tree; what is nested deeper keeps its dots
OPEN = 24  # a tree of so many params is unfolded
FINDABLE = 12
_JOINT = re.compile(r"[./]")
_LIKE_NO_TEXT = re.compile(r"(?i)[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|true|false|none|null|nan|[+-]?inf|")

Row = dict[str, Any]


def params_view(params: Mapping[str, Scalar], differing: Sequence[str]) -> dict[str, Any]:
    """`differing` rows by name as the run has them, `same` as a tree {leaves, branches: [{name, count, leaves, branches}]}."""
    telling = set(differing)
    rows = _typed(params)
    same = [row for row in rows if row["name"] not in telling]
    return {
        "total": len(rows),
        "differing": [row for row in rows if row["name"] in telling],
        "same": tree([(row["name"], row) for row in same]),
        "same_total": len(same),
        "open": len(same) <= OPEN,
        "findable": len(rows) > FINDABLE,
        "left_out": 0,
    }


def _typed(params: Mapping[str, Scalar]) -> list[Row]:
    """Rows; a text that looks like a number stands in quotes where other values are numbers, so that both can be told apart."""
    rows: list[Row] = [{**row, "path": row["name"]} for row in pairs(params)]
    if all(isinstance(value, str) for value in params.values()):
        return rows
    for row, value in zip(rows, params.values(), strict=True):
        if isinstance(value, str) and _LIKE_NO_TEXT.fullmatch(value):
            row["text"] = f'"{row["text"]}"'
    return rows


def tree(named: Sequence[tuple[str, Row]], depth: int = 0) -> dict[str, Any]:
    """Rows below the part of their names that they share, cut at dots and slashes; a branch of one is none."""
    below: dict[tuple[str, str], list[tuple[str, Row]]] = {}
    for name, row in named:
        joint = _JOINT.search(name, 1) if depth < DEEP else None
        if joint is None or joint.end() == len(name):
            below.setdefault(("", name), []).append((name, row))
        else:
            below.setdefault((joint[0], name[: joint.start()]), []).append((name[joint.end() :], row))
    leaves: list[Row] = []
    branches: list[dict[str, Any]] = []
    for (joint_, head), some in below.items():
        if len(some) == 1:
            name, row = some[0]
            leaves.append({**row, "name": f"{head}{joint_}{name}" if joint_ else name})
        else:
            branches.append({"name": head, "count": len(some), **tree(some, depth + 1)})
    return {"leaves": leaves, "branches": [_joined(one) for one in branches]}


def _joined(branch: dict[str, Any]) -> dict[str, Any]:
    """A branch that holds nothing but one other is both in one: `model.encoder`."""
    if branch["leaves"] or len(branch["branches"]) != 1:
        return branch
    only = branch["branches"][0]
    return {**only, "name": f"{branch['name']}.{only['name']}"}


def flat(node: Mapping[str, Any]) -> list[Row]:
    """The leaves of a tree in the order of the page."""
    return [*node["leaves"], *(row for one in node["branches"] for row in flat(one))]

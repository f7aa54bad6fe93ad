"""Every field of the runs with what a profile makes of it: what would become public, to be looked at once before it does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from runpages.model import Run, Scalar

EXAMPLES = 3
EXAMPLE = 80  # characters
_TEXTS = ("id", "name", "group", "parent", "status", "reason", "user", "host", "source", "notes", "log")
_CODE = ("repository", "commit", "branch", "entry_point", "command", "patch")
_ROOMS = ("params", "results", "tags", "environment", "links")


@dataclass
class Field:
    """A field by its name for --show and --hide: in how many runs it is shown as it is, replaced in part, or hidden."""

    name: str
    shown: int = 0
    replaced: int = 0
    hidden: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        """`hidden`, `replaced` or `shown`: the most that anyone sees of it."""
        return "shown" if self.shown else "replaced" if self.replaced else "hidden"

    def plain(self) -> dict[str, Any]:
        """The field for JSON."""
        counts = {"shown": self.shown, "replaced": self.replaced, "hidden": self.hidden}
        return {"field": self.name, "verdict": self.verdict, **counts, "examples": self.examples}


def audit(pairs: Iterator[tuple[Run, Run]]) -> list[Field]:
    """The fields of (run as read, run as shown) pairs: what is shown first, then what is replaced, then what is hidden."""
    fields: dict[str, Field] = {}
    for was, now in pairs:
        seen = _seen(now)
        for name, value in _values(was):
            _count(fields.setdefault(name, Field(name)), value, seen.get(name))
    order = {"shown": 0, "replaced": 1, "hidden": 2}
    return sorted(fields.values(), key=lambda one: (order[one.verdict], one.name))


def _count(one: Field, was: Scalar, now: Scalar) -> None:
    if now is None or (now == "" != was):
        one.hidden += 1
        return
    if now == was:
        one.shown += 1
    else:
        one.replaced += 1
    example = " ".join(str(now).split())
    example = example if len(example) <= EXAMPLE else example[: EXAMPLE - 1] + "…"
    if example not in one.examples and len(one.examples) < EXAMPLES:
        one.examples.append(example)


def _seen(run: Run) -> dict[str, Scalar]:
    return dict(_values(run))


def _values(run: Run) -> Iterator[tuple[str, Scalar]]:
    """Every field that holds something, by the name under which it can be shown or hidden."""
    for name in _TEXTS:
        if text := getattr(run, name):
            yield name, text
    for name in _CODE:
        if text := getattr(run.code, name):
            yield f"code.{name}", text
    for room in _ROOMS:
        mapping: Mapping[str, Scalar] = getattr(run, room)
        yield from ((f"{room}.{key}", value) for key, value in mapping.items() if value is not None)
    for series in run.series:
        yield f"metrics.{series.label}", f"{len(series.steps)} points"
    for artifact in run.artifacts:
        yield f"artifacts.{artifact.name or artifact.path}", artifact.kind

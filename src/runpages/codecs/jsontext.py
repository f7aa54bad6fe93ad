"""JSON and JSON lines as programs write them: bare NaN and Infinity, duplicate keys, a last line cut in the middle."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from runpages.codecs.text import decode
from runpages.errors import Notes

MAX_LINE = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Lines:
    """The objects of a JSON-lines file and where each stood (0-based line)."""

    rows: list[dict[str, Any]]
    bad: int = 0
    torn: bool = False


class NotJson(ValueError):
    """The bytes are no JSON document, or one that is nested too deeply."""


def load(data: bytes, notes: Notes | None = None, where: str = "") -> Any:
    """One JSON document as plain values; a key given twice keeps its last value and is noted. Raises NotJson."""
    repeated: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) < len(items):
            seen: set[str] = set()
            repeated.extend(key for key, _ in items if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        return found

    try:
        value = json.loads(decode(data)[0], object_pairs_hook=pairs, parse_int=_integer)
    except RecursionError:
        raise NotJson("nested too deeply") from None
    except ValueError as error:
        raise NotJson(str(error)) from None
    if repeated and notes is not None:
        notes.warn(
            "json-duplicate-key",
            f"{len(repeated)} keys are given more than once, the first is {repeated[0]!r}",
            where=where,
            kept="the last value of each",
        )
    return value


def load_lines(data: bytes, notes: Notes, where: str) -> Lines:
    """Every object of a JSON-lines file in order. Lines that are no object are counted and noted, a cut tail dropped."""
    text = decode(data)[0]
    lines = [line for line in text.split("\n") if line and not line.isspace()]
    rows = _at_once(lines)
    if rows is not None:
        return Lines(rows)
    found = [(number, _one(line)) for number, line in enumerate(lines)]
    rows = [row for _, row in found if row is not None]
    bad = [number for number, row in found if row is None]
    torn = bool(bad) and bad[-1] == len(lines) - 1 and not text.endswith("\n")
    if torn:
        bad.pop()
        notes.info(
            "json-torn", "the last line ends in the middle", where=where, kept=f"the {len(rows)} lines before it"
        )
    if bad:
        notes.warn(
            "json-bad-lines",
            f"{len(bad)} lines are no JSON objects, the first is line {bad[0] + 1}",
            where=where,
            kept=f"the other {len(rows)} lines",
        )
    return Lines(rows, len(bad), torn)


def load_batches(data: bytes, notes: Notes, where: str) -> list[dict[str, Any]]:
    """Every object of a file whose lines are arrays of objects, in order; other lines are counted and noted."""
    text = decode(data)[0]
    lines = [line for line in text.split("\n") if line and not line.isspace()]
    batches = [_batch(line) for line in lines]
    torn = bool(batches) and batches[-1] is None and not text.endswith("\n")
    bad = batches.count(None) - torn
    kept = f"the other {len(lines) - bad - torn} lines"
    if torn:
        notes.info("json-torn", "the last line ends in the middle", where=where, kept=kept)
    if bad:
        notes.warn("json-bad-lines", f"{bad} lines are no arrays of objects", where=where, kept=kept)
    return [row for batch in batches for row in batch or () if isinstance(row, dict)]


def _batch(line: str) -> list[Any] | None:
    try:
        batch = json.loads(line, parse_int=_integer) if len(line) <= MAX_LINE else None
    except (ValueError, RecursionError):
        return None
    return batch if isinstance(batch, list) else None


def _at_once(lines: Sequence[str]) -> list[dict[str, Any]] | None:
    """All lines parsed in one call (twice as fast as one by one); None when any of them needs a closer look."""
    if any(len(line) > MAX_LINE for line in lines):
        return None
    try:
        rows = json.loads("[" + ",\n".join(lines) + "]")
    except (ValueError, RecursionError):
        return None
    # "{}, {}" on one line would be two rows; "1], [2" cannot pass because the lengths differ
    return rows if len(rows) == len(lines) and all(type(row) is dict for row in rows) else None


def _one(line: str) -> dict[str, Any] | None:
    if len(line) > MAX_LINE:
        return None
    try:
        row = json.loads(line, parse_int=_integer)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _integer(text: str) -> int | float:
    """Integers of more digits than Python converts become floats (mostly infinite)."""
    return int(text) if len(text) < 400 else float(text)

"""Nested plain values (JSON, YAML, TOML) into dotted names with scalar values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from runpages.codecs.text import short_name

Scalar = str | int | float | bool | None
MAX_DEPTH = 100
MAX_VALUES = 100_000
MAX_TEXT = 64 * 1024


class TooMuch(ValueError):
    """The value is nested deeper, or has more leaves, than anyone writes by hand."""


def flatten(value: Any, prefix: str = "") -> dict[str, Scalar]:
    """Scalars by dotted name: {"a": {"b": 1}} is {"a.b": 1}.

    A list of scalars stays one value, written as JSON; a list with mappings is numbered ("layers.0.units").
    Empty containers are kept as "{}" and "[]". When two paths give one name the later wins. Raises TooMuch.
    """
    flat: dict[str, Scalar] = {}
    if isinstance(value, Mapping) and not value and not prefix:
        return flat  # nothing is named, so nothing is said
    for count, (name, leaf) in enumerate(_leaves(value, prefix)):
        if count >= MAX_VALUES:
            raise TooMuch(f"more than {MAX_VALUES:,} values")
        flat[short_name(name)] = leaf
    return flat


def _leaves(top: Any, prefix: str) -> Iterator[tuple[str, Scalar]]:
    """Depth first with a stack of its own: depth is bounded by MAX_DEPTH, not by Python's recursion limit."""
    todo: list[tuple[str, Any, int]] = [(prefix, top, 0)]
    while todo:
        name, value, depth = todo.pop()
        if depth > MAX_DEPTH:
            raise TooMuch(f"nested deeper than {MAX_DEPTH}")
        inner = _inside(value)
        if inner is None:
            yield name or "value", as_scalar(value)
            continue
        if len(inner) + len(todo) > MAX_VALUES:
            raise TooMuch(f"more than {MAX_VALUES:,} values")
        todo.extend((f"{name}.{key}" if name else key, one, depth + 1) for key, one in reversed(inner))


def _inside(value: Any) -> list[tuple[str, Any]] | None:
    """The named parts of a container that is to be opened, else None."""
    if isinstance(value, Mapping) and value:
        return [(str(key), one) for key, one in value.items()]
    if isinstance(value, list | tuple) and any(isinstance(one, Mapping) and one for one in value):
        return [(str(number), one) for number, one in enumerate(value)]
    return None


def as_scalar(value: Any) -> Scalar:
    """A leaf as a scalar: dates as ISO 8601, lists as JSON, bytes as their hex digits, anything else as text."""
    if value is None or isinstance(value, bool | float | str):
        return value[:MAX_TEXT] if isinstance(value, str) else value
    if isinstance(value, int):
        return value if value.bit_length() <= 1024 else hex(value)[:MAX_TEXT]
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()[:MAX_TEXT]
    try:
        return json.dumps(value, ensure_ascii=False, default=str)[:MAX_TEXT]
    except (RecursionError, ValueError, TypeError) as error:
        raise TooMuch(f"a list that cannot be written as text ({type(error).__name__})") from None

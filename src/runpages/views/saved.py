"""Saved views: what a configuration says of one, as the address that the page understands, and the runs it shows."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from runpages.errors import ConfigError
from runpages.query import REDUCERS, Column, QueryError, columns_of, natural, where

# what the configuration calls it -> what the address calls it (js/state.js)
KEYS = {
    "filter": "q",
    "search": "s",
    "group": "group",
    "columns": "cols",
    "pinned": "pin",
    "sort": "sort",
    "reducer": "red",
    "baseline": "base",
    "selected": "sel",
    "interval": "pm",
    "differences": "diff",
    "shaded": "heat",
    "across": "px",
    "cells": "pv",
}
LISTS = frozenset({"group", "columns", "pinned", "sort", "selected", "cells"})
RUNS = frozenset({"baseline", "selected"})


def slug(name: str) -> str:
    """The file name of a view's page."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "view"


def address(data: Mapping[str, Any], name: str, view: Mapping[str, Any]) -> str:
    """A view as what stands after # in the page's address. Raises ConfigError for what is not there."""
    pairs: dict[str, str] = {}
    for key, value in view.items():
        if key == "charts":
            pairs |= {str(one): str(setting) for one, setting in value.items()}
            continue
        words = [str(one) for one in value] if isinstance(value, list | tuple) else [_word(value)]
        if key in RUNS:
            words = [_key(data, name, word) for word in words]
        elif key == "sort":
            words = [_sort(word) for word in words]
        elif key in LISTS:
            words = [word.replace("%", "%25").replace(",", "%2C") for word in words]
        pairs[KEYS[key]] = ",".join(words)
    return urlencode(pairs, quote_via=quote, safe=",:/")


def _word(value: object) -> str:
    return ("1" if value else "") if isinstance(value, bool) else str(value)


def _sort(word: str) -> str:
    """`metric:val/loss desc` as `metric:val/loss:desc`."""
    stem, _, way = word.rpartition(" ")
    return f"{stem}:{way}" if stem and way in ("asc", "desc") else f"{word}:asc"


def _key(data: Mapping[str, Any], name: str, word: str) -> str:
    runs = data["runs"]
    if word == "none":
        return word
    for number in range(data["count"]):
        if word in (runs["id"][number], runs["name"][number], runs["key"][number]):
            return str(runs["key"][number])
    raise ConfigError("view-wrong", f"the view {name} names a run {word} that is not there", where="views")


def shown_runs(data: Mapping[str, Any], name: str, view: Mapping[str, Any], ranked: Sequence[int]) -> list[int]:
    """The runs of a view in its order: what stands in its page before JavaScript. Raises ConfigError."""
    reducer = str(view.get("reducer", "best"))
    try:
        kept = set(where(data, str(view.get("filter", "")), reducer))
    except QueryError as error:
        raise ConfigError("view-wrong", f"the filter of the view {name}: {error.message}", where="views") from None
    search = _search(data, name, str(view.get("search", "")))
    numbers = [number for number in ranked if number in kept and search(number)]
    columns = {column.id: column for column in columns_of(data)}
    sort = view.get("sort", [])
    for word in reversed([sort] if isinstance(sort, str) else list(sort)):
        stem, _, way = _sort(str(word)).rpartition(":")
        column, reduced = _reduced(columns, stem, reducer)
        if column is None:
            raise ConfigError("view-wrong", f"the view {name} sorts by {stem}, which is no column", where="views")
        numbers = _sorted(numbers, column, reduced, down=way == "desc")
    return numbers


def shown_columns(data: Mapping[str, Any], view: Mapping[str, Any]) -> list[str] | None:
    """The ids of a view's columns as the data file has them, None for the first choice."""
    if "columns" not in view:
        return None
    wanted = [view["columns"]] if isinstance(view["columns"], str) else list(view["columns"])
    ids = {column["id"] for column in data["columns"]}
    return [name if name in ids else name.rpartition("@")[0] for name in map(str, wanted)]


def _reduced(columns: Mapping[str, Column], stem: str, reducer: str) -> tuple[Column | None, str]:
    """`metric:loss@min` is the column `metric:loss` by its minimum."""
    if stem in columns:
        return columns[stem], reducer
    name, _, own = stem.rpartition("@")
    return columns.get(name), own if own in REDUCERS or own.startswith("at:") else reducer


def _sorted(numbers: Sequence[int], column: Column, reducer: str, *, down: bool) -> list[int]:
    """By one column, in either direction with what has no value last; what is equal keeps its order."""
    values = column.raw(reducer)
    if column.type == "text":
        there = [number for number in numbers if values[number] not in (None, "")]
        there.sort(key=lambda number: natural(str(values[number])), reverse=down)
    else:
        words = {"inf": math.inf, "-inf": -math.inf}
        floats = {number: words.get(str(values[number]), values[number]) for number in numbers}
        there = [number for number in numbers if isinstance(floats[number], int | float)]
        there.sort(key=lambda number: floats[number], reverse=down)
    kept = set(there)
    return there + [number for number in numbers if number not in kept]


def _search(data: Mapping[str, Any], name: str, text: str) -> Any:
    """A test of a run by the search box: words, -words, /patterns/."""
    texts = [c.raw("") for c in columns_of(data) if c.type == "text" and c.kind not in ("result", "metric")]
    tests = []
    for word in re.findall(r"-?/(?:[^/\\]|\\.)+/|\S+", text):
        turned = len(word) > 1 and word[0] == "-"
        bare = word[1:] if turned else word
        is_pattern = len(bare) > 2 and bare[0] == bare[-1] == "/"
        try:
            pattern = re.compile(bare[1:-1] if is_pattern else re.escape(bare), re.IGNORECASE)
        except re.error as error:
            raise ConfigError("view-wrong", f"the search of the view {name}: {error.msg}", where="views") from None
        tests.append((pattern, turned))

    def test(number: int) -> bool:
        whole = "\n".join(str(values[number] or "") for values in texts).lower()
        return all(bool(pattern.search(whole)) != turned for pattern, turned in tests)

    return test

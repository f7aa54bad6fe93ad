"""JSON and JSON lines as programs write them."""

from __future__ import annotations

import contextlib
import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runpages.codecs import jsontext
from runpages.errors import Notes

KEYS = st.text(max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
ROWS = st.lists(st.dictionaries(KEYS, VALUES, max_size=4), max_size=8)


def lines(data: bytes) -> tuple[jsontext.Lines, list[str]]:
    notes = Notes()
    return jsontext.load_lines(data, notes, "x.jsonl"), [note.slug for note in notes.all]


def written(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


@given(ROWS)
def test_lines_come_back(rows: list[dict[str, Any]]) -> None:
    assert lines(written(rows)) == (jsontext.Lines(rows), [])


@given(ROWS.filter(bool), st.data())
def test_a_torn_tail_keeps_what_came_before(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    whole = written(rows)
    cut = data.draw(st.integers(len(written(rows[:-1])) + 1, len(whole) - 2))
    found, slugs = lines(whole[:cut])
    assert found.rows == rows[:-1]
    assert (found.torn, slugs) == (True, ["json-torn"])


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_raise(data: bytes) -> None:
    lines(data)
    with contextlib.suppress(jsontext.NotJson):
        jsontext.load(data)


def test_two_objects_on_one_line_are_a_bad_line() -> None:
    found, slugs = lines(b'{"a": 1}, {"a": 2}\n{"a": 3}\n')
    assert found.rows == [{"a": 3}]
    assert slugs == ["json-bad-lines"]


def test_a_line_of_many_megabytes_is_skipped() -> None:
    found, slugs = lines(b'{"a": 1}\n{"b": "' + b"x" * (jsontext.MAX_LINE + 1) + b'"}\n{"c": 2}\n')
    assert found.rows == [{"a": 1}, {"c": 2}]
    assert slugs == ["json-bad-lines"]


def test_the_last_of_equal_keys_is_kept_and_noted() -> None:
    notes = Notes()
    assert jsontext.load(b'{"a": 1, "b": {"c": 1, "c": 2}}', notes, "x.json") == {"a": 1, "b": {"c": 2}}
    assert [note.slug for note in notes.all] == ["json-duplicate-key"]


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e400"])
def test_numbers_that_json_does_not_know_are_read(text: str) -> None:
    assert not math.isfinite(jsontext.load(text.encode()))


def test_an_integer_of_thousands_of_digits_is_infinite() -> None:
    assert jsontext.load(b"[" + b"9" * 6000 + b"]") == [math.inf]


def test_nesting_without_end_is_no_json() -> None:
    with pytest.raises(jsontext.NotJson, match="nested"):
        jsontext.load(b"[" * 200_000)

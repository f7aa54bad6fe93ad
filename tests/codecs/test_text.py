"""Bytes into text, text into scalars, nested values into dotted names."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runpages.codecs.flatten import TooMuch, flatten
from runpages.codecs.text import MAX_NAME, decode, number, scalar, short_name

PLAIN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), min_size=3)


@given(PLAIN, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_text_comes_back_from_every_marked_encoding(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding))[0] == text


@given(PLAIN, st.integers(1, 3))
def test_a_cut_in_a_character_loses_that_character_only(text: str, cut: int) -> None:
    data = (text + "🙂").encode()[:-cut]
    assert decode(data) == (text, "utf-8")


@given(st.binary(max_size=200))
def test_no_bytes_raise(data: bytes) -> None:
    assert "\0" not in decode(data)[0]


@given(st.floats())
def test_a_number_is_read_as_python_reads_it(value: float) -> None:
    found = number(repr(value))
    assert found is not None
    assert found == value or (math.isnan(found) and math.isnan(value))


@pytest.mark.parametrize(
    "text", ["", "1_000", "0x10", "12%", "nan%", "True", "1,5", "١", "--1", "1e", "infinit", "None"]
)
def test_this_is_no_number(text: str) -> None:
    assert number(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [("np.float64(0.5)", 0.5), ("tensor(0.25)", 0.25), ("tensor(2., device='cuda:0')", 2), (" 1 ", 1)],
)
def test_what_numpy_and_torch_print_is_a_number(text: str, value: float) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", 1), ("1.0", 1.0), ("1e-3", 1e-3), ("true", True), ("False", False), ("x y", "x y"), ("9" * 30, 1e30)],
)
def test_a_cell_has_the_type_it_looks_like(text: str, value: Any) -> None:
    assert scalar(text) == value
    assert type(scalar(text)) is type(value)


LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
KEYS = st.text(st.characters(categories=["L"]), min_size=1, max_size=4)


@given(st.recursive(LEAVES, lambda inner: st.dictionaries(KEYS, inner, min_size=1, max_size=3), max_leaves=10))
def test_every_leaf_keeps_its_value_under_its_path(value: Any) -> None:
    flat = flatten(value)
    for name, leaf in flat.items():
        at = value
        for key in name.split(".") if isinstance(value, dict) else []:
            at = at[key]
        assert at == leaf


def test_lists_stay_one_value_unless_they_hold_mappings() -> None:
    nested = {"a": [1, 2], "b": [{"c": 1}, {"c": 2}], "d": {}, "e": [], "f": [[1], [2]]}
    assert flatten(nested) == {"a": "[1, 2]", "b.0.c": 1, "b.1.c": 2, "d": "{}", "e": "[]", "f": "[[1], [2]]"}


def test_depth_and_number_of_values_are_capped() -> None:
    deep: dict[str, Any] = {}
    for _ in range(200):
        deep = {"a": deep or 1}
    with pytest.raises(TooMuch, match="deeper"):
        flatten(deep)
    with pytest.raises(TooMuch, match="values"):
        flatten({str(at): at for at in range(200_000)})


def test_long_names_stay_apart_when_they_are_shortened() -> None:
    first, second = short_name("x" * 9_000 + "a"), short_name("x" * 9_000 + "b")
    assert first != second
    assert len(first) == len(second) == MAX_NAME

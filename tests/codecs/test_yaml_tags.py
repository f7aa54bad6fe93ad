"""PyYAML's Python tags as plain data."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from runpages.codecs import yamltext

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=8)
)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcxyz", min_size=1, max_size=4), inner, max_size=3), max_leaves=8)  # fmt: skip


@settings(deadline=None)
@given(VALUES)
def test_what_pyyaml_dumps_comes_back(value: Any) -> None:
    assert yamltext.load(yaml.safe_dump(value).encode()) == value


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_yaml_error(data: bytes) -> None:
    with contextlib.suppress(yamltext.NotYaml):
        yamltext.load(data)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!!python/tuple [1, 2]", [1, 2]),
        ("!!python/name:torch.nn.functional.cross_entropy ''", "cross_entropy"),
        ("!!python/object/apply:os.system ['exit 1']", "system"),
        ("!!python/object:a.b.ReLU {inplace: false}", "ReLU"),
        ("!!python/object:argparse.Namespace {a: 1}", {"a": 1}),
        ("!!python/object/apply:pathlib.PosixPath [/, data, x]", "/data/x"),
        ("!!set {a: null, b: null}", ["a", "b"]),
        ("!Custom {a: 1}", {"a": 1}),
        ("a: !!python/object/new:os.system [x]\nb: 1", {"a": "system", "b": 1}),
    ],
)
def test_a_tag_is_told_and_never_followed(text: str, value: Any) -> None:
    assert yamltext.load(text.encode()) == value


@pytest.mark.parametrize(
    ("text", "value"), [("1e-3", 1e-3), ("no", "no"), ("2026-11-24", "2026-11-24"), ("12:30", "12:30")]
)
def test_scalars_follow_yaml_1_2(text: str, value: Any) -> None:
    assert yamltext.load(text.encode()) == value

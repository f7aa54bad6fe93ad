"""Columns of text numbers: exact, and None rather than a guess."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runpages.codecs import columns
from runpages.codecs.columns import floats, read_points
from runpages.codecs.mlflow_record import in_order
from runpages.codecs.yamltext import NotYaml, load, load_flat

INT = st.integers(-(2**63), 2**63 - 1)
POINT = st.tuples(INT, st.floats(allow_nan=True, allow_infinity=True), INT)


def text(points: list[tuple[int, float, int]]) -> bytes:
    return "".join(f"{time} {value!r} {step}\n" for time, value, step in points).encode()


def bits(value: float) -> bytes:
    return b"nan" if value != value else struct.pack("<d", value)


@given(st.lists(POINT))
def test_both_ways_of_parsing_give_back_every_bit(points: list[tuple[int, float, int]]) -> None:
    data = text(points)
    for parse in (columns._few, columns._many) if points else (columns._few,):
        found = parse(data)
        assert found is not None
        assert found[0].tolist() == [point[0] for point in points]
        assert [bits(value) for value in found[1].tolist()] == [bits(point[1]) for point in points]
        assert found[2].tolist() == [point[2] for point in points]
        assert [array.dtype for array in found] == [np.int64, np.float64, np.int64]


@given(st.binary(max_size=60))
@example(b"1 2 3")
@example(b"1  3\n")
@example(b"1 2\n3 4 5 6\n")
@example(b"1 2 99999999999999999999\n")
@example(b"1 -- 3\n")
def test_what_is_not_three_numbers_a_line_is_none_either_way(data: bytes) -> None:
    found = read_points(data)
    if found is None:
        return
    lines = data.split(b"\n")
    assert lines.pop() == b""
    assert found[1].tolist() == [float(line.split(b" ")[1]) for line in lines] or np.isnan(found[1]).any()
    assert found[0].tolist() == [int(line.split(b" ")[0]) for line in lines]


def test_long_files_refuse_what_short_ones_refuse() -> None:
    good = text([(1, 0.5, step) for step in range(3000)])
    for bad in (b"1 2\n", b"1 2 3 4\n", b"1 -- 3\n", b"1 2 1.5\n", b"nan 1 1\n", b"1 2 3"):
        assert read_points(good + bad) is None
        assert read_points(bad) is None
    whole = read_points(good + b"1 nan 5\n2 -inf 6\n")
    assert whole is not None
    np.testing.assert_array_equal(whole[1][-2:], [np.nan, -np.inf])


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([0.0, 1.0, -1.0]), st.integers(-2, 2))))
def test_order_is_by_step_time_value_and_equal_points_count_once(points: list[tuple[int, float, int]]) -> None:
    found = in_order(read_points(text(points)) or (np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64)))
    got = list(zip(found[2].tolist(), found[0].tolist(), found[1].tolist(), strict=True))
    assert got == sorted({(step, time, value) for time, value, step in points})


FLAT_LINE = st.from_regex(r"[A-Za-z_]{1,6}:( |  )?['A-Za-z0-9./:+%~\[\]{}&*!# -]{0,8}'?\n?", fullmatch=True)


@given(st.lists(FLAT_LINE, max_size=6))
@example(["a: 'x'\n", "b: []\n", "c: 12\n", "d: 1e5\n", "e: null\n", "f: file:///x\n"])
@example(["a: 0x1f\n", "b: 1:30\n", "c: .\n", "d: ...\n"])
@example(["null: 1\n"])
@example(["a: x:\n"])
def test_the_fast_path_says_what_the_slow_one_says(lines: list[str]) -> None:
    data = "".join(lines).encode()
    flat = load_flat(data)
    if flat is None:
        return
    try:
        assert repr(flat) == repr(load(data))
    except NotYaml as error:
        raise AssertionError(f"only the fast path read {data!r}") from error


def test_the_fast_path_takes_what_mlflow_writes() -> None:
    data = b"artifact_uri: file:///home/ana/mlruns/1/ab/artifacts\nend_time: 1790000000123\nentry_point_name: ''\nexperiment_id: '1'\nstatus: 3\ntags: []\n"
    assert load_flat(data) == load(data)
    assert load_flat(data) is not None


@given(st.lists(st.floats() | st.integers(-(2**70), 2**70), max_size=30))
def test_numbers_of_json_are_those_of_float_to_the_last_bit_with_and_without_orjson(values: list[float]) -> None:
    texts = [json.dumps(value).encode() for value in values]
    expected = [float(text).hex() for text in texts]
    assert [value.hex() for value in floats(texts).tolist()] == expected
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "_LOADS", None)
        assert [value.hex() for value in floats(texts).tolist()] == expected


@pytest.mark.parametrize("text", [b"", b"1.2.3", b"x", b"1 2", b"[1"])
def test_what_spells_no_number_is_a_value_error(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        floats([b"1", text])

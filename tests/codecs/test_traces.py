"""Traces and spans of any shape: rows with the columns that every reader fills, never an exception."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runpages.codecs import mlflow_traces, traces
from runpages.codecs.lineage import COLUMNS, Item, lineage
from runpages.codecs.tfsession import Session
from runpages.codecs.trackio_tables import Beside
from runpages.codecs.wire import WireError

scalars = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=6)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
KEYS = """span_id parent_span_id parent_id context name start_time_unix_nano start_time end_time_unix_nano end_time status status_code
    status_message attributes events id kind duration_ms error input output usage""".split()
spans = st.lists(st.dictionaries(st.sampled_from(KEYS), anything, max_size=8) | anything, max_size=4)


@given(spans)
def test_spans_of_mlflow_of_any_shape_are_rows(given_spans: list[Any]) -> None:
    rows = list(mlflow_traces.rows("t", given_spans))
    assert len(rows) == sum(isinstance(one, dict) for one in given_spans)
    assert all(tuple(row) == traces.SPAN for row in rows)
    json.dumps(rows)


@given(spans, anything, anything)
def test_traces_of_trackio_of_any_shape_are_rows(given_spans: list[Any], messages: Any, metadata: Any) -> None:
    beside = Beside()
    beside.trace({"id": "t", "key": "k", "spans": given_spans, "messages": messages, "metadata": metadata})
    assert [tuple(row) for row in beside.traces] == [traces.TRACE]
    assert all(tuple(row) == traces.SPAN for row in beside.spans)
    assert {one.kind for one in beside.artifacts()} <= {"table"}


@given(
    st.dictionaries(st.sampled_from(["request_time", "timestamp_ms", "state", "status", "trace_id"]), anything),
    st.text(),
)
def test_a_trace_of_mlflow_of_any_shape_is_a_row(info: dict[str, Any], usage: str) -> None:
    made = mlflow_traces.trace_of(info, {"mlflow.trace.tokenUsage": usage}, "", "", "")
    assert set(traces.TRACE) <= set(made)


def test_spans_of_2_14_and_of_3_say_the_same() -> None:
    old: dict[str, Any] = {
        "name": "answer", "context": {"span_id": "0x9a8d5a3820cec71f", "trace_id": "0x1"}, "parent_id": None, "start_time": 10**18,
        "end_time": 10**18 + 2_500_000, "status_code": "OK", "status_message": "",
        "attributes": {"mlflow.spanType": '"LLM"', "mlflow.spanInputs": '{"q": 1}', "mlflow.spanOutputs": '"three"'}, "events": [],
    }  # fmt: skip
    new = {
        "name": "answer", "span_id": "mo1aOCDOxx8=", "parent_span_id": None, "start_time_unix_nano": 10**18,
        "end_time_unix_nano": 10**18 + 2_500_000, "status": {"code": "STATUS_CODE_OK", "message": ""}, "attributes": old["attributes"],
    }  # fmt: skip
    (first,), (second,) = (list(mlflow_traces.rows("t", [one])) for one in (old, new))
    assert first == second
    assert (first["span"], first["milliseconds"], first["outputs"]) == ("9a8d5a3820cec71f", 2.5, "three")


@given(st.binary(max_size=60))
def test_a_session_of_arbitrary_bytes_is_a_session_or_a_wire_error(data: bytes) -> None:
    session = Session()
    try:
        session.add(data)
    except WireError:
        return
    assert isinstance(session.space, dict)


def test_equal_things_stand_once_and_nothing_makes_no_table() -> None:
    assert lineage([], []) == []
    (table,) = lineage([Item("a"), Item("a"), Item("b")], [])
    content = json.loads(table.data or b"")
    assert (table.name, table.key, tuple(content["columns"])) == ("inputs", "lineage/inputs", COLUMNS)
    assert [row[0] for row in content["data"]] == ["a", "b"]


@pytest.mark.parametrize("length", [10, 100_000])
def test_long_words_are_cut(length: int) -> None:
    assert len(traces.words("x" * length)) == min(length, traces.MAX_WORDS + 1)

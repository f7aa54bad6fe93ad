"""Neptune: the exporter's parquet files, offline queues, and what is damaged of either."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.readers.archived import SAMPLES, lines, named, points, read, word

from runpages.codecs.neptune_queue import operations
from runpages.media import read_artifact
from runpages.model import Run
from runpages.testing import plain_run

HERE = SAMPLES / "neptune"
EXPORTED = ["SAN-1", "SAN-2", "SAN-3", "my run/α"]


@pytest.mark.parametrize("case", ["digits", "ended", "exporter", "media", "parts"])
def test_runs_of(case: str, golden: Callable[..., None]) -> None:
    runs, notes = read("neptune", HERE / case)
    golden({"runs": [plain_run(run, points=False) for run in runs], "notes": notes})


def counted(one: dict[str, Any]) -> dict[str, Any]:
    """A series of the exporter with whole steps: fractional ones are rows, counted (docs/formats/neptune.md)."""
    whole = all(step == int(step) for step in one["steps"])
    return {
        "steps": [int(step) for step in one["steps"]] if whole else list(range(len(one["steps"]))),
        "values": one["values"],
    }


def test_the_exporters_own_reading_agrees() -> None:
    ours = {run.id: run for run in read("neptune", HERE)[0]}
    theirs = lines("neptune")
    assert sorted(line["id"] for line in theirs) == EXPORTED
    for line in theirs:
        run = ours[line["id"]]
        assert {name: word(value) for name, value in run.params.items()} == line["params"]
        assert points(run) == {name.replace("/1a2b3c4d", ""): counted(one) for name, one in line["series"].items()}
        assert {name for name, kept in run.tags.items() if kept is True} == set(line["tags"])


def test_files_of_the_export_are_found_beside_its_data() -> None:
    run = named(read("neptune", HERE)[0], "media")
    shown = [one for one in run_of("my run/α").artifacts if one.path]
    assert {one.kind for one in shown} == {"image", "html"}
    assert all(read_artifact(one, HERE / "exporter" / "exports", 2**20) for one in shown)
    assert run.name == "with media ü <b>&</b>"


def run_of(key: str) -> Run:
    return next(run for run in read("neptune", HERE / "exporter")[0] if run.id == key)


def test_a_missing_file_is_named() -> None:
    lost = next(one for one in run_of("my run/α").artifacts if one.name.startswith("lost"))
    assert (lost.path, lost.caption) == ("", "not among the exported files")


def test_without_its_root_the_files_are_not_looked_for_outside(tmp_path: Path) -> None:
    shutil.copytree(HERE / "exporter" / "exports", tmp_path / "exports")
    runs, _ = read("neptune", tmp_path / "exports" / "data")
    assert not [one for run in runs for one in run.artifacts if one.path]


def test_parts_are_one_run_in_their_order() -> None:
    (run,), _ = read("neptune", HERE / "parts")
    loss = next(one for one in run.series if one.name == "train/loss")
    assert loss.steps.tolist() == list(range(210))


def test_fractional_steps_are_a_curve_too() -> None:
    run = run_of("SAN-1")
    half = next(one for one in run.series if one.name == "half")
    assert (half.step_name, half.steps.tolist()) == ("row", [0, 1, 2, 3])
    curve = next(one for one in run.artifacts if one.kind == "curve")
    assert json.loads(curve.data or b"")["x"] == [0.0, 0.5, 1.0, 1.5]


def test_without_pyarrow_there_is_a_note_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    runs, notes = read("neptune", HERE / "exporter")
    assert (runs, set(notes)) == ([], {"neptune-needs-pyarrow"})


def test_other_parquet_files_are_given_back(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1]}), tmp_path / "x-0123456789abcdef_part_0.parquet")
    assert read("neptune", tmp_path) == ([], ["not-mine"])


def test_an_aborted_export_is_noted(tmp_path: Path) -> None:
    source = next((HERE / "parts").rglob("*_part_0.parquet"))
    shutil.copytree(source.parent, tmp_path / "p")
    (tmp_path / "p" / source.name).rename(tmp_path / "p" / f"{source.name}.tmp")
    (run,), notes = read("neptune", tmp_path)
    assert notes == ["neptune-aborted"]
    assert 0 < len(next(one for one in run.series if one.name == "train/loss").steps) < 210


def test_operations_are_applied_in_order() -> None:
    run = named(read("neptune", HERE / "media")[0], "media")
    assert run.params["data/version"] == "v2"
    assert "gone" not in run.params
    assert dict(run.tags) == {"digits": True, "media": True}
    pictures = [one for one in run.artifacts if one.kind == "image"]
    assert [one.step for one in pictures] == [0, 1, 2]
    assert pictures[0].caption == "first · the first <digit>"


def test_a_traceback_is_the_reason_of_a_failure() -> None:
    run = named(read("neptune", HERE / "ended")[0], "failed")
    assert (run.status, run.reason) == ("failed", "loss is not finite <after> epoch 1")


def test_a_torn_queue_keeps_what_came_before(tmp_path: Path) -> None:
    source = next((HERE / "digits").rglob("data-1.log")).parent
    shutil.copytree(source, tmp_path / source.name)
    log = tmp_path / source.name / "data-1.log"
    whole = log.read_bytes()
    counts = []
    for part in range(50):
        log.write_bytes(whole[: len(whole) * part // 50])
        runs, notes = read("neptune", tmp_path)
        assert set(notes) <= {"json-torn"}
        counts.append(sum(len(one.steps) for run in runs for one in run.series))
    assert counts == sorted(counts)
    assert counts[-1] > 40


@given(
    st.lists(st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=5)), max_size=6), st.text(max_size=9)
)
def test_a_stream_of_objects_is_taken_apart(rows: list[dict[str, object]], tail: str) -> None:
    found, _ = operations(" \n".join(json.dumps(row) for row in rows).encode())
    assert found == rows
    operations((json.dumps(rows) + tail).encode("utf-8", "replace"))


def test_parquet_with_changed_bytes_gives_notes(tmp_path: Path) -> None:
    source = next((HERE / "exporter").rglob("SAN-1*.parquet"))
    target = tmp_path / source.name
    whole = source.read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(60):
        changed = bytearray(whole)
        for at in rng.integers(0, len(whole), 3).tolist():
            changed[at] ^= 1 << int(rng.integers(8))
        target.write_bytes(changed)
        _, notes = read("neptune", tmp_path)
        assert set(notes) <= {"parquet-unreadable", "not-mine"}


def test_texts_that_are_no_utf8_are_replaced_and_said(tmp_path: Path) -> None:
    source = next((HERE / "exporter").rglob("SAN-1*.parquet"))
    table = pq.read_table(source)
    columns = []
    for name in table.schema.names:
        column = table[name].combine_chunks()
        if name in ("attribute_path", "string_value"):
            bare = [None if one is None else one.encode() + b"\xff\xfe" for one in column.to_pylist()]
            column = pa.array(bare, pa.binary()).view(pa.string())
        columns.append(column)
    pq.write_table(pa.Table.from_arrays(columns, schema=table.schema), tmp_path / source.name)
    (run,), notes = read("neptune", tmp_path)
    (whole,), _ = read("neptune", source.parent.parent / source.parent.name)[0][:1], None
    assert notes == ["neptune-text"]
    assert [one.name for one in run.series]
    assert all(one.name.endswith("\N{REPLACEMENT CHARACTER}" * 2) for one in run.series)
    assert sum(len(one.steps) for one in run.series) == sum(len(one.steps) for one in whole.series)

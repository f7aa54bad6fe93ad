"""Aim's repositories: the samples, damaged copies, and the formats below."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runpages.codecs import rocksdb
from runpages.model import Run, Series
from runpages.readers import list_folder
from runpages.readers.aim import AimReader
from runpages.testing import plain_run, read_all

READER = AimReader()


def read(root: Path) -> tuple[list[Run], list[str]]:
    runs, notes = read_all({"aim": READER}, root)
    return runs, [note.slug for note in notes]


def one(run: Run, label: str) -> Series:
    return next(one for one in run.series if one.label == label)


@pytest.mark.parametrize("case", ["digits", "media"])
def test_runs_of(case: str, samples: Path, golden: Callable[..., None]) -> None:
    runs, notes = read(samples / "aim" / case)
    golden({"runs": [plain_run(run) for run in runs], "notes": notes})


def test_contexts_are_told_apart_and_steps_in_order(samples: Path) -> None:
    runs, _ = read(samples / "aim" / "digits")
    for run in runs:
        assert {series.label for series in run.series} == {"loss{subset=train}", "loss{subset=val}", "acc{subset=val}"}
        assert all(series.steps.tolist() == [0, 10, 20] for series in run.series)
        assert (run.group, run.status, run.tags) == ("digits", "finished", {"größe": True})


def test_params_keep_their_types_and_nesting(samples: Path) -> None:
    runs, _ = read(samples / "aim" / "digits")
    run = next(run for run in runs if run.name == "lr-0.3-1")
    assert run.params == {
        "hparams.lr": 0.3, "hparams.seed": 1, "hparams.layers": "[8, 10]", "hparams.model.kind": "sgd", "hparams.model.none": None,
    }  # fmt: skip


def test_a_killed_run_is_read_from_its_write_ahead_log(samples: Path) -> None:
    runs, _ = read(samples / "aim" / "media")
    run = next(run for run in runs if run.name == "killed")
    assert (run.status, one(run, "loss{subset=val}").steps.tolist()) == ("unknown", list(range(6)))


def test_pictures_texts_and_distributions_hold_what_was_logged(samples: Path) -> None:
    runs, _ = read(samples / "aim" / "media")
    run = next(run for run in runs if run.name == "pictures")
    kinds = {(artifact.kind, artifact.step) for artifact in run.artifacts}
    assert kinds == {(kind, step) for kind in ("image", "text", "histogram") for step in (0, 2)}
    image = next(artifact for artifact in run.artifacts if artifact.kind == "image")
    assert (image.data or b"").startswith(b"\x89PNG")
    histogram = json.loads(next(artifact.data or b"" for artifact in run.artifacts if artifact.kind == "histogram"))
    assert sum(histogram["counts"]) == 640
    assert len(histogram["edges"]) == 9
    assert np.isnan(one(run, "odd").values[1])


def test_an_archived_run_is_left_out(samples: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(samples / "aim" / "digits", tmp_path / "copy"))
    db = sqlite3.connect(copy / ".aim/run_metadata.sqlite")
    db.execute("update run set is_archived = 1 where name = 'lr-0.3-1'")
    db.commit()
    db.close()
    assert [run.name for run in read(copy)[0]] == ["lr-0.01-0"]


def test_without_the_sqlite_file_the_numbers_stay(samples: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(samples / "aim" / "digits", tmp_path / "copy"))
    (copy / ".aim/run_metadata.sqlite").unlink()
    runs, notes = read(copy)
    assert [len(run.series) for run in runs] == [3, 3]
    assert (runs[0].name, notes) == (runs[0].id, [])


def test_a_cut_table_is_noted_and_leaves_the_other_runs(samples: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(samples / "aim" / "digits", tmp_path / "copy"))
    file = next((copy / ".aim/seqs").rglob("*.sst"))
    file.write_bytes(file.read_bytes()[:-60])
    runs, notes = read(copy)
    assert sorted(len(run.series) for run in runs) == [0, 3]
    assert notes == ["aim-damaged"]


def test_the_folder_itself_and_the_one_above_give_the_same_runs(samples: Path) -> None:
    above, inside = read(samples / "aim/digits")[0], read(samples / "aim/digits/.aim")[0]
    assert [run.id for run in above] == [run.id for run in inside]
    assert [plain_run(run)["series"] for run in above] == [plain_run(run)["series"] for run in inside]


def test_environment_variables_are_never_read(samples: Path) -> None:
    assert not list(READER.find(list_folder(samples / "plain", ".")))
    source = Path(__file__).parents[2] / "src/runpages/readers/aim.py"
    assert "env_variables" not in source.read_text()


@given(st.binary(max_size=400))
def test_noise_is_no_table_and_no_log(data: bytes) -> None:
    list(rocksdb.log(data))
    with pytest.raises(rocksdb.NotRocks):
        list(rocksdb.table(data + b"x"))


@given(st.binary(max_size=200))
def test_packed_noise_unpacks_or_is_refused(data: bytes) -> None:
    try:
        rocksdb.unsnap(data)
    except rocksdb.NotRocks:
        return


def test_a_packed_run_of_one_byte_repeats_it() -> None:
    assert rocksdb.unsnap(b"\x0a\x00a" + bytes([(9 - 4) << 2 | 1, 1])) == b"a" * 10

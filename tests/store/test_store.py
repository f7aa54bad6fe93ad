"""The store: heads apart from points, nothing lost, nothing old shown."""

from __future__ import annotations

import math
import os
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runpages.errors import Note
from runpages.find import Root
from runpages.gather import gather
from runpages.model import Artifact, Code, Run, Series, Source
from runpages.store import Packed, Store, pack, place, stamp, stat
from runpages.testing import plain_run


def run(**given: object) -> Run:
    steps = np.array([0, 1, 2], np.int64)
    loss = Series(
        "loss", steps, np.array([1.0, math.nan, math.inf]), np.array([1.5, 2.5, 3.5]), "epoch", {"subset": "val"}
    )
    fields: dict[str, object] = {
        "id": "a",
        "name": "é \udc80",
        "tracker": "plain",
        "source": ".",
        "params": {"lr": 0.1, "n": 3, "flag": True, "none": None, "nan": math.nan},
        "series": (loss, Series("lr", steps, np.zeros(3))),
        "artifacts": (Artifact("x.png", "image", "", data=b"\x89PNG", step=3), Artifact("y", "file", "y", size=4)),
        "code": Code(commit="abc", patch="+ a\n- b\n"),
        "log": "line\n" * 1000,
    }
    return Run(**(fields | given))  # type: ignore[arg-type]


def put(store: Store, *runs: Run) -> Source:
    source = Source("plain", Path("/somewhere"), ".", ())
    store.put(source, "stamp", Packed(tuple(pack(one) for one in runs), (Note("slug", "what"),), {"token": 2}))
    return source


def test_a_run_comes_back_as_it_went(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite")
    before = run()
    source = put(store, before)
    assert plain_run(store.run(source, 0)) == plain_run(before)


def test_heads_hold_no_points_but_every_number_of_a_table(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite")
    (held,) = store.load([put(store, run())])
    head = held.heads[0]
    assert not head.run.series
    assert head.step_names == {"loss{subset=val}": "epoch", "lr": "step"}
    loss = head.stats["loss{subset=val}"]
    assert (loss.count, loss.first, loss.last, loss.nan_count, loss.inf_count) == (3, 1.0, math.inf, 1, 1)
    assert held.notes == (Note("slug", "what"),)
    assert held.counts == {"token": 2}


def test_one_series_can_be_had_alone(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite")
    source = put(store, run())
    one = store.series(source, 0, "lr")
    assert one is not None
    assert one.values.tolist() == [0.0, 0.0, 0.0]
    assert store.series(source, 0, "no such metric") is None


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True, width=64), min_size=1, max_size=50))
def test_a_stat_is_what_numpy_says(values: list[float]) -> None:
    array = np.array(values, np.float64)
    got = stat(Series("m", np.arange(len(values), dtype=np.int64) * 10, array))
    real = array[~np.isnan(array)]
    assert got.count == len(values)
    assert got.nan_count == len(values) - len(real)
    if len(real):
        assert (got.min, got.max) == (real.min(), real.max())
        assert array[got.argmin_step // 10] == real.min()
        assert array[got.argmax_step // 10] == real.max()
    else:
        assert math.isnan(got.min)


@pytest.mark.parametrize("content", [b"not a database", b"", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_store_is_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "s.sqlite"
    path.write_bytes(content)
    store = Store(path)
    source = put(store, run())
    assert len(store.load([source])) == 1


@pytest.mark.parametrize("column", ["head", "points"])
def test_a_source_of_which_a_bit_changed_is_forgotten_and_the_others_stay(tmp_path: Path, column: str) -> None:
    import sqlite3

    path = tmp_path / "s.sqlite"
    first = Store(path)
    put(first, run())
    other = Source("plain", Path("/elsewhere"), ".", ())
    first.put(other, "stamp", Packed((pack(run(id="b")),), (), {}))
    first.close()
    with sqlite3.connect(path) as db:
        (blob,) = db.execute(f"select {column} from runs where source = 1").fetchone()  # noqa: S608
        changed = blob[:20] + bytes([blob[20] ^ 1]) + blob[21:]
        db.execute(f"update runs set {column} = ? where source = 1", (changed,))  # noqa: S608
    db.close()
    second = Store(path)
    assert list(second.stamps()) == [place(other)]
    assert second.run(other, 0).id == "b"


def test_a_store_of_another_version_is_replaced(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "s.sqlite"
    first = Store(path)
    put(first, run())
    first.close()
    with sqlite3.connect(path) as db:
        db.execute("update meta set value = 'older'")
    db.close()
    second = Store(path)
    assert not second.stamps()


def plain_folder(root: Path, name: str, value: float) -> Path:
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "params.json").write_text('{"lr": 0.1}')
    (folder / "metrics.csv").write_text(f"step,loss\n0,1.0\n1,{value}\n")
    return folder


def aged(root: Path) -> None:
    """Make every file older than the store's doubt about young files."""
    then = time.time() - 60
    for path in root.rglob("*"):
        os.utime(path, (then, then))


def test_only_what_changed_is_read_again(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    folders = [plain_folder(runs, f"r{number}", 0.5) for number in range(5)]
    aged(runs)
    store = Store(tmp_path / "s.sqlite")
    assert gather([Root(runs)], store).read == 5
    assert gather([Root(runs)], store).read == 0
    with (folders[2] / "metrics.csv").open("a") as file:
        file.write("2,0.25\n")
    again = gather([Root(runs)], store)
    assert again.read == 1
    assert [head.stats["loss"].last for one in again.stored for head in one.heads] == [0.5, 0.5, 0.25, 0.5, 0.5]


def test_a_file_of_this_very_moment_is_read_again(tmp_path: Path) -> None:
    folder = plain_folder(tmp_path, "r", 0.5)
    source = Source("plain", folder, ".", (folder / "metrics.csv",))
    assert stamp(source) == ""
    aged(tmp_path)
    assert stamp(source) != ""


def test_a_run_that_went_away_is_forgotten(tmp_path: Path) -> None:
    import shutil

    runs = tmp_path / "runs"
    plain_folder(runs, "a", 0.5)
    gone = plain_folder(runs, "b", 0.5)
    store = Store(tmp_path / "s.sqlite")
    assert len(gather([Root(runs)], store).stored) == 2
    shutil.rmtree(gone)
    assert len(gather([Root(runs)], store).stored) == 1
    assert len(store.stamps()) == 1


@pytest.mark.parametrize("executor", ["serial", "thread=2", "process=2"])
def test_every_executor_reads_the_same(tmp_path: Path, samples: Path, executor: str) -> None:
    store = Store(tmp_path / "s.sqlite")
    other = Store(tmp_path / "t.sqlite")
    one = gather([Root(samples / "plain")], store, executor=executor)
    two = gather([Root(samples / "plain")], other, executor="serial")
    assert [head.run.id for held in one.stored for head in held.heads] == [
        head.run.id for held in two.stored for head in held.heads
    ]
    assert [held.notes for held in one.stored] == [held.notes for held in two.stored]

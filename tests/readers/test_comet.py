"""Comet's offline archives: whole, continued, killed, and damaged."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.readers.archived import SAMPLES, lines, named, read

from runpages.codecs.comet_assets import histogram
from runpages.codecs.comet_messages import Said
from runpages.media import read_artifact
from runpages.testing import plain_run

HERE = SAMPLES / "comet"


@pytest.mark.parametrize("case", ["continued", "killed", "media", "wine"])
def test_runs_of(case: str, golden: Callable[..., None]) -> None:
    runs, notes = read("comet", HERE / case)
    golden({"runs": [plain_run(run, points=False) for run in runs], "notes": notes})


def test_the_clients_own_listing_agrees() -> None:
    """Comet's command lists every value of every metric of an archive, without contexts, and every param as text."""
    ours = {run.id: run for run in read("comet", HERE)[0]}
    theirs = lines("comet")
    assert {line["id"] for line in theirs} == {key for key in ours if "/" not in key}
    for key, run in ours.items():
        listed = sorted((line for line in theirs if line["id"] == key), key=lambda line: len(line["archive"]))
        metrics: dict[str, list[str]] = {}
        for line in listed:
            for name, values in line["metrics"].items():
                metrics.setdefault(name, []).extend(values)
        if listed:
            assert {
                one.name.rpartition("/")[2]: [str(value) for value in one.values.tolist()] for one in run.series
            } == {name: [str(float(value)) for value in values] for name, values in metrics.items()}
            params = {name: value for line in listed for name, value in line["params"].items()}
            wanted = {name: value for name, value in params.items() if not name.startswith(("curr_", "run_arg"))}
            assert {name: "" if run.params[name] is None else str(run.params[name]) for name in wanted} == wanted


def test_an_unpacked_archive_says_what_the_zip_says(tmp_path: Path) -> None:
    path = next((HERE / "media").glob("*.zip"))
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "folder")
    (folder,), _ = read("comet", tmp_path)
    (zipped,), _ = read("comet", path.parent)
    contents = [
        [read_artifact(one, root, 2**20) for one in run.artifacts]
        for run, root in ((folder, tmp_path / "folder"), (zipped, path.parent))
    ]
    assert contents[0] == contents[1]
    bare = [plain_run(replace(run, artifacts=(), source="")) for run in (folder, zipped)]
    assert bare[0] == bare[1]


def test_a_continued_experiment_is_one_run() -> None:
    (run,), notes = read("comet", HERE / "continued")
    loss = next(one for one in run.series if one.name == "train/loss")
    assert loss.steps.tolist() == [*range(8), *range(100, 108)]
    assert notes == ["comet-continued"]


def test_a_killed_run_is_named_and_its_messages_are_read() -> None:
    (run,), notes = read("comet", HERE / "killed")
    assert notes == ["comet-unfinished"]
    assert (run.status, len(run.series[-1].steps) > 0) == ("unknown", True)


def test_an_error_in_the_script_is_a_failure(tmp_path: Path) -> None:
    first = min((HERE / "continued").glob("*.zip"), key=lambda path: len(path.name))
    shutil.copy(first, tmp_path)
    (run,), _ = read("comet", tmp_path)
    assert run.status == "failed"
    assert "loss is not finite <after> epoch 1" in run.reason


def test_nan_and_infinity_survive() -> None:
    run = named(read("comet", HERE / "wine")[0], "lr=0.01")
    odd = next(one for one in run.series if one.name == "odd")
    assert [str(value) for value in odd.values.tolist()] == ["nan", "inf", "-inf", "nan", "inf"]


def test_counters_of_the_client_are_no_params() -> None:
    for run in read("comet", HERE)[0]:
        assert not [name for name in run.params if name.startswith(("curr_", "run_arg"))]


def test_what_comet_saw_of_scikit_learn_are_params() -> None:
    run = named(read("comet", HERE / "wine")[0], "lr=0.01")
    assert (run.params["with_mean"], run.params["copy"]) in {(True, True), ("True", "True")}


@pytest.mark.parametrize("source", ["manual", "cli", "auto-logged", None])
def test_only_the_clients_own_names_are_hidden(source: str | None) -> None:
    said = Said()
    names = ("lr", "curr_step" if source == "auto-logged" else "curr_lr", "run_arg_0" if source == "cli" else "run_arg")
    said.take({"payload": {"param": {"paramName": name, "paramValue": 1, "source": source}}} for name in names)
    hidden = {"cli": {"run_arg_0"}, "auto-logged": {"curr_step"}}.get(source or "", set())
    assert set(said.params) == set(names) - hidden


def test_figures_histograms_curves_and_the_patch_are_there() -> None:
    run = named(read("comet", HERE / "media")[0], "media")
    by_kind = {one.kind: one for one in run.artifacts}
    assert {"image", "figure", "histogram", "curve", "audio", "html", "model", "table", "text"} <= set(by_kind)
    assert json.loads(by_kind["histogram"].data or b"")["counts"]
    assert "+# lr is tuned by hand" in run.code.patch


def test_bins_are_those_of_comets_histogram() -> None:
    value = {"version": 2, "index_values": [[4, 2], [6, 3]], "start": 1.0, "stop": 8.0, "step": 2.0, "offset": 0.0}
    # bounds: -8 | -8 -4 -2 -1 | 0 | 1 2 4 8 | 8: bin 4 is -1 to 0, bin 6 is 1 to 2
    assert histogram(value) == {"edges": [-1.0, 0.0, 1.0, 2.0], "counts": [2, 0, 3]}
    assert histogram({**value, "step": 1.0}) is None
    assert histogram({**value, "index_values": [[400, 2]]}) is None


def test_other_zips_are_not_claimed(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "data.zip", "w") as archive:
        archive.writestr("train.csv", "a,b")
    assert read("comet", tmp_path) == ([], [])

"""TensorBoard's folders: equal to what TensorBoard itself reads, point by point, and robust where it is not."""

from __future__ import annotations

import json
import re
import shutil
import struct
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest

from runpages.codecs.crc32c import crc32c, masked
from runpages.errors import Note, Notes
from runpages.model import Artifact, Run, Series
from runpages.readers.tensorboard import TensorboardReader
from runpages.testing import plain_run, read_all, sources

READER = TensorboardReader()
CASES = ("damaged", "keras", "native", "restarts", "tensorboardx", "torch")
Points = list[tuple[int, float, str]]


def read(root: Path) -> tuple[dict[str, Run], list[Note]]:
    runs, notes = read_all({"tensorboard": READER}, root)
    return {run.id: run for run in runs}, notes


@pytest.fixture(scope="module")
def logs(samples: Path) -> Path:
    return samples / "tensorboard"


@pytest.fixture(scope="module")
def runs(logs: Path) -> dict[str, Run]:
    return read(logs)[0]


def reference(tree: Path, by: str) -> dict[tuple[str, str], Points]:
    lines = (tree / "tests" / "golden" / "reference" / "tensorboard.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    return {
        (row["run"], row["tag"]): [
            (step, time, repr(float(value)))
            for step, time, value in zip(row["steps"], row["times"], row["values"], strict=True)
        ]
        for row in rows
        if row["by"] == by
    }


def flat(run: Run) -> Iterable[tuple[tuple[str, str], Points]]:
    """The series of a run under the names of TensorBoard's own runs: one per folder."""
    for one in run.series:
        folder = run.id
        if "subset" in one.context:
            folder += f"/{one.context['subset']}"
        elif "curve" in one.context:
            joint = "/" if run.id.startswith("tensorboardx") else "_"
            folder += f"/{one.name if joint == '/' else one.name.replace('/', '_')}{joint}{one.context['curve']}"
        yield (folder, one.name), points(one)


def points(one: Series) -> Points:
    assert one.times is not None
    return [
        (s, t, repr(v)) for s, t, v in zip(one.steps.tolist(), one.times.tolist(), one.values.tolist(), strict=True)
    ]


def ours(runs: dict[str, Run]) -> dict[tuple[str, str], Points]:
    return {key: found for run in runs.values() for key, found in flat(run)}


def is_session(key: tuple[str, str]) -> bool:
    return key[1].startswith(("hparam/", "final/"))  # metrics in the folder of add_hparams are results, not series


def test_every_point_equals_what_tensorboards_data_server_serves(tree: Path, runs: dict[str, Run]) -> None:
    theirs = {key: found for key, found in reference(tree, "server").items() if not is_session(key)}
    mine = ours(runs)
    # the server stops at the damage, drops numbers in double_val, and shows only what is marked as a scalar
    by_choice = {("damaged/length", "loss"), ("torch/everything", "loss/val"), ("keras/tf-summary", "whole")}
    assert len(theirs) > 50
    assert set(mine) - set(theirs) == by_choice - {("damaged/length", "loss")}
    for key, found in theirs.items():
        if key not in by_choice:
            assert mine[key] == found, key
    assert mine["damaged/length", "loss"][:20] == theirs["damaged/length", "loss"]
    assert [step for step, *_ in mine["damaged/length", "loss"]] == [step for step in range(40) if step != 20]


def test_every_point_equals_event_accumulators_but_for_restarts_and_damage(tree: Path, runs: dict[str, Run]) -> None:
    theirs = {key: found for key, found in reference(tree, "accumulator").items() if not is_session(key)}
    mine = ours(runs)
    assert set(mine) == set(theirs)
    for key, found in theirs.items():
        if key[0] == "restarts/overlapping":  # EventAccumulator keeps both, the page only the later
            found = [one for place, one in enumerate(found) if all(later[0] > one[0] for later in found[place + 1 :])]
        if key[0] in ("damaged/length", "damaged/payload"):  # EventAccumulator stops there
            assert mine[key][: len(found)] == found
            assert len(mine[key]) == 39
        else:
            assert mine[key] == found, key


def test_metrics_of_add_hparams_are_results(tree: Path, runs: dict[str, Run]) -> None:
    finals = {key: found for key, found in reference(tree, "accumulator").items() if is_session(key)}
    assert len(finals) == 13
    for (folder, tag), found in finals.items():
        assert repr(runs[folder.rpartition("/")[0]].results[tag]) == found[-1][2]


@pytest.mark.parametrize("case", CASES)
def test_runs_are_as_kept(case: str, logs: Path, golden: Callable[..., None]) -> None:
    found, notes = read(logs / case)
    golden(
        {
            "runs": [plain_run(run, points=False) for run in found.values()],
            "notes": [[note.slug, note.where, note.what, note.kept] for note in notes],
        }
    )


def test_hyperparameters_status_and_metrics_join_the_run_above(runs: dict[str, Run]) -> None:
    run = runs["torch/digits/rate=0.03/seed=2"]
    assert run.params == {"early_stop": 0.0, "hidden": 24.0, "optimizer": "adam", "rate": 0.03, "seed": 2.0}
    assert run.status == "finished"
    assert set(run.results) == {"hparam/accuracy", "hparam/loss"}
    assert len([name for name in runs if name.startswith("torch/digits/")]) == 6


def test_domains_that_the_experiment_above_declares_are_the_runs(runs: dict[str, Run]) -> None:
    for units in (8, 16):
        study = runs[f"keras/keras/units-{units}"].study
        assert (study.name, study.state) == ("keras/keras", "complete")
        assert study.space == {"units": {"choices": [8.0, 16.0]}, "dropout": {"low": 0.0, "high": 0.5}}
    assert not any(run.study.space for name, run in runs.items() if not name.startswith("keras/keras/"))


def test_a_run_ends_with_its_last_event_and_not_with_the_opening_of_a_file(
    runs: dict[str, Run], logs: Path, tmp_path: Path
) -> None:
    run = runs["native/plain-protos"]  # its events bear times of their own, its writer was opened later
    assert (run.started, run.ended) == (1_760_000_000.0, 1_760_000_010.0)
    shutil.copytree(logs / "torch/digits/rate=0.003/seed=1", tmp_path / "run")
    (before,) = read(tmp_path)[0].values()
    version = b"\t" + struct.pack("<d", 1.9e9) + b"\x1a\x0dbrain.Event:2"
    head = struct.pack("<Q", len(version))
    framed = head + struct.pack("<I", masked(crc32c(head))) + version + struct.pack("<I", masked(crc32c(version)))
    (tmp_path / "run" / "events.out.tfevents.1900000000.lab-03").write_bytes(framed)
    (after,) = read(tmp_path)[0].values()
    assert (after.started, after.ended) == (before.started, before.ended)


def test_graphs_and_profiles_are_named(runs: dict[str, Run], logs: Path, tmp_path: Path) -> None:
    assert [one.kind for one in runs["torch/everything"].artifacts if one.name == "graph"] == ["file"]
    shutil.copytree(logs / "torch/digits/rate=0.003/seed=1", tmp_path / "run")
    profile = tmp_path / "run" / "plugins" / "profile" / "2026_11_24" / "lab-03.xplane.pb"
    profile.parent.mkdir(parents=True)
    profile.write_bytes(b"profile")
    (run,) = read(tmp_path)[0].values()
    named = [(one.name, one.path) for one in run.artifacts if "profile" in one.name]
    assert named == [("profile/2026_11_24/lab-03.xplane.pb", "plugins/profile/2026_11_24/lab-03.xplane.pb")]


def test_train_and_validation_are_subsets_of_one_run(runs: dict[str, Run]) -> None:
    run = runs["keras/keras/units-8"]
    assert {"epoch_loss{subset=train}", "epoch_loss{subset=validation}"} <= {one.label for one in run.series}
    assert (run.group, run.params["units"], run.status) == ("units 8", 8.0, "finished")


def artifacts(run: Run, name: str) -> list[Artifact]:
    return [one for one in run.artifacts if one.name == name]


def test_images_and_sounds_stay_in_the_event_file(runs: dict[str, Run], logs: Path) -> None:
    signs = {"image/png": b"\x89PNG\r\n\x1a\n", "audio/wav": b"RIFF"}
    seen = 0
    for run in runs.values():
        for one in run.artifacts:
            if one.kind in ("image", "audio"):
                assert one.start is not None
                assert one.size is not None
                data = (logs / run.id / one.path).read_bytes()[one.start : one.start + one.size]
                assert data.startswith(signs[one.media_type])
                assert b"IEND" in data[-8:] or int.from_bytes(data[4:8], "little") + 8 == len(data)
                seen += 1
    assert seen == 9


@pytest.mark.parametrize(
    ("run", "name", "count"),
    [
        ("torch/everything", "weights/layer0", 64 * 24),
        ("tensorboardx/digits-mlp", "weights", 240),
        ("keras/tf-summary", "normal", 200),
    ],
)
def test_histograms_count_every_number(run: str, name: str, count: int, runs: dict[str, Run]) -> None:
    for one in artifacts(runs[run], name):
        found = json.loads(one.data or b"")
        assert len(found["edges"]) == len(found["counts"]) + 1
        assert np.all(np.diff(found["edges"]) >= 0)
        assert sum(found["counts"]) == count


def test_a_precision_recall_curve_has_a_point_per_threshold(runs: dict[str, Run]) -> None:
    curve = json.loads(artifacts(runs["torch/everything"], "is a three")[-1].data or b"")
    assert len(curve["x"]) == len(curve["y"]) == 31
    assert (curve["x_name"], curve["y_name"]) == ("recall", "precision")
    assert curve["x"][0] == 1.0
    assert all(0 <= value <= 1 for value in curve["x"] + curve["y"])


def test_a_custom_layout_becomes_sections_of_charts(runs: dict[str, Run]) -> None:
    (layout,) = artifacts(runs["torch/everything"], "custom scalars")
    sections = json.loads(layout.data or b"")["sections"]
    assert [(one["title"], [chart["title"] for chart in one["charts"]]) for one in sections] == [
        ("Losses", ["train and validation"]),
        ("Accuracy", ["band"]),
    ]
    assert sections[0]["charts"][0]["tags"] == ["loss/train", "loss/val"]
    assert sections[1]["charts"][0]["margins"] == [
        {"value": "accuracy/mean", "lower": "accuracy/low", "upper": "accuracy/high"}
    ]


def test_texts_keep_their_words_and_tables_their_cells(runs: dict[str, Run]) -> None:
    assert (
        artifacts(runs["torch/everything"], "remarks")[0].data == b"first line\n\n<script>alert(1)</script> and `code`"
    )
    assert artifacts(runs["keras/tf-summary"], "table")[0].data == b"| name | value |\n| --- | --- |\n| units | 16 |"


def test_awkward_tags_and_numbers_come_through(runs: dict[str, Run]) -> None:
    series = {one.name: one for one in runs["torch/everything"].series}
    assert series["größe/<script>alert(1)</script>"].values.tolist() == [1.5]
    assert series["a/b/c/../d"].steps.tolist() == [2**40]
    assert series["negative steps"].steps.tolist() == [-3]
    assert [repr(value) for value in series["not always finite"].values.tolist()] == [
        "0.5",
        "nan",
        "inf",
        "-inf",
        "nan",
        "0.25",
    ]


def test_superseded_points_are_counted_in_a_note(logs: Path) -> None:
    _, notes = read(logs / "restarts")
    assert [(note.slug, note.where, note.what.partition(" ")[0]) for note in notes] == [
        ("superseded-points", "overlapping", "8"),
        ("superseded-points", "purged", "8"),
    ]


def test_a_log_cut_at_fifty_places_keeps_what_came_before(logs: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(logs / "torch" / "everything", folder)
    path = next(folder.glob("*tfevents*"))
    whole = path.read_bytes()
    (source,) = sources(READER, tmp_path)
    before = -1
    for cut in np.linspace(0, len(whole), 50).astype(int).tolist():
        path.write_bytes(whole[:cut])
        notes = Notes()
        (run,) = READER.read(source, notes)
        count = sum(len(one.steps) for one in run.series) + len(run.artifacts)
        assert count >= before
        assert {note.slug for note in notes.all} <= {"events-torn", "summary-not-shown"}
        before = count
    assert before > 60


def test_histograms_beyond_fifty_are_thinned_with_a_note(logs: Path, tmp_path: Path) -> None:
    first = next((logs / "tensorboardx" / "digits-mlp").glob("*tfevents*"))
    for copy in range(8):
        shutil.copy(first, tmp_path / f"events.out.tfevents.{copy}.lab-03")
    found, notes = read(tmp_path)
    (run,) = found.values()
    steps = [one.step for one in artifacts(run, "weights")]
    assert (len(steps), steps[0], steps[-1]) == (50, 0, 7)
    assert [note.what for note in notes if note.slug == "histograms-thinned"] == ["14 histograms were left out"]


def test_folders_that_are_runs_of_their_own_are_not_folded(logs: Path, tmp_path: Path) -> None:
    """Two sessions below one folder, a run below a run, a folder `train` that holds runs: nothing is merged."""
    trial = next((logs / "torch" / "digits").glob("rate=0.03/seed=1/*/"))
    plain = logs / "native" / "plain-protos"
    shutil.copytree(plain, tmp_path / "hpo")
    for name in ("first", "second"):
        shutil.copytree(trial, tmp_path / "hpo" / name)
    shutil.copytree(plain, tmp_path / "outer")
    shutil.copytree(plain, tmp_path / "outer" / "inner")
    shutil.copytree(plain, tmp_path / "train" / "one")
    found, _ = read(tmp_path)
    assert list(found) == ["hpo", "hpo/first", "hpo/second", "outer", "outer/inner", "train/one"]
    assert found["hpo/first"].params["rate"] == 0.03
    assert found["hpo"].params == {}


def test_an_unreadable_summary_is_a_note(tmp_path: Path) -> None:
    histogram = b"\x3a\x03abc"  # bucket counts of three bytes
    event = b"\x09" + bytes(8) + b"\x2a\x0c\x0a\x0a\x0a\x01w\x2a\x05" + histogram
    length = len(event).to_bytes(8, "little")
    checked = [part + masked(crc32c(part)).to_bytes(4, "little") for part in (length, event)]
    (tmp_path / "events.out.tfevents.1.lab-03").write_bytes(b"".join(checked))
    found, notes = read(tmp_path)
    assert [note.slug for note in notes] == ["summary-broken"]
    assert len(found) == 1


def test_hosts_come_from_the_files_names(runs: dict[str, Run]) -> None:
    assert {run.host for run in runs.values()} == {"lab-03"}


def test_samples_name_no_other_place(logs: Path) -> None:
    for path in logs.rglob("*"):
        if path.is_file():
            assert not re.search(rb"/(work|tmp|root)/", path.read_bytes()), path

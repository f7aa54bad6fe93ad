"""ClearML's offline sessions: folders, zips, and what is left of them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.readers.archived import SAMPLES, lines, named, points, read, word

from runpages.codecs.clearml_session import typed
from runpages.media import read_artifact
from runpages.testing import plain_run

HERE = SAMPLES / "clearml"


@pytest.mark.parametrize("case", ["digits", "ended", "media"])
def test_runs_of(case: str, golden: Callable[..., None]) -> None:
    runs, notes = read("clearml", HERE / case)
    golden({"runs": [plain_run(run, points=False) for run in runs], "notes": notes})


def test_the_clients_own_reading_agrees() -> None:
    ours = {run.id: run for run in read("clearml", HERE)[0]}
    theirs = {line["id"]: line for line in lines("clearml")}
    assert set(ours) == set(theirs)
    for key, line in theirs.items():
        run = ours[key]
        assert {name: word(value) for name, value in run.params.items()} == line["params"]
        assert points(run) == line["series"]
        assert dict(run.results) == line["results"]
        assert (run.name, run.group, run.notes) == (line["name"], line["project"], line["comment"])
        assert {one.name for one in run.artifacts} >= set(line["artifacts"])


def test_a_zip_says_what_its_folder_says(tmp_path: Path) -> None:
    shutil.copytree(HERE / "media", tmp_path / "media")
    (folder,) = (path for path in (tmp_path / "media").iterdir() if path.is_dir())
    (whole,), _ = read("clearml", tmp_path)
    contents = [read_artifact(one, folder, 2**20) for one in whole.artifacts]
    shutil.rmtree(folder)
    (zipped,), notes = read("clearml", tmp_path)
    assert notes == []
    assert [read_artifact(one, folder.parent, 2**20) for one in zipped.artifacts] == contents
    assert all(one.member for one in zipped.artifacts if one.path)
    bare = [plain_run(replace(run, artifacts=())) for run in (whole, zipped)]
    assert bare[0] == bare[1]


def test_nothing_is_unpacked_to_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "nowhere"))
    assert named(read("clearml", HERE)[0], "lr=0.1 seed=0").series


def test_every_kind_of_thing_is_there() -> None:
    run = named(read("clearml", HERE / "media")[0], "media")
    kinds = {one.kind for one in run.artifacts}
    assert {"image", "figure", "audio", "html", "text", "model", "file"} <= kinds
    matrix = next(one for one in run.artifacts if one.name == "confusion/validate")
    assert json.loads(matrix.data or b"")["data"][0]["type"] == "heatmap"
    assert "+# lr is tuned by hand" in run.code.patch
    assert run.tags["owner_team"] == "vision"


def test_a_traceback_is_in_the_log() -> None:
    run = named(read("clearml", HERE / "ended")[0], "failed")
    assert "RuntimeError: loss is not finite <after> epoch 1" in run.log
    assert run.status == "unknown"


def test_values_have_the_type_that_was_noted() -> None:
    assert [typed("1", "int"), typed("0.5", "float"), typed("True", "bool"), typed("1", "str"), typed("", None)] == [
        1,
        0.5,
        True,
        "1",
        None,
    ]
    assert typed("inf", "float") == float("inf")
    assert typed("[1]", "list/int") == "[1]"


def test_an_address_outside_the_session_is_no_file(tmp_path: Path) -> None:
    source = next(path for path in (HERE / "media").iterdir() if path.is_dir())
    folder = tmp_path / source.name
    shutil.copytree(source, folder)
    task = json.loads((folder / "task.json").read_text())
    for one, uri in zip(
        task["execution"]["artifacts"],
        ("/etc/passwd", "s3://bucket/x", task["offline_folder"] + "/../../x"),
        strict=True,
    ):
        one["uri"] = uri
    (folder / "task.json").write_text(json.dumps(task))
    (run,), _ = read("clearml", tmp_path)
    keys = {one["key"] for one in task["execution"]["artifacts"]}
    assert not [one for one in run.artifacts if one.name in keys]

"""Runs of DVC and DVCLive, compared with what dvc's own commands say about the same repositories, and damaged."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runpages.errors import Note
from runpages.model import Artifact, Run
from runpages.readers.dvc import DvcReader
from runpages.testing import plain_run, read_all

SAMPLES = Path(__file__).parents[2] / "sample_runs" / "dvc"
REFERENCE = Path(__file__).parent.parent / "golden" / "reference" / "dvc.jsonl"
EXPECTED = [json.loads(line) for line in REFERENCE.read_text().splitlines()]
HELD = [one for one in EXPECTED if one["metrics"] and one["status"] in ("commit", "success", "workspace")]
CASES = ("dvclive", "workspace", "experiments", "history")
IDS = {"dvclive": "wide", "workspace": "."}
UNCHANGED = "79fc45fb"  # the commit that only writes a readme


def read(folder: Path) -> tuple[dict[str, Run], list[Note]]:
    runs, notes = read_all({"dvc": DvcReader()}, folder)
    return {run.id: run for run in runs}, notes


@pytest.fixture(scope="module")
def everything() -> dict[str, dict[str, Run]]:
    return {case: read(SAMPLES / case)[0] for case in CASES}


def run_of(everything: dict[str, dict[str, Run]], expected: dict[str, Any]) -> Run:
    return everything[expected["case"]][IDS.get(expected["case"], expected["rev"])]


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict) and value:
        for key, one in value.items():
            yield from leaves(one, (*path, key))
    else:
        yield path, json.dumps(value) if isinstance(value, list) else value


def equal(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, float) and math.isnan(ours):
        return str(theirs) == "nan"
    return bool(ours == theirs or (isinstance(ours, float) and str(ours) == theirs))


def label(one: dict[str, Any]) -> str:
    return f"{one['case']}-{one['rev'][:8]}"


def names(expected: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in expected if not one["rev"].startswith(UNCHANGED)]


@pytest.mark.parametrize("expected", names(HELD), ids=label)
def test_params_are_those_that_dvc_shows(everything: dict[str, dict[str, Run]], expected: dict[str, Any]) -> None:
    run = run_of(everything, expected)
    theirs = {".".join(path): value for file in expected["params"].values() for path, value in leaves(file)}
    assert run.params.keys() == theirs.keys()
    assert all(equal(run.params[key], value) for key, value in theirs.items())


@pytest.mark.parametrize("expected", names(HELD), ids=label)
def test_metrics_are_those_that_dvc_shows(everything: dict[str, dict[str, Run]], expected: dict[str, Any]) -> None:
    run = run_of(everything, expected)
    theirs = dict(one for file in expected["metrics"].values() for one in leaves(file))
    theirs.pop(("step",))
    assert len(run.results) == len(theirs)
    for path, value in theirs.items():
        known = [key for key in ("/".join(path), ".".join(path)) if key in run.results]
        assert any(equal(run.results[key], value) for key in known), path


@pytest.mark.parametrize("expected", names(HELD), ids=label)
def test_series_and_plots_are_those_that_dvc_draws(
    everything: dict[str, dict[str, Run]], expected: dict[str, Any]
) -> None:
    run = run_of(everything, expected)
    series = {one.name: one for one in run.series}
    drawn = {one.key.removeprefix("wide/"): one for one in run.artifacts if one.kind in ("figure", "curve")}
    assert expected["plots"]
    for file, points in expected["plots"].items():
        file = file.removeprefix("wide/")
        if file.endswith(".tsv"):
            ours = series[file.partition("plots/metrics/")[2].removesuffix(".tsv")]
            steps, values = np.array(points).T
            assert np.array_equal(ours.steps, steps)
            assert np.array_equal(ours.values, values, equal_nan=True)
        elif isinstance(points, dict):
            assert confusion(drawn[file]) == pytest.approx(shares(points) if "normalized" in file else points)
        else:
            curve = json.loads(drawn[file].data or b"")
            assert np.array_equal(np.array([curve["x"], curve["y"]], float).T, np.array(points))


def confusion(artifact: Artifact) -> dict[str, float]:
    rows = json.loads(artifact.data or b"")["data"]["values"]
    return {f"{row['actual']}|{row['predicted']}": row["count"] for row in rows if row["count"]}


def shares(counts: dict[str, int]) -> dict[str, float]:
    totals: dict[str, int] = {}
    for pair, count in counts.items():
        totals[pair.split("|")[0]] = totals.get(pair.split("|")[0], 0) + count
    return {pair: count / totals[pair.split("|")[0]] for pair, count in counts.items()}


@pytest.mark.parametrize("case", ["experiments", "history"])
def test_each_state_with_metrics_is_one_run_by_its_own_name(everything: dict[str, dict[str, Run]], case: str) -> None:
    theirs = {one["rev"]: one["name"] for one in names(HELD) if one["case"] == case}
    ours = {id_: run for id_, run in everything[case].items() if run.status == "finished"}
    assert ours.keys() == theirs.keys()
    assert all(ours[rev].name == name for rev, name in theirs.items() if name)


def test_experiments_hang_on_their_baseline_with_user_message_and_remote(everything: dict[str, dict[str, Run]]) -> None:
    runs = {run.name: run for run in everything["experiments"].values()}
    baseline = runs["main"].id
    seeds = [run for name, run in runs.items() if name.startswith("lr-")]
    assert len(seeds) == 6
    assert {(run.group, run.tags["baseline"], run.user) for run in seeds} == {
        (f"main ({baseline[:7]})", baseline, "Ana Gruber")
    }
    assert {(run.params["train.lr"], run.params["train.seed"]) for run in seeds} == {
        (lr, seed) for lr in (0.01, 0.1, 0.5) for seed in (1, 2)
    }
    assert [run.notes for run in runs.values() if run.params["train.epochs"] == 4] == ["Fewer epochs: is it enough?"]
    assert {run.code.repository for run in runs.values()} == {"https://example.org/ana/digits.git"}
    assert runs["main"].code.command == "python train.py\npython evaluate.py"


@pytest.mark.parametrize(
    "expected", [one for one in EXPECTED if one["status"] in ("queued", "failed")], ids=lambda one: one["name"]
)
def test_what_the_queue_holds_is_no_success_and_has_no_metrics(
    everything: dict[str, dict[str, Run]], expected: dict[str, Any]
) -> None:
    run = run_of(everything, expected)
    assert run.name == expected["name"]
    assert run.status == ("failed" if expected["status"] == "failed" else "unknown")
    assert run.reason
    assert not run.results
    assert not run.series
    assert run.params["train.lr"] == expected["params"]["params.yaml"]["train"]["lr"]


def worktree(case: str, folder: Path) -> Path:
    """A sample's repository under its usual name beside its work tree."""
    shutil.copytree(SAMPLES / case / "repo.git", folder / ".git")
    subprocess.run(["git", "config", "core.bare", "false"], cwd=folder, check=True)
    subprocess.run(["git", "reset", "-q", "--hard", "main"], cwd=folder, check=True)
    return folder


def test_the_console_of_a_failed_experiment_is_its_log(tmp_path: Path) -> None:
    folder = worktree("experiments", tmp_path / "project")
    shutil.copytree(SAMPLES / "experiments" / ".dvc" / "tmp", folder / ".dvc" / "tmp")
    failed = next(run for run in read(folder)[0].values() if run.status == "failed")
    assert "a learning rate is not negative" in failed.log


@pytest.mark.parametrize("case", ["experiments", "history"])
def test_a_clean_work_tree_is_its_newest_commit_and_a_changed_one_a_run_of_its_own(
    everything: dict[str, dict[str, Run]], tmp_path: Path, case: str
) -> None:
    folder = worktree(case, tmp_path / "project")
    assert read(folder)[0].keys() == everything[case].keys()
    with (folder / "dvclive" / "plots" / "metrics" / "val" / "acc.tsv").open("a") as file:
        file.write("6\t0.25\n")
    runs = read(folder)[0]
    assert runs.keys() == {*everything[case], "."}
    assert runs["."].code.dirty
    assert runs["."].code.commit in everything[case]
    assert next(one for one in runs["."].series if one.name == "val/acc").values[-1] == 0.25


def test_a_dvc_yaml_that_does_not_parse_loses_only_its_commit() -> None:
    runs, notes = read(SAMPLES / "history")
    assert [note.where.partition(":")[2] for note in notes if note.slug == "dvc-yaml"] == ["dvc.yaml"]
    assert len(runs) == 5


def test_a_cached_picture_is_shown_and_one_that_is_not_there_is_named() -> None:
    runs, notes = read(SAMPLES / "workspace")
    picture = next(one for one in runs["."].artifacts if one.name == "eval/cached.png")
    assert (SAMPLES / "workspace" / picture.path).read_bytes().startswith(b"\x89PNG")
    assert not [note for note in notes if note.slug == "dvc-absent"]
    assert [
        note for note in read(SAMPLES / "history")[1] if note.slug == "dvc-absent" and "eval/cached.png" in note.what
    ]


def test_pictures_in_git_come_along(everything: dict[str, dict[str, Run]]) -> None:
    for run in everything["history"].values():
        kept = next(one for one in run.artifacts if one.name == "eval/kept.png")
        assert kept.data is not None
        assert kept.data.startswith(b"\x89PNG")


def test_a_template_of_the_user_is_filled(everything: dict[str, dict[str, Run]]) -> None:
    figure = next(one for one in everything["workspace"]["."].artifacts if one.key == "eval/means.json")
    spec = json.loads(figure.data or b"")
    assert "<DVC_METRIC" not in json.dumps(spec)
    assert spec["encoding"]["x"]["field"] == "mean"
    assert [row["digit"] for row in spec["data"]["values"]] == ["0", "1", "2", "3"]


def test_params_follow_yaml_1_2_and_keep_their_keys(everything: dict[str, dict[str, Run]]) -> None:
    params = everything["dvclive"]["wide"].params
    assert (params["yes"], params["on"], params["none"], params["tiny"]) == ("no", True, None, 0.001)
    assert (params["a.b"], params["größe"], params["quoted"], params["layers"]) == (1, "groß", "1e-3", "[64, 32]")


def test_times_come_from_the_timestamps(everything: dict[str, dict[str, Run]]) -> None:
    timed = everything["dvclive"]["timed"]
    loss = next(one for one in timed.series if one.name == "train/loss")
    assert loss.times is not None
    assert timed.started == loss.times[0]
    assert timed.started
    assert timed.ended
    assert 1.7e9 < timed.started <= timed.ended < 2e9


def test_a_killed_run_has_more_points_than_its_summary_knows_of(everything: dict[str, dict[str, Run]]) -> None:
    killed = everything["dvclive"]["killed"]
    loss = next(one for one in killed.series if one.name == "train/loss")
    assert loss.steps.tolist() == [0, 1, 2, 3, 4, 5]
    assert killed.results["train/loss"] == loss.values[4]


def test_folders_around_other_folders_are_runs_of_their_own(everything: dict[str, dict[str, Run]]) -> None:
    assert {"around", "around/seed-1", "around/seed-2"} <= everything["dvclive"].keys()
    assert [len(everything["dvclive"]["around"].series[0].steps), len(everything["dvclive"]["around"].series)] == [3, 4]


@pytest.mark.parametrize("case", CASES)
def test_runs_are_as_they_were(golden: Callable[..., None], case: str) -> None:
    runs, notes = read_all({"dvc": DvcReader()}, SAMPLES / case)
    golden([[plain_run(run, points=False) for run in runs], [[note.slug, note.run] for note in notes]])


@pytest.mark.parametrize("cut", range(50))
def test_a_workspace_with_files_cut_anywhere_gives_notes_and_no_exception(tmp_path: Path, cut: int) -> None:
    for case in ("workspace", "dvclive"):
        shutil.copytree(SAMPLES / case, tmp_path / case)
    for path in [path for path in tmp_path.rglob("*") if path.is_file()]:
        path.write_bytes(path.read_bytes()[: path.stat().st_size * cut // 50])
    runs, notes = read(tmp_path)
    assert len(runs) <= 7
    assert notes or not runs


@pytest.mark.parametrize("cut", range(50))
def test_a_repository_whose_pack_is_cut_gives_notes_and_no_exception(
    everything: dict[str, dict[str, Run]], tmp_path: Path, cut: int
) -> None:
    shutil.copytree(SAMPLES / "experiments", tmp_path / "experiments")
    pack = next((tmp_path / "experiments").rglob("*.pack"))
    pack.chmod(0o644)
    pack.write_bytes(pack.read_bytes()[: pack.stat().st_size * cut // 50])
    runs, notes = read(tmp_path / "experiments")
    assert runs.keys() <= everything["experiments"].keys()
    assert notes
    for id_, run in runs.items():
        whole = {one.name: one.values.tolist() for one in everything["experiments"][id_].series}
        assert all(whole[one.name] == one.values.tolist() for one in run.series)


def project(folder: Path, pipeline: str, **files: str) -> Path:
    (folder / ".dvc").mkdir(parents=True)
    (folder / ".dvc" / "config").write_text("")
    (folder / "dvc.yaml").write_text(pipeline)
    for name, text in files.items():
        (folder / name.replace("__", ".").replace("_in_", "/")).write_text(text)
    return folder


def test_foreach_and_matrix_name_a_file_each(tmp_path: Path) -> None:
    pipeline = """
stages:
  each: {foreach: [a, b], do: {cmd: x, metrics: ["${item}.json"]}}
  both: {matrix: {size: [1, 2], kind: [p]}, cmd: x, metrics: ["${item.kind}${item.size}.json"]}
  named: {foreach: {one: {file: c}}, do: {cmd: x, metrics: ["${item.file}.json"]}}
"""
    folder = project(
        tmp_path / "p", pipeline, **{f"{name}__json": f'{{"of_{name}": 1}}' for name in ("a", "b", "p1", "p2", "c")}
    )
    assert set(read(folder)[0]["."].results) == {"of_a", "of_b", "of_p1", "of_p2", "of_c"}


def test_one_name_in_two_files_keeps_both(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", "metrics: [a.json, b.json]", a__json='{"acc": 1}', b__json='{"acc": 2}')
    assert read(folder)[0]["."].results == {"acc": 1, "b.json:acc": 2}


def test_a_pipeline_cannot_name_files_outside_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text('{"token": "hidden"}')
    folder = project(
        tmp_path / "p",
        f"metrics: [../secret.json, {tmp_path}/secret.json, link.json, own.json]",
        own__json='{"acc": 1}',
    )
    (folder / "link.json").symlink_to(tmp_path / "secret.json")
    (folder / ".dvc" / "config.local").write_text("[remote]\npassword = hidden\n")
    runs, notes = read(folder)
    assert runs["."].results == {"acc": 1}
    assert "hidden" not in repr((plain_run(runs["."]), notes))


def test_a_template_that_does_not_parse_leaves_the_rows_as_a_table(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", "metrics: [a.json]\nplots: [rows.csv: {x: a, y: b, template: bad}]",
                     a__json='{"acc": 1}', rows__csv="a,b\n1,2\n2,3\n")  # fmt: skip
    (folder / ".dvc" / "plots").mkdir()
    (folder / ".dvc" / "plots" / "bad.json").write_text("{" * 100_000)
    runs, notes = read(folder)
    assert [one.kind for one in runs["."].artifacts] == ["table"]
    assert [note.where for note in notes if note.slug == "dvc-file"] == [".dvc/plots/bad.json"]


def test_a_log_of_dagshub_beside_a_pipeline_is_read_with_it(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", "stages: {}")
    for name in ("metrics.csv", "params.yml"):
        shutil.copy(SAMPLES.parent / "dagshub" / "alone" / "plain" / name, folder)
    run = read(folder)[0]["."]
    assert [one.name for one in run.series] == ["accuracy", "train/loss"]
    assert run.params["lr"] == 0.05


def test_what_stages_read_and_made_are_inputs_and_outputs(everything: dict[str, dict[str, Run]]) -> None:
    run = everything["workspace"]["."]
    tables = {one.name: json.loads(one.data or b"") for one in run.artifacts if one.key.startswith("lineage/")}
    rows = {name: [dict(zip(one["columns"], row, strict=True)) for row in one["data"]] for name, one in tables.items()}
    assert [(one["name"], one["by"]) for one in rows["inputs"]] == [("train.py", "train"), ("evaluate.py", "evaluate")]
    model = next(one for one in rows["outputs"] if one["kind"] == "model")
    lock = (SAMPLES / "workspace" / "dvc.lock").read_text()
    assert model["name"] in lock
    assert str(model["digest"]).removeprefix("md5:") in lock
    assert not {one["name"] for one in rows["inputs"]} & {one["name"] for one in rows["outputs"]}

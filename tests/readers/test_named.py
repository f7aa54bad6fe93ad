"""The named systems: goldens of their samples, and secrets that must reach no store."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from runpages.model import Run
from runpages.readers import installed, list_folder
from runpages.testing import plain_run, read_all

NAMED = ["guild", "katib", "kubeflow", "pachyderm", "polyaxon", "sacred", "sagemaker", "valohai", "verta"]
SAMPLES = Path(__file__).parent.parent.parent / "sample_runs"
CASES = [(name, case.name) for name in NAMED for case in sorted((SAMPLES / name).iterdir()) if case.is_dir()]
SECRET = "zebra-quagga-okapi-417"  # noqa: S105 - has no token's shape: only not taking the field keeps it out
# where each system keeps secrets: file below its sample, what to replace in it, by what
PLANTED = [
    ("guild", "*/.guild/attrs/env", "SAMPLE_VARIABLE: ", f"SAMPLE_VARIABLE: {SECRET} "),
    ("guild", "*/.guild/attrs/op", "", f"MODE: {SECRET}\n"),
    ("guild", "*/.guild/ENV", "", f"export MODE={SECRET}\n"),
    ("valohai", "*/execution.json", '"inputs": []', f'"environment_variables": {{"MODE": "{SECRET}"}}, "inputs": []'),
    ("valohai", "*/execution.json", "train.py --lr", f"train.py --api-key={SECRET} --lr"),
    ("polyaxon", "*/env.json", '"sys.argv":["plx_make.py"', f'"sys.argv":["plx_make.py","--api-key={SECRET}"'),
    ("polyaxon", "*/env.json", '"sys.argv":["plx_make.py"', f'"sys.argv":["plx_make.py","--token","{SECRET}"'),
    ("pachyderm", "*/job.json", '"job": {', f'"auth_token": "{SECRET}", "job": {{'),
    ("pachyderm", "*/job.json", '"image":', f'"env": {{"MODE": "{SECRET}"}}, "image":'),
    ("sagemaker", "*/describe-training-job.json", '"MODE": "sample"', f'"MODE": "{SECRET}"'),
    ("verta", "experiment_runs.json", '"environment_variables": []',
     f'"environment_variables": [{{"name": "MODE", "value": "{SECRET}"}}]'),
    ("sacred", "*/run.json", '"ENV": {}', f'"ENV": {{"MODE": "{SECRET}"}}'),
]  # fmt: skip


def read(name: str, root: Path) -> tuple[list[Run], list[str]]:
    runs, notes = read_all({name: installed().readers[name]}, root)
    return runs, [note.slug for note in notes]


def one(reader: str, case: str, **wanted: str) -> Run:
    runs, _ = read(reader, SAMPLES / reader / case)
    return next(run for run in runs if all(getattr(run, key) == value for key, value in wanted.items()))


@pytest.mark.parametrize(("name", "case"), CASES, ids=["-".join(case) for case in CASES])
def test_runs_of(name: str, case: str, golden: Callable[..., None]) -> None:
    runs, notes = read(name, SAMPLES / name / case)
    assert runs
    golden({"runs": [plain_run(run, points=False) for run in runs], "notes": notes})


@pytest.mark.parametrize(("name", "pattern", "old", "new"), PLANTED, ids=[f"{p[0]}-{n}" for n, p in enumerate(PLANTED)])
def test_a_secret_where_the_system_keeps_them_reaches_no_file(
    name: str, pattern: str, old: str, new: str, tmp_path: Path
) -> None:
    shutil.copytree(SAMPLES / name, tmp_path / "runs")
    for run in (tmp_path / "runs").rglob(".guild"):
        (run / "ENV").touch()  # Guild writes it where it starts the run itself; the samples' environments are bare
    changed = [path for path in (tmp_path / "runs").rglob(pattern) if old in path.read_text(errors="replace")]
    for path in changed:
        path.write_text(path.read_text().replace(old, new) if old else path.read_text() + new)
    assert changed, "nothing was planted"
    command = [sys.executable, "-m", "runpages", "build", "runs", "--quiet", "-o", "site"]
    subprocess.run(command, cwd=tmp_path, check=True)
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path not in changed]
    assert {"store.sqlite", "index.html"} <= {path.name for path in written}
    assert not [path.name for path in written if SECRET.encode() in path.read_bytes()]


def test_a_task_of_kubeflow_without_output_failed(tmp_path: Path) -> None:
    shutil.copytree(SAMPLES / "kubeflow" / "local", tmp_path / "runs")
    last = max((tmp_path / "runs").iterdir())
    (last / "train").mkdir(exist_ok=True)  # what the failed task left: an empty folder, which git does not keep
    run = read("kubeflow", tmp_path / "runs")[0][-1]
    assert (run.status, run.reason) == ("failed", "no output of the task train")


def test_jsonpickle_is_read_and_never_decoded() -> None:
    run = one("sacred", "files", id="1")
    curves = {series.label: series for series in run.series}
    assert curves["val_loss"].steps.tolist() == list(range(8))
    assert run.results["best"] == pytest.approx(min(curves["val_loss"].values))


def test_nan_and_infinity_of_sacred_are_values() -> None:
    odd = next(series for series in one("sacred", "files", id="1").series if series.label == "odd")
    assert [str(value) for value in odd.values.tolist()] == ["nan", "inf"]
    assert odd.steps.tolist() == [0, 5]


def test_words_of_sacred_interrupts_are_killed_runs() -> None:
    run = one("sacred", "files", id="out-of-time_β")
    assert (run.status, run.group) == ("killed", "clusters")


def test_a_link_to_a_step_of_guild_is_not_followed(tmp_path: Path) -> None:
    shutil.copytree(SAMPLES / "guild", tmp_path / "guild")
    first = next(path.parent for path in sorted((tmp_path / "guild").rglob(".guild")))
    before, _ = read("guild", first)
    other = next(path.parent for path in sorted((tmp_path / "guild").rglob(".guild"), reverse=True))
    (first / "step").symlink_to(other)
    after, _ = read("guild", first)
    assert [plain_run(run) for run in before] == [plain_run(run) for run in after]


def test_trials_of_katib_know_their_search() -> None:
    runs, _ = read("katib", SAMPLES / "katib" / "search")
    assert [run.study.state for run in runs] == ["complete", "pruned", "failed", "running"]
    assert [run.study.number for run in runs] == [0, 1, 2, 3]
    assert runs[0].study.directions == {"accuracy": "max"}
    assert runs[0].study.space["lr"] == {"low": 0.01, "high": 1.0, "log": True}
    assert runs[0].study.space["optimizer"] == {"choices": ["sgd", "adam"]}


def test_a_nan_that_katib_cannot_write_is_no_point() -> None:
    loss = next(series for series in one("katib", "search", name="clusters-0abc").series if series.label == "loss")
    assert len(loss.steps) == 8


def test_hyperparameters_of_sagemaker_lose_their_inner_quotes() -> None:
    run = one("sagemaker", "answers", status="finished")
    assert dict(run.params) == {"lr": 0.5, "optimizer": "sgd", "layers": "[2, 3]"}
    assert not [value for value in (*run.links.values(), *run.environment.values()) if "123456789012" in str(value)]


def test_a_page_of_verta_runs_says_that_it_is_one() -> None:
    runs, notes = read("verta", SAMPLES / "verta" / "project")
    assert len(runs) == 2
    assert notes == ["page-of-runs"]


def test_json_alone_is_nobodys(tmp_path: Path) -> None:
    for name in (
        "run.json",
        "config.json",
        "job.json",
        "execution.json",
        "trials.json",
        "metadata.json",
        "search.json",
    ):
        (tmp_path / name).write_text(json.dumps({"loss": 0.5}))
    folder = list_folder(tmp_path, ".")
    assert not [name for name in NAMED if list(installed().readers[name].find(folder))]

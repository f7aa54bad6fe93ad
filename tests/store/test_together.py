"""One run seen by two trackers is one run with both sources."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from runpages.errors import Notes
from runpages.find import Root, find
from runpages.gather import gather
from runpages.media import read_artifact
from runpages.model import Artifact, Run, Source
from runpages.readers import Folder, Reader, installed
from runpages.store import Store
from runpages.testing import read_all
from runpages.together import joined

SAMPLES = Path(__file__).parents[2] / "sample_runs"
HERE = SAMPLES / "together"


class JobReader:
    """A wrapper as Hydra's: a folder with `job.txt`, which holds one param."""

    name, title, reads, rank, around = "job", "Job", "job.txt", 5, True

    def find(self, folder: Folder) -> Iterator[Source]:
        """The folder of a job."""
        if "job.txt" in folder.files:
            yield folder.source(self.name, "job.txt")

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:  # noqa: ARG002
        """The job as a run."""
        text = (source.root / "job.txt").read_text()
        yield Run(
            source.key,
            "job",
            "job",
            source.key,
            params={"lr": text, "sweep": "a"},
            artifacts=(Artifact("job.txt", "text", "job.txt"),),
        )


def seen(root: Path, **more: Reader) -> list[Run]:
    return read_all({**installed().readers, **more}, root)[0]


@pytest.mark.parametrize(
    ("case", "tracker", "count"), [("wandb", "wandb", 1), ("dvclive", "dvc", 1), ("mlflow", "mlflow", 2)]
)
def test_both_trackers_are_one_run(case: str, tracker: str, count: int) -> None:
    runs = seen(HERE / case)
    assert [run.tracker for run in runs] == [f"{tracker} + tensorboard"] * count
    for run in runs:
        assert {"val/accuracy", "loss/train"} <= {one.name for one in run.series}
        assert run.params
        assert len({one.label for one in run.series}) == len(run.series)


def test_each_of_two_runs_gets_its_own_events() -> None:
    runs = seen(HERE / "mlflow")
    firsts = {run.name: next(float(one.values[0]) for one in run.series if one.name == "loss/train") for run in runs}
    own = {
        run.source: float(run.series[0].values[0])
        for run in read_all({"tensorboard": installed().readers["tensorboard"]}, HERE / "mlflow")[0]
    }
    assert len(set(firsts.values())) == 2
    assert firsts == {run.name: own[run.source.rpartition(" + ")[2]] for run in runs}


def test_what_both_say_is_the_hosts_word() -> None:
    (run,) = seen(HERE / "wandb")
    loss = next(one for one in run.series if one.name == "loss/train")
    assert len(loss.steps) == 4
    assert run.name == "both"
    assert run.source.startswith("wandb/offline-run-")
    assert " + " in run.source
    assert "weights" in {one.name for one in run.artifacts}


def test_files_of_both_are_found_from_one_place(tmp_path: Path) -> None:
    with contextlib.closing(Store(tmp_path / "store.sqlite")) as store:
        (one,) = (one for one in gather([Root(HERE / "wandb")], store, executor="serial").stored if one.heads)
    with_files = [artifact for artifact in one.heads[0].run.artifacts if artifact.path]
    assert with_files
    for artifact in with_files:
        assert read_artifact(artifact, one.heads[0].root, 2**24)


def test_a_run_is_read_again_when_the_other_trackers_file_grows(tmp_path: Path) -> None:
    shutil.copytree(HERE / "dvclive", tmp_path / "runs")
    (source,) = find([Root(tmp_path / "runs")], installed().readers).sources
    events = next((tmp_path / "runs").rglob("*tfevents*"))
    assert [one.reader for one in source.beside] == ["tensorboard"]
    assert events in source.watched


def test_two_trackers_of_one_rank_in_one_folder_are_one_run(tmp_path: Path) -> None:
    folder = tmp_path / "version_0"
    shutil.copytree(SAMPLES / "lightning" / "digits-sweep" / "lightning_logs" / "version_0", folder)
    shutil.copytree(HERE / "dvclive" / "dvclive", folder, dirs_exist_ok=True)
    (run,) = seen(tmp_path)
    assert run.tracker == "dvc + lightning + tensorboard"
    assert {"val/accuracy", "loss/train", "val_loss"} <= {one.name for one in run.series}


def job(top: Path, *cases: str) -> None:
    top.mkdir()
    (top / "job.txt").write_text("0.5")
    for case in cases:
        shutil.copytree(HERE / case, top / case)


@pytest.mark.parametrize("case", ["wandb", "dvclive"])
def test_a_wrapper_around_one_run_is_part_of_it(case: str, tmp_path: Path) -> None:
    job(tmp_path / "outputs", case)
    (run,) = seen(tmp_path, job=JobReader())
    assert run.tracker.endswith(" + tensorboard + job")
    assert (run.params["sweep"], run.params["lr"]) == ("a", 0.05)
    assert "outputs/job.txt" in {one.path for one in run.artifacts} or "job.txt" in {one.path for one in run.artifacts}


def test_a_wrapper_joins_one_source_of_each_tracker(tmp_path: Path) -> None:
    job(tmp_path / "outputs", "wandb", "dvclive")
    (run,) = seen(tmp_path, job=JobReader())
    assert run.tracker == "dvc + tensorboard + wandb + job"


def test_a_wrapper_around_several_runs_of_one_tracker_stays_beside_them(tmp_path: Path) -> None:
    job(tmp_path / "outputs", "mlflow")
    assert sorted(run.tracker for run in seen(tmp_path, job=JobReader())) == [
        "job",
        "mlflow + tensorboard",
        "mlflow + tensorboard",
    ]


@pytest.mark.parametrize("case", ["lightning", "tensorboard", "mlflow"])
def test_a_hydra_job_and_the_tracker_in_its_folder_are_one_run(case: str) -> None:
    (run,) = seen(HERE / "hydra" / case)
    assert run.tracker == f"{case} + hydra"
    assert run.params["note"] == "only Hydra knows"
    assert str(run.params["lr"]) == "0.05"
    assert run.series
    assert run.source.endswith("17-00-00")


def test_a_hydra_job_around_two_runs_of_one_store_stays_beside_them() -> None:
    runs = seen(HERE / "hydra" / "several")
    assert sorted(run.tracker for run in runs) == ["hydra", "mlflow", "mlflow"]


def test_a_job_around_another_job_takes_nothing_of_it(tmp_path: Path) -> None:
    job(tmp_path / "outputs", "dvclive")
    (tmp_path / "job.txt").write_text("1")
    runs = seen(tmp_path, job=JobReader())
    assert sorted(run.tracker for run in runs) == ["dvc + tensorboard + job", "job"]


def test_no_run_of_any_sample_is_lost_or_taken_into_a_run_of_its_own_tracker() -> None:
    """All readers over all samples: as many runs of each tracker as its reader finds alone, each in one place."""
    together: dict[str, int] = {}
    for run in seen(SAMPLES):
        for name in run.tracker.split(" + "):
            together[name] = together.get(name, 0) + 1
    for name in ("wandb", "mlflow", "dvc", "clearml", "comet", "dagshub", "neptune", "lightning", "optuna", "hydra"):
        alone = read_all({name: installed().readers[name]}, SAMPLES)[0]
        assert together[name] == len(alone), name


@pytest.mark.parametrize("name", ["wandb", "mlflow"])
def test_every_run_that_the_clients_list_is_one_run_of_the_whole(name: str) -> None:
    """Under its own id, once; TensorBoard has no ids, its own listing is compared folder by folder in its tests."""
    text = (Path(__file__).parents[1] / "golden" / "reference" / f"{name}.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    listed = {
        row["run"]["run_id"] if name == "wandb" else row["id"] for row in rows if name == "mlflow" or "run" in row
    }
    ids = [run.id for run in seen(SAMPLES) if name in run.tracker.split(" + ")]
    assert len(listed) > 10
    assert all(ids.count(one) == 1 for one in listed)


def test_a_reader_beside_that_fails_loses_nothing_of_the_host(tmp_path: Path) -> None:
    class Failing(JobReader):
        def read(self, source: Source, notes: Notes) -> Iterator[Run]:  # noqa: ARG002
            raise RuntimeError("no")

    job(tmp_path / "outputs", "dvclive")
    runs, notes = read_all({**installed().readers, "job": Failing()}, tmp_path)
    assert [run.tracker for run in runs] == ["dvc + tensorboard"]
    assert [note.slug for note in notes] == ["reader-failed"]


def test_an_unknown_end_is_replaced_by_a_known_one() -> None:
    host = Run("a", "a", "wandb", "a", reason="no end is recorded")
    both = joined(host, Run("b", "b", "job", "b", status="failed", reason="exit 1", ended=2.0))
    assert (both.id, both.status, both.reason, both.ended) == ("a", "failed", "exit 1", 2.0)

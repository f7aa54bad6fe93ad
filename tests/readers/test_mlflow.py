"""MLflow's stores: equal to what its own client says, and readable when damaged."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runpages.codecs.mlflow_record import stepped_image
from runpages.errors import Note, Notes
from runpages.model import Run
from runpages.readers.mlflow import MlflowReader
from runpages.testing import plain_run, read_all, sources

HERE = Path(__file__).parent.parent
REFERENCE = [json.loads(line) for line in (HERE / "golden/reference/mlflow.jsonl").read_text().splitlines()]
STORES = ["filestore", "mlruns-1.30", "mlruns-2.22", "sqlite", "sqlite-1.30"]
HOSTILE = "<script>alert(1)</script>"


def read(folder: Path) -> tuple[dict[str, Run], list[Note]]:
    runs, notes = read_all({"mlflow": MlflowReader()}, folder)
    return {run.id: run for run in runs}, notes


def named(runs: dict[str, Run], name: str) -> Run:
    return next(run for run in runs.values() if run.name == name)


@pytest.fixture
def copied(samples: Path, tmp_path: Path) -> Callable[[str], Path]:
    def copy(store: str) -> Path:
        return Path(shutil.copytree(samples / "mlflow" / store, tmp_path / store))

    return copy


def one_run(store: Path, name: str) -> Path:
    """The folder of the run with this name in a file store."""
    return next(
        path.parent.parent
        for path in store.rglob("tags/mlflow.runName")
        if path.read_text() == name and "models" not in path.parts
    )


def value(text: Any) -> float:
    return float(text)


def infinite(number: float) -> float:
    """The client hands out the number that its database holds for infinity."""
    return float(np.copysign(np.inf, number)) if abs(number) >= 1.797e308 else number


@pytest.mark.parametrize("store", STORES)
def test_runs_are_what_the_client_says(samples: Path, store: str) -> None:
    runs, _ = read(samples / "mlflow" / store)
    told = {one["id"]: one for one in REFERENCE if one["store"] == store}
    assert set(told) == {run_id for run_id in runs if not run_id.startswith("traces-")}
    for run_id, one in told.items():
        run = runs[run_id]
        assert (run.name, run.group, run.parent, run.status) == (
            one["name"],
            one["group"],
            one["parent"],
            one["status"],
        )
        assert (run.user, run.notes, dict(run.params), dict(run.tags)) == (
            one["user"],
            one["notes"],
            one["params"],
            one["tags"],
        )
        assert run.started == one["started"] / 1000
        assert run.ended == (None if one["ended"] is None else one["ended"] / 1000)


@pytest.mark.parametrize("store", STORES)
def test_every_point_is_what_the_client_says(samples: Path, store: str) -> None:
    runs, _ = read(samples / "mlflow" / store)
    seen = 0
    for one in REFERENCE:
        if one["store"] != store:
            continue
        series = {each.label: each for each in runs[one["id"]].series}
        assert set(series) == set(one["points"])
        for key, points in one["points"].items():
            times, values, steps = zip(*points, strict=True)
            assert series[key].times is not None
            assert np.rint(np.asarray(series[key].times) * 1000).astype(int).tolist() == list(times)
            np.testing.assert_array_equal(series[key].values, [infinite(value(each)) for each in values])
            assert series[key].steps.tolist() == list(steps)
            seen += len(points)
    assert seen > 90


@pytest.mark.parametrize("store", STORES)
def test_the_last_point_is_mlflows_latest(samples: Path, store: str) -> None:
    runs, _ = read(samples / "mlflow" / store)
    for one in REFERENCE:
        if one["store"] == store:
            last = {series.label: float(series.values[-1]) for series in runs[one["id"]].series}
            np.testing.assert_equal(last, {key: infinite(value(number)) for key, number in one["latest"].items()})


@pytest.mark.parametrize("store", [*STORES, "sqlite-2.14"])
def test_a_store_as_runs(samples: Path, store: str, golden: Callable[..., None]) -> None:
    runs, notes = read(samples / "mlflow" / store)
    plain = [plain_run(run, points=False) for run in runs.values()]
    golden({"runs": plain, "notes": [(note.slug, note.what, note.where) for note in notes]}, store)


def test_the_order_of_logging_does_not_decide_what_is_last(samples: Path) -> None:
    odd = {series.name: series for series in named(read(samples / "mlflow/filestore")[0], HOSTILE).series}["odd order"]
    assert odd.steps.tolist() == [-5, 0, 3, 10, 10]
    np.testing.assert_array_equal(odd.values, [np.inf, np.nan, -np.inf, 0.3, 0.4])


def test_a_point_written_twice_by_log_model_counts_once(samples: Path) -> None:
    run = named(read(samples / "mlflow/filestore")[0], "media")
    lines = (one_run(samples / "mlflow/filestore", "media") / "metrics/val/loss").read_text().splitlines()
    assert len(lines) == 10
    assert {series.name: len(series.steps) for series in run.series}["val/loss"] == 9


def test_a_metric_that_names_its_dataset_keeps_its_step(samples: Path) -> None:
    run = named(read(samples / "mlflow/filestore")[0], "metric with a dataset")
    assert run.series[0].steps.tolist() == [7]
    assert run.environment["dataset.eval"] == "digits val set (1faa7302)"


def test_children_know_their_parent_at_any_depth(samples: Path) -> None:
    runs, _ = read(samples / "mlflow/filestore")
    deepest = named(runs, "recheck")
    assert [runs[deepest.parent].name, runs[runs[deepest.parent].parent].name] == ["width 8", "width study"]


def test_a_killed_run_says_when_it_was_last_heard_of(samples: Path) -> None:
    run = named(read(samples / "mlflow/filestore")[0], "killed")
    assert (run.status, run.ended) == ("running", None)
    assert run.reason.startswith("no end was recorded; last point 2026-")


def test_deleted_runs_and_experiments_are_left_out_and_said(samples: Path) -> None:
    for store in STORES:
        runs, notes = read(samples / "mlflow" / store)
        assert not {"mistake", "in a deleted experiment"} & {run.name for run in runs.values()}
        assert "mlflow-deleted" in {note.slug for note in notes}


@pytest.mark.parametrize("store", ["filestore", "sqlite", "mlruns-2.22"])
def test_pictures_have_key_and_step_and_no_thumbnails(samples: Path, store: str) -> None:
    pictures = [one for one in named(read(samples / "mlflow" / store)[0], "media").artifacts if one.step is not None]
    assert [(one.key, one.step, one.kind) for one in pictures] == [
        ("val/hardest digit", step, "image") for step in (0, 4, 8)
    ]
    assert all(one.path.endswith(".png") for one in pictures)


def test_names_of_pictures_are_read_from_the_right() -> None:
    assert stepped_image("images/a#b%step%12%timestamp%17%g1f2-3.png") == ("a/b", 12)
    assert stepped_image("images/a~step+1+step+12+timestamp+17+g1f2-3.png") == ("a/step+1", 12)
    assert stepped_image("images/plain.png") is None


def listed(run: Run, name: str) -> list[dict[str, object]]:
    """The rows of a run's table."""
    table = next(json.loads(one.data or b"") for one in run.artifacts if one.name == name)
    return [dict(zip(table["columns"], row, strict=True)) for row in table["data"]]


@pytest.mark.parametrize("store", ["filestore", "sqlite"])
def test_models_registry_traces_and_datasets_are_tables(samples: Path, store: str) -> None:
    runs, _ = read(samples / "mlflow" / store)
    tables = {
        one.name: json.loads(one.data or b"")
        for run in runs.values()
        for one in run.artifacts
        if one.data and one.kind == "table"
    }
    lists = {"mlflow/datasets", "mlflow/logged models", "mlflow/registered models", "mlflow/traces", "mlflow/spans"}
    assert set(tables) == lists | {"inputs", "outputs"}
    assert ["digits classifier", "1", "None", "champion"] in tables["mlflow/registered models"]["data"]
    rows = listed(named(runs, "traced"), "mlflow/traces")
    assert sorted((row["state"], row["tokens"]) for row in rows) == [("ERROR", None), ("OK", 16)]
    assert named(runs, "traces outside runs").group == "digits-mlp"


@pytest.mark.parametrize("store", ["filestore", "sqlite"])
def test_spans_of_a_trace_say_what_went_in_and_came_out(samples: Path, store: str) -> None:
    runs, _ = read(samples / "mlflow" / store)
    spans, traces = (listed(named(runs, "traced"), f"mlflow/{name}") for name in ("spans", "traces"))
    assert [one["trace"] for one in spans] == [one["id"] for one in traces]
    good, bad = sorted(spans, key=lambda one: str(one["error"]))
    assert (good["name"], good["type"], good["status"], good["parent"]) == ("answer", "LLM", "OK", "")
    assert json.loads(str(good["inputs"])) == {"question": "which digit is three"}
    assert (good["outputs"], bad["status"], bad["error"]) == ("it is a three", "ERROR", "ValueError: no answer")
    assert all(str(one["time"]).endswith("Z") for one in traces)


def test_spans_of_a_database_before_3_lie_in_files_beside_it(samples: Path) -> None:
    runs, notes = read(samples / "mlflow" / "sqlite-2.14")
    traced = named(runs, "traced")
    traces, spans = listed(traced, "mlflow/traces"), listed(traced, "mlflow/spans")
    assert [(one["name"], one["state"], one["response"]) for one in traces] == [
        ("answer", "OK", '"it is a 2"'),
        ("answer", "ERROR", ""),
    ]
    assert [(one["name"], one["type"], one["outputs"], one["error"]) for one in spans] == [
        ("answer", "UNKNOWN", "it is a 2", ""),
        ("predict", "LLM", "2", ""),
        ("answer", "UNKNOWN", "", "ValueError: not a 8"),
        ("predict", "LLM", str(spans[3]["outputs"]), ""),
    ]
    assert [one["parent"] for one in spans] == ["", spans[0]["span"], "", spans[2]["span"]]
    assert len(listed(named(runs, "traces outside runs"), "mlflow/spans")) == 2
    assert not notes


@pytest.mark.parametrize("store", ["filestore", "sqlite"])
def test_an_evaluation_table_is_a_table(samples: Path, store: str) -> None:
    media = named(read(samples / "mlflow" / store)[0], "media")
    (table,) = [one for one in media.artifacts if one.name == "eval_results_table.json"]
    assert table.kind == "table"


@pytest.mark.parametrize("store", ["filestore", "sqlite"])
def test_an_alias_of_a_registered_model_is_told(samples: Path, store: str) -> None:
    media = named(read(samples / "mlflow" / store)[0], "media")
    assert media.environment["registered.digits classifier"] == "v1 champion"
    assert [one["aliases"] for one in listed(media, "mlflow/registered models")] == ["champion"]


@pytest.mark.parametrize("store", ["filestore", "sqlite"])
def test_data_sets_go_in_and_models_come_out(samples: Path, store: str) -> None:
    media = named(read(samples / "mlflow" / store)[0], "media")
    assert [(one["name"], one["kind"]) for one in listed(media, "inputs")] == [("digits train", "training")]
    assert [one["name"] for one in listed(media, "outputs")] == ["digits baseline", "digits classifier v1"]


def test_requirements_of_a_model_are_the_runs_environment(samples: Path) -> None:
    for store in STORES:
        assert "package.scikit-learn" in named(read(samples / "mlflow" / store)[0], "media").environment


def test_a_torn_metric_line_keeps_what_came_before(copied: Callable[[str], Path]) -> None:
    store = copied("filestore")
    path = one_run(store, "lr0.01-w16-s0") / "metrics/val/loss"
    whole = path.read_bytes()
    before = named(read(store)[0], "lr0.01-w16-s0")
    for cut in (1, 3, 12, 25):
        path.write_bytes(whole[:-cut])
        runs, notes = read(store)
        series = {one.name: one for one in named(runs, "lr0.01-w16-s0").series}["val/loss"]
        kept = {one.name: one for one in before.series}["val/loss"]
        assert series.values.tolist() == kept.values[:15].tolist()
        assert [note.slug for note in notes if note.where == "metrics/val/loss"] == ["metric-line-torn"]


def test_lines_that_are_no_points_are_counted(copied: Callable[[str], Path]) -> None:
    store = copied("mlruns-2.22")
    path = one_run(store, "fails") / "metrics/train/loss"
    path.write_bytes(
        b"1790000000000 0.5 1\n1790000000000\nnoise and noise\n1790000000001 0.25\n1790000000002 0.1 99999999999999999999\n"
    )
    runs, notes = read(store)
    (series,) = named(runs, "fails").series
    assert (series.steps.tolist(), series.values.tolist()) == ([0, 1], [0.25, 0.5])
    assert [note.what for note in notes if note.slug == "metric-line-unreadable"] == ["3 lines are not points"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "- a\n- b\n",
        "\x00\x01",
        "x: [" * 5000,
        "a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n" + "c: [" + "*b," * 9999 + "]\n",
    ],
    ids=["empty", "open", "list", "noise", "deep", "bomb"],
)
def test_a_meta_yaml_that_is_none_costs_only_the_meta(copied: Callable[[str], Path], text: str) -> None:
    store = copied("filestore")
    folder = one_run(store, "lr0.01-w16-s0")
    (folder / "meta.yaml").write_text(text)
    runs, notes = read(store)
    run = runs[folder.name]
    assert (run.name, run.status, run.params["width"], len(run.series)) == ("lr0.01-w16-s0", "unknown", "16", 3)
    assert "mlflow-meta-unreadable" in {note.slug for note in notes}
    assert len(runs) == 20


def test_a_missing_meta_yaml_costs_only_the_meta(copied: Callable[[str], Path]) -> None:
    store = copied("filestore")
    folder = one_run(store, "lr0.01-w16-s0")
    (folder / "meta.yaml").unlink()
    (folder / "artifacts").mkdir(exist_ok=True)
    assert read(store)[0][folder.name].params["width"] == "16"


def test_yaml_tags_make_no_objects(copied: Callable[[str], Path], tmp_path: Path) -> None:
    store = copied("filestore")
    folder = one_run(store, "lr0.01-w16-s0")
    canary = tmp_path / "canary"
    meta = (folder / "meta.yaml").read_text()
    command = f"!!python/object/apply:os.system ['touch {canary}']"
    (folder / "meta.yaml").write_text(meta.replace("user_id: ana", f"user_id: {command}"))
    assert read(store)[0][folder.name].status == "finished"
    assert not canary.exists()


def test_a_name_of_ten_megabytes_is_cut_and_said(copied: Callable[[str], Path]) -> None:
    store = copied("filestore")
    folder = one_run(store, "lr0.01-w16-s0")
    (folder / "tags/mlflow.runName").write_text("x" * 10_000_000)
    runs, notes = read(store)
    assert len(runs[folder.name].name) == 1001
    assert {note.slug for note in notes} >= {"text-cut"}


def test_hostile_text_stays_text(samples: Path) -> None:
    for store in STORES:
        run = named(read(samples / "mlflow" / store)[0], HOSTILE)
        assert (run.params["html"], run.tags["html"]) == (HOSTILE, HOSTILE)
        assert run.params["lines"] == "one\ntwo\n"
        assert run.params["yaml"] == "!!python/object/apply:os.system ['id']"


def test_links_are_not_followed(copied: Callable[[str], Path], tmp_path: Path) -> None:
    store = copied("filestore")
    folder = one_run(store, "lr0.01-w16-s0")
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    (folder / "params/leak").symlink_to(secret)
    (folder / "artifacts").mkdir(exist_ok=True)
    (folder / "artifacts/leak.txt").symlink_to(secret)
    run = read(store)[0][folder.name]
    assert "leak" not in run.params
    assert run.artifacts == ()


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_a_cut_database_is_a_note(copied: Callable[[str], Path], share: float) -> None:
    store = copied("sqlite")
    whole = (store / "mlflow.db").read_bytes()
    reader = MlflowReader()
    claimed = [source for source in sources(reader, store) if source.key == "mlflow.db"]
    (store / "mlflow.db").write_bytes(whole[: int(len(whole) * share)])
    notes = Notes()
    runs = list(reader.read(claimed[0], notes))
    assert {note.slug for note in notes.all} & {"sqlite-unreadable", "sqlite-damaged"}
    assert len(runs) <= 20


def test_what_a_writer_has_not_checkpointed_is_read(copied: Callable[[str], Path]) -> None:
    store = copied("sqlite")
    before = len(read(store)[0])
    writer = sqlite3.connect(store / "mlflow.db")
    writer.execute("pragma journal_mode = wal")
    writer.execute("pragma wal_autocheckpoint = 0")
    writer.execute(
        "insert into runs (run_uuid, name, status, lifecycle_stage, artifact_uri, experiment_id) values ('ff', 'live', 'RUNNING', 'active', '', 1)"
    )
    writer.execute(
        "insert into metrics (key, value, timestamp, run_uuid, step, is_nan) values ('loss', 0.5, 1, 'ff', 9007199254740993, 0)"
    )
    writer.commit()
    assert (store / "mlflow.db-wal").stat().st_size > 0
    listing = sorted(path.name for path in store.iterdir())
    runs, _ = read(store)
    assert len(runs) == before + 1
    assert runs["ff"].series[0].steps.tolist() == [9007199254740993]
    assert sorted(path.name for path in store.iterdir()) == listing
    writer.close()


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    base = sqlite3.connect(tmp_path / "mlflow.db")
    base.execute("create table trials (id integer)")
    base.commit()
    base.close()
    assert read(tmp_path) == ({}, [])


def test_artifact_addresses_never_lead_outside(copied: Callable[[str], Path], tmp_path: Path) -> None:
    outside = tmp_path / "1" / "x" / "artifacts"
    outside.mkdir(parents=True)
    (outside / "secret.txt").write_text("hidden")
    for address in (
        f"file://{outside}",
        str(outside),
        "../1/x/artifacts",
        "http:///#/../../1/x/artifacts",
        "s3://bucket/1/x/artifacts",
        "C:\\1\\x\\artifacts",
    ):
        store = copied("sqlite")
        base = sqlite3.connect(store / "mlflow.db")
        base.execute("update runs set artifact_uri = ? where name = 'fails'", (address,))
        base.commit()
        base.close()
        assert named(read(store)[0], "fails").artifacts == ()
        shutil.rmtree(store)


def test_one_run_folder_or_one_experiment_may_be_named(samples: Path) -> None:
    folder = one_run(samples / "mlflow/filestore", "lr0.01-w16-s0")
    runs, _ = read(folder)
    assert [(run.name, run.group, run.source) for run in runs.values()] == [("lr0.01-w16-s0", "digits-mlp", ".")]
    assert len(read(folder.parent)[0]) == 19


def test_a_name_that_looks_like_a_number_stays_as_written(copied: Callable[[str], Path]) -> None:
    store = copied("filestore")
    folder = one_run(store, "lr0.01-w16-s0")
    (folder / "tags/mlflow.runName").unlink()
    for path, old in (
        (folder / "meta.yaml", "run_name: lr0.01-w16-s0"),
        (folder.parent / "meta.yaml", "name: digits-mlp"),
    ):
        path.write_text(path.read_text().replace(old, old.partition(":")[0] + ": 1e5"))
    run = read(store)[0][folder.name]
    assert (run.name, run.group) == ("1e5", "1e5")

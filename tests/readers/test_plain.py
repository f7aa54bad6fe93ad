"""Plain run folders: samples, damaged copies, and the folders that are none."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runpages.errors import Note
from runpages.model import Run
from runpages.readers import Folder, Reader, installed, list_folder
from runpages.readers.plain import PlainReader, explain
from runpages.testing import plain_run, read_all

READER = PlainReader()
CASES = sorted(path.name for path in (Path(__file__).parents[2] / "sample_runs" / "plain").iterdir() if path.is_dir())
METRICS = "step,loss\n0,1.5\n1,1.25\n"


def read(root: Path) -> tuple[list[Run], list[Note]]:
    return read_all({"plain": READER}, root)


def make(root: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def one(root: Path, **files: str | bytes) -> tuple[Run, list[str]]:
    """The run in a folder with these files (metrics_csv is metrics.csv) and the slugs of its notes."""
    make(root, {name.replace("_", "."): content for name, content in files.items()})
    (run,), notes = read(root)
    return run, [note.slug for note in notes]


def values(run: Run, name: str) -> list[float]:
    found: list[float] = next(series for series in run.series if series.label == name).values.tolist()
    return found


def claimed(folder: Path) -> bool:
    return bool(list(READER.find(list_folder(folder, folder.name))))


@pytest.mark.parametrize("case", CASES)
def test_runs_of(case: str, samples: Path, golden: Callable[..., None]) -> None:
    runs, notes = read(samples / "plain" / case)
    told = [plain_run(run, points=False) for run in runs]
    golden({"runs": told, "notes": [[note.slug, note.where, note.what] for note in notes]})


def test_an_independent_reading_agrees(samples: Path, tree: Path, summarise: Callable[[Run], dict[str, Any]]) -> None:
    lines = [json.loads(line) for line in (tree / "tests/golden/reference/plain.jsonl").read_text().splitlines()]
    runs, _ = read(samples / "plain")
    found = {run.id: summarise(run) for run in runs}
    assert found.keys() == {line["id"] for line in lines}
    for line in lines:
        run = found[line["id"]]
        run["last_steps"] = {name: step for name, step in run["last_steps"].items() if name in line["last_steps"]}
        assert run == line


def test_three_configs_and_three_seeds_are_three_groups_of_three(samples: Path) -> None:
    runs, notes = read(samples / "plain" / "digits-sweep")
    groups = [run.group for run in runs]
    assert {group: groups.count(group) for group in groups} == {"lr-0.003": 3, "lr-0.03": 3, "lr-0.3": 3}
    assert not notes


def test_a_run_being_written_keeps_every_whole_line(samples: Path) -> None:
    runs, notes = read(samples / "plain" / "unfinished")
    by_id = {run.id: run for run in runs}
    assert values(by_id["torn-csv"], "loss") == values(by_id["torn-jsonl"], "loss")
    assert by_id["torn-csv"].status == "running"
    assert {"csv-torn", "json-torn"} <= {note.slug for note in notes}


def test_a_run_that_failed_before_it_measured_is_a_run(samples: Path) -> None:
    runs, _ = read(samples / "plain" / "unfinished")
    failed = next(run for run in runs if run.id == "no-metrics")
    assert (failed.status, failed.series, failed.params) == ("failed", (), {"lr": -1.0})
    assert "must be > 0" in failed.log


def test_a_continued_run_has_each_step_once(samples: Path) -> None:
    (run,), notes = read(samples / "plain" / "restarted")
    assert run.series[0].steps.tolist() == list(range(20))
    assert [note.slug for note in notes] == ["series-restarted"]


def test_a_run_inside_a_run_is_its_child(tmp_path: Path) -> None:
    make(tmp_path, {"outer/metrics.csv": METRICS, "outer/fold-1/metrics.csv": METRICS, "other/metrics.csv": METRICS})
    runs, _ = read(tmp_path)
    assert {run.id: run.parent for run in runs} == {"outer": "", "outer/fold-1": "outer", "other": ""}


def test_a_table_does_not_repeat_the_runs_beside_it(tmp_path: Path) -> None:
    make(tmp_path, {"results.csv": "run,acc\na,0.5\nb,0.6\n", "a/metrics.csv": METRICS})
    runs, notes = read(tmp_path)
    assert sorted(run.id for run in runs) == ["a", "results.csv#b"]
    assert "table-repeats" in [note.slug for note in notes]


def test_a_table_with_one_name_twice_is_noted(tmp_path: Path) -> None:
    make(tmp_path, {"runs.csv": "run,acc\na,0.5\na,0.6\n"})
    runs, notes = read(tmp_path)
    assert not runs
    assert [note.slug for note in notes] == ["table-no-names"]


def test_the_status_file_wins_over_run_json(tmp_path: Path) -> None:
    run, _ = one(tmp_path, run_json='{"status": "running"}', status="failed\n", metrics_csv=METRICS)
    assert run.status == "failed"


def test_a_status_nobody_knows_is_told_as_the_reason(tmp_path: Path) -> None:
    run, _ = one(tmp_path, run_json='{"status": "preempted"}')
    assert (run.status, run.reason) == ("unknown", "preempted")


def test_a_complete_looking_run_is_not_called_finished(tmp_path: Path) -> None:
    run, _ = one(tmp_path, metrics_csv=METRICS)
    assert (run.status, run.started, run.ended) == ("unknown", None, None)


def test_what_run_json_says_beyond_the_layout_is_kept(tmp_path: Path) -> None:
    run, _ = one(
        tmp_path, run_json='{"tags": {"team": "a"}, "cluster": {"nodes": 4}, "started": "2026-11-24T04:00:00Z"}'
    )
    assert run.tags == {"team": "a", "cluster.nodes": 4}
    assert run.started == 1795492800.0


# --- bad input ---------------------------------------------------------------------------------------------------


def test_params_that_are_no_yaml_keep_the_metrics(tmp_path: Path) -> None:
    run, notes = one(tmp_path, params_yaml="a: b: c\n- d", metrics_csv=METRICS)
    assert (run.params, values(run, "loss"), notes) == ({}, [1.5, 1.25], ["document-unreadable"])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("params.json", "[" * 200_000),
        ("params.json", '{"a":' * 150 + "1" + "}" * 150),
        ("params.json", "[1, 2]"),
        ("params.json", '{"lr": 0.'),
        ("params.toml", "a = = 1"),
        ("params.yaml", "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"{n}: &{n} [{','.join(['*' + p] * 10)}]\n" for p, n in zip("abcdefgh", "bcdefghi", strict=True))),
        ("params.yaml", "[" * 5_000),
        ("params.yaml", "- 1\n- 2\n"),
        ("summary.json", "not json"),
        ("history.json", '{"loss": [1, 2'),
    ],
    ids=["json-bomb", "json-deep", "json-list", "json-cut", "toml", "yaml-alias-bomb", "yaml-deep", "yaml-list", "text", "cut"],
)  # fmt: skip
def test_a_broken_document_is_a_note_and_the_run_stays(name: str, content: str, tmp_path: Path) -> None:
    make(tmp_path, {name: content, "metrics.csv": METRICS})
    (run,), notes = read(tmp_path)
    assert values(run, "loss") == [1.5, 1.25]
    assert [note.slug for note in notes] == ["document-unreadable"]
    assert notes[0].where == name


def test_a_name_of_ten_megabytes_is_read_once(tmp_path: Path) -> None:
    run, _ = one(tmp_path, params_json=json.dumps({"x" * 10_000_000: 1}), metrics_csv=METRICS)
    assert len(run.params) == 1
    assert max(map(len, run.params)) <= 1_024


@pytest.mark.parametrize(
    "name", ["metrics.csv", "metrics.jsonl", "history.json", "params.json", "run.json", "status", "README.md"]
)
def test_an_empty_file_leaves_the_rest(name: str, tmp_path: Path) -> None:
    make(tmp_path, {"params.json": '{"lr": 1}', "summary.json": '{"acc": 1}', name: ""})
    (run,), _ = read(tmp_path)
    assert run.results == {"acc": 1}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_any_line_end_and_encoding_reads_the_same(end: str, encoding: str, tmp_path: Path) -> None:
    text = "step,größe\n0,1.5\n1,2.5\n".replace("\n", end)
    run, notes = one(tmp_path, metrics_csv=text.encode(encoding), params_json="{}")
    assert (values(run, "größe"), notes) == ([1.5, 2.5], [])


def test_windows_text_is_read_as_such(tmp_path: Path) -> None:
    run, _ = one(tmp_path, metrics_csv=METRICS, README_md="größe".encode("cp1252"))
    assert run.notes == "größe"


def test_ragged_rows_keep_their_numbers(tmp_path: Path) -> None:
    run, notes = one(tmp_path, metrics_csv="step,a,b\n0,1,2\n1,3\n2,4,5,6\n")
    assert (values(run, "a"), values(run, "b"), notes) == ([1, 3, 4], [2, 5], ["csv-ragged"])


def test_a_column_twice_is_kept_twice(tmp_path: Path) -> None:
    run, notes = one(tmp_path, metrics_csv="step,a,a (2),a\n0,1,2,3\n")
    assert [series.name for series in run.series] == ["a", "a (2)", "a (3)"]
    assert notes == ["csv-duplicate-column"]


def test_what_is_no_number_is_left_out_with_a_reason(tmp_path: Path) -> None:
    run, notes = one(tmp_path, metrics_csv="step,a,b,c,d\n0,1_000,True,12%,1\n1,2,False,nan%,NA\n")
    assert {series.name: series.values.tolist() for series in run.series} == {"a": [2.0], "d": [1.0]}
    assert notes == ["series-text"]


def test_numbers_beyond_every_type_survive(tmp_path: Path) -> None:
    lines = [{"step": 10**30, "a": 10**400}, {"step": 2, "a": -1}]
    run, _ = one(tmp_path, metrics_jsonl="\n".join(map(json.dumps, lines)) + '\n{"step": 3, "a": ' + "9" * 5000 + "}\n")
    assert values(run, "a") == [np.inf, -1, np.inf]


def test_a_line_that_is_no_json_is_counted(tmp_path: Path) -> None:
    run, notes = one(tmp_path, metrics_jsonl='{"step": 0, "a": 1}\nWarning: slow\n[3]\n{"step": 1, "a": NaN}\n')
    assert np.isnan(values(run, "a")[1])
    assert notes == ["json-bad-lines"]


def test_json_lines_named_json_are_read(tmp_path: Path) -> None:
    run, _ = one(tmp_path, metrics_json='{"iteration": 19, "loss": 2}\n{"iteration": 39, "loss": 1}\n')
    assert (values(run, "loss"), run.series[0].steps.tolist()) == ([2, 1], [19, 39])


def test_a_line_without_a_step_counts_on(tmp_path: Path) -> None:
    run, _ = one(tmp_path, metrics_jsonl='{"step": 4, "a": 1}\n{"a": 2}\n{"a": 3}\n{"step": 9, "a": 4}\n')
    assert run.series[0].steps.tolist() == [4, 5, 6, 9]


def test_hostile_names_stay_text(samples: Path) -> None:
    runs, _ = read(samples / "plain" / "awkward-names")
    run = next(run for run in runs if run.id.startswith("<script>"))
    assert run.params["</script><!--"] == "<img src=x onerror=alert(1)>"
    assert "<script>x</script>" in [series.name for series in run.series]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    make(tmp_path / "run", {"metrics.csv": METRICS, "media/a.png": b"png"})
    (tmp_path / "run" / "media" / "b.txt").symlink_to(secret)
    (tmp_path / "run" / "README.md").symlink_to(secret)
    (run,), _ = read(tmp_path / "run")
    assert run.notes == ""
    assert [artifact.name for artifact in run.artifacts] == ["media/a.png", "metrics.csv"] or [
        artifact.name for artifact in run.artifacts
    ] == ["metrics.csv", "media/a.png"]


PARAMS = {
    "params.json": '{"lr": 0.1, "net": {"depth": 2}}', "params.jsonl": '{"lr": 0.1}\n{"net": {"depth": 2}}\n', "params.yaml": "lr: 0.1\nnet: {depth: 2}\n",
    "params.toml": "lr = 0.1\n[net]\ndepth = 2\n", "params.csv": "name,value\nlr,0.1\nnet.depth,2\n", "params.tsv": "lr\tnet.depth\n0.1\t2\n",
    "config.yml": "lr: 0.1\nnet: {depth: 2}\n",
}  # fmt: skip
WRITTEN = {
    "metrics.json": '[{"step": 0, "loss": 1.5}, {"step": 1, "loss": 1.25}]', "metrics.jsonl": '{"step": 0, "loss": 1.5}\n{"step": 1, "loss": 1.25}\n',
    "metrics.yaml": "step: [0, 1]\nloss: [1.5, 1.25]\n", "metrics.toml": "step = [0, 1]\nloss = [1.5, 1.25]\n", "metrics.csv": METRICS,
    "metrics.tsv": METRICS.replace(",", "\t"), "history.csv": "step,name,value\n0,loss,1.5\n1,loss,1.25\n",
    "progress.tsv": "step\tmetric\tvalue\n0\tloss\t1.5\n1\tloss\t1.25\n",
}  # fmt: skip


@pytest.mark.parametrize("metrics", WRITTEN)
@pytest.mark.parametrize("params", PARAMS)
def test_any_format_of_params_goes_with_any_of_metrics(params: str, metrics: str, tmp_path: Path) -> None:
    make(tmp_path, {f"group/run/{params}": PARAMS[params], f"group/run/{metrics}": WRITTEN[metrics]})
    (run,), notes = read(tmp_path)
    assert (run.id, run.group, run.params, notes) == ("group/run", "group", {"lr": 0.1, "net.depth": 2}, [])
    assert {one.label: (one.steps.tolist(), one.values.tolist()) for one in run.series} == {
        "loss": ([0, 1], [1.5, 1.25])
    }


@pytest.mark.parametrize("name", ["summary.json", "results.yaml", "metrics.yml", "results.toml", "scores.json"])
def test_a_summary_may_be_any_document(name: str, tmp_path: Path) -> None:
    content = "acc = 0.5\n" if name.endswith("toml") else '{"acc": 0.5}'
    run, notes = one(tmp_path, **{"config_yaml": "lr: 1\n", name.replace(".", "_"): content})
    assert (run.results, notes) == ({"acc": 0.5}, [])


def test_a_folder_of_configurations_is_no_run(tmp_path: Path) -> None:
    assert not claimed(make(tmp_path, {"config.yaml": "a: 1", "eval.yaml": "b: 1", "train.yaml": "c: 1"}))


# --- what is a run -----------------------------------------------------------------------------------------------

NOT_RUNS: dict[str, dict[str, str]] = {
    "a lone config": {"config.yaml": "a: 1"},
    "a readme": {"README.md": "# hello"},
    "pictures": {"a.png": "", "b.png": ""},
    "a web project": {"package.json": "{}", "config.json": "{}", "results.json": "{}"},
    "documentation with data": {"index.md": "# x", "metrics.csv": METRICS},
    "pages and data": {"usage.md": "", "install.md": "", "results.csv": "step,a\n1,2\n"},
    "a stray table": {"results.csv": "country,population\nchile,19\n"},
    "a stray table of scores": {"scores.csv": "player,points\nana,19\n"},
    "two stray tables": {"a.csv": "country,population\nchile,19\n", "b.csv": "country,area\nchile,7\n"},
    "a stray json": {"results.json": '{"a": 1}'},
    "a list of things": {"results.json": '[{"title": "a"}, {"title": "b"}]'},
    "a log of a server": {"log.jsonl": '{"level": "info", "msg": "x"}\n'},
    "a python project": {"pyproject.toml": "", "settings.json": "{}", "metrics.json": '{"loss": [1, 2]}'},
    "a table without header": {"metrics.csv": "1,2\n3,4\n"},
    "hydra": {".hydra/config.yaml": "", "metrics.csv": METRICS},
    "a Hugging Face folder": {"trainer_state.json": "{}", "config.json": "{}", "all_results.json": "{}", "metrics.json": "{}"},
    "ray": {"params.json": "{}", "result.json": '{"a": 1}', "progress.csv": "training_iteration,a\n1,2\n"},
    "ultralytics": {"args.yaml": "task: detect", "results.csv": "epoch,time\n1,2\n"},
    "mlflow": {"meta.yaml": "", "params/lr": "1", "metrics/loss": "1 2 3"},
    "tensorboard": {"events.out.tfevents.1.x": "", "metrics.csv": METRICS},
    "wandb": {"run-a.wandb": "", "config.yaml": "", "summary.json": "{}"},
    "sacred": {"run.json": "{}", "config.json": "{}", "cout.txt": "", "metrics.json": "{}"},
    "dvc": {"dvc.yaml": "", "params.yaml": "", "metrics.json": '{"step": [1, 2], "a": [1, 2]}'},
    "swanlab": {"backup.swanlab": "", "metrics.csv": METRICS},
}  # fmt: skip
RUNS: dict[str, dict[str, str]] = {
    "a metrics file": {"metrics.csv": METRICS},
    "a csv without steps beside params": {"log.csv": "loss\n1\n", "params.json": "{}"},
    "a strong name without steps": {"metrics.csv": "loss\n1\n"},
    "params and a summary": {"config.yaml": "a: 1", "results.json": '{"acc": 1}'},
    "params and a status": {"params.json": "{}", "status": "failed"},
    "params and a marker": {"params.json": "{}", "FAILED": ""},
    "a run.json": {"run.json": '{"name": "x"}'},
    "a run.json in a project": {"run.json": "{}", "pyproject.toml": "", "metrics.csv": METRICS},
    "a history by keras": {"history.csv": "epoch,accuracy,loss,val_accuracy,val_loss\n0,0.5,1,NA,NA\n"},
    "a history as lists": {"history.json": '{"loss": [1, 2]}'},
    "spinningup": {"progress.txt": "Epoch\tLoss\n0\t1\n", "config.json": "{}"},
    "upper case": {"Params.JSON": "{}", "Metrics.CSV": METRICS},
    "an empty metrics file beside params": {"params.json": "{}", "metrics.csv": ""},
}


@pytest.mark.parametrize("files", NOT_RUNS.values(), ids=NOT_RUNS)
def test_this_is_no_run(files: Mapping[str, str], tmp_path: Path) -> None:
    make(tmp_path, files)
    assert not claimed(tmp_path)
    assert explain(list_folder(tmp_path, ".")).startswith("Not a run: ")


@pytest.mark.parametrize("files", RUNS.values(), ids=RUNS)
def test_this_is_a_run(files: Mapping[str, str], tmp_path: Path) -> None:
    make(tmp_path, files)
    assert claimed(tmp_path)
    assert explain(list_folder(tmp_path, ".")).startswith("A run: ")
    (run,), _ = read(tmp_path)
    assert run.tracker == "plain"


def test_looking_for_runs_reads_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, {"params.json": "{}", "metrics.csv": METRICS, "summary.json": "{}", "train.log": "x"})
    peeked: list[str] = []
    whole = Folder.peek

    def noted(self: Folder, name: str, size: int = 4096) -> bytes:
        peeked.append(name)
        return whole(self, name, size)

    monkeypatch.setattr(Folder, "peek", noted)
    assert claimed(tmp_path)
    assert peeked == ["metrics.csv"]


def test_the_samples_of_other_trackers_are_not_claimed(samples: Path) -> None:
    everyone: dict[str, Reader] = dict(installed().readers)
    for folder in samples.iterdir():
        if folder.name in everyone and folder.name != "plain":
            runs, _ = read_all(everyone, folder)
            plain = [run.id for run in runs if run.tracker == "plain"]
            # dvc: a known limit, see docs/formats/dvc.md; keras: params beside a CSVLogger's table make it a plain run
            assert plain == {"dvc": ["workspace/eval"], "keras": ["with-params"]}.get(folder.name, [])

"""Runs straight from the text files that trackers leave: comma and tab separated, JSON, JSON lines. No code of ours."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tests.views.raw import Raw, flattened

Found = dict[str, Raw]


def table(path: Path, mark: str = ",") -> list[dict[str, str]]:
    """The rows of a file of columns."""
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")), delimiter=mark))


def lines(path: Path) -> list[Any]:
    """The values of a file with one JSON value a line."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def wide(rows: Iterable[dict[str, str]], step: str, leave: Iterable[str] = ()) -> Raw:
    """A column per metric; blank cells are no points."""
    raw = Raw()
    for row in rows:
        for name, cell in row.items():
            if name not in (step, *leave) and cell:
                raw.add(name, int(float(row[step])), cell)
    return raw


def simple(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def lightning(samples: Path) -> Found:
    found = {}
    for name in ("lightning/crashed/digits/version_0", "lightning/digits-sweep/lightning_logs/version_1"):
        rows = table(samples / name / "metrics.csv")
        raw = wide(rows, "step", ("epoch",))
        # what was measured once, in a test, is a result
        raw.metrics = {name: points for name, points in raw.metrics.items() if not name.startswith("test_")}
        raw.results = {name: float(row[name]) for row in rows for name in row if name.startswith("test_") and row[name]}
        found[name] = raw
    return found


def keras(samples: Path) -> Found:
    continued = wide(table(samples / "keras/continued/history.csv"), "epoch")
    # the second training wrote the same epochs again: the later row of each counts
    continued.metrics = {name: sorted(dict(points).items()) for name, points in continued.metrics.items()}
    return {"keras/continued": continued, "keras/diverged": wide(table(samples / "keras/diverged/train.csv"), "epoch")}


def ultralytics(samples: Path) -> Found:
    names = ("ultralytics/digits/seed-0", "ultralytics/digits/seed-1", "ultralytics/digits/classes")
    return {name: wide([{k.strip(): v.strip() for k, v in row.items()} for row in table(samples / name / "results.csv")], "epoch") for name in names}  # fmt: skip


def catboost(samples: Path) -> Found:
    found = {}
    for name in ("shallow", "steep"):
        folder, raw = samples / "catboost/cancer" / name / "catboost_info", Raw()
        for file, subset in (("learn_error.tsv", "learn"), ("test_error.tsv", "test")):
            for row in table(folder / file, "\t"):
                for metric in row.keys() - {"iter"}:
                    raw.add(f"{metric}{{subset={subset}}}", int(row["iter"]), row[metric])
        found[f"catboost/cancer/{name}/catboost_info"] = raw
    return found


def dagshub(samples: Path) -> Found:
    raw = Raw()
    for row in table(samples / "dagshub/alone/killed/metrics.csv"):
        if row["Step"]:  # a torn last line has none
            raw.add(row["Name"], int(row["Step"]), row["Value"])
    return {"dagshub/alone/killed": raw}


def dvc(samples: Path) -> Found:
    found = {}
    for name in ("dvc/dvclive/wide", "dvc/dvclive/killed", "dvc/dvclive/timed"):
        plots, raw = samples / name / "plots/metrics", Raw()
        for path in plots.rglob("*.tsv"):
            label = path.relative_to(plots).with_suffix("").as_posix()
            for row in table(path, "\t"):
                raw.add(label, int(row["step"]), row[path.stem])
        found[name] = raw
    return found


def huggingface(samples: Path) -> Found:
    found = {}
    for name in ("small", "wide"):
        state = json.loads((samples / "huggingface/digits" / name / "trainer_state.json").read_text())
        raw = Raw()
        for entry in state["log_history"]:
            if "train_runtime" in entry:  # how the training went as a whole
                raw.results = {key: value for key, value in entry.items() if key not in ("step", "epoch")}
                continue
            for key, value in entry.items():
                if key not in ("step", "epoch"):
                    raw.add(key, entry["step"], value)
        # the best model was measured once more at the end, under its old step
        raw.metrics = {key: sorted(dict(points).items()) for key, points in raw.metrics.items()}
        found[f"huggingface/digits/{name}"] = raw
    return found


def detectron2(samples: Path) -> Found:
    raw = Raw()
    for entry in lines(samples / "detectron2/sine/lr-0.1-seed-0/metrics.json"):
        for key, value in entry.items():
            if key != "iteration":
                raw.add(key, entry["iteration"], value)
    return {"detectron2/sine/lr-0.1-seed-0": raw}


def ray(samples: Path) -> Found:
    raw = Raw(beside=("ray/tune/", "time", "iterations", "training"))
    (folder,) = (samples / "ray/failing").glob("train_*_00000_*")
    for entry in lines(folder / "result.json"):
        step = entry["training_iteration"]
        for key, value in flattened({k: v for k, v in entry.items() if k in ("accuracy", "scores", "late")}).items():
            if simple(value):
                raw.add(key, step, value)
    raw.params = flattened(json.loads((folder / "params.json").read_text()))
    return {f"ray/failing/{folder.name}": raw}


def sacred(samples: Path) -> Found:
    found = {}
    for name in ("1", "2"):
        folder, raw = samples / "sacred/files" / name, Raw(beside=("val_loss",))  # in info.json
        for label, one in json.loads((folder / "metrics.json").read_text()).items():
            for step, value in zip(one["steps"], one["values"], strict=True):
                raw.add(label, step, value)
        config = flattened(json.loads((folder / "config.json").read_text()))
        raw.params = {k: json.dumps(v) if isinstance(v, list) else v for k, v in config.items() if k != "seed"}
        found[f"sacred/files/{name}"] = raw
    return found


def stable_baselines(samples: Path) -> Found:
    raw = Raw(beside=("monitor/", "evaluations/", "eval/"))
    for row in table(samples / "stable_baselines/ppo/seed-0/progress.csv"):
        for name, cell in row.items():
            if cell and name != "time/total_timesteps" and not name.startswith("eval/"):
                raw.add(name, int(row["time/total_timesteps"]), cell)
    return {"stable_baselines/ppo/seed-0": raw}


def mlflow(samples: Path) -> Found:
    found = {}
    for folder in sorted((samples / "mlflow/filestore/mlruns/418405052455183466").glob("[0-9a-f]" * 32)):
        if "lifecycle_stage: deleted" in (folder / "meta.yaml").read_text():
            continue
        raw = Raw()
        for path in sorted((folder / "metrics").rglob("*")):
            if path.is_file():
                rows = [line.split(" ") for line in path.read_text().splitlines()]
                for _, value, step, *_data in sorted(rows, key=lambda row: int(row[2])):
                    raw.add(path.relative_to(folder / "metrics").as_posix(), int(step), value)
        # a run that was continued wrote some steps again: the later value of each counts
        raw.metrics = {name: sorted(dict(points).items()) for name, points in raw.metrics.items()}
        below = folder / "params"
        raw.params = {p.relative_to(below).as_posix(): p.read_text() for p in below.rglob("*") if p.is_file()}
        found[folder.name] = raw
    return found


def polyaxon(samples: Path) -> Found:
    found = {}
    for name, key in (("00dca7ad209543d99b973a90226738f8", ""), ("92ceb8c7308648758d4119fba900baa1", "polyaxon/runs/")):
        raw = Raw()
        for path in (samples / "polyaxon/runs" / name / "events/metric").glob("*.plx"):
            for row in table(path, "|"):
                raw.add(path.stem.replace("__", "/"), int(row["step"]), row["metric"])
        found[key + name] = raw
    return found


def katib(samples: Path) -> Found:
    found = {}
    for path in sorted((samples / "katib/search/metrics").glob("*.log")):
        raw = Raw()
        for row, line in enumerate(path.read_text().splitlines()):
            for name, value in re.findall(r"\b(accuracy|loss)=([\d.]+)", line):
                raw.add(name, row, value)
        found[path.stem] = raw
    return found


def sagemaker(samples: Path) -> Found:
    folder, raw = samples / "sagemaker/answers/clusters-2026-11-24-10-00-00-000", Raw()
    names = [one["MetricName"] for one in json.loads((folder / "metric-queries.json").read_text())]
    for name, one in zip(
        names, json.loads((folder / "batch-get-metrics.json").read_text())["MetricQueryResults"], strict=True
    ):
        for step, value in zip(one["XAxisValues"], one["MetricValues"], strict=True):
            raw.add(name, step, value)
    failed = Raw()
    for row in table(samples / "sagemaker/answers/clusters-failed/training-job-metrics.csv"):
        failed.add(row["metric_name"], int(float(row["timestamp"])), row["value"])
    return {"clusters-2026-11-24-10-00-00-000": raw, "clusters-failed": failed}


def valohai(samples: Path) -> Found:
    raw = Raw()
    for line in (samples / "valohai/saved/clusters/1/logs.txt").read_text().splitlines():
        said = line.partition(" ")[2]
        if said.startswith("{"):
            entry = json.loads(said)
            for name, value in entry.items():
                if "epoch" in entry and name != "epoch" and simple(value):
                    raw.add(name, entry["epoch"], value)
    return {"0191c0de-0000-7000-8000-000000000001": raw}


def verta(samples: Path) -> Found:
    found = {}
    for one in json.loads((samples / "verta/project/experiment_runs.json").read_text())["experiment_runs"]:
        raw = Raw()
        for seen in one.get("observations", ()):
            raw.add(seen["attribute"]["key"], int(seen["epoch_number"]), seen["attribute"]["value"])
        raw.metrics = {name: sorted(points) for name, points in raw.metrics.items()}
        raw.params = {
            p["key"]: p["value"] if not isinstance(p["value"], list) else json.dumps(p["value"])
            for p in one.get("hyperparameters", ())
        }
        raw.results = {p["key"]: p["value"] for p in one.get("metrics", ())}
        found[one["id"]] = raw
    return found


def plain(samples: Path) -> Found:
    found = {}
    for folder in sorted((samples / "plain/digits-sweep").glob("lr-*/seed-*")):
        raw = wide(
            table(folder / "metrics.csv"),
            "step" if "step" in table(folder / "metrics.csv")[0] else "epoch",
            ("time", "timestamp", "epoch", "step"),
        )
        params = flattened(json.loads((folder / "params.json").read_text()))
        raw.params = {k: json.dumps(v) if isinstance(v, list) else v for k, v in params.items()}
        found[folder.relative_to(samples).as_posix()] = raw
    return found


def hydra(samples: Path) -> Found:
    found = {}
    for folder in sorted((samples / "hydra/searched/multirun/2026-11-24/12-00-00").glob("[0-9]")):
        found[folder.relative_to(samples).as_posix()] = wide(table(folder / "metrics.csv"), "step")
    return found


def clearml(samples: Path) -> Found:
    folder = samples / "clearml/digits/offline-a27e8a014993467dba62fc0e5a6212c9"
    raw = Raw()
    for batch in lines(folder / "metrics.jsonl"):
        for one in batch:
            if one["type"] == "training_stats_scalar" and one["metric"] == "Summary":
                raw.results[one["variant"]] = one["value"]
            elif one["type"] == "training_stats_scalar":
                raw.add(f"{one['metric']}/{one['variant']}", one["iter"], one["value"])
    return {folder.name: raw}


def results_of(samples: Path) -> Found:
    """Benchmarks and evaluations: finals without a course."""
    found = {}
    for path in sorted((samples / "pytest_benchmark/saved/.benchmarks/Linux-CPython-3.11-64bit").glob("*.json")):
        raw = Raw()
        for one in json.loads(path.read_text())["benchmarks"]:
            for name in ("mean", "stddev", "median", "min", "max"):
                raw.results[f"{one['fullname']}/{name}"] = one["stats"][name]
        found[f"pytest_benchmark/saved/.benchmarks/Linux-CPython-3.11-64bit/{path.stem}"] = raw
    for path in sorted((samples / "lm_eval/sums").glob("*/results_*.json")):
        raw = Raw()
        for task, values in json.loads(path.read_text())["results"].items():
            for name, value in values.items():
                metric, _, rule = name.partition(",")
                if simple(value) and rule == "none":
                    raw.results[f"{task}/{metric}"] = value
        found[f"lm_eval/sums/{path.parent.name}/{path.stem}"] = raw
    return found


ALL: dict[str, Callable[[Path], Found]] = {
    "catboost": catboost,
    "clearml": clearml,
    "dagshub": dagshub,
    "detectron2": detectron2,
    "dvc": dvc,
    "huggingface": huggingface,
    "hydra": hydra,
    "katib": katib,
    "keras": keras,
    "lightning": lightning,
    "lm_eval and pytest_benchmark": results_of,
    "mlflow": mlflow,
    "plain": plain,
    "polyaxon": polyaxon,
    "ray": ray,
    "sacred": sacred,
    "sagemaker": sagemaker,
    "stable_baselines": stable_baselines,
    "ultralytics": ultralytics,
    "valohai": valohai,
    "verta": verta,
}

"""What MLflow's own client says of the sample stores: python reference_mlflow.py SAMPLE... > tests/golden/reference/mlflow.jsonl

Run it with the newest client; the stores are copied first (the client upgrades databases and creates folders).
One run a line, in the export's names; `points` has every point (time in ms, value, step) in the order of
(step, time, value), a point that was written twice once. Lines that name a dataset are cut to their three first
fields in the copy: the client refuses the whole experiment when the name has a blank, and else says step 0. Values that JSON cannot hold are "nan", "inf", "-inf".
"""

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ |= {"MLFLOW_ALLOW_FILE_STORE": "true", "MLFLOW_DISABLE_TELEMETRY": "true"}
from mlflow.entities import ViewType
from mlflow.tracking import MlflowClient


def plain(value):
    return value if math.isfinite(value) else str(value)


def history(client, run_id, key):
    points = {(point.step, point.timestamp, plain(point.value)) for point in client.get_metric_history(run_id, key)}
    order = sorted(points, key=lambda one: (one[0], one[1], 0.0 if one[2] == "nan" else float(one[2])))
    return [[time, value, step] for step, time, value in order]


def stats(points):
    values = [float(value) for _, value, _ in points]
    real = [value for value in values if not math.isnan(value)]
    return {
        "count": len(values),
        "first": plain(values[0]),
        "last": plain(values[-1]),
        "min": plain(min(real)) if real else "nan",
        "max": plain(max(real)) if real else "nan",
        "first_step": points[0][2],
        "last_step": points[-1][2],
    }


def export(client, run, experiments, store):
    points = {key: history(client, run.info.run_id, key) for key in sorted(run.data.metrics)}
    own = {key: value for key, value in run.data.tags.items() if not key.startswith("mlflow.")}
    return {
        "store": store,
        "id": run.info.run_id,
        "name": run.info.run_name,
        "group": experiments[run.info.experiment_id],
        "parent": run.data.tags.get("mlflow.parentRunId", ""),
        "status": run.info.status.lower(),
        "started": run.info.start_time,
        "ended": run.info.end_time,
        "user": run.data.tags.get("mlflow.user", run.info.user_id),
        "params": dict(sorted(run.data.params.items())),
        "tags": dict(sorted(own.items())),
        "notes": run.data.tags.get("mlflow.note.content", ""),
        "metrics": {key: stats(series) for key, series in points.items()},
        "latest": {key: plain(value) for key, value in sorted(run.data.metrics.items())},
        "points": points,
    }


def cut_dataset_fields(store):
    for path in store.glob("mlruns/*/*/metrics/**/*"):
        if path.is_file():
            lines = path.read_text().splitlines()
            path.write_text("".join(" ".join(line.split(" ")[:3]) + "\n" for line in lines))


def read(store):
    with tempfile.TemporaryDirectory() as room:
        copy = Path(shutil.copytree(store, Path(room) / "store"))
        uri = f"sqlite:///{copy}/mlflow.db" if (copy / "mlflow.db").exists() else f"file://{copy}/mlruns"
        cut_dataset_fields(copy)
        if uri.startswith("sqlite"):
            subprocess.run([sys.executable, "-m", "mlflow", "db", "upgrade", uri], check=True, capture_output=True)
        client = MlflowClient(uri)
        experiments = {one.experiment_id: one.name for one in client.search_experiments(view_type=ViewType.ACTIVE_ONLY)}
        runs = client.search_runs(list(experiments), run_view_type=ViewType.ACTIVE_ONLY, max_results=5000)
        for run in sorted(runs, key=lambda run: run.info.run_id):
            print(json.dumps(export(client, run, experiments, Path(store).name), ensure_ascii=False, sort_keys=True))


for folder in sys.argv[1:]:
    read(folder)

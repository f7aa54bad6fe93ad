"""Read MLflow stores: our reader against MLflow's own client, in CPU seconds net of start-up.

python benchmarks/mlflow.py [--peer PYTHON]     PYTHON is an interpreter that has mlflow 3.x
Writes stores into a temporary folder: 1,000 short runs (12 params, 5 tags, 6 metrics x 50 points) and 5 runs with
1,000,000 points in all, each as a file store and as SQLite. "floor" parses the same bytes and builds no runs.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

TREE = Path(__file__).resolve().parent.parent
START = 1_790_000_000_000
OURS = """
import sys
from pathlib import Path
from runpages.testing import read_all
from runpages.readers.mlflow import MlflowReader
if sys.argv[1] != "-":
    runs, notes = read_all({"mlflow": MlflowReader()}, Path(sys.argv[1]))
    print(len(runs), sum(len(one.steps) for run in runs for one in run.series), len(notes))
"""
PEER = """
import os, sys, warnings
warnings.filterwarnings("ignore")
os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
import mlflow
from mlflow.tracking import MlflowClient
from mlflow.store.tracking import file_store, sqlalchemy_store
if sys.argv[1] != "-":
    path = sys.argv[1]
    uri = f"sqlite:///{path}/mlflow.db" if os.path.exists(f"{path}/mlflow.db") else f"file://{path}/mlruns"
    mlflow.set_tracking_uri(uri)
    client = MlflowClient(uri)
    ids = [one.experiment_id for one in client.search_experiments()]
    runs = mlflow.search_runs(ids, output_format="list", max_results=50000)
    points = sum(len(client.get_metric_history(run.info.run_id, key)) for run in runs for key in run.data.metrics)
    print(len(runs), points, 0)
"""
FLOOR = """
import io, os, sys, sqlite3, itertools
import numpy, pandas
n = 0
for folder, _, names in (os.walk(sys.argv[1]) if sys.argv[1] != "-" else ()):
    for name in names:
        path = os.path.join(folder, name)
        if name == "mlflow.db":
            rows = sqlite3.connect(path).execute("select value, timestamp, step, is_nan from metrics")
            n += numpy.fromiter(itertools.chain.from_iterable(rows), dtype=float).size // 4
            continue
        with open(path, "rb") as file:
            data = file.read()
        if "/metrics" in folder and len(data) > 50000:
            n += len(pandas.read_csv(io.BytesIO(data), sep=" ", header=None))
        elif "/metrics" in folder:
            n += len([float(field) for field in data.split()]) // 3
print(0, n, 0)
"""
SCHEMA = """
create table alembic_version (version_num varchar(32));
create table experiments (experiment_id integer primary key, name varchar(256), artifact_location varchar(256), lifecycle_stage varchar(32));
create table runs (run_uuid VARCHAR(32) primary key, name varchar(250), source_type varchar(20), source_name varchar(500),
 entry_point_name varchar(50), user_id varchar(256), status varchar(9), start_time bigint, end_time bigint, source_version varchar(50),
 lifecycle_stage varchar(20), artifact_uri VARCHAR(200), experiment_id integer, deleted_time bigint);
"""


def metric(rng: np.random.Generator, points: int) -> list[tuple[int, float, int]]:
    """Time, value, step of a noisy falling curve."""
    values = np.exp(-np.arange(points) / points) + rng.normal(0, 0.05, points)
    return [(START + 250 * step, float(value), step) for step, value in enumerate(values)]


def write_files(root: Path, runs: int, metrics: int, points: int) -> None:
    """A file store as 3.x lays it out."""
    rng = np.random.default_rng(0)
    experiment = root / "mlruns" / "1"
    experiment.mkdir(parents=True)
    (root / "mlruns" / ".trash").mkdir()
    (experiment / "meta.yaml").write_text(
        f"artifact_location: {experiment}\ncreation_time: {START}\nexperiment_id: '1'\nlast_update_time: {START}\n"
        "lifecycle_stage: active\nname: bench\n"
    )
    for number in range(runs):
        run = f"a{number:031x}"
        place = experiment / run
        for folder in ("params", "metrics/train", "tags", "artifacts"):
            (place / folder).mkdir(parents=True)
        (place / "meta.yaml").write_text(
            f"artifact_uri: {place}/artifacts\nend_time: {START + 9000}\nentry_point_name: ''\nexperiment_id: '1'\n"
            f"lifecycle_stage: active\nrun_id: {run}\nrun_name: run-{number}\nsource_name: ''\nsource_type: 4\n"
            f"source_version: ''\nstart_time: {START}\nstatus: 3\ntags: []\nuser_id: ana\n"
        )
        for index in range(12):
            (place / "params" / f"param{index}").write_text(str(index * 0.1))
        for index in range(5):
            (place / "tags" / f"tag{index}").write_text(f"value {index}")
        for index in range(metrics):
            lines = "".join(f"{t} {v} {s}\n" for t, v, s in metric(rng, points))
            (place / "metrics" / "train" / f"metric{index}").write_text(lines)


def write_sqlite(root: Path, peer: str, runs: int, metrics: int, points: int) -> None:
    """A database of the peer's own schema when there is a peer, else one with the columns that matter."""
    root.mkdir(parents=True)
    path = root / "mlflow.db"
    if peer:
        code = f"import mlflow; mlflow.set_tracking_uri('sqlite:///{path}'); mlflow.create_experiment('bench')"
        subprocess.run([peer, "-W", "ignore", "-c", code], check=True, capture_output=True, cwd=root)
    base = sqlite3.connect(path)
    if not peer:
        base.executescript(SCHEMA + _DATA_TABLES)
        base.execute("insert into experiments values (1, 'bench', '', 'active')")
    rng = np.random.default_rng(0)
    for number in range(runs):
        run = f"a{number:031x}"
        base.execute(
            "insert into runs (run_uuid, name, user_id, status, start_time, end_time, lifecycle_stage, artifact_uri, experiment_id, "
            "source_type) values (?, ?, 'ana', 'FINISHED', ?, ?, 'active', '', 1, 'LOCAL')",
            (run, f"run-{number}", START, START + 9000),
        )
        base.executemany(
            "insert into params (key, value, run_uuid) values (?, ?, ?)",
            [(f"param{i}", str(i * 0.1), run) for i in range(12)],
        )
        base.executemany(
            "insert into tags (key, value, run_uuid) values (?, ?, ?)",
            [(f"tag{i}", f"value {i}", run) for i in range(5)],
        )
        for index in range(metrics):
            rows = metric(rng, points)
            key = f"train/metric{index}"
            sql = "insert into metrics (key, value, timestamp, run_uuid, step, is_nan) values (?, ?, ?, ?, ?, 0)"
            base.executemany(sql, [(key, v, t, run, s) for t, v, s in rows])
            last = rows[-1]
            base.execute(
                "insert into latest_metrics (key, value, timestamp, step, is_nan, run_uuid) values (?, ?, ?, ?, 0, ?)",
                (key, last[1], last[0], last[2], run),
            )
    base.commit()
    base.close()


_DATA_TABLES = """
create table params (key varchar(250), value varchar(8000), run_uuid varchar(32), primary key (key, run_uuid));
create table tags (key varchar(250), value varchar(8000), run_uuid varchar(32), primary key (key, run_uuid));
create table metrics (key varchar(250), value float, timestamp bigint, run_uuid varchar(32), step bigint, is_nan boolean,
 primary key (key, timestamp, step, run_uuid, value, is_nan));
create index index_metrics_run_uuid_key_step on metrics (run_uuid, key, step);
create table latest_metrics (key varchar(250), value float, timestamp bigint, step bigint, is_nan boolean, run_uuid varchar(32),
 primary key (key, run_uuid));
"""


def cpu(python: str, code: str, folder: str) -> tuple[float, str]:
    """CPU seconds of a child, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [python, "-W", "ignore", "-c", code, folder], capture_output=True, text=True, cwd=tempfile.gettempdir()
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout.strip()


def net(python: str, code: str, folder: Path, rounds: int) -> tuple[float, str]:
    """The least of some rounds, less the least start-up."""
    idle = min(cpu(python, code, "-")[0] for _ in range(3))
    found = [cpu(python, code, str(folder)) for _ in range(rounds)]
    return max(min(found)[0] - idle, 1e-3), found[0][1]


def main() -> None:
    """Write the stores, time the readers, print one line a case and the numbers as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", default="", help="a Python that has mlflow 3.x")
    peer = parser.parse_args().peer
    room = Path(tempfile.mkdtemp(prefix="runpages-bench-"))
    results = {}
    try:
        shapes = {"1,000 short runs": (1000, 6, 50), "1M points": (5, 4, 50_000)}
        for name, shape in shapes.items():
            write_files(room / f"files-{name}", *shape)
            write_sqlite(room / f"sqlite-{name}", peer, *shape)
        for folder in sorted(room.iterdir()):
            ours, said = net(sys.executable, OURS, folder, 3)
            floor, _ = net(sys.executable, FLOOR, folder, 3)
            row = {"ours": round(ours, 3), "floor": round(floor, 3), "ours / floor": round(ours / floor, 2)}
            if peer:
                theirs, said_too = net(peer, PEER, folder, 1)
                assert said.split()[:2] == said_too.split()[:2], (said, said_too)
                row |= {"mlflow": round(theirs, 2), "mlflow / ours": round(theirs / ours, 1)}
            results[folder.name] = row
            sys.stdout.write(f"{folder.name:24} runs, points, notes: {said}  {row}\n")
            sys.stdout.flush()
    finally:
        shutil.rmtree(room)
    if not peer:
        sys.stdout.write("mlflow was not measured: name a Python that has it with --peer\n")
    sys.stdout.write(json.dumps(results) + "\n")


if __name__ == "__main__":
    main()

"""`runpages build` of 1,000 MLflow runs x 10 params x 10 metrics x 100 steps: CPU and memory, cold, warm and with one changed run.

    python benchmarks/build.py [--runs 1000] [--keep DIR]

Each figure is user + system time of the whole process, workers included, and the largest resident size of one process.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

NAMES = (
    "train/loss",
    "train/accuracy",
    "val/loss",
    "val/accuracy",
    "val/f1",
    "val/auc",
    "lr",
    "grad_norm",
    "epoch_time",
    "gpu_util",
)


def write_store(root: Path, runs: int, steps: int) -> None:
    """An MLflow file store as mlflow 2 writes it: one experiment, `runs` runs, ten params, ten metrics of `steps` points."""
    rng = np.random.default_rng(0)
    experiment = root / "1"
    experiment.mkdir(parents=True)
    (experiment / "meta.yaml").write_text(
        "artifact_location: file:///tmp/mlruns/1\ncreation_time: 1700000000000\nexperiment_id: '1'\n"
        "last_update_time: 1700000000000\nlifecycle_stage: active\nname: sweep\n"
    )
    for number in range(runs):
        write_run(experiment / f"{number:032x}", number, steps, rng)


def write_run(folder: Path, number: int, steps: int, rng: np.random.Generator) -> None:
    """One finished run."""
    start = 1_700_000_000_000 + number * 60_000
    for name in ("params", "metrics", "tags", "artifacts"):
        (folder / name).mkdir(parents=True)
    (folder / "meta.yaml").write_text(
        f"artifact_uri: file:///tmp/mlruns/1/{folder.name}/artifacts\nend_time: {start + 50_000}\nentry_point_name: ''\n"
        f"experiment_id: '1'\nlifecycle_stage: active\nrun_id: {folder.name}\nrun_name: run-{number}\nrun_uuid: {folder.name}\n"
        f"source_name: ''\nsource_type: 4\nsource_version: ''\nstart_time: {start}\nstatus: 3\ntags: []\nuser_id: ana\n"
    )
    for place in range(10):
        (folder / "params" / f"p{place}").write_text(str(number % (place + 2) if place < 8 else 7))
    (folder / "tags" / "mlflow.runName").write_text(f"run-{number}")
    for name in NAMES:
        values = np.cumsum(rng.normal(size=steps)) / 10 + number % 7
        lines = (f"{start + step * 500} {value!r} {step}\n" for step, value in enumerate(values.tolist()))
        path = folder / "metrics" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(lines))


def timed(room: Path, store: Path) -> tuple[float, float, float]:
    """CPU seconds, seconds on the clock and MB of the largest process of one build in its own process."""
    code = (
        "import resource, subprocess, sys, json\n"
        f"subprocess.run([sys.executable, '-m', 'runpages', 'build', {str(store)!r}, '-o', 'site', '--quiet'], check=True)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))\n"
    )
    begun = time.perf_counter()
    out = subprocess.run([sys.executable, "-c", code], cwd=room, capture_output=True, text=True, check=True).stdout
    cpu, memory = json.loads(out)
    return cpu, time.perf_counter() - begun, memory


def main() -> None:
    """Write the store, build three times, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    room = given.keep or Path(tempfile.mkdtemp())
    store = room / "mlruns"
    if not store.exists():
        write_store(store, given.runs, given.steps)
        time.sleep(2.1)  # files younger than two seconds are read again next time, by design
    shutil.rmtree(room / ".cache", ignore_errors=True)
    for name in ("cold", "nothing changed", "one run changed"):
        if name == "one run changed":
            with (store / "1" / f"{3:032x}" / "metrics" / "lr").open("a") as file:
                file.write("1700000900000 0.5 100\n")
        cpu, clock, memory = timed(room, store)
        print(f"{name:<16} {cpu:6.2f} s CPU  {clock:6.2f} s on the clock  {memory:5.0f} MB")
    size = sum(path.stat().st_size for path in (room / "site").rglob("*") if path.is_file())
    print(f"site {size / 1e6:.1f} MB, limit of open files {resource.getrlimit(resource.RLIMIT_NOFILE)[0]}")
    if given.keep is None:
        shutil.rmtree(room)


if __name__ == "__main__":
    main()

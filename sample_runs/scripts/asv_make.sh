#!/bin/sh
# Real timings with airspeed velocity over two commits of a small project.
# Usage: asv_make.sh OUT      (made with asv 0.6.6; `python`, `asv` and git on the PATH, numpy beside them)
set -eu
out=$(realpath "$1")
work=$HOME/timed; mkdir -p "$work"
cd "$work"
git init -q -b main . && git config user.email ada@example.org && git config user.name Ada
mkdir benchmarks && touch benchmarks/__init__.py
cat > benchmarks/speed.py <<'PY'
import numpy as np


class Reduce:
    params = [[100, 1000], ["sum", "max"]]
    param_names = ["n", "how"]

    def setup(self, n, how):
        self.values = np.random.default_rng(0).normal(size=n)
        if n == 1000 and how == "max":
            raise NotImplementedError("not measured")

    def time_reduce(self, n, how):
        getattr(np, how)(self.values)


def time_sort():
    sorted(range(100, 0, -1))


def track_accuracy():
    return 97.5


track_accuracy.unit = "val/acc (%)"


def peakmem_list():
    return [0] * 100_000


def time_broken():
    raise ValueError("always")
PY
cat > asv.conf.json <<'JSON'
{"version": 1, "project": "small", "repo": ".", "branches": ["main"], "environment_type": "existing", "benchmark_dir": "benchmarks", "results_dir": "results"}
JSON
git add . && git commit -q -m "Time a few things"
asv machine --yes --machine bench-1 --os Linux --arch x86_64 --cpu "two cores" --num_cpu 2 --ram 8G > /dev/null
run() { asv run --machine bench-1 --environment existing:"$(which python)" --set-commit-hash "$(git rev-parse HEAD)" -a rounds=1 -a number=100 -a repeat=3 -a warmup_time=0 > /dev/null || true; }
run
sed -i 's/97.5/98.25/; s/range(100/range(50/' benchmarks/speed.py && git commit -q -am "Sort less"
run
mkdir -p "$out/small" && cp -r results "$out/small/"

rm -rf "$work"

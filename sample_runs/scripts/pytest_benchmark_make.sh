#!/bin/sh
# Real timings of small functions with pytest-benchmark, saved in both of its ways.
# Usage: pytest_benchmark_make.sh OUT      (made with pytest-benchmark 5.3.1; `python` has pytest-benchmark, numpy and git beside it)
set -eu
out=$(realpath "$1")
work=$HOME/timed; mkdir -p "$work"
cd "$work"
git init -q -b main . && git config user.email ada@example.org && git config user.name Ada
cat > test_speed.py <<'PY'
import numpy as np
import pytest


@pytest.mark.parametrize("n", [4, 16])
def test_matmul(benchmark, n):
    a = np.random.default_rng(0).normal(size=(n, n))
    benchmark.extra_info["flops"] = 2 * n**3
    benchmark(np.matmul, a, a)


@pytest.mark.benchmark(group="sorting")
def test_sort(benchmark):
    values = list(np.random.default_rng(0).permutation(100))
    benchmark(sorted, values)


@pytest.mark.benchmark(group="sorting")
def test_numpy_sort(benchmark):
    values = np.random.default_rng(0).permutation(100)
    benchmark(np.sort, values)
PY
git add . && git commit -q -m "Time two things"
fast="--benchmark-min-rounds=5 --benchmark-max-time=0.05 --benchmark-warmup=off -q -p no:cacheprovider"
mkdir -p "$out/saved" "$out/single"
python -m pytest $fast --benchmark-save=first --benchmark-storage="$out/saved/.benchmarks"
sed -i 's/permutation(100)/permutation(50)/' test_speed.py && git commit -q -am "Sort less"
python -m pytest $fast --benchmark-save=second --benchmark-storage="$out/saved/.benchmarks"
python -m pytest $fast --benchmark-json="$out/single/bench.json" --benchmark-min-rounds=5 --benchmark-max-time=0.0005 -k matmul
rm -rf "$work"

"""Smoothing in the page equals TensorBoard's, written down again here, and leaves nan where it was."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runpages.model import Floats

JS = Path(__file__).parent.parent.parent / "themes" / "runpages_theme" / "js"
PROGRAM = """
const fs = require("fs");
for (const path of process.argv.slice(1)) (0, eval)(fs.readFileSync(path, "utf8"));
const lines = require("readline").createInterface({ input: process.stdin });
const number = (v) => (typeof v === "string" ? Number(v) : v);
const out = (v) => (typeof v === "number" && !Number.isFinite(v) ? String(v) : ArrayBuffer.isView(v) ? Array.from(v, out) : v);
lines.on("line", (line) => {
  const { rule, y, x, s, per } = JSON.parse(line);
  console.log(JSON.stringify(out(runpages.smooth(rule, y.map(number), x, s, per))));
});
"""
Smooth = Callable[..., Floats]


@pytest.fixture(scope="module")
def smooth() -> Iterator[Smooth]:
    node = shutil.which("node")
    assert node, "node is needed to run the page's own arithmetic"
    process = subprocess.Popen(
        [node, "-e", PROGRAM, str(JS / "smooth.js")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin
    assert process.stdout
    stdin, stdout = process.stdin, process.stdout

    def ask(rule: str, y: Floats, s: float, x: Floats | None = None, per: float = 1) -> Floats:
        values: list[Any] = [float(v) if np.isfinite(v) else _js(v) for v in y]
        across = list(range(len(y))) if x is None else x.tolist()
        stdin.write(json.dumps({"rule": rule, "y": values, "x": across, "s": s, "per": per}) + "\n")
        stdin.flush()
        return np.array(
            [float(v.replace("Infinity", "inf")) if isinstance(v, str) else v for v in json.loads(stdout.readline())]
        )

    yield ask
    stdin.close()
    process.wait()
    stdout.close()


def _js(value: float) -> str:
    return "NaN" if np.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def tensorboards(y: Floats, weight: float) -> Floats:
    """TensorBoard's debiased exponential mean: nan and inf stay, do not enter and do not age the rest."""
    last, count, out = 0.0, 0, []
    constant = bool((y == y[0]).all())
    for value in y.tolist():
        if constant or not np.isfinite(value):
            out.append(value)
            continue
        last = last * weight + (1 - weight) * value
        count += 1
        out.append(last / (1 - weight**count) if weight != 1 else last)
    return np.array(out)


@pytest.mark.parametrize("weight", [0.0, 0.3, 0.6, 0.9, 0.99, 0.999])
@pytest.mark.parametrize("n", [1, 2, 3, 1000])
def test_ema_equals_tensorboards(smooth: Smooth, weight: float, n: int) -> None:
    y = np.random.default_rng(n).normal(3, 2, n)
    np.testing.assert_allclose(smooth("ema", y, weight), tensorboards(y, weight), rtol=1e-9, atol=0)


def test_ema_equals_tensorboards_around_nan_and_inf(smooth: Smooth) -> None:
    y = np.random.default_rng(0).normal(0, 1, 200)
    y[[0, 5, 6, 199]] = np.nan
    y[[9, 50]] = np.inf, -np.inf
    np.testing.assert_allclose(smooth("ema", y, 0.9), tensorboards(y, 0.9), rtol=1e-9, atol=1e-12)


def test_a_constant_is_not_smoothed_into_waves(smooth: Smooth) -> None:
    y = np.full(500, 0.1)
    assert (smooth("ema", y, 0.97) == y).all()


def test_buckets_are_smoothed_like_the_points_they_stand_for(smooth: Smooth) -> None:
    t = np.arange(10_000)
    y = np.exp(-t / 3000) + np.random.default_rng(1).normal(0, 0.05, len(t))
    means = y.reshape(-1, 20).mean(axis=1)
    whole = tensorboards(y, 0.999).reshape(-1, 20)[:, -1]
    assert np.abs(smooth("ema", means, 0.999, per=20) - whole)[5:].max() < 0.004
    assert np.abs(smooth("ema", means, 0.999) - whole)[5:].max() > 0.05


def test_gaussian_equals_its_definition(smooth: Smooth) -> None:
    y = np.random.default_rng(2).normal(0, 1, 100)
    y[40] = np.nan
    sigma = 0.8 / (1 - 0.8)
    distance = np.arange(100)[:, None] - np.arange(100)[None, :]
    weights = np.where(np.abs(distance) <= np.ceil(3 * sigma), np.exp(-(distance**2) / (2 * sigma**2)), 0)
    weights[:, 40] = 0
    expected = weights @ np.nan_to_num(y) / weights.sum(axis=1)
    expected[40] = np.nan
    np.testing.assert_allclose(smooth("gaussian", y, 0.8), expected, rtol=1e-9, atol=1e-12)


def test_running_mean_equals_its_definition(smooth: Smooth) -> None:
    y = np.random.default_rng(3).normal(0, 1, 60)
    y[10] = np.inf
    fine = np.where(np.isfinite(y), y, np.nan)
    expected = np.array([np.nanmean(fine[max(0, i - 4) : i + 5]) for i in range(60)])
    expected[10] = np.inf
    np.testing.assert_allclose(smooth("running", y, 0.8), expected, rtol=1e-9, atol=1e-12)


def test_mean_by_distance_on_even_steps_is_a_plain_debiased_mean(smooth: Smooth) -> None:
    y = np.random.default_rng(4).normal(0, 1, 1001)
    np.testing.assert_allclose(smooth("time", y, 0.81), tensorboards(y, 0.9), rtol=1e-9, atol=1e-12)


def test_mean_by_distance_forgets_over_a_long_gap(smooth: Smooth) -> None:
    x = np.array([0.0, 1, 2, 900, 901, 1000])
    y = np.array([5.0, 5, 5, 1, 1, 1])
    assert smooth("time", y, 0.9, x=x)[3] < 1.001
    assert smooth("ema", y, 0.9)[3] > 3


@pytest.mark.parametrize("rule", ["ema", "time", "gaussian", "running"])
def test_every_rule_leaves_what_is_not_finite_where_it_was(smooth: Smooth, rule: str) -> None:
    y = np.array([1.0, np.nan, 3.0, np.inf, 5.0, -np.inf, 7.0])
    out = smooth(rule, y, 0.7)
    assert np.array_equal(np.isfinite(out), np.isfinite(y))
    assert np.array_equal(out[[3, 5]], y[[3, 5]])
    assert (out[np.isfinite(out)] >= 1).all()
    assert (out[np.isfinite(out)] <= 7).all()


@pytest.mark.parametrize("rule", ["ema", "time", "gaussian", "running"])
def test_no_strength_changes_nothing(smooth: Smooth, rule: str) -> None:
    y = np.array([1.0, 5.0, 2.0])
    assert np.array_equal(smooth(rule, y, 0), y)

"""A workspace of runs as a user has one: methods on datasets over seeds, a sweep with children, odd values; built once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

METHODS = {"alpha": 0.90, "beta": 0.895, "gamma": 0.70}
SETS = {"cifar": 0.0, "mnist": 0.05}
SEEDS = range(4)
CONFIG = """site_name: The workspace
theme: {name: runpages_theme}
use_directory_urls: false
plugins:
  - runpages:
      sources: [runs]
      main_metric: val/acc
      views:
        Only alpha:
          filter: method = alpha
          columns: [metric:val/acc, param:dataset, param:seed]
          sort: [param:dataset desc, metric:val/acc desc]
          reducer: last
        Paper table:
          filter: method in (alpha, beta, gamma)
          group: seed
          across: param:dataset
          cells: metric:val/acc
          interval: ci
          shaded: true
          charts: {y: log}
"""


def accuracy(method: str, dataset: str, seed: int) -> list[float]:
    """(6,) val/acc over steps: the same in every build."""
    noise = np.random.default_rng([seed, len(method), len(dataset)]).normal(0, 0.01, 6)
    rise = np.array([0.4, 0.2, 0.1, 0.05, 0.0, 0.02])
    return [round(float(x), 5) for x in METHODS[method] + SETS[dataset] - rise + noise]


def write_run(folder: Path, params: dict[str, Any], table: str, about: dict[str, Any]) -> None:
    """One run in the plain layout."""
    folder.mkdir(parents=True)
    (folder / "params.json").write_text(json.dumps(params))
    (folder / "metrics.csv").write_text(table)
    (folder / "run.json").write_text(json.dumps({"status": "finished", **about}))


def write_runs(root: Path) -> None:
    """28 runs: 24 of methods, a sweep of one parent and two children, and one of odd values."""
    same = {f"same{i}": i for i in range(30)}
    for method in METHODS:
        for dataset in SETS:
            for seed in SEEDS:
                rows = [f"{s},{a},{1 - a:.5f},{s * 0.5}" for s, a in enumerate(accuracy(method, dataset, seed))]
                table = "step,val/acc,val/loss,speed\n" + "\n".join(rows) + "\n"
                params = {
                    "method": method,
                    "dataset": dataset,
                    "lr": 0.1 if method == "beta" else 0.01,
                    "seed": seed,
                    **same,
                }
                about = {"tags": {"stage": "debug" if seed == 3 else "final"}, "notes": f"The **{method}** note"}
                write_run(root / "grid" / f"{method}-{dataset}-{seed}", params, table, about)
    write_run(root / "sweep" / "parent", {"lr": 1.0, **same}, "step,cost\n0,1\n", {})
    for child in (1, 2):
        table = f"step,val/acc,val/loss\n0,0.{child},0.5\n1,0.{child}5,0.4\n"
        write_run(root / "sweep" / "parent" / f"child-{child}", {"lr": child * 0.25, **same}, table, {})
    odd = "step,val/acc,val/loss\n0,nan,inf\n"
    write_run(root / "odd" / "odd_50% & {co} é 中 <b>", {"lr": 5.0, **same}, odd, {"status": "failed"})


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the runs above, with two saved views."""
    room = tmp_path_factory.mktemp("workspace")
    write_runs(room / "runs")
    (room / "docs").mkdir()
    (room / "mkdocs.yml").write_text(CONFIG)
    subprocess.run([sys.executable, "-m", "runpages", "build", "--quiet"], cwd=room, check=True)
    return room / "site"


@pytest.fixture
def compare(visit: Callable[..., Page], workspace: Path) -> Callable[..., Page]:
    """`compare("#group=seed", width=1400)`: the Compare page in that state."""

    def opened(state: str = "", **how: Any) -> Page:
        return visit(workspace / "compare.html", state, **how)

    return opened

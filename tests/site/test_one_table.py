"""The demo report holds runs of every classic tracker in one table, and says of each which it is."""

from __future__ import annotations

import json
from pathlib import Path

CLASSICS = {"wandb", "dvc", "clearml", "comet", "dagshub", "neptune", "mlflow", "tensorboard"}


def test_runs_of_all_eight_trackers_are_in_one_table(demo: Path) -> None:
    rows = [json.loads(line) for line in (demo / "data" / "runs.jsonl").read_text(encoding="utf-8").splitlines()]
    trackers = {row["tracker"] for row in rows}
    assert trackers >= CLASSICS
    assert "wandb + tensorboard" in trackers
    assert all(row["source"] for row in rows)


def test_the_table_has_a_column_that_says_the_tracker(demo: Path) -> None:
    page = (demo / "compare.html").read_text(encoding="utf-8")
    assert {name for name in CLASSICS if f">{name}<" in page} == CLASSICS
    assert "and the best of every tracker" in page

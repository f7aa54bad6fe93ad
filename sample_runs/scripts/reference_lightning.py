"""What sample_runs/lightning holds, found without runpages: the csv module and the numbers of the script that made it.

Usage: python reference_lightning.py SAMPLES > tests/golden/reference/lightning.jsonl
"""

import csv
import json
import math
import sys
from pathlib import Path

TOP = Path(sys.argv[1])
PARAMS = {
    "crashed/digits/version_0": {"hidden": 8, "lr": 0.3, "seed": 5},
    "digits-sweep/lightning_logs/version_0": {"hidden": 8, "lr": 0.1, "seed": 0},
    "digits-sweep/lightning_logs/version_1": {"hidden": 8, "lr": 0.5, "seed": 0},
    "digits-sweep/lightning_logs/version_2": {"hidden": 8, "lr": 0.1, "seed": 1},
    "digits-sweep/lightning_logs/version_3": {"hidden": 8, "lr": 0.5, "seed": 1},
    "fabric/wine/version_0": {},
    "named/logs/digits größe/checkpointed": {"hidden": 8, "lr": 0.1, "seed": 4},
    "named/logs/digits größe/named-run": {"hidden": 8, "lr": 0.1, "seed": 3},
    "python-tags/tagged/version_0": {
        "activation": "ReLU", "betas": "[0.9, 0.999]", "diverge": True, "hidden": 8, "loss": "cross_entropy", "lr": 0.2,
        "names": '["one", "two"]', "nested.deep.er": "[1, 2]", "nested.empty": "{}", "parsed.a": 1, "parsed.b": "x",
        "path": "data/größe", "schedule": "STEP", "small": 0.001, "text": "yes",
    },
}

for run_id, params in sorted(PARAMS.items()):
    metrics, steps, results = {}, {}, {}
    with (TOP / run_id / "metrics.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            for name, cell in row.items():
                if cell and name not in ("step", "epoch"):
                    metrics.setdefault(name, []).append(float(cell))
                    steps[name] = int(row["step"])
    if "test_acc" in metrics:
        results["test_acc"] = metrics.pop("test_acc")[0]
    stats = {}
    for name, values in metrics.items():
        real = [value for value in values if not math.isnan(value)] or [math.nan]
        found = {"first": values[0], "last": values[-1], "min": min(real), "max": max(real)}
        stats[name] = {"count": len(values)} | {k: v if math.isfinite(v) else str(v) for k, v in found.items()}
    parts = run_id.split("/")
    line = {"id": run_id, "group": parts[-3] if parts[-2] == "lightning_logs" else parts[-2], "status": "unknown",
            "params": params, "metrics": stats, "results": results, "last_steps": {name: steps[name] for name in metrics}}
    print(json.dumps(line, ensure_ascii=False, sort_keys=True))

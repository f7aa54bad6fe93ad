"""What Ray's own client says of the sample experiments: python reference_ray.py SAMPLES > tests/golden/reference/ray.jsonl

ExperimentAnalysis unpickles what Ray wrote; the samples are copied first.
"""

import json
import math
import shutil
import sys
import tempfile
from pathlib import Path

from ray.tune import ExperimentAnalysis

STATUS = {"TERMINATED": "finished", "ERROR": "failed", "RUNNING": "running"}
OWN = ("accuracy", "late", "scores/train")


def plain(value):
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def flat(value, prefix=""):
    if not isinstance(value, dict):
        return {prefix: value}
    return {name: one for key, inner in value.items() for name, one in flat(inner, f"{prefix}.{key}" if prefix else key).items()}


with tempfile.TemporaryDirectory() as room:
    for folder in sorted(path for path in Path(sys.argv[1]).iterdir() if path.is_dir()):
        copy = Path(shutil.copytree(folder, Path(room, folder.name)))
        analysis = ExperimentAnalysis(str(copy))
        for trial in analysis.trials:
            lines = (copy / trial.relative_logdir / "result.json").read_text().splitlines()
            rows = [flat(json.loads(line)) for line in lines]
            names = sorted({name for row in rows for name in row} & {name.replace("/", ".") for name in OWN})
            last = analysis.results.get(trial.trial_id) or {}
            assert not last or last["training_iteration"] == len(rows)
            print(json.dumps({
                "trial_id": trial.trial_id, "status": STATUS[trial.status], "params": flat(trial.config),
                "metrics": {name: [plain(row[name]) for row in rows if name in row] for name in names},
            }, sort_keys=True))

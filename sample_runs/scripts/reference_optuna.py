"""What Optuna's own client says of the sample studies: python reference_optuna.py SAMPLES > tests/golden/reference/optuna.jsonl

Run it once with each version that wrote samples (`old` with 2.10.1) and put the lines together. The files are copied first.
"""

import json
import math
import shutil
import sys
import tempfile
from pathlib import Path

import optuna

TOP = Path(sys.argv[1])
WHICH = sys.argv[2:]  # cases


def plain(value):
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def line(place, study, trial):
    names = getattr(study, "metric_names", None) or (
        ["value"] if len(study.directions) == 1 else [f"value_{at}" for at in range(len(study.directions))])
    return {
        "id": f"{place}#{study.study_name}/{trial.number}",
        "state": trial.state.name.lower(),
        "params": {name: plain(value) for name, value in sorted(trial.params.items())},
        "values": {name: plain(value) for name, value in zip(names, trial.values or ())},
        "intermediate": [[step, plain(value)] for step, value in sorted(trial.intermediate_values.items())],
        "attributes": sorted(trial.user_attrs),
        "directions": dict(zip(names, (one.name.lower()[:3] for one in study.directions))),
        "started": trial.datetime_start and trial.datetime_start.timestamp(),
        "ended": trial.datetime_complete and trial.datetime_complete.timestamp(),
    }


def storage_of(path):
    if path.suffix == ".log":
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend
        return JournalStorage(JournalFileBackend(str(path)))
    return f"sqlite:///{path}"


optuna.logging.disable_default_handler()
with tempfile.TemporaryDirectory() as room:
    for case in WHICH:
        copy = Path(shutil.copytree(TOP / case, Path(room, case)))
        for path in sorted(path for path in copy.iterdir() if path.suffix in (".db", ".sqlite3", ".log")):
            for name in sorted(one.study_name for one in optuna.get_all_study_summaries(storage_of(path))):
                study = optuna.load_study(study_name=name, storage=storage_of(path))
                for trial in study.trials:
                    print(json.dumps(line(f"{case}/{path.name}", study, trial), sort_keys=True))

"""What Optuna's own charts show of the sample studies: python reference_optuna_studies.py SAMPLES > tests/golden/reference/optuna_studies.json

Run with optuna 5.0.0 in an environment with plotly and scikit-learn. The files are copied first. The numbers come out of
optuna.visualization's own figures, hypervolumes out of plot_hypervolume_history, importances out of the fANOVA evaluator.
"""

import json
import math
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import optuna
from optuna import visualization as drawn

TOP = Path(sys.argv[1])
WHERE = {"digits": "digits/study.db", "wine grid": "grid/grid.sqlite3", "digits-journal": "journal/optuna.log",
         "error and size": "objectives/two.db", "unnamed": "objectives/two.db", "digits search": "search/optuna.log"}


def plain(value):
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(one) for one in value]
    if isinstance(value, (np.floating, float)):
        return float(value) if math.isfinite(value) else str(float(value))
    return value.item() if isinstance(value, np.generic) else value


def storage_of(path):
    if path.suffix == ".log":
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend
        return JournalStorage(JournalFileBackend(str(path)))
    return f"sqlite:///{path}"


def xy(trace):
    return {"x": plain(trace.x), "y": plain(trace.y)}


def single(study):
    history, edf = drawn.plot_optimization_history(study), drawn.plot_edf(study)
    slices = drawn.plot_slice(study)
    found = {
        "history": xy(history.data[0]), "best": xy(history.data[1]), "edf": xy(edf.data[0]),
        "slice": {(study_axis(slices, at)): xy(trace) for at, trace in enumerate(slices.data)},
        "intermediate": {trace.name: xy(trace) for trace in drawn.plot_intermediate_values(study).data},
        "timeline": sorted((trace.name, plain(sorted(trace.y))) for trace in drawn.plot_timeline(study).data),
    }
    complete = study.get_trials(states=(optuna.trial.TrialState.COMPLETE,))
    order = drawn._rank._get_order_with_same_order_averaging(np.array([trial.value for trial in complete]))
    found["rank"] = {"trials": [trial.number for trial in complete], "ranks": plain(order)}
    if len(complete) >= 20:
        evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0)
        place = {trial.number: float(at) for trial, at in zip(complete, order)}
        said = optuna.importance.get_param_importances(study, evaluator=evaluator, target=lambda trial: place[trial.number])
        found["fanova of ranks"] = plain_map(said)
    return found


def plain_map(values):
    return {name: float(value) for name, value in values.items()}


def study_axis(figure, at):
    layout = figure.layout["xaxis" + (str(at + 1) if at else "")]
    return layout.title.text


def several(study):
    finite = [t.values for t in study.trials if t.values and all(map(math.isfinite, t.values))]
    worst = [max(col) if d.name == "MINIMIZE" else min(col) for col, d in zip(zip(*finite), study.directions)]
    beyond = [w + 1 if d.name == "MINIMIZE" else w - 1 for w, d in zip(worst, study.directions)]
    return {
        "front": sorted(t.number for t in study.best_trials),
        "worst": plain(worst), "volume": xy(drawn.plot_hypervolume_history(study, worst).data[0]),
        "beyond": plain(beyond), "volume beyond": xy(drawn.plot_hypervolume_history(study, beyond).data[0]),
    }


optuna.logging.disable_default_handler()
said = {}
with tempfile.TemporaryDirectory() as room:
    for name, place in WHERE.items():
        copy = shutil.copy(TOP / place, Path(room, f"{len(said)}{Path(place).suffix}"))
        study = optuna.load_study(study_name=name, storage=storage_of(Path(copy)))
        said[name] = several(study) if len(study.directions) > 1 else single(study)
print(json.dumps(said, indent=1, sort_keys=True))

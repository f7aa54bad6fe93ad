"""Small real searches with Optuna's own storages: logistic regressions on scikit-learn's digits and wine.

Usage: python optuna_studies.py OUT CASE...        (made with optuna 5.0.0 and, the case old, 2.10.1; scikit-learn)

The SQLite files are created with small pages first, so that an almost empty study does not take 100 kB.
"""

import math
import os
import sqlite3
import sys
import warnings
from pathlib import Path

import optuna
from sklearn.datasets import load_digits, load_wine
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import train_test_split

warnings.simplefilter("ignore")
OUT = Path(sys.argv[1])


def database(case, name):
    folder = OUT / case
    folder.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(folder / name)
    connection.executescript("pragma page_size = 512; vacuum;")
    connection.close()
    return f"sqlite:///{folder / name}"


def split(load=load_digits):
    x, y = load(return_X_y=True)
    return train_test_split(x / x.max(), y, random_state=0, test_size=0.4)


def train(trial, load=load_digits, epochs=5):
    """Accuracy after each epoch, reported; a trial may be pruned, fail, or stand for infinity."""
    x, x_test, y, y_test = split(load)
    alpha = trial.suggest_float("alpha", 1e-6, 1e-1, log=True)
    eta = trial.suggest_float("eta0", 0.05, 1.0, step=0.05)
    penalty = trial.suggest_categorical("penalty", ["l2", "l1", None])
    average = trial.suggest_categorical("average", [False, True])
    batches = trial.suggest_int("batches", 1, 4)
    model = SGDClassifier(alpha=alpha, eta0=eta, penalty=penalty, average=average, learning_rate="constant", random_state=0)
    for epoch in range(epochs):
        for part in range(batches):
            model.partial_fit(x[part::batches], y[part::batches], classes=list(range(10)))
        accuracy = model.score(x_test, y_test)
        trial.report(float("nan") if trial.number == 3 and epoch == 1 else accuracy, epoch)
        if trial.number == 4 and epoch == 2:
            raise ArithmeticError("the matrix is singular")
        if trial.should_prune():
            raise optuna.TrialPruned
    trial.set_user_attr("classes", 10)
    trial.set_user_attr("zeros", {"coefficients": int((abs(model.coef_) < 1e-4).sum())})
    return accuracy


def digits():
    """One objective, pruned and failed trials, one killed and one that waits, in SQLite."""
    storage = database("digits", "study.db")
    study = optuna.create_study(storage=storage, study_name="digits", direction="maximize",
                                sampler=optuna.samplers.TPESampler(seed=1, multivariate=True),
                                pruner=optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=1))
    study.set_user_attr("dataset", "digits")
    study.enqueue_trial({"alpha": 0.001, "eta0": 0.5, "penalty": None})
    study.optimize(train, n_trials=14, catch=(ArithmeticError,))
    study.enqueue_trial({"alpha": 0.01})
    if os.fork() == 0:
        worker = optuna.load_study(study_name="digits", storage=storage)
        trial = worker.ask()
        trial.suggest_float("alpha", 1e-6, 1e-1, log=True)
        trial.report(0.5, 0)
        os._exit(9)
    os.wait()
    study.enqueue_trial({"alpha": 0.1})


def grid():
    """A grid, and an objective that is infinite, in SQLite; minimised."""
    study = optuna.create_study(storage=database("grid", "grid.sqlite3"), study_name="wine grid",
                                sampler=optuna.samplers.GridSampler({"alpha": [1e-4, 1e-2], "eta0": [0.1, 1.0]}, seed=0))

    def loss(trial):
        x, x_test, y, y_test = split(load_wine)
        model = SGDClassifier(alpha=trial.suggest_float("alpha", 1e-4, 1e-2), eta0=trial.suggest_float("eta0", 0.1, 1.0),
                              learning_rate="constant", random_state=0).fit(x, y)
        return math.inf if trial.number == 0 else 1 - model.score(x_test, y_test)

    study.optimize(loss, n_trials=4)


def several(trial):
    x, x_test, y, y_test = split(load_wine)
    width = trial.suggest_int("features", 1, 13)
    alpha = trial.suggest_float("alpha", 1e-5, 1, log=True)
    model = SGDClassifier(alpha=alpha, random_state=0).fit(x[:, :width], y)
    return 1 - model.score(x_test[:, :width], y_test), width


def objectives():
    """Two objectives with names beside a study without, in one SQLite file."""
    storage = database("objectives", "two.db")
    study = optuna.create_study(storage=storage, study_name="error and size", directions=["minimize", "minimize"],
                                sampler=optuna.samplers.NSGAIISampler(seed=3, population_size=4))
    study.set_metric_names(["error", "features used"])
    study.optimize(several, n_trials=9)
    other = optuna.create_study(storage=storage, study_name="unnamed", directions=["minimize", "maximize"],
                                sampler=optuna.samplers.RandomSampler(seed=3))
    other.optimize(lambda trial: (several(trial)[0], trial.suggest_float("x", -1, 1)), n_trials=3)


def journal():
    """Two studies in a journal file, one of them begun and deleted again."""
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    (OUT / "journal").mkdir(parents=True, exist_ok=True)
    storage = JournalStorage(JournalFileBackend(str(OUT / "journal" / "optuna.log")))
    optuna.create_study(storage=storage, study_name="mistake").optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=1)
    optuna.delete_study(storage=storage, study_name="mistake")
    study = optuna.create_study(storage=storage, study_name="digits-journal", direction="maximize",
                                sampler=optuna.samplers.TPESampler(seed=2), pruner=optuna.pruners.MedianPruner(3, 1))
    study.optimize(train, n_trials=9, catch=(ArithmeticError,))
    two = optuna.create_study(storage=storage, study_name="two", directions=["minimize", "minimize"],
                              sampler=optuna.samplers.RandomSampler(seed=0))
    two.set_metric_names(["error", "features used"])
    two.optimize(several, n_trials=3)
    study.enqueue_trial({"alpha": 0.01, "penalty": "l1"})
    two.add_trial(optuna.create_trial(values=[0.5, math.inf], params={"features": 2},
                                      distributions={"features": optuna.distributions.IntDistribution(1, 13)}))


def search():
    """Fifty trials of a random search, enough to say which params matter, in a journal file."""
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    (OUT / "search").mkdir(parents=True, exist_ok=True)
    storage = JournalStorage(JournalFileBackend(str(OUT / "search" / "optuna.log")))
    study = optuna.create_study(storage=storage, study_name="digits search", direction="maximize",
                                sampler=optuna.samplers.RandomSampler(seed=7),
                                pruner=optuna.pruners.PercentilePruner(70, n_startup_trials=8, n_warmup_steps=1))
    study.optimize(lambda trial: train(trial, epochs=4), n_trials=50, catch=(ArithmeticError,))


def old():
    """The schema of optuna 2: other names of distributions, other columns."""
    def objective(trial):
        x, x_test, y, y_test = split(load_wine)
        alpha = trial.suggest_loguniform("alpha", 1e-5, 1)
        eta = trial.suggest_discrete_uniform("eta0", 0.1, 1.0, 0.1)
        width = trial.suggest_int("features", 1, 13)
        penalty = trial.suggest_categorical("penalty", ["l2", "l1"])
        model = SGDClassifier(alpha=alpha, eta0=eta, penalty=penalty, learning_rate="constant", random_state=0)
        for epoch in range(3):
            model.partial_fit(x[:, :width], y, classes=[0, 1, 2])
            trial.report(model.score(x_test[:, :width], y_test), epoch)
            if trial.should_prune():
                raise optuna.TrialPruned
        return model.score(x_test[:, :width], y_test)

    study = optuna.create_study(storage=database("old", "optuna.db"), study_name="wine", direction="maximize",
                                sampler=optuna.samplers.TPESampler(seed=0), pruner=optuna.pruners.MedianPruner(2))
    study.optimize(objective, n_trials=6)


if __name__ == "__main__":
    optuna.logging.disable_default_handler()
    for case in sys.argv[2:]:
        globals()[case]()
    print("optuna", optuna.__version__)

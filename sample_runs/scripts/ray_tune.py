"""Small real searches with Ray Tune on scikit-learn's wine; ray_make.sh runs it and moves the results.

Usage: python ray_tune.py STORAGE        (made with ray 2.60.0, scikit-learn)
"""

import json
import sys
import tempfile
from pathlib import Path

import ray
from ray import tune
from sklearn.datasets import load_wine
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import train_test_split


def train(config):
    x, y = load_wine(return_X_y=True)
    x, x_test, y, y_test = train_test_split(x / x.max(0), y, random_state=config.get("seed", 0))
    optimizer = config["optimizer"]
    model = SGDClassifier(learning_rate="constant", eta0=optimizer["lr"], penalty=optimizer["penalty"], random_state=0)
    for epoch in range(5):
        model.partial_fit(x, y, classes=[0, 1, 2])
        accuracy = model.score(x_test, y_test)
        report = {"accuracy": accuracy, "scores": {"train": model.score(x, y)}, "note": "warm" if epoch < 2 else "hot"}
        if optimizer["lr"] > 1 and epoch == 3:
            report["scores"]["train"] = float("nan")
        if epoch > 2:
            report["late"] = float("inf") if optimizer["lr"] > 1 else epoch * 0.5
        if config.get("fail") and epoch == 2:
            raise ArithmeticError("the matrix is singular")
        if config.get("save") and epoch == 4:
            with tempfile.TemporaryDirectory() as folder:
                Path(folder, "weights.json").write_text(json.dumps(model.coef_[0].round(3).tolist()))
                tune.report(report, checkpoint=tune.Checkpoint.from_directory(folder))
        else:
            tune.report(report)


def search(name, space, storage, **more):
    tuner = tune.Tuner(train, param_space=space, tune_config=tune.TuneConfig(metric="accuracy", mode="max", **more),
                       run_config=tune.RunConfig(name=name, storage_path=storage, verbose=0))
    tuner.fit()


if __name__ == "__main__":
    ray.init(num_cpus=1, include_dashboard=False, logging_level="error")
    where = sys.argv[1]
    lrs = tune.grid_search([0.05, 5.0])
    search("grid", {"optimizer": {"lr": lrs, "penalty": "l2"}, "seed": tune.grid_search([0, 1])}, where)
    search("failing", {"optimizer": {"lr": 0.1, "penalty": None}, "fail": tune.grid_search([False, True]), "save": True}, where)
    stop = tune.schedulers.AsyncHyperBandScheduler(grace_period=1, max_t=5, reduction_factor=2)
    search("stopped", {"optimizer": {"lr": tune.loguniform(0.001, 1), "penalty": tune.choice(["l1", "l2"])}}, where,
           num_samples=4, scheduler=stop)
    ray.shutdown()
    print("ray", ray.__version__)

"""Train small networks on scikit-learn's digits and log them with whatever MLflow is installed.

python mlflow_train.py full|small   (MLFLOW_TRACKING_URI says where to)
"""

import json
import os
import signal
import subprocess
import sys
import warnings

import mlflow
import numpy as np
from mlflow.tracking import MlflowClient
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

warnings.filterwarnings("ignore")
MAJOR = int(mlflow.__version__.split(".")[0])
X, Y = load_digits(return_X_y=True)
XT, XV, YT, YV = train_test_split(X / 16.0, Y, test_size=0.3, random_state=0)
HOSTILE = "<script>alert(1)</script>"


def network(lr, width, seed):
    return MLPClassifier((width,), learning_rate_init=lr, batch_size=64, random_state=seed)


def fit(model, epochs, images=False):
    """Train and log one point of each metric an epoch."""
    for epoch in range(epochs):
        model.partial_fit(XT, YT, classes=np.arange(10))
        guess = model.predict_proba(XV)
        mlflow.log_metrics(
            {
                "train/loss": log_loss(YT, model.predict_proba(XT)),
                "val/loss": log_loss(YV, guess, labels=np.arange(10)),
                "val/accuracy": float((guess.argmax(1) == YV).mean()),
            },
            step=epoch,
        )
        if images and epoch % 4 == 0:
            worst = XV[np.argsort(guess[np.arange(len(YV)), YV])[0]].reshape(8, 8)
            mlflow.log_image((worst * 255).astype("uint8"), key="val/hardest digit", step=epoch)
    return model


def configurations(epochs, grid, seeds):
    for lr, width in grid:
        for seed in range(seeds):
            with mlflow.start_run(run_name=f"lr{lr}-w{width}-s{seed}"):
                mlflow.log_params({"optimizer/lr": lr, "width": width, "seed": seed, "epochs": epochs})
                mlflow.set_tag("stage", "sweep")
                fit(network(lr, width, seed), epochs)


def study(depth_params):
    with mlflow.start_run(run_name="width study") as parent:
        mlflow.log_param("kind", "study")
        for width in depth_params:
            with mlflow.start_run(run_name=f"width {width}", nested=True):
                mlflow.log_params({"width": width, "seed": 0})
                fit(network(0.01, width, 0), 4)
                if width == depth_params[-1]:
                    with mlflow.start_run(run_name="recheck", nested=True):
                        mlflow.log_params({"width": width, "seed": 1})
                        fit(network(0.01, width, 1), 2)
        mlflow.log_metric("best/accuracy", 0.9, step=0)
    return parent.info.run_id


def failures():
    try:
        with mlflow.start_run(run_name="fails"):
            mlflow.log_params({"optimizer/lr": -1.0, "seed": 0})
            mlflow.log_metric("train/loss", 2.3, step=0)
            network(-1.0, 16, 0).fit(XT, YT)
    except ValueError as error:
        print("as planned:", str(error)[:60])
    subprocess.run([sys.executable, __file__, "killed"], check=False)
    with mlflow.start_run(run_name="mistake") as run:
        mlflow.log_metric("val/loss", 9.0)
    MlflowClient().delete_run(run.info.run_id)
    lost = mlflow.create_experiment("abandoned")
    with mlflow.start_run(experiment_id=lost, run_name="in a deleted experiment"):
        mlflow.log_metric("val/loss", 8.0)
    MlflowClient().delete_experiment(lost)


def killed():
    with mlflow.start_run(run_name="killed"):
        mlflow.log_param("seed", 0)
        model = network(0.01, 16, 0)
        fit(model, 3)
        os.kill(os.getpid(), signal.SIGKILL)


def awkward():
    mlflow.set_experiment("änderung / 実験 one")
    with mlflow.start_run(run_name=HOSTILE):
        mlflow.log_params(
            {
                "nested": {"a": {"b": [1, 2, {"c": None}]}},
                "none": None,
                "größe µ": "0.1",
                "lines": "one\ntwo\n",
                "empty": " ",
                "html": HOSTILE,
                "yaml": "!!python/object/apply:os.system ['id']",
                "a/b/c": True,
            }
        )
        mlflow.set_tags({"owner": "Ana Ünal", "html": HOSTILE, "team/topic": "digits", "mlflow.note.content": NOTE})
        for step, value in ((10, 0.3), (0, float("nan")), (-5, float("inf")), (10, 0.4), (3, float("-inf"))):
            mlflow.log_metric("odd order", value, step=step)
        mlflow.log_metric("naïve/loss µ", float("nan"), step=0)
        mlflow.log_metric("tiny", 5e-324, step=2**40)
        mlflow.log_metric("huge", 1e300)
        mlflow.log_metric("count", 3)
        mlflow.log_metric("script alert.1 -script", 1.5, step=1)


NOTE = "# Why\n\nTried *odd* names. <script>alert(1)</script> [x](javascript:alert(1))\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"


def media():
    import pandas as pd

    with mlflow.start_run(run_name="media") as run:
        mlflow.log_params({"optimizer/lr": 0.01, "width": 8, "seed": 0})
        mlflow.set_tag("mlflow.note.content", "Pictures, tables and a *model*.")
        data = pd.DataFrame(XT[:5, :3], columns=["p0", "p1", "p2"])
        if MAJOR >= 2:
            mlflow.log_input(mlflow.data.from_pandas(data, name="digits train"), context="training")
        model = fit(network(0.01, 8, 0), 9, images=MAJOR >= 2)
        errors = {"digit": list(range(10)), "errors": [int(((model.predict(XV) != YV) & (YV == d)).sum()) for d in range(10)]}
        if MAJOR >= 2:
            mlflow.log_table({**errors, "note": [HOSTILE, None] + ["ok"] * 8}, "eval_results_table.json")
            figure(errors)
        mlflow.log_text("first line\nzweite Zeile äöü\n", "notes/how it went.txt")
        mlflow.log_dict({"classes": 10, "scale": 16.0}, "config/data.json")
        models()
    return run.info.run_id


def figure(errors):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    shape, axes = pyplot.subplots(figsize=(2, 1.5), dpi=60)
    axes.bar(errors["digit"], errors["errors"])
    mlflow.log_figure(shape, "figures/errors by digit.png")


def models():
    import mlflow.sklearn

    extra = {"name": "digits baseline"} if MAJOR >= 3 else {"artifact_path": "digits baseline"}
    packages = ["scikit-learn==" + __import__("sklearn").__version__, "numpy>=1.26"]
    registered = {} if MAJOR < 2 else {"registered_model_name": "digits classifier"}
    small = LogisticRegression(max_iter=40).fit(XT[:100, 18:46:3], YT[:100])
    mlflow.sklearn.log_model(small, pip_requirements=packages, **extra, **registered)
    if registered:
        client = MlflowClient()
        client.set_registered_model_alias("digits classifier", "champion", "1")
        client.set_model_version_tag("digits classifier", "1", "checked", "yes")


def linked_metric():
    """A metric that names its dataset: five fields a line in a file store of 3.x."""
    with mlflow.start_run(run_name="metric with a dataset"):
        data = mlflow.data.from_numpy(XV[:5], name="digits val set")
        mlflow.log_input(data, context="eval")
        mlflow.log_metric("val/accuracy", 0.91, step=7, dataset=data)


def traces():
    @mlflow.trace(span_type="LLM")
    def answer(question):
        if "seven" in question:
            raise ValueError("no answer")
        span = mlflow.get_current_active_span()
        span.set_attribute("mlflow.chat.tokenUsage", {"input_tokens": 11, "output_tokens": 5, "total_tokens": 16})
        return "it is a " + question.split()[-1]

    with mlflow.start_run(run_name="traced"):
        answer("which digit is three")
        try:
            answer("which digit is seven")
        except ValueError:
            pass
    answer("outside any run")
    mlflow.flush_trace_async_logging(terminate=True)


def main(what):
    mlflow.set_experiment("digits-mlp")
    if what == "killed":
        return killed()
    if what == "full":
        experiment = mlflow.get_experiment_by_name("digits-mlp").experiment_id
        MlflowClient().set_experiment_tag(experiment, "mlflow.note.content", "Small networks on *digits*.")
        configurations(16, [(0.001, 16), (0.01, 16), (0.01, 32)], 3)
        study([4, 8])
        failures()
        media()
        linked_metric()
        traces()
    else:
        configurations(5, [(0.01, 8)], 2)
        study([4])
        failures()
        media()
    awkward()
    print(json.dumps({"mlflow": mlflow.__version__}))


if __name__ == "__main__":
    main(sys.argv[1])

"""DVCLive folders without git: wide/ (everything the logger can write), killed/, timed/, and one folder around two others."""

import math
import os
import sys

import numpy as np
from dvclive import Live
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split


def digits():
    x, y = load_digits(return_X_y=True)
    return train_test_split(x / 16, y, random_state=0, stratify=y)


def train(live, epochs=8, lr=0.05, seed=0, timestamp=False, die_at=None):
    x, test_x, y, test_y = digits()
    model = SGDClassifier(loss="log_loss", learning_rate="constant", eta0=lr, random_state=seed)
    for epoch in range(epochs):
        model.partial_fit(x, y, classes=np.arange(10))
        loss = log_loss(y, model.predict_proba(x))
        live.log_metric("train/loss", float(loss), timestamp=timestamp)
        live.log_metric("val/accuracy top-5 (%)", float(100 * model.score(test_x, test_y)), timestamp=timestamp)
        live.log_metric("größe", int(np.count_nonzero(model.coef_)))
        live.log_metric("odd", [math.nan, math.inf, -math.inf, 1.5][epoch % 4])
        if epoch == die_at:
            os._exit(9)
        live.next_step()
    return model, test_x, test_y


def wide():
    with Live("wide", save_dvc_exp=False) as live:
        live.log_params({
            "lr": 0.05, "epochs": 8, "optimizer": {"name": "sgd", "betas": [0.9, 0.999]}, "yes": "no", "on": True,
            "none": None, "tiny": 1e-3, "a.b": 1, "größe": "groß", "layers": [64, 32], "quoted": "1e-3", "text": "two words",
        })
        model, test_x, test_y = train(live)
        live.log_metric("final/only", 0.25, plot=False)
        guess = model.predict(test_x)
        score = model.predict_proba(test_x)[:, 3]
        live.log_sklearn_plot("confusion_matrix", test_y, guess)
        live.log_sklearn_plot("confusion_matrix", test_y, guess, name="cm_normalized", normalized=True)
        for kind in ("roc", "precision_recall", "det", "calibration"):
            live.log_sklearn_plot(kind, test_y == 3, score)
        live.log_plot("by_class", [{"digit": str(k), "recall": float((guess[test_y == k] == k).mean())} for k in range(10)],
                      x="recall", y="digit", template="bar_horizontal", title="Recall by digit")
        live.log_plot("rates", [{"rate": r, "score": r**0.5, "other": 1 - r} for r in (0.1, 0.2, 0.4)], x="rate", y=["score", "other"], template="scatter")
        live.log_image("weights/three.png", (255 * (model.coef_[3] - model.coef_[3].min()) / np.ptp(model.coef_[3])).reshape(8, 8).astype("uint8"))
        live.log_image("first.png", (16 * 15 * test_x[0].reshape(8, 8)).astype("uint8"))
        live.summary["best"] = {"epoch": 7, "note": "text", "score": math.nan}


def timed():
    with Live("timed", save_dvc_exp=False, dvcyaml=None) as live:
        live.log_param("lr", 0.01)
        train(live, epochs=5, lr=0.01, timestamp=True)


def killed():
    live = Live("killed", save_dvc_exp=False, dvcyaml=None)
    live.log_param("lr", 0.1)
    train(live, epochs=20, lr=0.1, die_at=5)


def nested():
    for name in ("around", "around/seed-1", "around/seed-2"):
        with Live(name, save_dvc_exp=False, dvcyaml=None) as live:
            live.log_params({"seed": len(name)})
            train(live, epochs=3, seed=len(name))


{"wide": wide, "timed": timed, "killed": killed, "nested": nested}[sys.argv[1]]()

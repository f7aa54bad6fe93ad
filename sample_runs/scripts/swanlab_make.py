"""Small real trainings logged with SwanLab, offline: scikit-learn's digits, a linear classifier trained step by step.

Usage: python swanlab_make.py OUT        (made with swanlab 0.10.3, scikit-learn, numpy, pillow)
"""

import os
import pathlib
import subprocess
import sys
import time

import numpy as np
import swanlab
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier

OUT = pathlib.Path(sys.argv[1])


def train(lr, seed, log, epochs=10):
    x, y = load_digits(return_X_y=True)
    x = x / 16
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(x))
    test = order[1400:]
    model = SGDClassifier(loss="log_loss", learning_rate="constant", eta0=lr, random_state=seed)
    for epoch in range(epochs):
        rows = rng.permutation(order[:1400])[:200]
        model.partial_fit(x[rows], y[rows], classes=np.arange(10))
        chances = np.clip(model.predict_proba(x[test]), 1e-9, 1)
        log(epoch, float(-np.log(chances[np.arange(len(test)), y[test]]).mean()), float(model.score(x[test], y[test])), model)


def begin(case, name, config, **more):
    place = OUT / case / "swanlog"
    place.mkdir(parents=True, exist_ok=True)
    swanlab.init(mode="offline", log_dir=str(place), project="digits", name=name, config=config, **more)


def digits(lr, seed):
    begin("digits", f"lr-{lr}-{seed}", {"lr": lr, "seed": seed, "model": {"kind": "sgd"}}, group=f"lr-{lr}", tags=["small", "größe"])
    train(lr, seed, lambda epoch, loss, acc, _: swanlab.log({"train": {"loss": loss}, "val/acc": acc, "epoch": epoch}, step=epoch * 10))
    print("done with", lr)
    swanlab.finish()


def media():
    begin("ended", "pictures", {"lr": 0.1, "none": None, "limit": float("inf")}, description="weights as *pictures*", job_type="train")

    def log(epoch, loss, acc, model):
        row = {"loss": loss, "zero": 0.0, "diverged": float("nan")}
        if epoch in (0, 9):
            weights = np.interp(model.coef_[3].reshape(8, 8), (-3, 3), (0, 255)).astype("uint8")
            row["weights"] = swanlab.Image(weights.repeat(4, 0).repeat(4, 1), caption=f"weights <of> 3, {epoch}")
            row["words"] = swanlab.Text(f"accuracy {acc:.3f}", caption="said")
        swanlab.log(row)

    train(0.1, 0, log)
    swanlab.finish()


def failed():
    begin("ended", "failed", {"lr": -1.0})
    train(0.1, 0, lambda epoch, loss, acc, _: swanlab.log({"loss": loss}), 3)
    raise ValueError("the learning rate must be > 0")


def killed():
    begin("ended", "killed", {"lr": 0.1})

    def log(epoch, loss, acc, _):
        swanlab.log({"loss": loss})
        if epoch == 7:
            time.sleep(2)
            os._exit(9)

    train(0.1, 0, log)


CASES = {"a": lambda: digits(0.01, 0), "b": lambda: digits(0.01, 1), "c": lambda: digits(0.3, 0), "d": media, "e": failed, "f": killed}

if __name__ == "__main__":
    if len(sys.argv) > 2:
        CASES[sys.argv[2]]()
    else:
        for case in CASES:
            subprocess.run([sys.executable, __file__, str(OUT), case], check=False)
            time.sleep(1.1)
        for ignored in OUT.rglob(".gitignore"):
            ignored.unlink()

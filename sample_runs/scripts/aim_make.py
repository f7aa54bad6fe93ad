"""Small real trainings logged with Aim: scikit-learn's digits, a linear classifier trained step by step.

Usage: python aim_make.py OUT        (made with aim 3.29.1, scikit-learn, numpy, pillow)
"""

import os
import pathlib
import sqlite3
import subprocess
import sys

import aim
import numpy as np
from PIL import Image as Picture
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier

OUT = pathlib.Path(sys.argv[1])


def train(lr, seed, log, epochs=10):
    x, y = load_digits(return_X_y=True)
    x = x / 16
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(x))
    parts = {"train": order[:1400], "val": order[1400:]}
    model = SGDClassifier(loss="log_loss", learning_rate="constant", eta0=lr, random_state=seed)
    for epoch in range(epochs):
        rows = rng.permutation(parts["train"])[:200]
        model.partial_fit(x[rows], y[rows], classes=np.arange(10))
        log(epoch, {name: (float(-np.log(np.clip(model.predict_proba(x[part]), 1e-9, 1)[np.arange(len(part)), y[part]]).mean()), float(model.score(x[part], y[part]))) for name, part in parts.items()}, model)


def begin(case, name, **params):
    run = aim.Run(repo=str(OUT / case), experiment="digits", system_tracking_interval=None, capture_terminal_logs=False, log_system_params=False)
    run.name = name
    run["hparams"] = params
    return run


def sweep():
    for lr, seed in ((0.01, 0), (0.3, 1)):
        run = begin("digits", f"lr-{lr}-{seed}", lr=lr, seed=seed, layers=[8, 10], model={"kind": "sgd", "none": None})
        run.add_tag("größe")

        def log(epoch, told, _):
            for subset, (loss, acc) in told.items():
                run.track(loss, name="loss", step=epoch * 10, epoch=epoch, context={"subset": subset})
                if subset == "val":
                    run.track(acc, name="acc", step=epoch * 10, epoch=epoch, context={"subset": subset})

        train(lr, seed, log, 3)
        run.close()


def media():
    run = begin("media", "pictures", lr=0.1)
    run.description = "weights as pictures"

    def log(epoch, told, model):
        run.track(told["val"][0], name="loss", step=epoch)
        run.track(float("nan") if epoch == 1 else float("inf"), name="odd", step=epoch)
        if epoch in (0, 2):
            weights = np.interp(model.coef_[3].reshape(8, 8), (-3, 3), (0, 255)).astype("uint8")
            run.track(aim.Image(Picture.fromarray(weights), caption=f"weights <of> 3, {epoch}"), name="weights", step=epoch)
            run.track(aim.Text(f"accuracy {told['val'][1]:.3f}"), name="words", step=epoch)
            run.track(aim.Distribution(model.coef_.ravel(), bin_count=8), name="coefficients", step=epoch)

    train(0.1, 0, log, 3)
    run.close()


def killed():
    run = begin("media", "killed", lr=0.1)

    def log(epoch, told, _):
        run.track(told["val"][0], name="loss", step=epoch, context={"subset": "val"})
        if epoch == 5:
            os._exit(9)

    train(0.1, 0, log)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        {"sweep": sweep, "media": media, "killed": killed}[sys.argv[2]]()
        os._exit(0)
    for case in ("digits", "media"):
        (OUT / case).mkdir(parents=True)
        subprocess.run(["aim", "init", "--repo", str(OUT / case), "--skip-if-exists"], check=False)
    for case in ("sweep", "media", "killed"):
        subprocess.run([sys.executable, __file__, str(OUT), case], check=False)
    for file in OUT.rglob("run_metadata.sqlite"):  # pages of 1 KiB for 4: half of them are empty
        db = sqlite3.connect(file)
        db.execute("pragma page_size = 1024")
        db.execute("vacuum")
        db.close()
    for file in OUT.rglob("*"):  # RocksDB's own log and settings: 100 kB a database, none of it a run's
        if file.name.startswith(("LOG", "OPTIONS-")):
            file.unlink()

"""Small real trainings logged with trackio: scikit-learn's digits, a perceptron trained step by step.

Usage: python trackio_make.py OUT        (made with trackio 0.43.0, scikit-learn, numpy, pillow)

Each case runs in a process of its own, because trackio reads its folder from the environment when it is imported.
"""

import os
import pathlib
import sqlite3
import subprocess
import sys
import time

OUT = pathlib.Path(sys.argv[1])


def batches():
    from sklearn.datasets import load_digits
    from sklearn.linear_model import SGDClassifier

    x, y = load_digits(return_X_y=True)
    return x / 16, y, SGDClassifier


def train(lr, seed, log, epochs=12):
    import numpy as np

    x, y, classifier = batches()
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(x))
    train_rows, test_rows = order[:1400], order[1400:]
    model = classifier(loss="log_loss", learning_rate="constant", eta0=lr, random_state=seed)
    for epoch in range(epochs):
        rows = rng.permutation(train_rows)[:200]
        model.partial_fit(x[rows], y[rows], classes=np.arange(10))
        chances = np.clip(model.predict_proba(x[test_rows]), 1e-9, 1)
        loss = float(-np.log(chances[np.arange(len(test_rows)), y[test_rows]]).mean())
        log(epoch, loss, float(model.score(x[test_rows], y[test_rows])), model)
    return model


def digits():
    import trackio

    for lr in (0.01, 0.3):
        for seed in (0, 1):
            trackio.init(project="digits", name=f"lr-{lr}", group=f"lr-{lr}", config={"lr": lr, "seed": seed, "model": {"kind": "sgd"}})
            train(lr, seed, lambda epoch, loss, acc, _: trackio.log({"train": {"loss": loss}, "val/acc": acc, "epoch": epoch}, step=epoch * 10))
            trackio.finish()


def media():
    import numpy as np
    import trackio

    trackio.init(project="größe v1.2", name="pictures", config={"lr": 0.1, "limit": float("inf")})

    def log(epoch, loss, acc, model):
        row = {"loss": loss, "acc": acc, "odd": float("nan") if epoch == 1 else float("inf")}
        if epoch in (0, 11):
            weights = np.interp(model.coef_[3].reshape(8, 8), (-3, 3), (0, 255)).astype("uint8")
            row["weights"] = trackio.Image(weights, caption=f"weights of 3 <after> {epoch}")
            row["coefficients"] = trackio.Histogram(model.coef_.ravel(), num_bins=8)
            row["note"] = f"epoch {epoch}"
        trackio.log(row)

    train(0.1, 0, log)
    import pandas as pd

    trackio.log({"classes": trackio.Table(dataframe=pd.DataFrame({"digit": [0, 1], "support": [178, 182]})), "words": trackio.Markdown("# Done\n\nwell")})
    trackio.alert("late", "the loss fell slowly", level=trackio.AlertLevel.WARN)
    trackio.finish()


def killed():
    import trackio

    trackio.init(project="digits", name="killed", config={"lr": 0.1, "seed": 2})

    def log(epoch, loss, acc, _):
        trackio.log({"loss": loss, "acc": acc})
        if epoch == 7:
            time.sleep(3)
            os._exit(9)

    train(0.1, 0, log)


def answered(model, row, label):
    """A question about one digit, what the model answered, and how long each part took."""
    began = time.time()
    chances = model.predict_proba(row[None])[0]
    middle = time.time()
    guess = int(chances.argmax())
    messages = [{"role": "user", "content": f"Which digit is this? {row.tolist()[:4]} ..."}, {"role": "assistant", "content": f"It is a {guess}."}]
    spans = [
        {"id": "root", "name": "answer", "kind": "span", "start_time": began, "end_time": time.time(), "status": "ok" if guess == label else "error",
         "error": "" if guess == label else f"it is a {label}", "input": {"label": int(label)}, "output": guess, "usage": {"total_tokens": 16}},
        {"id": "model", "parent_id": "root", "name": "predict", "kind": "generation", "start_time": began, "end_time": middle, "model": "sgd",
         "output": float(chances.max())},
    ]  # fmt: skip
    import trackio

    return trackio.Trace(messages, metadata={"label": int(label), "session_id": "check"}, spans=spans)


def traced():
    import json
    import tempfile

    import trackio

    x, y, _ = batches()
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        trackio.init(project="traced", name="trains", config={"lr": 0.3, "seed": 0})
        model = train(0.3, 0, lambda epoch, loss, acc, _: trackio.log({"loss": loss, "acc": acc}, step=epoch), epochs=4)
        pathlib.Path("weights.json").write_text(json.dumps([round(float(one), 3) for one in model.coef_[3][:16]]))
        pathlib.Path("notes.txt").write_text("trained on a laptop\n")
        trackio.log_artifact("weights.json", name="digits-sgd", type="model", aliases=["best"])
        trackio.save("notes.txt")
        trackio.finish()
        trackio.init(project="traced", name="answers", config={"questions": 4})
        trackio.use_artifact("digits-sgd:best")
        wrong = [row for row in range(1400, 1797) if model.predict(x[row][None])[0] != y[row]][:1]
        for step, row in enumerate([1400, 1401, 1402, *wrong]):
            trackio.log({"answer": answered(model, x[row], y[row]), "right": float(model.predict(x[row][None])[0] == y[row])}, step=step)
        trackio.finish()


def compact(file):
    """Pages of 1 KiB for 4: trackio's 20 tables and indexes take 180 kB even when they are empty. Rows stay as they are."""
    db = sqlite3.connect(file)
    db.execute("pragma journal_mode = delete")
    db.execute("pragma page_size = 1024")
    db.execute("vacuum")
    db.close()


CASES = {"digits": (digits, killed), "media": (media,), "inbox": (digits,), "traced": (traced,)}

if __name__ == "__main__":
    if len(sys.argv) > 2:
        CASES[sys.argv[2]][int(sys.argv[3])]()
        sys.exit()
    for case, parts in CASES.items():
        place = OUT / case
        place.mkdir(parents=True)
        more = {"TRACKIO_STORAGE_MODE": "jsonl"} if case == "inbox" else {}
        for part in range(len(parts)):
            subprocess.run(
                [sys.executable, __file__, str(OUT), case, str(part)], check=parts[part] is not killed,
                env={**os.environ, "TRACKIO_DIR": str(place.resolve()), **more}, stdout=subprocess.DEVNULL,
            )  # fmt: skip
        for file in place.glob("*.db"):
            compact(file)

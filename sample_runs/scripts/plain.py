"""Small real trainings whose results are written the way any program would: no tracker, only files.

Usage: python plain.py OUT        (needs numpy, scikit-learn, matplotlib, pyyaml)
Data: scikit-learn's digits, wine and diabetes, which come with it.
"""

import csv
import json
import subprocess
import sys
import time
from pathlib import Path

import matplotlib
import numpy as np
import yaml
from sklearn.datasets import load_diabetes, load_digits, load_wine
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

OUT = Path(sys.argv[1])
HERE = Path(__file__).parent


def split(loader, seed):
    data = loader()
    x, x_val, y, y_val = train_test_split(data.data, data.target, test_size=0.3, random_state=seed)
    scaler = StandardScaler().fit(x)
    return scaler.transform(x), scaler.transform(x_val), y, y_val


class Softmax:
    """Multinomial logistic regression by minibatch gradient descent."""

    def __init__(self, features, classes, rate, seed):
        self.random = np.random.default_rng(seed)
        self.w = self.random.normal(0, 0.01, (features, classes))
        self.rate = rate

    def probabilities(self, x):
        z = x @ self.w
        z = np.exp(z - z.max(1, keepdims=True))
        return z / z.sum(1, keepdims=True)

    def loss(self, x, y):
        return float(-np.log(self.probabilities(x)[np.arange(len(y)), y] + 1e-12).mean())

    def accuracy(self, x, y):
        return float((self.probabilities(x).argmax(1) == y).mean())

    def step(self, x, y, batch=64):
        rows = self.random.choice(len(y), batch, replace=False)
        error = self.probabilities(x[rows])
        error[np.arange(batch), y[rows]] -= 1
        self.w -= self.rate * x[rows].T @ error / batch


def run(case, *parts):
    folder = OUT / case / Path(*parts) if parts else OUT / case
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def sweep():
    """3 configs x 3 seeds: params.json and a wide, sparse metrics.csv."""
    for rate in (0.003, 0.03, 0.3):
        for seed in range(3):
            folder = run("digits-sweep", f"lr-{rate}", f"seed-{seed}")
            x, x_val, y, y_val = split(load_digits, seed)
            (folder / "params.json").write_text(
                json.dumps({"seed": seed, "optimizer": {"name": "sgd", "lr": rate, "betas": [0.9, 0.999]}, "batch": 64})
            )
            model = Softmax(64, 10, rate, seed)
            with (folder / "metrics.csv").open("w", newline="") as file:
                table = csv.writer(file)
                table.writerow(["step", "epoch", "train/loss", "val/loss", "val/accuracy"])
                for step in range(60):
                    model.step(x, y)
                    row = [step, step // 19, model.loss(x, y), "", ""]
                    if step % 10 == 9:
                        row[3:] = [model.loss(x_val, y_val), model.accuracy(x_val, y_val)]
                    table.writerow(row)


def jsonl():
    """metrics.jsonl with nested values, config.yaml nested, results.json, a README; and the same with train/val lines."""
    for seed, rate in enumerate(("1e-2", "0.1")):
        folder = run("wine-jsonl", f"wine-{'ab'[seed]}")
        x, x_val, y, y_val = split(load_wine, seed)
        (folder / "config.yaml").write_text(
            f"# written by hand\nmodel:\n  name: softmax\n  bias: no\noptimizer:\n  lr: {rate}\n  schedule: [10, 20]\n"
            f"data: {{name: wine, version: 1.10, date: 2026-11-01}}\nseed: {seed}\nnote: null\n"
        )
        model = Softmax(13, 3, float(rate), seed)
        with (folder / "metrics.jsonl").open("w") as file:
            for step in range(0, 30, 3):
                model.step(x, y)
                line = {"step": step, "loss": {"train": model.loss(x, y), "val": model.loss(x_val, y_val)}}
                file.write(json.dumps({**line, "phase_name": "fit", "ok": True, "timestamp": time.time()}) + "\n")
        (folder / "results.json").write_text(json.dumps({"val": {"accuracy": model.accuracy(x_val, y_val)}, "best_class": "2"}))
        (folder / "README.md").write_text(
            f"# Wine, seed {seed}\n\nFirst try with **softmax**.\n\n| lr | {rate} |\n|---|---|\n"
        )
    folder = run("wine-jsonl", "phases")
    x, x_val, y, y_val = split(load_wine, 7)
    (folder / "args.json").write_text(json.dumps({"lr": 0.05, "tags": {"team": "größe"}, "none": None}))
    model = Softmax(13, 3, 0.05, 7)
    with (folder / "log.jsonl").open("w") as file:
        for epoch in range(6):
            model.step(x, y)
            for phase, a, b in (("train", x, y), ("val", x_val, y_val)):
                values = {"loss": model.loss(a, b), "accuracy": model.accuracy(a, b)}
                file.write(json.dumps({"epoch": epoch, "phase": phase, **values}) + "\n")


def long_and_tsv():
    """A long CSV (step,name,value) with params.toml, and a tab-separated progress.txt."""
    folder = run("diabetes-long", "long")
    x, x_val, y, y_val = split(load_diabetes, 0)
    (folder / "params.toml").write_text('model = "ridge"\n[fit]\nrate = 0.05\nalpha = 1e-3\nstarted = 2026-11-24\n')
    w = np.zeros(x.shape[1])
    with (folder / "metrics.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["step", "name", "value"])
        for step in range(12):
            w -= 0.05 * (x.T @ (x @ w - y) / len(y) + 1e-3 * w)
            table.writerow([step, "train/mse", float(((x @ w - y) ** 2).mean())])
            if step % 3 == 2:
                table.writerow([step, "val/mse", float(((x_val @ w - y_val) ** 2).mean())])
                table.writerow([step, "norm", float(np.linalg.norm(w))])
    folder = run("diabetes-long", "tabs")
    (folder / "config.json").write_text(json.dumps({"rate": 0.1}))
    w = np.zeros(x.shape[1])
    with (folder / "progress.txt").open("w") as file:
        file.write("Epoch\tLossTrain\tLossVal\n")
        for epoch in range(8):
            w -= 0.1 * x.T @ (x @ w - y) / len(y)
            file.write(f"{epoch}\t{((x @ w - y) ** 2).mean():.6g}\t{((x_val @ w - y_val) ** 2).mean():.6g}\n")


def full():
    """A run that fills in everything the layout knows: run.json, pictures, a log, an environment, a patch."""
    folder = run("full", "digits-mlp")
    started = time.time()
    x, x_val, y, y_val = split(load_digits, 1)
    model = MLPClassifier((32,), random_state=1, learning_rate_init=0.01, max_iter=12)
    (folder / "params.yaml").write_text(yaml.safe_dump({"hidden": [32], "lr": 0.01, "activation": "relu"}))
    (folder / "media").mkdir(exist_ok=True)
    (folder / "artifacts").mkdir(exist_ok=True)
    with (folder / "metrics.csv").open("w") as file, (folder / "train.log").open("w") as log:
        file.write("step,time,loss,val_accuracy\n")
        for epoch in range(12):
            model.partial_fit(x, y, classes=range(10))
            file.write(f"{epoch},{time.time():.3f},{model.loss_!r},{model.score(x_val, y_val)!r}\n")
            print(f"epoch {epoch}: loss {model.loss_:.4f}", file=log)
            if epoch % 6 == 5:
                plt.imsave(folder / "media" / f"weights_step{epoch}.png", model.coefs_[0], cmap="gray", format="png")
    confusion = confusion_matrix(y_val, model.predict(x_val))
    np.savetxt(folder / "artifacts" / "confusion.csv", confusion, fmt="%d", delimiter=",")
    figure, axes = plt.subplots(figsize=(2, 2))
    axes.plot(model.loss_curve_)
    figure.savefig(folder / "loss.svg")
    (folder / "summary.json").write_text(json.dumps({"val_accuracy": model.score(x_val, y_val), "parameters": 2410}))
    (folder / "run.json").write_text(json.dumps({
        "name": "MLP on digits", "group": "mlp", "status": "finished", "started": started, "ended": time.time(),
        "tags": ["baseline", "small"], "commit": "4b825dc642cb6eb9a060e54bf8d69288fbee4904", "branch": "main",
        "command": "python train.py --hidden 32", "user": "ana", "host": "lab-03", "project": "digits",
    }))
    (folder / "notes.md").write_text("A hidden layer of 32 is enough.\n")
    (folder / "requirements.txt").write_text("numpy==2.4.6\n# pinned by hand\nscikit-learn==1.7.2\n")
    (folder / "local.patch").write_text("--- a/train.py\n+++ b/train.py\n@@ -1 +1 @@\n-lr = 0.1\n+lr = 0.01\n")


def unfinished():
    """A run that failed before it measured anything, one still writing JSON lines, one still writing CSV."""
    folder = run("unfinished", "no-metrics")
    (folder / "params.json").write_text(json.dumps({"lr": -1.0}))
    (folder / "output.txt").write_text("ValueError: learning_rate_init must be > 0. Got -1.0\n")
    (folder / "status").write_text("failed\n")
    x, x_val, y, y_val = split(load_wine, 3)
    model = Softmax(13, 3, 0.1, 3)
    lines, rows = [], ["step,loss,accuracy"]
    for step in range(8):
        model.step(x, y)
        values = (model.loss(x, y), model.accuracy(x_val, y_val))
        lines.append(json.dumps({"step": step, "loss": values[0], "accuracy": values[1], "name": "größe"}, ensure_ascii=False))
        rows.append(f"{step},{values[0]},{values[1]}")
    folder = run("unfinished", "torn-jsonl")
    (folder / "params.json").write_text(json.dumps({"lr": 0.1}))
    (folder / "metrics.jsonl").write_bytes("\n".join(lines).encode()[:-3])
    folder = run("unfinished", "torn-csv")
    (folder / "run.json").write_text(json.dumps({"status": "running", "started": "2026-11-24T04:30:00+00:00"}))
    (folder / "metrics.csv").write_text("\n".join(rows)[:-30])
    folder = run("unfinished", "header-only")
    (folder / "params.json").write_text(json.dumps({"lr": 0.2}))
    (folder / "metrics.csv").write_text("step,loss\n")


def awkward():
    """Names that need care, in folders, metrics, params and values."""
    x, x_val, y, y_val = split(load_wine, 4)
    for name in ("größe 50% & <b>bold", "<script>alert(1)<_script>", "#1 ünï 'q' \"d\""):
        folder = run("awkward-names", name)
        model = Softmax(13, 3, 0.1, 4)
        values = {"lr": 0.1, "</script><!--": "<img src=x onerror=alert(1)>", "emoji 🙂": "𝛼=½", "a.b": {"c": 1}, "": "no name"}
        (folder / "params.json").write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
        with (folder / "metrics.csv").open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            table.writerow(["step", "late, metric", "top-5 (%)", 'quote " d', "<script>x</script>", "größe", "line\nbreak", "acc", "acc"])
            for step in range(4):
                model.step(x, y)
                loss, accuracy = model.loss(x, y), model.accuracy(x_val, y_val)
                table.writerow([step, loss, 100 * accuracy, loss, loss, loss, loss, accuracy, 1 - accuracy])


def nonfinite():
    """Trainings that diverge: nan and infinity in CSV and in JSON."""
    data = load_diabetes()
    x, y = data.data * 20, data.target
    rows = []
    w = np.zeros(x.shape[1])
    with np.errstate(all="ignore"):
        for step in range(0, 90):
            w -= 1e4 * x.T @ (x @ w - y) / len(y)
            rows.append((step, float(((x @ w - y) ** 2).mean()), float(w.min())))
    folder = run("nonfinite", "csv")
    (folder / "metrics.csv").write_text("step,loss,smallest\n" + "".join(f"{s},{a},{b}\n" for s, a, b in rows[::5]))
    folder = run("nonfinite", "jsonl")
    (folder / "metrics.jsonl").write_text("".join(json.dumps({"step": s, "loss": a, "smallest": b}) + "\n" for s, a, b in rows[::5]))
    (folder / "summary.json").write_text(json.dumps({"loss": rows[-1][1], "diverged": True, "limit": float("inf")}))


def spreadsheet():
    """Saved again by a spreadsheet: byte order mark, CRLF, semicolons, decimal commas; and one in UTF-16."""
    x, x_val, y, y_val = split(load_wine, 5)
    model = Softmax(13, 3, 0.1, 5)
    lines = ['"Epoche";"Verlust";"Güte in %"']
    for epoch in range(1, 7):
        model.step(x, y)
        lines.append(f"{epoch};{model.loss(x, y):.4f};{100 * model.accuracy(x_val, y_val):.1f}".replace(".", ","))
    folder = run("spreadsheet", "semicolons")
    (folder / "metrics.csv").write_bytes(b"\xef\xbb\xbf" + "\r\n".join([*lines, ""]).encode())
    (folder / "params.csv").write_bytes("name,value\r\nlr,0.1\r\nMaß,1e-3\r\nshuffle,true\r\n".encode("cp1252"))
    folder = run("spreadsheet", "utf-16")
    (folder / "metrics.tsv").write_bytes("\r\n".join([*lines, ""]).replace(";", "\t").replace(",", ".").encode("utf-16"))


def restarted():
    """Killed at step 14 and started again from step 10, appending to the same file."""
    folder = run("restarted", "appended")
    x, x_val, y, y_val = split(load_wine, 6)
    with (folder / "metrics.csv").open("w") as file:
        for first, last in ((0, 15), (10, 20)):
            model = Softmax(13, 3, 0.05, 6 + first)
            file.write("step,loss\n")
            for step in range(last):
                model.step(x, y)
                if step >= first:
                    file.write(f"{step},{model.loss(x, y):.8f}\n")


def histories():
    """history.json as a dict of lists, log.json as a list of records, results.csv, and a pandas index."""
    x, x_val, y, y_val = split(load_digits, 2)
    model = MLPClassifier((16,), random_state=2, max_iter=10, early_stopping=True, n_iter_no_change=10)
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(x, y)
    history = {"loss": model.loss_curve_, "val_score": [str(v) for v in model.validation_scores_]}
    folder = run("histories", "dict-of-lists")
    (folder / "history.json").write_text(json.dumps({"history": history, "params": {"epochs": 10}}))
    (folder / "hyperparameters.yml").write_text("hidden: [16]\nlr: 1e-3\n")
    folder = run("histories", "records")
    (folder / "log.json").write_text(json.dumps([{"epoch": i, "loss": v} for i, v in enumerate(model.loss_curve_)]))
    folder = run("histories", "pandas-index")
    rows = [f"{i},{v},{s}" for i, (v, s) in enumerate(zip(model.loss_curve_, model.validation_scores_))]
    (folder / "metrics.csv").write_text("\n".join([",loss,val_score", *rows, ""]))
    (folder / "metrics.json").write_text(json.dumps({"loss": model.loss_, "score": model.score(x_val, y_val)}))
    folder = run("histories", "epoch-and-batch")
    model = Softmax(64, 10, 0.1, 2)
    with (folder / "train_log.csv").open("w") as file:
        file.write("epoch,batch,loss\n")
        for epoch in range(3):
            for batch in range(4):
                model.step(x, y)
                file.write(f"{epoch},{batch},{model.loss(x, y):.6f}\n")


def tables():
    """One row per run, as a sweep script writes it; and a folder in which each file is a run."""
    folder = run("tables")
    with (folder / "sweep.csv").open("w") as file:
        file.write("run,optimizer,lr,accuracy,loss\n")
        for number, rate in enumerate((0.01, 0.1, 1.0)):
            x, x_val, y, y_val = split(load_wine, 8)
            model = Softmax(13, 3, rate, 8)
            for _ in range(20):
                model.step(x, y)
            file.write(f"wine-{number},sgd,{rate},{model.accuracy(x_val, y_val)},{model.loss(x_val, y_val)}\n")
    folder = run("tables", "folds")
    for fold in range(3):
        x, x_val, y, y_val = split(load_wine, 20 + fold)
        model = Softmax(13, 3, 0.1, fold)
        rows = []
        for epoch in range(5):
            model.step(x, y)
            rows.append(f"{epoch},{model.loss(x, y):.6f},{model.loss(x_val, y_val):.6f}")
        (folder / f"log_fold{fold}.csv").write_text("\n".join(["epoch,loss,val_loss", *rows, ""]))


if __name__ == "__main__":
    for write in (sweep, jsonl, long_and_tsv, full, unfinished, awkward, nonfinite, spreadsheet, restarted, histories, tables):
        write()
    for rate in ("0.05", "0.3"):
        subprocess.run(["sh", str(HERE / "plain_shell.sh"), str(OUT / "shell" / f"cars-{rate}"), rate], check=True)

"""A small real training (scikit-learn's digits, a numpy MLP), logged with whichever wandb client runs it.

    python wandb_train.py --case digits|media|failed|killed|awkward|resumed --hidden 16 --lr 0.1 --seed 0

Called by wandb_make.sh, which sets the home, the host name and the folder.
"""

import argparse
import inspect
import os
import signal
import sys
import time

import numpy as np
import wandb
from sklearn.datasets import load_digits

OLD = tuple(int(part) for part in wandb.__version__.split(".")[:2]) < (0, 12)
ap = argparse.ArgumentParser()
ap.add_argument("--case", default="digits")
ap.add_argument("--hidden", type=int, default=16)
ap.add_argument("--lr", type=float, default=0.1)
ap.add_argument("--seed", type=int, default=0)
ap.add_argument("--epochs", type=int, default=6)
ap.add_argument("--id", default=None)
args = ap.parse_args()

rng = np.random.default_rng(args.seed)
digits = load_digits()
x, y = digits.data / 16.0, digits.target
order = rng.permutation(len(x))
x, y = x[order], y[order]
x_train, y_train, x_val, y_val = x[:1400], y[:1400], x[1400:], y[1400:]


class Net:
    def __init__(self, hidden):
        self.w1 = rng.normal(0, 0.2, (64, hidden))
        self.w2 = rng.normal(0, 0.2, (hidden, 10))

    def forward(self, data):
        hidden = np.maximum(data @ self.w1, 0)
        logits = hidden @ self.w2
        logits = logits - logits.max(1, keepdims=True)
        odds = np.exp(logits)
        return hidden, odds / odds.sum(1, keepdims=True)

    def step(self, data, labels, lr):
        hidden, odds = self.forward(data)
        loss = -np.log(odds[np.arange(len(labels)), labels] + 1e-12).mean()
        d = odds.copy()
        d[np.arange(len(labels)), labels] -= 1
        d /= len(labels)
        g2 = hidden.T @ d
        g1 = data.T @ ((d @ self.w2.T) * (hidden > 0))
        self.w1 -= lr * g1
        self.w2 -= lr * g2
        return loss, np.sqrt((g1**2).sum() + (g2**2).sum())

    def accuracy(self, data, labels):
        return (self.forward(data)[1].argmax(1) == labels).mean()


def start():
    config = {
        "hidden": args.hidden,
        "lr": args.lr,
        "seed": args.seed,
        "epochs": args.epochs,
        "optimizer": {"name": "sgd", "betas": [0.9, 0.999], "nesterov": False},
        "data": {"name": "digits", "val": 397},
        "schedule": None,
    }
    common = {
        "project": "digits",
        "config": config,
        "group": f"h{args.hidden}-lr{args.lr}",
        "job_type": "train",
        "tags": ["digits", "mlp", args.case],
        "notes": "MLP on **digits**, hidden layer of %d.\n\nSeed %d." % (args.hidden, args.seed),
    }
    if OLD:
        return wandb.init(**common)
    knobs = {}
    fields = getattr(wandb.Settings, "model_fields", {})
    if "x_stats_sampling_interval" in fields:
        knobs["x_stats_sampling_interval"] = 1.0
    elif "_stats_sample_rate_seconds" in getattr(wandb.Settings, "__annotations__", {}):
        knobs.update(_stats_sample_rate_seconds=1.0, _stats_samples_to_average=1)
    settings = wandb.Settings(**knobs)
    name = {"awkward": "naïve <b>run</b> | 100 % / ../x", "media": "with media"}.get(args.case)
    return wandb.init(name=name, id=args.id, resume="allow" if args.id else None, settings=settings, **common)


def define(run):
    if OLD:
        return
    run.define_metric("epoch", hidden=True)
    run.define_metric("val/*", step_metric="epoch")
    goal = {"goal": "maximize"} if "goal" in inspect.signature(run.define_metric).parameters else {}
    run.define_metric("val/acc", step_metric="epoch", summary="max", **goal)
    run.define_metric("train/loss", summary="min")


def awkward(run, step):
    run.log(
        {
            "dotted.key": step * 0.5,
            "sp ace/ü": 1.0,
            "nan": float("nan"),
            "inf": float("inf"),
            "-inf": float("-inf"),
            "mixed": float("nan") if step % 2 else step,
            "flag": bool(step % 2),
            "big": 2**60 + 1,
            "word": "warmup" if step < 2 else "steady",
            "nothing": None,
            "nested": {"a.b": step, "c": {"d": -step}, "list": [1, 2, 3]},
            "": 3,
        }
    )


def media(run, net, epoch):
    odds = net.forward(x_val)[1]
    wrong = np.flatnonzero(odds.argmax(1) != y_val)[:3]
    columns = ["image", "truth", "guess", "odds"]
    rows = [[wandb.Image(x_val[i].reshape(8, 8)), int(y_val[i]), int(odds[i].argmax()), float(odds[i].max())] for i in wrong]
    boxes = {
        "predictions": {
            "box_data": [{"position": {"minX": 0.1, "maxX": 0.6, "minY": 0.2, "maxY": 0.8}, "class_id": int(y_val[0]), "scores": {"p": 0.9}}],
            "class_labels": {n: str(n) for n in range(10)},
        }
    }
    values = {
        "epoch": epoch,
        "media/first": wandb.Image(x_val[0].reshape(8, 8), caption="the first <digit>", boxes=boxes),
        "media/wrong": [wandb.Image(x_val[i].reshape(8, 8), caption=f"wrong {k}") for k, i in enumerate(wrong)],
        "weights": wandb.Histogram(net.w1, num_bins=12),
        "errors": wandb.Table(columns=columns, data=rows),
        "page": wandb.Html("<h1>Report</h1><script>alert(1)</script><p>epoch %d</p>" % epoch),
        "cloud": wandb.Object3D(rng.random((12, 3))),
    }
    tone = np.sin(np.arange(800) * 0.3 * (epoch + 1)).astype(np.float32)
    values["tone"] = wandb.Audio(tone, sample_rate=8000, caption="a tone")
    import plotly.graph_objects as go

    figure = go.Figure(go.Scatter(y=net.w2[0].tolist()))
    figure.layout.template = None
    values["figure"] = wandb.Plotly(figure)
    if os.path.exists("clip.gif"):
        values["clip"] = wandb.Video("clip.gif", fps=4, format="gif")
    if epoch == 0:
        bars = wandb.Table(data=[[str(n), int((y == n).sum())] for n in range(10)], columns=["digit", "n"])
        values["classes"] = wandb.plot.bar(bars, "digit", "n", title="Classes")
        values["confusion"] = wandb.plot.confusion_matrix(y_true=y_val.tolist(), preds=odds.argmax(1).tolist(), class_names=[str(n) for n in range(10)])
    run.log(values)


def make_clip():
    from PIL import Image

    frames = [Image.fromarray((x[i].reshape(8, 8) * 255).astype(np.uint8)).resize((16, 16)) for i in range(4)]
    frames[0].save("clip.gif", save_all=True, append_images=frames[1:], duration=250)


def finish(run, net):
    if OLD:
        run.summary["test/acc"] = float(net.accuracy(x_val, y_val))
        return
    run.summary["test/acc"] = float(net.accuracy(x_val, y_val))
    run.summary["best"] = {"epoch": args.epochs - 1, "note": "last"}
    if args.case in ("digits", "media") and args.seed == 0:
        np.savez("weights.npz", w1=net.w1.astype(np.float16))
        artifact = wandb.Artifact("digits-mlp", type="model", description="both layers", metadata={"hidden": args.hidden})
        artifact.add_file("weights.npz")
        artifact.add_reference("https://example.org/digits.csv", checksum=False)
        run.log_artifact(artifact, aliases=["latest", "best"])
    run.finish()


def main():
    run = start()
    define(run)
    net = Net(args.hidden)
    if args.case == "media":
        make_clip()
        run.log_code(".", include_fn=lambda path: path.endswith("train.py"))
    print(f"training {args.hidden} hidden units, lr {args.lr}")
    for epoch in range(args.epochs):
        for batch in range(0, 1400, 200):
            loss, norm = net.step(x_train[batch : batch + 200], y_train[batch : batch + 200], args.lr)
            run.log({"train": {"loss": float(loss), "grad": {"norm": float(norm)}}, "train/loss": float(loss), "lr": args.lr * 0.9**epoch})
        run.log({"val/acc": float(net.accuracy(x_val, y_val)), "val/n": len(y_val), "epoch": epoch})
        sys.stdout.write(f"\repoch {epoch}: 50%\repoch {epoch}: loss {loss:.3f}\n")
        print("\x1b[31mwarned\x1b[0m", file=sys.stderr)
        if args.case == "awkward":
            awkward(run, epoch)
        if args.case == "media":
            media(run, net, epoch)
        if args.case == "failed" and epoch == 3:
            raise RuntimeError("loss is not finite <after> epoch 3")
        if args.case == "killed" and epoch == args.epochs - 1:
            for step in range(500):  # enough to pass several blocks: the writer keeps the last one in memory
                run.log({"fine/loss": 1 / (step + 1), "fine/step": step})
            time.sleep(3)
            os.killpg(os.getpgid(0), signal.SIGKILL)
        time.sleep(0.25 if args.case in ("digits", "media") else 0)
    finish(run, net)


main()
# lr is tuned by hand

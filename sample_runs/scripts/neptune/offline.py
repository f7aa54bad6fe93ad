"""A digits classifier logged with neptune 1.x, offline: python offline.py CASE LR SEED EPOCHS (CASE: digits, media, failed, killed)."""

import os
import signal
import sys
import time
from datetime import UTC, datetime

import neptune
import numpy as np
from neptune.types import File
from neptune.utils import stringify_unsupported
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import log_loss

case, lr, seed, epochs = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
run = neptune.init_run(
    mode="offline",
    name={"media": "with media ü <b>&</b>"}.get(case, f"{case} lr={lr} seed={seed}"),
    description="Logistic regression on **digits**.",
    tags=["digits", case, "old"],
    source_files=["train.py"] if case == "media" else [],
    capture_hardware_metrics=case == "media",
)
run["sys/group_tags"].add(["digits"])
run["sys/tags"].remove("old")
run["parameters"] = stringify_unsupported({"lr": lr, "seed": seed, "opt": {"name": "sgd", "a.b": None}, "betas": [0.9, 0.999], "flip": True})
run["data/version"] = "v1"
run["data/version"] = "v2"
run["data/made"] = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
x, y = load_digits(return_X_y=True)
x = x / 16
order = np.random.default_rng(seed).permutation(len(x))
x, y = x[order], y[order]
model = SGDClassifier(loss="log_loss", learning_rate="constant", eta0=lr, random_state=seed)
print(f"training with lr {lr}")
for epoch in range(epochs):
    for batch in range(7):
        at = slice(batch * 200, batch * 200 + 200)
        model.partial_fit(x[at], y[at], classes=np.arange(10))
        run["train/loss"].append(float(log_loss(y[at], model.predict_proba(x[at]), labels=np.arange(10))), step=epoch * 7 + batch)
    run["val"]["accuracy top-1 (%)"].append(100 * float(model.score(x[1400:], y[1400:])))
    run["half"].append(epoch * 1.0, step=epoch / 2)
    run["says"].append(f"epoch {epoch} done ü")
    print(f"epoch {epoch}: accuracy {model.score(x[1400:], y[1400:]):.4f}")
    if case == "media":
        run["pictures/first"].append(File.as_image(x[epoch].reshape(8, 8)), step=epoch, name="first", description="the first <digit>")
    if case == "failed" and epoch == 1:
        raise RuntimeError("loss is not finite <after> epoch 1")
    if case == "killed" and epoch == epochs - 1:
        time.sleep(7)
        os.kill(os.getpid(), signal.SIGKILL)
if case == "media":
    run["page"].upload(File.from_content("<h1>Report</h1><script>alert(1)</script>", extension="html"))
    run["table"].upload(File.from_content("digit,n\n0,178\n1,182\n", extension="csv"))
    np.savez("weights.npz", w=model.coef_.astype(np.float16))
    run["model/weights"].upload("weights.npz")
    run["folder"].upload_files("*.npz")
    run["gone"] = 1
    run.wait()
    del run["gone"]
run["final/accuracy"] = float(model.score(x[1400:], y[1400:]))
run.stop()

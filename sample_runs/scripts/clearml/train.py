"""A digits classifier logged with ClearML, offline: python train.py CASE LR SEED EPOCHS (CASE: digits, media, failed, killed, short)."""

import os
import signal
import sys
import time

import numpy as np
from clearml import Task
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import confusion_matrix, log_loss

case, lr, seed, epochs = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
Task.set_offline(True)
name = {"media": "with media ü <b>&</b>"}.get(case, f"{case} lr={lr} seed={seed}")
task = Task.init(project_name="vision/digits", task_name=name, auto_connect_frameworks=case == "media", reuse_last_task_id=False)
task.add_tags(["digits", case])
task.set_comment("Logistic regression on **digits**.")
task.connect({"lr": lr, "seed": seed, "epochs": epochs, "opt": {"name": "sgd", "a.b": None}, "betas": [0.9, 0.999], "limit": float("inf")})
task.connect({"flip": True, "crop": 8}, name="Augment")
task.set_user_properties(owner_team="vision")
task.connect_configuration({"layers": [64, 10], "act": "softmax"}, name="net")
log = task.get_logger()
x, y = load_digits(return_X_y=True)
x = x / 16
order = np.random.default_rng(seed).permutation(len(x))
x, y = x[order], y[order]
model = SGDClassifier(loss="log_loss", learning_rate="constant", eta0=lr, random_state=seed)
print(f"training with lr {lr}")
print("to the error stream ü", file=sys.stderr)
for epoch in range(epochs):
    for batch in range(7):
        at = slice(batch * 200, batch * 200 + 200)
        model.partial_fit(x[at], y[at], classes=np.arange(10))
        log.report_scalar("loss", "train", float(log_loss(y[at], model.predict_proba(x[at]), labels=np.arange(10))), epoch * 7 + batch)
    log.report_scalar("accuracy top-1 (%)", "validate", 100 * float(model.score(x[1400:], y[1400:])), epoch)
    log.report_scalar("nan", "series", float("nan"), epoch)
    print(f"epoch {epoch}: accuracy {model.score(x[1400:], y[1400:]):.4f}")
    if case == "media":
        log.report_image("digits", "first", epoch, image=(x[epoch].reshape(8, 8) * 255).repeat(2, 0).repeat(2, 1).astype(np.uint8))
        log.report_histogram("weights", "rows", model.coef_.std(1), iteration=epoch)
        log.report_confusion_matrix("confusion", "validate", confusion_matrix(y[1400:], model.predict(x[1400:])), iteration=epoch, xaxis="guess", yaxis="truth")
    if case == "failed" and epoch == 1:
        raise RuntimeError("loss is not finite <after> epoch 1")
    if case == "killed" and epoch == epochs - 1:
        time.sleep(6)
        os.kill(os.getpid(), signal.SIGKILL)
if case == "media":
    import matplotlib
    import pandas as pd

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    table = pd.DataFrame({"digit": range(10), "n": np.bincount(y)})
    log.report_table("classes", "table", iteration=0, table_plot=table)
    log.report_scatter2d("cloud", "pixels", np.column_stack([x[:20, 20], x[:20, 30]]), iteration=0, xaxis="a", yaxis="b")
    fig, axes = plt.subplots(figsize=(3, 2))
    axes.plot(model.coef_[0])
    log.report_matplotlib_figure("figure", "row 0", fig, iteration=0)
    tone = (np.sin(np.arange(400) * 0.3) * 32000).astype("<i2").tobytes()
    import io
    import wave

    sound = io.BytesIO()
    with wave.open(sound, "wb") as out:
        out.setnchannels(1), out.setsampwidth(2), out.setframerate(8000), out.writeframes(tone)
    sound.seek(0)
    log.report_media("sound", "tone", iteration=1, stream=sound, file_extension="wav")
    page = io.StringIO("<h1>Report</h1><script>alert(1)</script>")
    log.report_media("page", "html", iteration=1, stream=page, file_extension="html")
    task.upload_artifact("numbers", {"a": 1, "b": [1, 2]}, wait_on_upload=True)
    task.upload_artifact("classes", table, wait_on_upload=True)
    task.upload_artifact("weights", model.coef_.astype(np.float16), wait_on_upload=True)
    try:
        from clearml import OutputModel

        np.savez("weights.npz", w=model.coef_.astype(np.float16))
        OutputModel(task=task, name="digits-sgd", framework="ScikitLearn").update_weights("weights.npz")
    except Exception as error:
        print("OutputModel:", type(error).__name__, error)
log.report_single_value("final accuracy", float(model.score(x[1400:], y[1400:])))
if case != "short":
    time.sleep(4)  # the repository is looked at in the background
task.close()

"""A wine classifier logged with Comet, offline: python train.py CASE LR SEED EPOCHS (CASE: wine, media, failed, killed, start, more)."""

import os
import signal
import sys
import time

import numpy as np
import comet_ml
from sklearn.datasets import load_wine
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import log_loss
from sklearn.preprocessing import StandardScaler

case, lr, seed, epochs = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
place = {"offline_directory": os.environ["COMET_OFFLINE_DIRECTORY"]}
how = {"log_code": case == "media", "auto_output_logging": "simple", "log_env_details": True, "log_git_metadata": case == "media", "log_git_patch": case == "media"}
if case == "start":
    exp = comet_ml.start(workspace="ana", project_name="wine", online=False, experiment_config=comet_ml.ExperimentConfig(**place, auto_output_logging="simple"))
elif case == "more":
    exp = comet_ml.ExistingOfflineExperiment(previous_experiment=sys.argv[5], **place, auto_output_logging="simple")
else:
    exp = comet_ml.OfflineExperiment(workspace="ana", project_name="wine", **place, **how)
exp.set_name({"media": "with media ü <b>&</b>"}.get(case, f"{case} lr={lr} seed={seed}"))
exp.add_tags(["wine", case])
exp.log_parameters({"lr": lr, "seed": seed, "epochs": epochs, "opt": {"name": "sgd", "nested": {"a.b": 1}}, "betas": [0.9, 0.999], "none": None, "limit": float("inf")})
exp.log_other("note", "first try ü")
x, y = load_wine(return_X_y=True)
x = StandardScaler().fit_transform(x)
order = np.random.default_rng(seed).permutation(len(x))
x, y = x[order], y[order]
model = SGDClassifier(loss="log_loss", learning_rate="constant", eta0=lr, random_state=seed)
print(f"training with lr {lr}")
begin = 100 if case == "more" else 0
for epoch in range(epochs):
    with exp.train():
        for batch in range(4):
            at = slice(batch * 30, batch * 30 + 30)
            model.partial_fit(x[at], y[at], classes=np.arange(3))
            exp.log_metric("loss", float(log_loss(y[at], model.predict_proba(x[at]), labels=np.arange(3))), step=begin + epoch * 4 + batch, epoch=epoch)
    with exp.validate():
        exp.log_metric("accuracy top-1 (%)", 100 * float(model.score(x[120:], y[120:])), step=begin + epoch * 4 + 3, epoch=epoch)
    exp.log_metric("by epoch only", epoch * 0.5, epoch=epoch)
    exp.log_metric("odd", [float("nan"), float("inf"), -float("inf")][epoch % 3], step=begin + epoch)
    print(f"epoch {epoch}: accuracy {model.score(x[120:], y[120:]):.4f}")
    if case == "media":
        exp.log_image((model.coef_ * 40 + 128).clip(0, 255).astype(np.uint8).repeat(4, 0).repeat(4, 1), name="weights", step=epoch)
        exp.log_histogram_3d(model.coef_, name="coef", step=epoch)
        exp.log_confusion_matrix(y[120:].tolist(), model.predict(x[120:]).tolist(), title="Validation", file_name=f"confusion-{epoch}.json", step=epoch, max_examples_per_cell=0)
    if case == "failed" and epoch == 1:
        raise RuntimeError("loss is not finite <after> epoch 1")
    if case == "killed" and epoch == epochs - 1:
        time.sleep(4)
        os.kill(os.getpid(), signal.SIGKILL)
if case == "media":
    exp.log_system_metrics({"gpu.0.free": 1.5}) if hasattr(exp, "log_system_metrics") else None
    tone = np.sin(np.arange(400) * 0.3).astype(np.float32)
    exp.log_audio(tone, sample_rate=8000, file_name="tone.wav", step=1)
    exp.log_text("a sample of text <b>ü</b>", step=1)
    exp.log_table("classes.csv", tabular_data=[[0, 59], [1, 71], [2, 48]], headers=["class", "n"])
    exp.log_curve("roc", x=[0, 0.2, 1], y=[0, 0.9, 1], step=1)
    exp.log_html("<h1>Report</h1><script>alert(1)</script>")
    np.savez("weights.npz", w=model.coef_.astype(np.float16))
    exp.log_model("wine-sgd", "weights.npz")
    exp.log_asset_data('{"a": 1}', name="numbers.json")
    exp.set_model_graph("SGD(13 -> 3)")
exp.end()
print(exp.get_key())

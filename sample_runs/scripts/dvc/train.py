"""A stage of dvc.yaml: trains on the digits, logs with DVCLive; fails on a learning rate below zero."""

import pickle

import numpy as np
import yaml
from dvclive import Live
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

params = yaml.safe_load(open("params.yaml"))["train"]
if params["lr"] < 0:
    raise SystemExit("a learning rate is not negative")
x, y = load_digits(return_X_y=True)
x, test_x, y, test_y = train_test_split(x / 16, y, random_state=0, stratify=y)
model = SGDClassifier(loss="log_loss", learning_rate="constant", eta0=params["lr"], random_state=params["seed"])
with Live(save_dvc_exp=False, dvcyaml=None) as live:
    for _ in range(params["epochs"]):
        model.partial_fit(x, y, classes=np.arange(10))
        live.log_metric("train/loss", float(log_loss(y, model.predict_proba(x))))
        live.log_metric("val/acc", float(model.score(test_x, test_y)))
        live.next_step()
    live.log_sklearn_plot("confusion_matrix", test_y[:120], model.predict(test_x[:120]))
    live.log_sklearn_plot("roc", test_y == 3, model.predict_proba(test_x)[:, 3])
pickle.dump(model.coef_[:2, :4], open("model.pkl", "wb"))

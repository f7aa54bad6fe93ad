"""One training of a digits classifier through DAGsHubLogger: python log.py FOLDER LR EPOCHS [odd|kill]."""

import math
import os
import sys

import numpy as np
from dagshub.logger import DAGsHubLogger
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import log_loss

folder, lr, epochs, how = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), (sys.argv + [""])[4]
os.makedirs(folder, exist_ok=True)
x, y = load_digits(return_X_y=True)
x = x / 16
model = SGDClassifier(loss="log_loss", learning_rate="constant", eta0=lr, random_state=0)
logger = DAGsHubLogger(metrics_path=f"{folder}/metrics.csv", hparams_path=f"{folder}/params.yml")
logger.log_hyperparams({"lr": lr, "epochs": epochs, "optimizer": {"name": "sgd", "betas": [0.9, 0.999]}, "größe": "groß", "half": np.float64(0.5), "answer": "yes"})
for epoch in range(epochs):
    model.partial_fit(x, y, classes=np.arange(10))
    logger.log_metrics({"train/loss": float(log_loss(y, model.predict_proba(x))), "accuracy": float(model.score(x, y))}, step_num=epoch)
    if how == "kill" and epoch == epochs - 1:
        os._exit(9)
if how == "odd":
    logger.log_metrics({"total": 12.5})
    logger.log_metrics({"odd": math.nan}, step_num=0)
    logger.log_metrics({"odd": math.inf}, step_num=1)
    logger.log_metrics({"odd": True}, step_num=2)
    logger.log_metrics({"words": "not a number", 'quo"ted, name': 1}, step_num=3)
    logger.log_metrics({"none": None}, step_num=4)
    logger.log_metrics({"array": np.array([1, 2])}, step_num=5)
    logger.log_metrics({"unstepped": 3.5}, step_num=None)
logger.save()
logger.close()

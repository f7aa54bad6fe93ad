"""One training seen by two trackers: python train.py wandb|dvclive|mlflow, run where its folders shall appear."""

import sys

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import log_loss

case = sys.argv[1]
x, y = load_digits(return_X_y=True)
x = x / 16
model = SGDClassifier(loss="log_loss", learning_rate="constant", eta0=0.05, random_state=0)


def epochs():
    for epoch in range(4):
        model.partial_fit(x[:1400], y[:1400], classes=np.arange(10))
        yield epoch, float(log_loss(y[:1400], model.predict_proba(x[:1400]))), float(model.score(x[1400:], y[1400:]))


if case == "wandb":
    import tensorboardX
    import wandb

    run = wandb.init(mode="offline", project="digits", name="both", config={"lr": 0.05}, sync_tensorboard=True)
    writer = tensorboardX.SummaryWriter(logdir=run.dir + "/tb")
    for epoch, loss, accuracy in epochs():
        writer.add_scalar("loss/train", loss, epoch)
        run.log({"val/accuracy": accuracy})
    writer.add_histogram("weights", model.coef_, 3)
    writer.close()
    run.finish()
elif case == "dvclive":
    from dvclive import Live
    from tensorboardX import SummaryWriter

    with Live("dvclive", save_dvc_exp=False, dvcyaml=None) as live, SummaryWriter(logdir="dvclive") as writer:
        live.log_params({"lr": 0.05})
        for epoch, loss, accuracy in epochs():
            live.log_metric("val/accuracy", accuracy)
            writer.add_scalar("loss/train", loss, epoch)
            live.next_step()
elif case == "mlflow":
    import mlflow
    from tensorboardX import SummaryWriter

    mlflow.set_tracking_uri("file:./mlruns")  # needs MLFLOW_ALLOW_FILE_STORE=true
    for seed in range(2):
        with mlflow.start_run(run_name=f"seed {seed}"), SummaryWriter(logdir=f"tb-{seed}") as writer:
            mlflow.log_params({"lr": 0.05, "seed": seed})
            for epoch, loss, accuracy in epochs():
                mlflow.log_metric("val/accuracy", accuracy, step=epoch)
                writer.add_scalar("loss/train", loss + seed, epoch)
            writer.close()
            mlflow.log_artifacts(f"tb-{seed}", "tensorboard")

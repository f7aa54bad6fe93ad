"""One training in a Hydra job, logged by a tracker inside its folder: python train.py case=lightning|tensorboard|mlflow|several [hydra overrides]."""

import warnings
from pathlib import Path

import hydra
import numpy as np
from hydra.core.hydra_config import HydraConfig
from omegaconf import OmegaConf
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import log_loss

warnings.simplefilter("ignore")
hydra.core.config_store.ConfigStore.instance().store("config", {"case": "???", "lr": 0.05, "seed": 0, "note": "only Hydra knows"})


def epochs(lr, seed):
    x, y = load_digits(return_X_y=True)
    model = SGDClassifier(loss="log_loss", learning_rate="constant", eta0=lr, random_state=seed)
    for epoch in range(4):
        model.partial_fit(x[:1400] / 16, y[:1400], classes=np.arange(10))
        yield epoch, float(log_loss(y[:1400], model.predict_proba(x[:1400] / 16))), float(model.score(x[1400:] / 16, y[1400:]))


def lightning(folder, config):
    import torch
    from lightning.pytorch import LightningModule, Trainer, seed_everything
    from lightning.pytorch.loggers import CSVLogger

    class Net(LightningModule):
        def __init__(self, lr):
            super().__init__()
            self.save_hyperparameters()
            self.net = torch.nn.Linear(64, 10)

        def training_step(self, batch, number):
            loss = torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1])
            self.log("train/loss", loss)
            return loss

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=self.hparams.lr)

    seed_everything(config.seed, verbose=False)
    x, y = load_digits(return_X_y=True)
    data = torch.utils.data.TensorDataset(torch.tensor(x / 16, dtype=torch.float32), torch.tensor(y))
    Trainer(max_epochs=2, logger=CSVLogger(folder), log_every_n_steps=4, accelerator="cpu", enable_progress_bar=False,
            enable_model_summary=False, enable_checkpointing=False).fit(Net(config.lr), torch.utils.data.DataLoader(data, batch_size=128))


def tensorboard(folder, config):
    from tensorboardX import SummaryWriter

    with SummaryWriter(logdir=str(folder / "tb")) as writer:
        for epoch, loss, accuracy in epochs(config.lr, config.seed):
            writer.add_scalar("loss/train", loss, epoch)
            writer.add_scalar("val/accuracy", accuracy, epoch)


def mlflow(folder, config, seeds=1):
    import mlflow

    mlflow.set_tracking_uri(f"file:{folder}/mlruns")  # needs MLFLOW_ALLOW_FILE_STORE=true
    for seed in range(seeds):
        with mlflow.start_run(run_name=f"seed {seed}"):
            mlflow.log_params({"lr": config.lr})
            for epoch, loss, accuracy in epochs(config.lr, config.seed + seed):
                mlflow.log_metrics({"loss": loss, "val/accuracy": accuracy}, step=epoch)


@hydra.main(version_base="1.3", config_name="config", config_path=None)
def main(config):
    folder = Path(HydraConfig.get().runtime.output_dir)
    OmegaConf.resolve(config)
    {"lightning": lightning, "tensorboard": tensorboard, "mlflow": mlflow, "several": lambda *given: mlflow(*given, seeds=2)}[config.case](folder, config)


main()

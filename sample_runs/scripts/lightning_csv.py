"""Small real trainings with Lightning's own CSVLogger.

Usage: python lightning_csv.py OUT        (made with lightning 2.6.6, torch 2.13.0, scikit-learn)
"""

import argparse
import enum
import pathlib
import sys
import warnings

import torch
from lightning.fabric import Fabric
from lightning.fabric.loggers import CSVLogger as FabricLogger
from lightning.pytorch import LightningModule, Trainer, seed_everything
from lightning.pytorch.callbacks import Callback, LearningRateMonitor, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from sklearn.datasets import load_digits, load_wine
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

warnings.simplefilter("ignore")
OUT = pathlib.Path(sys.argv[1])


class Schedule(enum.Enum):
    STEP = "step"


class Net(LightningModule):
    def __init__(self, lr=0.1, hidden=8, **more):
        super().__init__()
        self.save_hyperparameters()
        self.net = torch.nn.Sequential(torch.nn.Linear(64, hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, 10))

    def training_step(self, batch, number):
        x, y = batch
        loss = functional.cross_entropy(self.net(x), y)
        self.log("train/loss", loss, on_step=True, on_epoch=True)
        if self.hparams.get("diverge") and self.current_epoch == 1:
            self.log("odd, metric", torch.tensor(float("nan")))
            self.log("limit", torch.tensor(float("inf")))
        return loss

    def validation_step(self, batch, number):
        x, y = batch
        z = self.net(x)
        self.log_dict({"val_loss": functional.cross_entropy(z, y), "val_acc": (z.argmax(1) == y).float().mean()})

    def test_step(self, batch, number):
        x, y = batch
        self.log("test_acc", (self.net(x).argmax(1) == y).float().mean())

    def configure_optimizers(self):
        optimizer = torch.optim.SGD(self.parameters(), lr=self.hparams.lr)
        return [optimizer], [torch.optim.lr_scheduler.StepLR(optimizer, 2)]


class Crash(Callback):
    def on_train_batch_end(self, trainer, *_):
        if trainer.global_step == 25:
            raise RuntimeError("out of memory")


def loaders(rows=None):
    data = load_digits()
    x = torch.tensor(data.data / 16, dtype=torch.float32)[:rows]
    y = torch.tensor(data.target)[:rows]
    cut = int(0.7 * len(y))
    return (
        DataLoader(TensorDataset(x[:cut], y[:cut]), batch_size=128, shuffle=True),
        DataLoader(TensorDataset(x[cut:], y[cut:]), batch_size=512),
    )


def fit(logger, callbacks=(), test=False, save=False, epochs=4, **hparams):
    seed_everything(hparams.get("seed", 0), verbose=False)
    train, val = loaders()
    trainer = Trainer(
        max_epochs=epochs, logger=logger, callbacks=list(callbacks), log_every_n_steps=4, accelerator="cpu",
        enable_progress_bar=False, enable_model_summary=False, enable_checkpointing=save,
    )
    model = Net(**hparams)
    try:
        trainer.fit(model, train, val)
    except RuntimeError as error:
        print("the run ended with", error)
    if test:
        trainer.test(model, val, verbose=False)


def sweep():
    for seed in range(2):
        for lr in (0.1, 0.5):
            fit(CSVLogger(OUT / "digits-sweep"), [LearningRateMonitor()], test=True, lr=lr, seed=seed)


def names():
    fit(CSVLogger(OUT / "named" / "logs", name="digits größe", version="named-run"), lr=0.1, seed=3, epochs=2)
    fit(CSVLogger(OUT / "named" / "logs", name="digits größe", version="checkpointed"),
        [ModelCheckpoint(filename="{epoch}-{val_acc:.2f}", save_weights_only=True)], save=True, lr=0.1, seed=4, epochs=1)


def tags():
    fit(CSVLogger(OUT / "python-tags", name="tagged"), lr=0.2, epochs=2, diverge=True, betas=(0.9, 0.999),
        loss=functional.cross_entropy, path=pathlib.PosixPath("data/größe"), activation=torch.nn.ReLU(),
        parsed=argparse.Namespace(a=1, b="x"), schedule=Schedule.STEP, nested={"deep": {"er": [1, 2]}, "empty": {}},
        names={"one", "two"}, text="yes", small=1e-3)


def crash():
    fit(CSVLogger(OUT / "crashed", name="digits", flush_logs_every_n_steps=5), [Crash()], lr=0.3, seed=5)


def fabric():
    logger = FabricLogger(OUT / "fabric", name="wine")
    fabric = Fabric(accelerator="cpu", loggers=logger)
    fabric.seed_everything(0, verbose=False)
    data = load_wine()
    x = torch.tensor((data.data - data.data.mean(0)) / data.data.std(0), dtype=torch.float32)
    y = torch.tensor(data.target)
    model = torch.nn.Linear(13, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model, optimizer = fabric.setup(model, optimizer)
    for step in range(12):
        loss = functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        fabric.backward(loss)
        optimizer.step()
        fabric.log("loss", loss, step=step)
        if step % 4 == 3:
            fabric.log("accuracy", (model(x).argmax(1) == y).float().mean(), step=step)
    logger.finalize("success")


if __name__ == "__main__":
    for write in (sweep, names, tags, crash, fabric):
        write()

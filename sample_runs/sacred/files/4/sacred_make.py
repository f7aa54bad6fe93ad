"""Write sample_runs/sacred with the real client: python sacred_make.py OUT (sacred 0.8.7, tinydb, numpy)."""

import logging
import shutil
import sys
from pathlib import Path

import numpy as np
from sacred import Experiment, SETTINGS
from sacred.observers import FileStorageObserver, TinyDbObserver
from sacred.utils import SacredInterrupt
from softmax import train

SETTINGS["HOST_INFO"]["INCLUDE_CPU_INFO"] = False
SETTINGS["CAPTURE_MODE"] = "sys"
out = Path(sys.argv[1])
shutil.rmtree(out / "files", ignore_errors=True)
shutil.rmtree(out / "tiny", ignore_errors=True)


class OutOfTime(SacredInterrupt):
    """Sacred records this word as the status."""

    STATUS = "TIMEOUT"


def experiment(observer):
    ex = Experiment("clusters", base_dir=str(Path(__file__).parent), save_git_info=False)
    ex.logger = logging.getLogger("quiet")
    ex.observers.append(observer)

    @ex.config
    def config():
        lr = 0.5
        epochs = 8
        optimizer = {"name": "sgd", "betas": (0.9, 0.99)}
        mode = "full"

    @ex.named_config
    def fast():
        lr = 2.0

    @ex.main
    def main(lr, epochs, mode, seed, _run):
        kept, steps = [], []
        for epoch, loss, held_out, right in train(lr, epochs, seed % 100):
            print(f"epoch {epoch} loss {loss:.4f}")
            _run.log_scalar("train.loss", loss, epoch)
            _run.log_scalar("val accuracy", right)
            kept.append(np.float64(held_out))
            steps.append(epoch)
            if mode == "error" and epoch == 3:
                raise ValueError("no more data")
            if mode == "timeout" and epoch == 2:
                raise OutOfTime()
        _run.log_scalar("odd", float("nan"), 0)
        _run.log_scalar("odd", float("inf"), 5)
        _run.info.update({"val_loss": kept, "val_loss_T": steps, "best": np.float64(min(kept)), "classes": 3})
        weights = Path("weights.csv")
        np.savetxt(weights, train.weights, delimiter=",")
        _run.add_artifact(str(weights))
        return {"accuracy": right, "loss": loss}

    return ex


def go(observer, **options):
    try:
        experiment(observer).run(**options)
    except (ValueError, SacredInterrupt):
        pass


store = str(out / "files")
go(FileStorageObserver(store), config_updates={"seed": 11}, options={"--comment": "the baseline"})
go(FileStorageObserver(store), config_updates={"seed": 12, "lr": 0.1}, named_configs=["fast"])
go(FileStorageObserver(store), config_updates={"seed": 13, "mode": "error"})
go(FileStorageObserver(store), config_updates={"seed": 14, "mode": "timeout"}, options={"--id": "out-of-time_β"})
go(FileStorageObserver(store), config_updates={"seed": 15}, options={"--queue": True})
go(TinyDbObserver(str(out / "tiny")), config_updates={"seed": 21})
go(TinyDbObserver(str(out / "tiny")), config_updates={"seed": 22, "mode": "error"})

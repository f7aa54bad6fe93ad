"""Trainings of a small torch network that fits a sine, run by mmengine's Runner, which writes what mmdetection's tools write.

Usage: python mmengine_make.py OUT     (made with mmengine 0.10.7, torch 1.13.1 of Debian 12)
"""

import pathlib
import shutil
import sys

import torch
from mmengine.evaluator import BaseMetric, Evaluator
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch.utils.data import DataLoader, TensorDataset

OUT = pathlib.Path(sys.argv[1])
X = torch.linspace(-3, 3, 64)[:, None]


class Sine(BaseModel):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.Sequential(torch.nn.Linear(1, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1))

    def forward(self, x, y, mode):
        away = (self.net(x) - y) ** 2
        return {"loss": away.mean()} if mode == "loss" else [away.mean()]


class Error(BaseMetric):
    def process(self, data_batch, data_samples):
        self.results.append(float(data_samples[0]))

    def compute_metrics(self, results):
        return {"sine/mse": sum(results) / len(results)}


data = TensorDataset(X, X.sin())
runner = Runner(
    model=Sine(), work_dir=str(OUT / "mmengine" / "sine"), train_dataloader=DataLoader(data, 8, shuffle=True), val_dataloader=DataLoader(data, 32),
    train_cfg={"by_epoch": True, "max_epochs": 5, "val_interval": 1}, val_cfg={}, val_evaluator=Evaluator([Error()]), randomness={"seed": 0},
    optim_wrapper={"optimizer": {"type": "SGD", "lr": 0.1}}, default_hooks={"logger": {"type": "LoggerHook", "interval": 4}, "checkpoint": None},
    experiment_name="sine",
)  # fmt: skip
runner.train()
for log in OUT.rglob("*.log"):  # describes the machine it ran on, package by package
    log.unlink()

"""Trainings of a small torch network that fits a sine, logged by detectron2's EventStorage and JSONWriter, config by get_cfg().

Usage: python detectron2_make.py OUT     (made with detectron2 of commit 02b5c4e2, fvcore, torch 1.13.1 of Debian 12, without its C++ operators)
"""

import pathlib
import sys
import time

import torch
from detectron2.config import get_cfg
from detectron2.utils.events import EventStorage, JSONWriter

OUT = pathlib.Path(sys.argv[1])


def train(folder, lr, seed, steps=400, begin=0, with_config=True):
    torch.manual_seed(seed)
    folder.mkdir(parents=True, exist_ok=True)
    cfg = get_cfg()
    cfg.merge_from_list(["SOLVER.BASE_LR", lr, "SOLVER.MAX_ITER", steps, "SEED", seed, "OUTPUT_DIR", "./output"])
    if with_config:
        (folder / "config.yaml").write_text(cfg.dump())
    net = torch.nn.Sequential(torch.nn.Linear(1, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1))
    solver = torch.optim.SGD(net.parameters(), lr)
    x = torch.linspace(-3, 3, 64)[:, None]
    writer = JSONWriter(str(folder / "metrics.json"))
    with EventStorage(begin) as storage:
        for step in range(begin, steps):
            start = time.perf_counter()
            batch = torch.randint(0, 64, (16,))
            loss = ((net(x[batch]) - x[batch].sin()) ** 2).mean()
            solver.zero_grad()
            loss.backward()
            solver.step()
            storage.put_scalars(total_loss=loss.item(), time=time.perf_counter() - start)
            storage.put_scalar("lr", lr, smoothing_hint=False)
            if (step + 1) % 100 == 0:
                storage.put_scalar("sine/mse", ((net(x) - x.sin()) ** 2).mean().item(), smoothing_hint=False)
            if (step + 1) % 20 == 0:
                writer.write()
            storage.step()
    writer.close()


for lr in (0.01, 0.1):
    for seed in (0, 1):
        train(OUT / "sine" / f"lr-{lr}-seed-{seed}", lr, seed)
train(OUT / "resumed" / "output", 0.05, 0, steps=240)
train(OUT / "resumed" / "output", 0.05, 0, steps=400, begin=200)

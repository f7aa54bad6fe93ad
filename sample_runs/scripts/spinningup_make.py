"""A small policy-gradient training logged by Spinning Up's own EpochLogger.

Usage: python spinningup_make.py OUT     (made with spinup of commit 038665d, gymnasium, numpy; its imports of TensorFlow and mpi4py
are answered by the two stand-ins below: the logger uses one process and saves no graph)
"""

import pathlib
import sys
import types

import numpy as np

one = types.SimpleNamespace(Get_rank=lambda: 0, Get_size=lambda: 1, Allreduce=lambda x, buff, op: np.copyto(buff, x))
sys.modules["tensorflow"] = types.ModuleType("tensorflow")
sys.modules["mpi4py"] = types.ModuleType("mpi4py")
sys.modules["mpi4py"].MPI = types.SimpleNamespace(COMM_WORLD=one, SUM=None, MIN=None, MAX=None)
import gymnasium
from spinup.utils.logx import EpochLogger

OUT = pathlib.Path(sys.argv[1])


def train(seed, lr, epochs=10, episodes=8):
    logger = EpochLogger(output_dir=str(OUT / "spinningup" / "pole" / f"pole_s{seed}"), output_fname="progress.txt", exp_name="pole")
    logger.save_config({"seed": seed, "lr": lr, "epochs": epochs, "ac_kwargs": {"hidden_sizes": [0]}})
    rng = np.random.default_rng(seed)
    weights = np.zeros(4)
    env = gymnasium.make("CartPole-v1")
    total = 0
    for epoch in range(epochs):
        gradient = np.zeros(4)
        for episode in range(episodes):
            seen, back, grads = env.reset(seed=int(rng.integers(1000)))[0], 0.0, np.zeros(4)
            over = False
            while not over:
                chance = 1 / (1 + np.exp(-weights @ seen))
                action = int(rng.random() < chance)
                grads += (action - chance) * seen
                seen, reward, ended, cut, _ = env.step(action)
                back, total, over = back + reward, total + 1, ended or cut
            logger.store(EpRet=back, EpLen=back)
            gradient += grads * back / episodes
        weights += lr * gradient
        logger.log_tabular("Epoch", epoch)
        logger.log_tabular("EpRet", with_min_and_max=True)
        logger.log_tabular("EpLen", average_only=True)
        logger.log_tabular("TotalEnvInteracts", total)
        logger.dump_tabular()


for seed in (0, 1):
    train(seed, 0.05)

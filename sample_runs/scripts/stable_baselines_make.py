"""Stable-Baselines3 learns to balance a pole: its csv, json and text loggers, Monitor and EvalCallback.

Usage: python stable_baselines_make.py OUT        (made with stable-baselines3 2.9.2, gymnasium, torch 1.13.1 of Debian 12)
"""

import pathlib
import sys

import gymnasium
from stable_baselines3 import A2C, PPO
from stable_baselines3.common.callbacks import EvalCallback
from stable_baselines3.common.logger import configure
from stable_baselines3.common.monitor import Monitor

OUT = pathlib.Path(sys.argv[1])


def learn(folder, algorithm, seed, kinds, evaluated=True, steps=1536, **settings):
    folder.mkdir(parents=True)
    env = Monitor(gymnasium.make("CartPole-v1"), str(folder))
    model = algorithm("MlpPolicy", env, seed=seed, device="cpu", policy_kwargs={"net_arch": [8]}, **settings)
    model.set_logger(configure(str(folder), kinds))
    callback = EvalCallback(Monitor(gymnasium.make("CartPole-v1")), log_path=str(folder), eval_freq=512, n_eval_episodes=3, verbose=0) if evaluated else None
    model.learn(steps, callback=callback, log_interval=1 if algorithm is PPO else 50)


for seed in (0, 1):
    learn(OUT / "ppo" / f"seed-{seed}", PPO, seed, ["csv"], n_steps=128, n_epochs=2)
learn(OUT / "a2c" / "all-loggers", A2C, 0, ["csv", "json", "log"])
learn(OUT / "a2c" / "json-only", A2C, 1, ["json"], evaluated=False)

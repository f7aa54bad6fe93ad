"""Small real trainings with transformers' Trainer: a two-layer network on scikit-learn's digits.

Usage: HF_HUB_OFFLINE=1 python huggingface_trainer.py OUT        (made with transformers 5.x, torch 2.13.0 CPU, scikit-learn)

Weights and optimizer states are deleted afterwards: they are large and nobody reads them.
"""

import os
import sys
from pathlib import Path

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.nn import functional
from transformers import PretrainedConfig, PreTrainedModel, Trainer, TrainerCallback, TrainingArguments

OUT = Path(sys.argv[1])


class Config(PretrainedConfig):
    model_type = "two-layers"

    def __init__(self, hidden=8, **more):
        self.hidden = hidden
        super().__init__(**more)


class Net(PreTrainedModel):
    config_class = Config

    def __init__(self, config):
        super().__init__(config)
        self.one, self.two = torch.nn.Linear(64, config.hidden), torch.nn.Linear(config.hidden, 10)
        self.post_init()

    def _init_weights(self, module):
        pass

    def forward(self, x, labels=None):
        z = self.two(functional.relu(self.one(x)))
        return {"loss": functional.cross_entropy(z, labels), "logits": z}


def data():
    x, y = load_digits(return_X_y=True)
    parts = train_test_split((x / 16).astype("float32"), y, random_state=0)
    rows = [[{"x": torch.tensor(a), "labels": int(b)} for a, b in zip(*pair)] for pair in (parts[::2], parts[1::2])]
    return rows


class Kill(TrainerCallback):
    def on_step_end(self, args, state, control, **_):
        if state.global_step == 35:
            os._exit(9)


def accuracy(output):
    return {"accuracy": float((output.predictions.argmax(1) == output.label_ids).mean()), "top (%)": 100.0}


def train(name, hidden=8, lr=0.05, epochs=3, callbacks=(), save=True, **more):
    train_rows, test_rows = data()
    arguments = TrainingArguments(str(OUT / name), num_train_epochs=epochs, learning_rate=lr, per_device_train_batch_size=64, seed=1,
                                  eval_strategy="epoch", save_strategy="epoch", logging_steps=8, report_to="none", use_cpu=True, **more)
    trainer = Trainer(Net(Config(hidden)), arguments, train_dataset=train_rows, eval_dataset=test_rows,
                      compute_metrics=accuracy, callbacks=list(callbacks))
    result = trainer.train()
    if save:
        trainer.save_metrics("train", result.metrics)
        trainer.save_metrics("eval", trainer.evaluate())
        trainer.save_state()
        trainer.save_model()
        trainer.create_model_card(language="en", license="mit", tags=["digits"], model_name=name, finetuned_from=None,
                                  tasks="image-classification", dataset="scikit-learn digits", dataset_tags="digits", dataset_args="train")


if __name__ == "__main__":
    train("digits/small", load_best_model_at_end=True, metric_for_best_model="accuracy")
    train("digits/wide", hidden=32)
    train("diverged", lr=1e9, epochs=2, save=False, logging_nan_inf_filter=False)
    print("torch", torch.__version__, flush=True)
    train("killed", callbacks=[Kill()])

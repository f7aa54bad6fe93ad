"""Write sample_runs/tensorboard with the real clients: python make_tensorboard.py CASE FOLDER

A multi-layer perceptron on scikit-learn's digits is trained and logged. Cases: torch, tensorboardx, keras, native,
restarts, damaged. Each runs in its own process, so that a case needs only its own client.
"""

from __future__ import annotations

import shutil
import sys
import time
import warnings
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

warnings.simplefilter("ignore", ConvergenceWarning)
CLASSES = np.arange(10)


def digits(seed):
    pixels, labels = load_digits(return_X_y=True)
    return train_test_split(pixels / 16, labels, test_size=0.3, random_state=seed)


def train(seed, rate, epochs=20, hidden=24):
    """(epoch, model, training loss, validation loss, accuracy, validation pixels, labels) after each epoch."""
    x, x_val, y, y_val = digits(seed)
    model = MLPClassifier((hidden,), learning_rate_init=rate, batch_size=64, random_state=seed)
    for epoch in range(epochs):
        model.partial_fit(x, y, classes=CLASSES)
        chance = model.predict_proba(x_val)
        yield epoch, model, model.loss_, log_loss(y_val, chance, labels=CLASSES), model.score(x_val, y_val), x_val, y_val


def tone():
    return np.sin(np.arange(1600) * 2 * np.pi * 440 / 8000).astype(np.float32)


def torch_case(root):
    import torch
    from torch.utils.tensorboard import SummaryWriter

    for rate in (0.003, 0.03):
        for seed in (1, 2, 3):
            with SummaryWriter(str(root / f"digits/rate={rate}/seed={seed}")) as writer:
                for epoch, _, loss, val, accuracy, _, _ in train(seed, rate):
                    writer.add_scalar("loss/train", loss, epoch)
                    writer.add_scalar("loss/val", val, epoch)
                    writer.add_scalar("accuracy/val", accuracy, epoch)
                writer.add_hparams(
                    {"rate": rate, "seed": seed, "hidden": 24, "optimizer": "adam", "early_stop": False},
                    {"hparam/accuracy": accuracy, "hparam/loss": val},
                )
                writer.add_text("config", f"MLP, learning rate **{rate}**, seed {seed}")
    with SummaryWriter(str(root / "everything")) as writer:
        writer.add_custom_scalars({
            "Losses": {"train and validation": ["Multiline", ["loss/train", "loss/val"]]},
            "Accuracy": {"band": ["Margin", ["accuracy/mean", "accuracy/low", "accuracy/high"]]},
        })
        for epoch, model, loss, val, accuracy, x_val, y_val in train(4, 0.01, epochs=6):
            writer.add_scalar("loss/train", loss, epoch, new_style=True)
            writer.add_scalar("loss/val", val, epoch, new_style=True, double_precision=True)
            for name, shift in (("mean", 0), ("low", -0.02), ("high", 0.02)):
                writer.add_scalar(f"accuracy/{name}", accuracy + shift, epoch)
            writer.add_scalars("loss/both", {"train": loss, "validation": val}, epoch)
            for index, weights in enumerate(model.coefs_):
                writer.add_histogram(f"weights/layer{index}", weights, epoch)
            writer.add_pr_curve("is a three", y_val == 3, model.predict_proba(x_val)[:, 3], epoch, num_thresholds=31)
        pictures = x_val[:6].reshape(6, 1, 8, 8)
        writer.add_images("digits", pictures, 5)
        writer.add_image("first digit", pictures[0], 5)
        writer.add_audio("tone", torch.tensor(tone()[None]), 5, sample_rate=8000)
        writer.add_text("remarks", "first line\n\n<script>alert(1)</script> and `code`", 5)
        writer.add_scalar("größe/<script>alert(1)</script>", 1.5, 0)
        writer.add_scalar("a/b/c/../d", -2.0, 2**40)
        writer.add_scalar("negative steps", 0.25, -3)
        for step, value in enumerate([0.5, float("nan"), float("inf"), float("-inf"), float("nan"), 0.25]):
            writer.add_scalar("not always finite", value, step)
        vertices = torch.tensor([[[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]])
        writer.add_mesh("tetrahedron", vertices, global_step=5)
        writer.add_embedding(torch.tensor(x_val[:12]), metadata=[str(y) for y in y_val[:12]], global_step=5, tag="pixels")
        writer.add_graph(torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU()), torch.zeros(1, 4))


def tensorboardx_case(root):
    from tensorboardX import SummaryWriter

    with SummaryWriter(str(root / "digits-mlp")) as writer:
        for epoch, model, loss, val, accuracy, x_val, y_val in train(5, 0.01, epochs=8):
            writer.add_scalar("train/loss", loss, epoch)
            writer.add_scalars("loss", {"train": loss, "validation": val}, epoch)
            writer.add_scalar("val/accuracy top-1 (%)", 100 * accuracy, epoch, display_name="Accuracy", summary_description="of *all* digits")
            writer.add_histogram("weights", model.coefs_[1], epoch)
            writer.add_pr_curve("three", y_val == 3, model.predict_proba(x_val)[:, 3], epoch, num_thresholds=21)
        writer.add_image("digit", x_val[0].reshape(1, 8, 8), 7)
        writer.add_audio("tone", tone()[:, None], 7, sample_rate=8000)
        writer.add_text("remarks", "the *last* epoch", 7)
        writer.add_hparams({"rate": 0.01, "seed": 5, "shuffle": True, "optimizer": "adam"}, {"final/accuracy": accuracy}, name="trial-5")


def keras_case(root):
    import os

    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import tensorflow as tf
    from tensorboard.plugins.hparams import api as hp

    logs = root / "keras"
    with tf.summary.create_file_writer(str(logs)).as_default():
        hp.hparams_config(
            hparams=[hp.HParam("units", hp.Discrete([8, 16])), hp.HParam("dropout", hp.RealInterval(0.0, 0.5))],
            metrics=[hp.Metric("epoch_accuracy", group="validation", display_name="accuracy")],
        )
    for units in (8, 16):
        x, x_val, y, y_val = digits(units)
        folder = str(logs / f"units-{units}")
        tf.keras.utils.set_random_seed(units)
        model = tf.keras.Sequential([tf.keras.layers.Dense(units, "relu"), tf.keras.layers.Dense(10, "softmax")])
        model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        callbacks = [
            tf.keras.callbacks.TensorBoard(folder, histogram_freq=3, write_graph=False),
            hp.KerasCallback(folder, {"units": units, "dropout": 0.0, "optimizer": "adam"}, trial_id=f"units {units}"),
        ]
        model.fit(x, y, epochs=6, validation_data=(x_val, y_val), callbacks=callbacks, verbose=0)
    writer = tf.summary.create_file_writer(str(root / "tf-summary"))
    with writer.as_default():
        for step in range(5):
            tf.summary.scalar("loss", 1 / (step + 1), step, description="a **bold** description")
            tf.summary.histogram("normal", np.random.default_rng(step).normal(size=200), step, buckets=10)
        tf.summary.image("digits", x_val[:3].reshape(3, 8, 8, 1), 4)
        tf.summary.audio("tone", tone()[None, :, None], 8000, 4)
        tf.summary.text("table", [["name", "value"], ["units", "16"]], 4)
        tf.summary.text("remark", "one line", 4)
        tf.summary.write("whole", np.int64(7), 4)
    writer.close()


def native_case(root):
    """TensorBoard's own writer and messages, as the clients before 2.0 used them."""
    from tensorboard.compat.proto.event_pb2 import Event, LogMessage, SessionLog, TaggedRunMetadata
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.plugins.scalar import summary as scalar_summary
    from tensorboard.plugins.text import summary as text_summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    def with_summary(event, summary):
        event.summary.ParseFromString(summary.SerializeToString())  # another class where TensorFlow is installed
        return event

    writer = EventFileWriter(str(root / "plain-protos"))
    start = 1_760_000_000.0
    writer.add_event(Event(wall_time=start, session_log=SessionLog(status=SessionLog.START)))
    for epoch, _, loss, val, accuracy, _, _ in train(6, 0.01, epochs=10):
        values = [Summary.Value(tag="loss", simple_value=loss), Summary.Value(tag="val_loss", simple_value=val)]
        writer.add_event(Event(wall_time=start + epoch, step=epoch, summary=Summary(value=values)))
        made = scalar_summary.pb("accuracy", accuracy, display_name="accuracy", description="on held-out digits")
        writer.add_event(with_summary(Event(wall_time=start + epoch, step=epoch), made))
    writer.add_event(with_summary(Event(wall_time=start + 10, step=10), text_summary.pb("remark", "the end")))
    writer.add_event(Event(wall_time=start + 10, log_message=LogMessage(level=20, message="done")))
    writer.add_event(Event(wall_time=start + 10, tagged_run_metadata=TaggedRunMetadata(tag="step-1", run_metadata=b"")))
    writer.close()


def restarts_case(root):
    from torch.utils.tensorboard import SummaryWriter

    def part(folder, first, last, shift, **options):
        with SummaryWriter(str(root / folder), **options) as writer:
            for epoch, _, loss, _, accuracy, _, _ in train(7, 0.01, epochs=last):
                if epoch >= first:
                    writer.add_scalar("loss", loss + shift, epoch)
                    writer.add_scalar("accuracy", accuracy, epoch)
        time.sleep(1.1)  # file names count whole seconds

    part("purged", 0, 12, 0)
    part("purged", 8, 16, 0.5, purge_step=8)
    part("overlapping", 0, 12, 0)
    part("overlapping", 8, 16, 0.5)


def damaged_case(root):
    from torch.utils.tensorboard import SummaryWriter

    def log(folder, points=40):
        with SummaryWriter(str(root / folder)) as writer:
            for step in range(points):
                writer.add_scalar("loss", 1 / (step + 1), step)
        return next((root / folder).iterdir())

    path = log("torn")
    path.write_bytes(path.read_bytes()[:-20])
    for folder, place in (("payload", 12 + 10), ("length", 3)):
        path = log(folder)
        data = bytearray(path.read_bytes())
        record = data.index(b"\x10\x14\x2a")  # step 20
        data[record - 9 - 12 + place] ^= 0x5A
        path.write_bytes(bytes(data))
    log("only-version", 0)
    path = log("empty", 0)
    path.write_bytes(b"")


if __name__ == "__main__":
    name, folder = sys.argv[1], Path(sys.argv[2])
    shutil.rmtree(folder, ignore_errors=True)
    {
        "torch": torch_case, "tensorboardx": tensorboardx_case, "keras": keras_case,
        "native": native_case, "restarts": restarts_case, "damaged": damaged_case,
    }[name](folder)  # fmt: skip

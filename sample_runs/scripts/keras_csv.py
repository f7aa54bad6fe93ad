"""Small real trainings with Keras' CSVLogger: dense networks on scikit-learn's digits and wine.

Usage: KERAS_BACKEND=jax python keras_csv.py OUT        (made with keras 3.15.1, jax 0.10.2, scikit-learn)
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")
import keras
from sklearn.datasets import load_digits, load_wine
from sklearn.model_selection import train_test_split

OUT = Path(sys.argv[1])


def data(load=load_digits):
    x, y = load(return_X_y=True)
    return train_test_split((x / x.max(0).clip(1)).astype("float32"), y, random_state=0)


def network(units, lr, classes=10):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Dense(units, "relu"), keras.layers.Dense(classes, "softmax")])
    top = keras.metrics.SparseTopKCategoricalAccuracy(2, name="accuracy top-2 (%)")
    model.compile(keras.optimizers.SGD(lr), "sparse_categorical_crossentropy", metrics=["accuracy", top])
    return model


def fit(file, units=8, lr=0.3, epochs=6, load=load_digits, callbacks=(), append=False, separator=",", **more):
    path = OUT / file
    path.parent.mkdir(parents=True, exist_ok=True)
    x, x_test, y, y_test = data(load)
    logger = keras.callbacks.CSVLogger(str(path), separator=separator, append=append)
    return network(units, lr).fit(x, y, epochs=epochs, verbose=0, validation_data=(x_test, y_test),
                                  callbacks=[*callbacks, logger], **more)


class Stop(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch == 2:
            os._exit(9)


class Burst(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch > 2:
            logs["loss"] = float("nan") if epoch == 3 else float("inf")
            logs["gradients"] = [1, 2]


decay = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.8)
fit("single/training.log", callbacks=[decay])
fit("folds/log_fold1.csv", units=4)
fit("folds/log_fold2.csv", units=6)
fit("folds/log_fold3.csv", units=8)
fit("separators/semicolons.csv", separator=";", validation_freq=2, load=load_wine)
fit("separators/tabs/train.log", separator="\t", epochs=3, load=load_wine)
fit("continued/history.csv", epochs=4)
fit("continued/history.csv", epochs=4, append=True)
fit("diverged/train.csv", callbacks=[Burst()])
(OUT / "with-params").mkdir()
(OUT / "with-params" / "config.json").write_text(json.dumps({"units": 16, "lr": 0.5}))
fit("with-params/log.csv", units=16, lr=0.5, epochs=4)
print("keras", keras.__version__, flush=True)
fit("killed/training.log", callbacks=[Stop()])  # ends the program

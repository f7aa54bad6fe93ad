"""Small real trainings with CatBoost, which writes catboost_info/ (or `train_dir`) without being asked.

Usage: python catboost_runs.py OUT        (made with catboost 1.2.x and scikit-learn)
"""

import os
import sys
from pathlib import Path

import catboost
from catboost import CatBoostClassifier, CatBoostRegressor, Pool
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.model_selection import train_test_split

OUT = Path(sys.argv[1])


def case(*parts):
    folder = OUT.joinpath(*parts)
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)


def cancer(seed, **more):
    x, y = load_breast_cancer(return_X_y=True)
    x, x_test, y, y_test = train_test_split(x, y, random_state=0)
    model = CatBoostClassifier(iterations=25, depth=3, random_seed=seed, verbose=False, thread_count=2, **more)
    model.fit(x, y, eval_set=(x_test, y_test))


OUT = OUT.resolve()
case("cancer", "shallow")
cancer(0, learning_rate=0.1, custom_metric=["AUC", "Accuracy"], early_stopping_rounds=8)
case("cancer", "steep")
cancer(1, learning_rate=0.9, custom_metric=["AUC", "Accuracy"])
case("named")
Path("runs").mkdir()
x, y = load_diabetes(return_X_y=True)
CatBoostRegressor(iterations=15, depth=2, verbose=False, train_dir="runs/no eval set", name="diabetes").fit(x, y)
x, y = load_wine(return_X_y=True)
CatBoostClassifier(iterations=12, depth=2, verbose=False, train_dir="runs/three classes", loss_function="MultiClass").fit(
    x[::2], y[::2], eval_set=[(x[1::4], y[1::4]), (x[3::4], y[3::4])])
case("killed")
if os.fork() == 0:
    class Kill:
        def after_iteration(self, info):
            if info.iteration == 9:
                os._exit(9)
            return True

    x, y = load_breast_cancer(return_X_y=True)
    CatBoostClassifier(iterations=40, depth=2, verbose=False).fit(x[::2], y[::2], eval_set=(x[1::2], y[1::2]), callbacks=[Kill()])
os.wait()
case("folds")
x, y = load_wine(return_X_y=True)
catboost.cv(Pool(x, y), {"loss_function": "MultiClass", "iterations": 8, "depth": 2, "verbose": False}, fold_count=3)
print("catboost", catboost.__version__)

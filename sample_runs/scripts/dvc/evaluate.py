"""A stage of dvc.yaml: writes metrics in three formats, a CSV and a JSON of plots, and pictures in git and in the cache."""

import csv
import json
import os

import numpy as np
import yaml
from PIL import Image
from sklearn.datasets import load_digits

train = json.load(open("dvclive/metrics.json"))
x, y = load_digits(return_X_y=True)
os.makedirs("eval", exist_ok=True)
json.dump({"test": {"acc": train["val"]["acc"], "gap": float("nan")}, "note": "text", "train.loss": 7}, open("eval/metrics.json", "w"))
yaml.safe_dump({"size": {"rows": len(y), "columns": x.shape[1]}}, open("eval/size.yaml", "w"))
with open("eval/scores.toml", "w") as file:
    file.write(f'[scores]\nf1 = {train["val"]["acc"]}\nkind = "macro"\n')
with open("eval/history.csv", "w", newline="") as file:
    rows = csv.writer(file)
    rows.writerow(["epoch", "mean", "spread"])
    rows.writerows([i, round(float(x[y == i].mean()), 4), round(float(x[y == i].std()), 4)] for i in range(10))
json.dump({"points": [{"area": float(a), "ink": float(b), "digit": str(d)} for a, b, d in zip(x.max(1)[:20] ** 1.5, x.sum(1)[:20], y[:20])]}, open("eval/ink.json", "w"))
json.dump([{"digit": str(d), "mean": float(x[y == d].mean())} for d in range(4)], open("eval/means.json", "w"))
Image.fromarray((x[0].reshape(8, 8) * 15).astype(np.uint8)).save("eval/kept.png")
Image.fromarray((x[1].reshape(8, 8) * 15).astype(np.uint8)).save("eval/cached.png")

"""What sample_runs/plain holds, found without runpages: pandas, json, PyYAML and a sentence per case.

Usage: python reference_plain.py SAMPLES > tests/golden/reference/plain.jsonl
"""

import json
import math
import sys
import tomllib
from pathlib import Path

import pandas as pd  # 3.1, whose parser is exact
import yaml

TOP = Path(sys.argv[1])
LINES = []


def stat(values):
    values = [float(value) for value in values]
    real = [value for value in values if not math.isnan(value)]
    return {"count": len(values), "first": values[0], "last": values[-1],
            "min": min(real, default=math.nan), "max": max(real, default=math.nan)}


def text(value):
    if isinstance(value, dict):
        return {key: text(one) for key, one in value.items()}
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def say(path, params, metrics, results=None, status="unknown", group=None, steps=None):
    run_id = path if isinstance(path, str) else path.relative_to(TOP).as_posix()
    group = run_id.split("/")[-2] if group is None else group
    LINES.append({"id": run_id, "group": group, "status": status, "params": params, "results": results or {},
                  "metrics": {name: stat(values) for name, values in metrics.items()}, "last_steps": steps or {}})


def columns(path, skip=("step", "epoch", "time"), **options):
    frame = pd.read_csv(path, keep_default_na=False, dtype=str, **options)
    return {name: [float(cell.replace(",", ".")) for cell in frame[name] if cell]
            for name in frame.columns if name.lower() not in skip}


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


for rate in ("0.003", "0.03", "0.3"):
    for seed in range(3):
        run = TOP / "digits-sweep" / f"lr-{rate}" / f"seed-{seed}"
        raw = load(run / "params.json")
        params = {"seed": seed, "batch": raw["batch"], "optimizer.name": "sgd", "optimizer.lr": float(rate),
                  "optimizer.betas": json.dumps(raw["optimizer"]["betas"])}
        say(run, params, columns(run / "metrics.csv"), steps={"train/loss": 59, "val/accuracy": 59})

for name in "ab":
    run = TOP / "wine-jsonl" / f"wine-{name}"
    raw = yaml.load((run / "config.yaml").read_text(), yaml.BaseLoader)  # every scalar as its text
    params = {"model.name": raw["model"]["name"], "model.bias": raw["model"]["bias"], "optimizer.lr": float(raw["optimizer"]["lr"]),
              "optimizer.schedule": f"[{', '.join(raw['optimizer']['schedule'])}]", "data.name": raw["data"]["name"],
              "data.version": float(raw["data"]["version"]), "data.date": raw["data"]["date"], "seed": int(raw["seed"]), "note": None}
    frame = pd.read_json(run / "metrics.jsonl", lines=True, precise_float=True)
    losses = {f"loss.{key}": [one[key] for one in frame["loss"]] for key in ("train", "val")}
    results = load(run / "results.json")
    say(run, params, losses, {"val.accuracy": results["val"]["accuracy"], "best_class": "2"}, steps={"loss.val": 27})

run = TOP / "wine-jsonl" / "phases"
rows = [json.loads(line) for line in (run / "log.jsonl").open(encoding="utf-8")]
say(run, {"lr": 0.05, "tags.team": "größe", "none": None},
    {f"{metric}{{subset={phase}}}": [row[metric] for row in rows if row["phase"] == phase]
     for metric in ("loss", "accuracy") for phase in ("train", "val")}, steps={"loss{subset=val}": 5})

run = TOP / "diabetes-long" / "long"
frame = pd.read_csv(run / "metrics.csv")
toml = tomllib.loads((run / "params.toml").read_text())
say(run, {"model": "ridge", "fit.rate": 0.05, "fit.alpha": 0.001, "fit.started": toml["fit"]["started"].isoformat()},
    {name: part["value"] for name, part in frame.groupby("name")}, steps={"norm": 11})
run = TOP / "diabetes-long" / "tabs"
say(run, load(run / "config.json"), columns(run / "progress.txt", sep="\t"), steps={"LossVal": 7})

run = TOP / "full" / "digits-mlp"
frame = pd.read_csv(run / "metrics.csv")
loss = [float(cell.removeprefix("np.float64(").removesuffix(")")) for cell in frame["loss"].astype(str)]
say(run, {"activation": "relu", "hidden": "[32]", "lr": 0.01}, {"loss": loss, "val_accuracy": frame["val_accuracy"]},
    load(run / "summary.json"), status="finished", group="mlp", steps={"loss": 11})

say(TOP / "unfinished" / "no-metrics", {"lr": -1.0}, {}, status="failed")
say(TOP / "unfinished" / "header-only", {"lr": 0.2}, {})
run = TOP / "unfinished" / "torn-jsonl"
rows = [json.loads(line) for line in (run / "metrics.jsonl").read_bytes().decode(errors="ignore").split("\n")[:-1]]
say(run, {"lr": 0.1}, {key: [row[key] for row in rows] for key in ("loss", "accuracy")}, steps={"loss": 6})
run = TOP / "unfinished" / "torn-csv"
rows = [line.split(",") for line in (run / "metrics.csv").read_text().split("\n")[1:-1]]
say(run, {}, {"loss": [row[1] for row in rows], "accuracy": [row[2] for row in rows]}, status="running", steps={"loss": 6})

for run in sorted((TOP / "awkward-names").iterdir()):
    frame = pd.read_csv(run / "metrics.csv").rename(columns={"acc.1": "acc (2)"})
    raw = load(run / "params.json")
    params = {"lr": raw["lr"], "</script><!--": raw["</script><!--"], "emoji 🙂": raw["emoji 🙂"], "a.b.c": 1, "value": "no name"}
    say(run, params, {name: frame[name] for name in frame.columns if name != "step"}, steps={"acc (2)": 3})

run = TOP / "nonfinite" / "csv"
rows = [line.split(",") for line in (run / "metrics.csv").read_text().splitlines()[1:]]
say(run, {}, {"loss": [row[1] for row in rows], "smallest": [row[2] for row in rows]}, steps={"loss": 85})
run = TOP / "nonfinite" / "jsonl"
rows = [json.loads(line) for line in (run / "metrics.jsonl").open()]
say(run, {}, {"loss": [row["loss"] for row in rows], "smallest": [row["smallest"] for row in rows]},
    load(run / "summary.json"), steps={"loss": 85})

run = TOP / "spreadsheet" / "semicolons"
say(run, {"lr": 0.1, "Maß": 0.001, "shuffle": True},
    columns(run / "metrics.csv", ("epoche",), sep=";", encoding="utf-8-sig"), steps={"Verlust": 6})
run = TOP / "spreadsheet" / "utf-16"
say(run, {}, columns(run / "metrics.tsv", ("epoche",), sep="\t", encoding="utf-16"), steps={"Verlust": 6})

run = TOP / "restarted" / "appended"
last = dict(line.split(",") for line in (run / "metrics.csv").read_text().splitlines() if line != "step,loss")
say(run, {}, {"loss": [last[str(step)] for step in range(20)]}, steps={"loss": 19})

run = TOP / "histories" / "dict-of-lists"
history = load(run / "history.json")["history"]
say(run, {"hidden": "[16]", "lr": 0.001}, history, {"params.epochs": 10}, steps={"loss": 9})
run = TOP / "histories" / "records"
say(run, {}, {"loss": [row["loss"] for row in load(run / "log.json")]}, steps={"loss": 9})
run = TOP / "histories" / "pandas-index"
frame = pd.read_csv(run / "metrics.csv", index_col=0)
say(run, {}, {name: frame[name] for name in frame}, load(run / "metrics.json"), steps={"loss": 9})
run = TOP / "histories" / "epoch-and-batch"
say(run, {}, columns(run / "train_log.csv", ("epoch", "batch")), steps={"loss": 11})

for row in pd.read_csv(TOP / "tables" / "sweep.csv").to_dict("records"):
    say(f"tables/sweep.csv#{row['run']}", {"optimizer": "sgd", "lr": row["lr"]}, {},
        {"accuracy": row["accuracy"], "loss": row["loss"]}, group="sweep")
for fold in range(3):
    path = TOP / "tables" / "folds" / f"log_fold{fold}.csv"
    say(f"tables/folds/log_fold{fold}", {}, columns(path), steps={"val_loss": 4})
for rate in ("0.05", "0.3"):
    run = TOP / "shell" / f"cars-{rate}"
    say(run, {"model": "linear", "rate": float(rate), "steps": 40}, columns(run / "metrics.csv"), status="finished", steps={"slope": 39})

for line in sorted(LINES, key=lambda line: line["id"]):
    print(json.dumps(text(line), ensure_ascii=False, sort_keys=True))

"""What DVC itself says about the samples: python reference.py SAMPLE_RUNS OUT MADE (what make.sh wrote), in the clients' environment.

OUT/dvc.jsonl: a line for each state, {"case", "rev", "name", "status", "params": {file: ...}, "metrics": {file: ...}, "plots": {file: rows}}.
OUT/dagshub.jsonl: pandas' view of each metrics.csv, as DagsHub documents no reader of its own.
"""

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd
import yaml

samples, out, made = (Path(one).resolve() for one in sys.argv[1:4])


def run(*command, cwd):
    return subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, text=True, check=True).stdout


def shown(cwd, *more):
    """Each state of `dvc exp show --json`: commits, experiments, queue, workspace."""
    yield from told(json.loads(run("dvc", "exp", "show", "--json", *more, cwd=cwd)))


def told(commits):
    for commit in commits:
        yield commit["rev"], commit.get("name"), "commit", commit.get("data")
        for one in commit.get("experiments") or []:
            state = (one.get("executor") or {}).get("state") or "success"
            yield one["revs"][0]["rev"], one["name"], state, one["revs"][0].get("data")


def files(data, kind):
    return {name: one.get("data") for name, one in (data or {}).get(kind, {}).items() if "data" in one}


def plots(cwd, *revs):
    """{rev: {file: points}}: [step, value] of DVCLive's metrics, [x, y] of curves, {"actual|predicted": count} of confusion matrices."""
    command = ["dvc", "plots", "diff" if revs else "show", "--json", *revs]
    found = {}
    for name, drawn in json.loads(run(*command, cwd=cwd))["data"].items():
        for one in drawn:
            content = one.get("content") or {}
            for row in content.get("data", {}).get("values", []) if isinstance(content, dict) else []:
                mine = found.setdefault(row["rev"], {})
                if "actual" in row:
                    counts = mine.setdefault(name, {})
                    counts[f"{row['actual']}|{row['predicted']}"] = counts.get(f"{row['actual']}|{row['predicted']}", 0) + 1
                elif name.endswith(".tsv") or "fpr" in row:
                    keys = ("fpr", "tpr" if "tpr" in row else "fnr") if "fpr" in row else ("step", name.rpartition("/")[2].removesuffix(".tsv"))
                    mine.setdefault(name, []).append([float(row[key]) for key in keys])
    return found


def states(case, place):
    folder = Path(place) / case
    if (samples / "dvc" / case / "repo.git").is_dir():
        shutil.copytree(samples / "dvc" / case / "repo.git", folder / ".git")
        run("git", "config", "core.bare", "false", cwd=folder)
        run("git", "checkout", "-f", "main", cwd=folder)
        found = list(shown(folder, "-A", "-n", "20"))
        if (made / f"{case}.json").exists():  # the queue is known only where it ran
            found += [one for one in told(json.loads((made / f"{case}.json").read_text())) if one[2] in ("queued", "failed")]
        revs = [rev for rev, _, kind, _ in found if kind in ("commit", "success") and rev != "workspace"]
        drawn = plots(folder, *revs)
        for rev, name, kind, data in found:
            if rev != "workspace":
                rows = drawn.get(rev[:7], drawn.get(rev, drawn.get(name, {})))
                yield {"rev": rev, "name": name, "status": kind, "params": files(data, "params"), "metrics": files(data, "metrics"), "plots": rows}
        return
    shutil.copytree(samples / "dvc" / case, folder)
    if not (folder / ".dvc").is_dir():
        run("dvc", "init", "-q", "--no-scm", cwd=folder)
    api = "import json, dvc.api as a; print(json.dumps({'params': a.params_show(), 'metrics': a.metrics_show()}))"
    both = json.loads(run(sys.executable, "-c", api, cwd=folder))
    yield {"rev": "workspace", "name": case, "status": "workspace", "params": {"": both["params"]}, "metrics": {"": both["metrics"]}, "plots": plots(folder).get("workspace", {})}


def dagshub():
    for path in sorted((samples / "dagshub" / "alone").rglob("metrics.csv")):
        yield path.parent.name, path.read_bytes(), path.with_name("params.yml").read_bytes()
    git = samples / "dagshub" / "history" / "repo.git"
    for sha in run("git", "log", "--all", "--format=%H", "--", "metrics.csv", "params.yml", cwd=git).split():
        both = [subprocess.run(["git", "show", f"{sha}:{name}"], cwd=git, capture_output=True, check=True).stdout for name in ("metrics.csv", "params.yml")]
        yield sha, *both


def measured(data):
    if not data:
        return {}
    frame = pd.read_csv(io.BytesIO(data), dtype={"Value": str}, keep_default_na=False)
    frame = frame[frame.Step.notna()]
    return {name: [[str(v), int(t), s if s == "" else int(s)] for v, t, s in zip(one.Value, one.Timestamp, one.Step)] for name, one in frame.groupby("Name", sort=False)}


with tempfile.TemporaryDirectory() as place, open(out / "dvc.jsonl", "w") as file:
    os.environ["HOME"] = place
    for case in ("dvclive", "workspace", "experiments", "history"):
        for state in states(case, place):
            file.write(json.dumps({"case": case, **state}, sort_keys=True) + "\n")
with open(out / "dagshub.jsonl", "w") as file:
    for name, data, params in dagshub():
        file.write(json.dumps({"run": name, "params": yaml.safe_load(params), "metrics": measured(data)}, sort_keys=True) + "\n")

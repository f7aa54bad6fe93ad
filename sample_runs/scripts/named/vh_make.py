"""Write sample_runs/valohai with valohai-utils 0.8: python vh_make.py OUT. execution.json is written by hand (MADE.md)."""

import contextlib
import io
import json
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import valohai
from softmax import train

out = Path(sys.argv[1]).resolve()
shutil.rmtree(out, ignore_errors=True)


def one(lr, stop=99):
    """A training that logs as Valohai's users do; returns its console text."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        print("loading clusters")
        print('not metadata: {"loss": 1}')
        for epoch, loss, held_out, right in train(lr, 8):
            if epoch == stop:
                return text.getvalue()
            with valohai.logger() as logger:
                logger.log("epoch", epoch)
                logger.log("loss", loss)
                logger.log("val_loss", held_out)
        with valohai.logger() as logger:
            logger.log("accuracy", right)
            logger.log("best", "last")
    return text.getvalue()


for number, lr, status, stop in ((1, 0.5, "complete", 99), (2, 0.1, "error", 5)):
    folder = out / "saved" / "clusters" / str(number)
    (folder / "outputs").mkdir(parents=True)
    lines = one(lr, stop).splitlines()
    clock = [f"10:{number:02}:{n % 60:02}.{n:03} {line}" for n, line in enumerate(lines)]
    (folder / "logs.txt").write_text("\n".join(clock) + "\n")
    record = {
        "id": f"0191c0de-0000-7000-8000-00000000000{number}", "counter": number, "title": "", "status": status,
        "step": "train", "tags": ["sample"], "ctime": f"2026-11-24T10:0{number}:00.000000Z", "duration": 31.5,
        "creator": {"username": "sample"}, "project": {"id": "0191c0de-0000-7000-8000-000000000001", "name": "clusters"},
        "commit": {"identifier": "5d1e7a60c4a2b6b0c8f4c8b1c3a8d2f90e1b7c66", "ref": "main"},
        "environment": {"name": "CPU", "slug": "cpu"}, "image": "python:3.11",
        "interpolated_command": f"python train.py --lr={lr}", "parameters": {"lr": lr, "layers": [2, 3]},
        "inputs": [], "outputs": [], "cumulative_metadata": {},
    }
    (folder / "execution.json").write_text(json.dumps(record))
    np.savetxt(folder / "outputs" / "weights.csv", train.weights, delimiter=",", fmt="%.5f")

work = out / "local"
work.mkdir()
os.chdir(work)
valohai.prepare(step="train", default_parameters={"lr": 0.5})
list(train(0.5, 8))
path = valohai.outputs().path("weights.csv")
np.savetxt(path, train.weights, delimiter=",", fmt="%.5f")
Path(path + ".metadata.json").write_text(json.dumps({"valohai.tags": ["sample"]}))

"""What TensorBoard itself reads out of sample_runs/tensorboard: python reference_tensorboard.py > tests/golden/reference/tensorboard.jsonl

One series a line. `by` is "server" (tensorboard-data-server, which feeds the page) or "accumulator" (EventAccumulator).
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.data import server_ingester
from tensorboard.util import grpc_util, tensor_util

LOGS = Path(__file__).resolve().parent.parent / "tensorboard"


def plain(value):
    return value if math.isfinite(value) else str(value)


def line(by, run, tag, points):
    if not points:  # the server names a tag whose numbers lie in double_val, but serves none of them
        return
    steps, times, values = zip(*points, strict=True)
    row = {"by": by, "run": run, "tag": tag, "steps": steps, "times": times, "values": [plain(value) for value in values]}
    sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


def server():
    binary = server_ingester.get_server_binary()
    options = {"reload_interval": 0, "channel_creds_type": grpc_util.ChannelCredsType.LOCAL, "samples_per_plugin": {"scalars": 0}}
    ingester = server_ingester.SubprocessServerDataIngester(binary, str(LOGS), **options)
    ingester.start()
    provider = ingester.data_provider
    context, asked = None, {"experiment_id": "", "plugin_name": "scalars"}
    while not (runs := provider.list_runs(context, experiment_id="")) or len(runs) < EXPECTED:
        pass
    found = provider.read_scalars(context, downsample=1_000_000, **asked)
    for run in sorted(found):
        for tag in sorted(found[run]):
            line("server", run, tag, [(one.step, one.wall_time, one.value) for one in found[run][tag]])


def accumulator():
    for folder in sorted({path.parent for path in LOGS.rglob("*tfevents*")}):
        run = folder.relative_to(LOGS).as_posix()
        log = EventAccumulator(str(folder), size_guidance={"scalars": 0, "tensors": 0})
        log.Reload()
        for tag in sorted(log.Tags()["scalars"]):
            line("accumulator", run, tag, [(one.step, one.wall_time, one.value) for one in log.Scalars(tag)])
        for tag in sorted(log.Tags()["tensors"]):
            points = [(one.step, one.wall_time, tensor_util.make_ndarray(one.tensor_proto)) for one in log.Tensors(tag)]
            if all(array.shape == () and array.dtype.kind in "fiu" for *_, array in points):
                line("accumulator", run, tag, [(step, time, float(array)) for step, time, array in points])


EXPECTED = len({path.parent for path in LOGS.rglob("*tfevents*") if path.stat().st_size})

if __name__ == "__main__":
    accumulator()
    server()

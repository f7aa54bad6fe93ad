"""What wandb's own scan finds in the sample logs: one JSON line per record count, series, config, summary, exit of a log.

    VENV31/bin/python reference_wandb.py --datastore VENV16/lib/python3.11/site-packages/wandb/sdk/internal/datastore.py \
        ../wandb > ../../tests/golden/reference/wandb.jsonl

Framing by `DataStore` of wandb 0.16.6 (later clients ship no Python reader), records by the protobufs of the wandb that runs this.
"""

import argparse
import hashlib
import importlib.util
import json
import math
import pathlib

import wandb
from wandb.proto import wandb_internal_pb2 as pb


def datastore(path):
    wandb._assert_is_internal_process = True
    spec = importlib.util.spec_from_file_location("datastore", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def records(module, path):
    store = module.DataStore()
    store.open_for_scan(path)
    while True:
        try:
            data = store.scan_data()
        except AssertionError:  # a torn tail
            return
        if data is None:
            return
        yield pb.Record.FromString(data)


def value_of(item):
    if item.value_json:
        return json.loads(item.value_json)
    kind = item.WhichOneof("value_type") if "value_type" in item.DESCRIPTOR.oneofs_by_name else None
    return None if kind in (None, "none") else getattr(item, kind)


def put(tree, item):
    path = list(item.nested_key) or [item.key]
    for key in path[:-1]:
        tree = tree.setdefault(key, {})
    tree[path[-1]] = value_of(item)


def flat(tree, prefix=""):
    for key, value in tree.items():
        name = f"{prefix}.{key}" if prefix else key
        if isinstance(value, dict) and "_type" not in value and value:
            yield from flat(value, name)
        else:
            yield name, value


def plain(value):
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def series(rows):
    columns = {}
    for step, row in rows:
        for name, value in flat(row):
            if isinstance(value, bool | int | float) and name not in ("_step", "_timestamp", "_runtime"):
                columns.setdefault(name, []).append((step, row.get("_timestamp"), float(value)))
    for name, points in sorted(columns.items()):
        line = {"series": name, "count": len(points)}
        steps, times, values = ([point[at] for point in points] for at in range(3))
        if len(points) > 100:
            text = json.dumps([steps, times, [plain(value) for value in values]])
            line["sha256"] = hashlib.sha256(text.encode()).hexdigest()
        else:
            line |= {"steps": steps, "times": times, "values": [plain(value) for value in values]}
        yield line


def scan(module, path):
    kinds, rows, stats, config, summary, extra = {}, [], [], {}, {}, {}
    for record in records(module, path):
        kind = record.WhichOneof("record_type") or "none"
        kinds[kind] = kinds.get(kind, 0) + 1
        if kind == "history":
            row = {}
            for item in record.history.item:
                put(row, item)
            rows.append((row.get("_step", record.history.step.num), row))
        elif kind == "run":
            for item in record.run.config.update:
                put(config, item)
            extra["run"] = {name: getattr(record.run, name) for name in ("run_id", "project", "run_group", "job_type", "notes", "display_name", "host")}
            extra["run"] |= {"tags": list(record.run.tags), "commit": record.run.git.commit, "started": record.run.start_time.ToNanoseconds() / 1e9}
        elif kind == "config":
            for item in record.config.update:
                put(config, item)
        elif kind == "summary":
            for item in record.summary.update:
                put(summary, item)
        elif kind == "stats":
            stats.append((len(stats), {"_timestamp": record.stats.timestamp.ToNanoseconds() / 1e9} | {"system." + item.key: json.loads(item.value_json) for item in record.stats.item}))
        elif kind == "exit":
            extra["exit"] = record.exit.exit_code
        elif kind == "artifact":
            extra.setdefault("artifacts", []).append([record.artifact.type, record.artifact.name, [entry.path for entry in record.artifact.manifest.contents]])
    yield {"kinds": dict(sorted(kinds.items()))} | extra
    yield {"config": {name: value for name, value in sorted(flat(config)) if not name.startswith("_wandb")}}
    yield {"summary": {name: plain(value) for name, value in sorted(flat(summary)) if isinstance(value, bool | int | float | str) and not name.startswith("_wandb")}}
    yield from series(rows)
    yield from series(stats)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--datastore", required=True)
    parser.add_argument("folder")
    arguments = parser.parse_args()
    module = datastore(arguments.datastore)
    top = pathlib.Path(arguments.folder)
    for path in sorted(top.rglob("*.wandb")):
        for line in scan(module, str(path)):
            print(json.dumps({"log": path.relative_to(top).as_posix()} | line))

"""CPU seconds of reading W&B logs: ours, and wandb's own scan of the same files when a client is named.

    python benchmarks/wandb.py [--peer PYTHON] [--rows 200000] [--runs 300]

PYTHON is one of a virtual environment with wandb < 0.18 (later clients ship no reader): its DataStore frames, its protobufs and
json.loads decode, and the points are collected into a list for each metric. Children's times, net of interpreter and imports.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

BLOCK = 32768
SAMPLE = Path(__file__).parent.parent / "sample_runs" / "wandb" / "v0.16-mixed"  # which the peer can read
METRICS = ("train/loss", "train/acc", "grad/norm", "lr", "val/loss")

OURS = """
import sys; from pathlib import Path
from runpages.testing import read_all; from runpages.readers.wandb import WandbReader
if len(sys.argv) > 1:
    runs, _ = read_all({"wandb": WandbReader()}, Path(sys.argv[1]))
    print(len(runs), sum(len(one.steps) for run in runs for one in run.series if not one.name.startswith("system.")))
"""
THEIRS = """
import sys, json; from pathlib import Path
import wandb; from wandb.sdk.internal.datastore import DataStore; from wandb.proto import wandb_internal_pb2 as pb
wandb._assert_is_internal_process = True
if len(sys.argv) > 1:
    runs = points = 0
    for path in sorted(Path(sys.argv[1]).rglob("*.wandb")):
        store = DataStore(); store.open_for_scan(str(path)); columns = {}; summary = {}; runs += 1
        while (data := store.scan_data()) is not None:
            record = pb.Record(); record.ParseFromString(data)
            kind = record.WhichOneof("record_type")
            if kind == "history":
                row = {".".join(item.nested_key) or item.key: json.loads(item.value_json) for item in record.history.item}
                for name, value in row.items():
                    if isinstance(value, (int, float)) and name[0] != "_":
                        columns.setdefault(name, []).append((row.get("_step"), row.get("_timestamp"), value))
            elif kind == "summary":
                for item in record.summary.update:
                    summary[".".join(item.nested_key) or item.key] = json.loads(item.value_json)
        points += sum(map(len, columns.values()))
    print(runs, points)
"""


def varint(number: int) -> bytes:
    """A protobuf varint."""
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def message(number: int, payload: bytes) -> bytes:
    """A length-delimited protobuf field."""
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def record(row: int, summary: bool, rotated: bool) -> bytes:
    """A history row, or a summary, as the clients spell it."""
    values = {name: repr(1 / (row + at + 1.5)) for at, name in enumerate(METRICS)}
    values |= {"_timestamp": f"{1.7e9 + row / 10:.4f}", "_runtime": f"{row / 10:.4f}", "_step": str(row)}
    pairs = list(values.items())
    if rotated:  # the Go writer walks a map, from a place that changes
        pairs = pairs[row * 5 % 8 :] + pairs[: row * 5 % 8]
    items = b"".join(message(1, message(2, name.encode()) + message(16, text.encode())) for name, text in pairs)
    if summary:
        return b"\x08" + varint(row + 1) + message(3, items)
    return b"\x08" + varint(row + 1) + message(2, items + message(2, b"\x08" + varint(row) if row else b""))


def write_log(path: Path, rows: int, summaries: bool) -> None:
    """A log of one run in W&B's framing."""
    out = bytearray(b":W&B\xe1\xbe\x00")
    for row in range(rows):
        for data in (record(row, False, summaries), *([record(row, True, True)] if summaries else [])):
            append(out, data)
    append(out, b"\x08\x01" + message(18, b""))
    path.parent.mkdir(parents=True)
    path.write_bytes(out)


def append(out: bytearray, data: bytes) -> None:
    """One record in as many chunks as the blocks need."""
    first = True
    while data or first:
        left = BLOCK - len(out) % BLOCK
        if left < 7:
            out += bytes(left)
            continue
        piece, data = data[: left - 7], data[left - 7 :]
        kind = (1 if first else 4) if not data else (2 if first else 3)
        body = bytes([kind]) + piece
        out += zlib.crc32(body).to_bytes(4, "little") + len(piece).to_bytes(2, "little") + body
        first = False


def cpu(command: list[str]) -> tuple[float, str]:
    """CPU seconds of a child, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout.strip()


def measure(python: str, code: str, folder: Path) -> tuple[float, str]:
    """The median of three, net of starting and importing."""
    nets = []
    for _ in range(3):
        idle, _ = cpu([python, "-c", code])
        busy, said = cpu([python, "-c", code, str(folder)])
        nets.append(busy - idle)
    return sorted(nets)[1], said


def main() -> None:
    """Print a line of JSON for each case and reader."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--peer", default="")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=300)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        write_log(top / "long" / "offline-run-20260101_000000-long" / "run-long.wandb", args.rows, False)
        write_log(top / "go" / "offline-run-20260101_000000-go" / "run-go.wandb", args.rows, True)
        sample = sorted(path for path in SAMPLE.iterdir() if path.is_dir())[0]
        for number in range(args.runs):
            target = top / "many" / f"offline-run-20260101_000000-r{number}"
            shutil.copytree(sample, target)
            next(target.glob("*.wandb")).rename(target / f"run-r{number}.wandb")
        for case, unit in (("long", "million points"), ("go", "million points, a summary a row"), ("many", "run")):
            results = {"ours": measure(sys.executable, OURS, top / case)}
            if args.peer:
                results["wandb"] = measure(args.peer, THEIRS, top / case)
            else:
                print("wandb's own scan: skipped, name a client with --peer", file=sys.stderr)
            size = args.runs if case == "many" else args.rows * len(METRICS) / 1e6
            per = {who: round(net / size, 5) for who, (net, _) in results.items()}
            line = {"case": case, "cpu_s_per": unit, **per, "said": {who: said for who, (_, said) in results.items()}}
            if "wandb" in per:
                line["times_less"] = round(per["wandb"] / per["ours"], 2)
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()

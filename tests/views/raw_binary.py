"""Runs straight from the binary files that trackers leave: event files, W&B's logs, SQLite. No code of ours."""

from __future__ import annotations

import json
import math
import sqlite3
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.views.raw import Raw, flattened

Found = dict[str, Raw]


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of a protobuf message's fields: whole numbers as int, all else as its bytes."""
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        tag = varint()
        kind = tag & 7
        if kind == 0:
            yield tag >> 3, varint()
            continue
        size = {1: 8, 5: 4}.get(kind) or varint()
        yield tag >> 3, message[at : at + size]
        at += size


def given(message: bytes, wanted: int) -> Any:
    """The last value of a field, None without one."""
    return next((value for number, value in reversed(list(fields(message))) if number == wanted), None)


def signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


def events(path: Path) -> Iterator[tuple[int, str, float]]:
    """Step, tag and value of every scalar of an event file."""
    data, at = path.read_bytes(), 0
    while at < len(data):
        (size,) = struct.unpack_from("<Q", data, at)
        event = data[at + 12 : at + 12 + size]
        at += size + 16
        summary = given(event, 5)
        for number, value in fields(summary or b""):
            simple = given(value, 2) if number == 1 and isinstance(value, bytes) else None
            if simple is not None and isinstance(value, bytes):
                yield signed(given(event, 2) or 0), given(value, 1).decode(), struct.unpack("<f", simple)[0]


def tensorboard(samples: Path) -> Found:
    found = {}
    for folder in sorted((samples / "tensorboard/torch/digits").glob("rate=*/seed=*")):
        raw = Raw()
        for step, tag, value in events(next(folder.glob("events*"))):
            raw.add(tag, step, value)
        for path in folder.glob("*/events*"):  # what add_hparams wrote
            raw.results |= {tag: value for _, tag, value in events(path)}
        found[folder.relative_to(samples).as_posix()] = raw
    plain = Raw(beside=("accuracy/",))  # kept as a tensor
    for step, tag, value in events(next((samples / "tensorboard/native/plain-protos").glob("events*"))):
        plain.add(tag, step, value)
    return {**found, "tensorboard/native/plain-protos": plain}


def guild(samples: Path) -> Found:
    folder = samples / "guild/runs/8a7ac84323aa4d709c700689450eb52c"
    raw = Raw()
    for step, tag, value in events(next((folder / ".guild").glob("events*"))):
        raw.add(tag, step, value)
    return {folder.name: raw}


def records(path: Path) -> Iterator[bytes]:
    """The records of a LevelDB log behind a head of seven bytes; blocks of 32 KiB."""
    data, at, part = path.read_bytes(), 7, b""
    while at + 7 <= len(data):
        if 32_768 - at % 32_768 < 7:
            at += 32_768 - at % 32_768
            continue
        size, kind = struct.unpack_from("<HB", data, at + 4)
        part += data[at + 7 : at + 7 + size]
        at += 7 + size
        if kind in (1, 4):
            yield part
            part = b""


def wandb(samples: Path) -> Found:
    found = {}
    for folder in sorted((samples / "wandb/current-digits").glob("offline-run-*")):
        raw = Raw(beside=("system.",))
        for record in records(next(folder.glob("*.wandb"))):
            history = given(record, 2)
            if isinstance(history, bytes):
                _row(history, raw)
        found[folder.name.rpartition("-")[2]] = raw
    return found


def _row(history: bytes, raw: Raw) -> None:
    """One row of history; `val/` metrics were defined over the epoch of their row."""
    row: dict[str, Any] = {}
    for number, item in fields(history):
        if number == 1 and isinstance(item, bytes):
            nested = [value.decode() for field, value in fields(item) if field == 2 and isinstance(value, bytes)]
            name = ".".join(nested) or given(item, 1).decode()
            row |= flattened(json.loads(given(item, 16)), name)
    step = given(given(history, 2) or b"", 1) or row.get("_step", 0)
    for name, value in row.items():
        if not name.startswith("_") and name != "epoch" and isinstance(value, int | float):
            raw.add(name, row["epoch"] if name.startswith("val/") else step, value)


def query(path: Path, sql: str) -> list[Any]:
    """Rows of a database that nobody writes to."""
    database = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    try:
        return database.execute(sql).fetchall()
    finally:
        database.close()


def trackio(samples: Path) -> Found:
    path = samples / "trackio/digits/digits.db"
    found: Found = {}
    for run, step, metrics in query(path, "select run_id, step, metrics from metrics order by id"):
        raw = found.setdefault(run, Raw(beside=("system.",)))
        for name, value in flattened(json.loads(metrics)).items():
            raw.add(name, step, value)
    for run, config in query(path, "select run_id, config from configs"):
        if run in found:
            found[run].params = {k: v for k, v in flattened(json.loads(config)).items() if not k.startswith("_")}
    return found


def optuna(samples: Path) -> Found:
    found: Found = {}
    path = samples / "optuna/digits/study.db"
    names = {
        trial: f"optuna/digits/study.db#digits/{number}"
        for trial, number in query(path, "select trial_id, number from trials")
    }
    found = {name: Raw() for name in names.values()}
    odd = {"NAN": math.nan, "INF_POS": math.inf, "INF_NEG": -math.inf}
    ordered = "select trial_id, step, intermediate_value, intermediate_value_type from trial_intermediate_values order by trial_id, step"
    for trial, step, value, kind in query(path, ordered):
        found[names[trial]].add("intermediate_value", step, odd.get(kind, value))
    for trial, value in query(path, "select trial_id, value from trial_values where value_type = 'FINITE'"):
        found[names[trial]].results["value"] = value
    for trial, name, value, drawn in query(
        path, "select trial_id, param_name, param_value, distribution_json from trial_params"
    ):
        choices = json.loads(drawn)["attributes"].get("choices")
        found[names[trial]].params[name] = choices[int(value)] if choices else value
    return found


ALL: dict[str, Callable[[Path], Found]] = {
    "guild": guild,
    "optuna": optuna,
    "tensorboard": tensorboard,
    "trackio": trackio,
    "wandb": wandb,
}

"""What is fuzzed: each codec with seeds from the real samples, and the errors it declares."""

from __future__ import annotations

import contextlib
import io
import random
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from runpages.codecs import (
    csvtext,
    jsonpickled,
    jsontext,
    leveldb_log,
    metadata,
    rocksdb,
    sniff,
    text,
    tfevents,
    wandb_log,
    wire,
    yamltext,
)
from runpages.codecs.columns import read_points
from runpages.codecs.git_pack import GitError, apply_delta
from runpages.errors import Notes
from runpages.readers import installed
from runpages.redact import redact_text, scan_bytes
from runpages.redact.places import hide_places
from runpages.testing import read_all

SAMPLES = Path(__file__).parents[2] / "sample_runs"
KEPT = Path(__file__).parent / "kept"
LARGEST = 21_000  # bytes of a seed


@dataclass(frozen=True, slots=True)
class Target:
    """A codec: what runs it, the errors it may raise, the samples it starts from."""

    name: str
    run: Callable[[bytes], object]
    declared: tuple[type[Exception], ...]
    pattern: str


def _walk(data: bytes) -> list[tuple[int, int, int, int]]:
    return list(wire.fields(data))


def _log(data: bytes) -> object:
    return wandb_log.read_run_log(leveldb_log.read_log(data))


def _tagged(data: bytes) -> object:
    return jsonpickled.Tagged().plain(jsontext.load(data, Notes()))


def _records(data: bytes) -> object:
    for decode in (rocksdb.table, rocksdb.log):
        with contextlib.suppress(rocksdb.NotRocks):
            list(decode(data))
    return rocksdb.unsnap(data)


def _as_file(reader: str, name: str) -> Callable[[bytes], object]:
    """The whole reader over a folder that holds the bytes under a name it knows."""

    def run(data: bytes) -> object:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / name).write_bytes(data)
            return read_all({reader: installed().readers[reader]}, Path(folder))

    return run


def _places(data: bytes) -> object:
    from collections import Counter

    words = data.decode("utf-8", "replace")
    return hide_places(redact_text(words, Counter()), Counter())


TARGETS = (
    Target("json", lambda data: jsontext.load(data, Notes()), (jsontext.NotJson,), "*.json"),
    Target("jsonl", lambda data: jsontext.load_lines(data, Notes(), "x"), (), "*.jsonl"),
    Target("yaml", yamltext.load, (yamltext.NotYaml,), "*.yaml"),
    Target("yaml-flat", yamltext.load_flat, (), "*.yaml"),
    Target("csv", lambda data: csvtext.load(data, Notes(), "x"), (), "*.csv"),
    Target("text", text.decode, (), "*.txt"),
    Target("wire", _walk, (wire.WireError,), "events*"),
    Target("events", lambda data: tfevents.read_events(io.BytesIO(data)), (), "events*"),
    Target("wandb", _log, (leveldb_log.NotALog,), "*.wandb"),
    Target("points", read_points, (), "loss*"),
    Target("delta", lambda data: apply_delta(b"base" * 20, data), (GitError,), "*.idx"),
    Target("svg", lambda data: sniff.passive_svg(data.decode("utf-8", "replace")), (), "*.svg"),
    Target("sniff", sniff.sniff, (), "*.png"),
    Target("png", lambda data: metadata.without_metadata(data, "image/png"), (), "*.png"),
    Target("jpeg", lambda data: metadata.without_metadata(data, "image/jpeg"), (), "*.jpg"),
    Target("gif", lambda data: metadata.without_metadata(data, "image/gif"), (), "*.gif"),
    Target("wave", lambda data: metadata.without_metadata(data, "audio/wav"), (), "*.wav"),
    Target("secrets", scan_bytes, (), "*.log"),
    Target("places", _places, (), "*.md"),
    Target("log", leveldb_log.read_log, (leveldb_log.NotALog,), "*.wandb"),
    Target("rocks", _records, (rocksdb.NotRocks,), "*.sst"),
    Target("comet", _as_file("comet", f"{'0' * 32}.zip"), (), f"{'[0-9a-f]' * 32}.zip"),
    Target("clearml", _as_file("clearml", f"offline-{'0' * 32}.zip"), (), "offline-*.zip"),
    Target("sqlite", _as_file("optuna", "study.db"), (), "grid.sqlite3"),
    Target("jsonpickled", _tagged, (jsontext.NotJson,), "metrics.json"),
)
_PIECES = (
    b"",
    b"\0",
    b"\xff" * 10,
    b"\x80" * 10,
    b"[" * 300,
    b"{" * 300,
    b'"',
    b"\n",
    b",",
    b"&a *a",
    b"!!x ",
    b"1e999",
    b"\xf0\x9f",
    b"\r",
    b"<",
    b"9" * 400,
)


def seeds(target: Target) -> list[bytes]:
    """Small real files of the target's kind, then kept inputs that once failed."""
    found = sorted(path for path in SAMPLES.rglob(target.pattern) if path.is_file() and path.stat().st_size <= LARGEST)
    real = [path.read_bytes() for path in found[:: max(1, len(found) // 8)]]
    return [*real, *(path.read_bytes() for path in sorted((KEPT / target.name).glob("*"))), b""]


def changed(seed: bytes, rng: random.Random) -> bytes:
    """The seed with one to eight changes: bits, bytes, pieces put in, cut out, doubled, moved."""
    data = bytearray(seed[: rng.randrange(len(seed) + 1)] if rng.random() < 0.1 else seed)
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(data) + 1)
        how = rng.randrange(6)
        if how == 0 and data:
            data[at % len(data)] ^= 1 << rng.randrange(8)
        elif how == 1 and data:
            data[at % len(data)] = rng.randrange(256)
        elif how == 2:
            data[at:at] = rng.choice(_PIECES)
        elif how == 3:
            del data[at : at + rng.randrange(1, 64)]
        elif how == 4:
            data[at:at] = data[at : at + rng.randrange(1, 400)]
        else:
            data[at:at] = rng.randbytes(rng.randrange(1, 16))
    return bytes(data)


def inputs(target: Target, amount: int, seed: int) -> Iterable[bytes]:
    """So many inputs, the same for the same seed; kept ones come first, as they are."""
    rng = random.Random(f"{target.name}-{seed}")  # noqa: S311 - the same inputs each time
    start = seeds(target)
    yield from start
    for _ in range(amount):
        yield changed(rng.choice(start), rng)

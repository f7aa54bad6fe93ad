"""Reads folders that change, are locked, or may not be read, and builds twice at once: what was said of it.

    python benchmarks/living.py [--only unread busy growing pairs] [--points N] [--json]

`unread` takes the right to read from each file of each sample in turn, as a user who is not the administrator.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import Any

HERE = Path(__file__).parent.parent
sys.path[0] = str(HERE)  # not this folder: its inspect.py is not the one of Python

from runpages.find import Root  # noqa: E402
from runpages.gather import Gathered, gather  # noqa: E402
from runpages.seal import verify  # noqa: E402
from runpages.store import Store  # noqa: E402

SAMPLES = HERE / "sample_runs"
_NOBODY = 65534


def samples() -> list[Path]:
    """The folder of each sample of each tracker."""
    folders = [one for tracker in sorted(SAMPLES.iterdir()) if tracker.name != "scripts" for one in _below(tracker)]
    return [one for one in folders if one.is_dir()]


def _below(tracker: Path) -> list[Path]:
    return sorted(tracker.iterdir()) if tracker.is_dir() else []


def read(folder: Path, store: Store) -> Gathered:
    """What a build would read of a folder, in this process."""
    return gather([Root(folder)], store, executor="serial")


def heads(seen: Gathered) -> dict[str, str]:
    """Run -> all that its head says."""
    return {head.run.id: repr(head) for one in seen.stored for head in one.heads}


def told(seen: Gathered, path: Path) -> bool:
    """Whether a note says that this file could not be read."""
    notes = [*seen.notes, *(note for one in seen.stored for note in one.notes)]
    return any(
        note.slug in ("file-unreadable", "folder-unreadable") and path.name in f"{note.what} {note.where}"
        for note in notes
    )


def unread(points: int) -> dict[str, Any]:
    """Every file of every sample without the right to read it: told, without a consequence, or lost in silence."""
    copies = Path(tempfile.mkdtemp(prefix="runpages-unread-"))
    seen = {"files": 0, "told": 0, "nothing lost": 0, "silent": 0, "read again once allowed": 0}
    try:
        for number, sample in enumerate(samples()):
            read(
                Path(shutil.copytree(sample, copies / str(number))), _store(copies, "warm")
            )  # all that is imported late
        if os.geteuid() == 0:  # whom no permission stops
            subprocess.run(["chown", "-R", str(_NOBODY), str(copies)], check=True)
            os.setgroups([])
            os.setresgid(_NOBODY, _NOBODY, _NOBODY)
            os.setresuid(_NOBODY, _NOBODY, _NOBODY)
        files = [path for path in sorted(copies.rglob("*")) if path.is_file() and path.parent != copies]
        for path in files:
            os.utime(path, (0, time.time() - 60))
        for path in files[:: max(1, len(files) // points)]:
            _shut(path, copies, seen)
    finally:
        shutil.rmtree(copies, ignore_errors=True)
    return seen


def _store(copies: Path, name: str) -> Store:
    return Store(copies / f"{name}.sqlite")


def _shut(path: Path, copies: Path, seen: dict[str, Any]) -> None:
    """One file shut and opened again."""
    sample = copies / path.relative_to(copies).parts[0]
    with closing(_store(copies, f"of-{sample.name}")) as store:
        before = heads(read(sample, store))
        mode = path.stat().st_mode
        path.chmod(0)
        found = read(sample, store)
        seen["files"] += 1
        seen["told" if told(found, path) else "nothing lost" if heads(found) == before else "silent"] += 1
        path.chmod(mode)
        seen["read again once allowed"] += heads(read(sample, store)) == before


def busy(points: int) -> dict[str, Any]:
    """Every SQLite file of the samples with a writer inside it: read as it was before, and not touched."""
    seen = {"databases": 0, "same": 0, "touched": 0}
    for sample in samples():
        for path in sorted(
            one for one in sample.rglob("*") if one.is_file() and one.open("rb").read(15) == b"SQLite format 3"
        ):
            if seen["databases"] < points:
                _written(sample, path.relative_to(sample), seen)
    return seen


def _written(sample: Path, name: Path, seen: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as room:
        copy = Path(shutil.copytree(sample, Path(room) / "copy"))
        before = heads(read(copy, Store(Path(room) / "before.sqlite")))
        with closing(sqlite3.connect(copy / name, isolation_level=None)) as writer:
            writer.execute("begin immediate")
            writer.execute("create table half_written (x)")
            writer.executemany("insert into half_written values (?)", [("x" * 500,)] * 20_000)
            listed = {path: path.stat().st_mtime_ns for path in copy.rglob("*")}
            now = heads(read(copy, Store(Path(room) / "now.sqlite")))
            seen["touched"] += {path: path.stat().st_mtime_ns for path in copy.rglob("*")} != listed
            writer.execute("rollback")
        seen["databases"] += 1
        seen["same"] += now == before


# what grows: a file of a sample, the metric that is watched in it
_GROWING = {
    "plain/digits-sweep": "metrics.csv",
    "plain/wine-jsonl": "metrics.jsonl",
    "tensorboard/torch": "tfevents",
    "keras/single": ".csv",
    "ultralytics/digits": "results.csv",
}


def growing(points: int) -> dict[str, Any]:
    """Files that are written, in pieces that end anywhere, while they are read again and again: points never get fewer."""
    seen = {"files": 0, "reads": 0, "fewer": 0, "failed": 0, "whole": 0}
    for sample, name in _GROWING.items():
        found = [
            path for path in sorted((SAMPLES / sample).rglob("*")) if name in path.name and path.stat().st_size > 200
        ]
        if found:
            _grow(SAMPLES / sample, found[0].relative_to(SAMPLES / sample), max(1, points // len(_GROWING)), seen)
    return seen


def _grow(sample: Path, name: Path, reads: int, seen: dict[str, Any]) -> None:
    """Read one sample `reads` times while one file of it grows from nothing to its whole."""
    with tempfile.TemporaryDirectory() as room:
        copy, whole = Path(shutil.copytree(sample, Path(room) / "copy")), (sample / name).read_bytes()
        store = Store(Path(room) / "store.sqlite")
        expected = _points(read(copy, store))
        writing = (copy / name).open("wb", buffering=0)
        done = 0
        last = 0
        for number in range(reads):
            upto = len(whole) * (number + 1) // reads
            piece = Thread(target=_dribble, args=(writing, whole[done:upto]))
            piece.start()
            now = read(copy, store)
            piece.join()
            done = upto
            count = _points(now)
            seen["reads"] += 1
            seen["fewer"] += count < last
            seen["failed"] += any(n.slug == "reader-failed" for one in now.stored for n in one.notes)
            last = count
        writing.close()
        seen["files"] += 1
        seen["whole"] += _points(read(copy, store)) == expected


def _dribble(file: Any, content: bytes) -> None:
    for at in range(0, len(content), 7):
        file.write(content[at : at + 7])


def _points(seen: Gathered) -> int:
    return sum(stat.count for one in seen.stored for head in one.heads for stat in head.stats.values())


def pairs(points: int) -> dict[str, Any]:
    """Two builds at once into one folder: one is done, the other done or told to wait; the site is whole."""
    seen = {"pairs": 0, "whole": 0, "both done": 0, "one told to wait": 0, "other": 0}
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        for run in "ab":
            (room / "runs" / run).mkdir(parents=True)
            (room / "runs" / run / "metrics.csv").write_text("step,loss\n0,1\n1,0.5\n")
        command = [sys.executable, "-m", "runpages", "build", "runs", "-q"]
        for _ in range(points):
            both = [subprocess.Popen(command, cwd=room, stderr=subprocess.PIPE, text=True) for _ in range(2)]
            said = [(one.communicate()[1], one.returncode) for one in both]
            codes = sorted(code for _, code in said)
            waits = any("another build writes here" in words for words, _ in said)
            seen["pairs"] += 1
            seen["whole"] += verify(room / "site") == []
            seen["both done" if codes == [0, 0] else "one told to wait" if codes[0] == 0 and waits else "other"] += 1
    return seen


ALL: dict[str, tuple[str, int, Callable[[int], dict[str, Any]]]] = {
    "unread": ("a file of a sample that may not be read", 100_000, unread),
    "busy": ("an SQLite file that is being written", 1000, busy),
    "growing": ("a file that grows while it is read", 250, growing),
    "pairs": ("two builds at once", 20, pairs),
}


def lines(seen: dict[str, dict[str, Any]]) -> Iterator[str]:
    """The figures as a Markdown list."""
    for name, figures in seen.items():
        yield f"- **{ALL[name][0]}**: " + ", ".join(f"{key} {value}" for key, value in figures.items())


def main() -> None:
    """Everything, or the named parts, each in a process of its own: `unread` gives up its rights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=ALL, default=list(ALL))
    parser.add_argument("--points", type=int, help="at most so many of each")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    seen = {}
    for name in given.only:
        _, full, work = ALL[name]
        points = min(full, given.points or full)
        if len(given.only) == 1:
            seen[name] = work(points)
        else:
            command = [sys.executable, __file__, "--only", name, "--points", str(points), "--json"]
            seen |= json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    sys.stdout.write(json.dumps(seen) if given.json else "\n".join(lines(seen)) + "\n")


if __name__ == "__main__":
    main()

"""`runpages inspect` of a folder with one sample of each format: processor and wall seconds, cold and warm.

    python benchmarks/looking.py [--times 5]

Copies the first sample of every installed reader into one folder and inspects it in fresh processes: cold with an empty cache,
warm with the one from before. Prints the median of each; says how many formats were named rightly.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# beside the standard library's `inspect`, which this file must not stand in for
sys.path = [path for path in sys.path if Path(path or ".").resolve() != Path(__file__).resolve().parent]
from runpages.readers import installed  # noqa: E402

SAMPLES = Path(__file__).resolve().parent.parent / "sample_runs"


def one_of_each(room: Path) -> list[str]:
    """Fill `room`; the names of the readers."""
    names = sorted(name for name in installed().readers if (SAMPLES / name).is_dir())
    for name in names:
        shutil.copytree(next(path for path in sorted((SAMPLES / name).iterdir()) if path.is_dir()), room / name)
    return names


def look(room: Path) -> tuple[float, float, set[tuple[str, str]]]:
    """One inspection: processor seconds, wall seconds, and (folder, reader) pairs."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    told = subprocess.run(
        [sys.executable, "-m", "runpages", "inspect", ".", "--json"], cwd=room, capture_output=True, check=True
    )
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - began
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used, wall, {(one["where"].partition("/")[0], one["reader"]) for one in json.loads(told.stdout)["sources"]}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder) / "runs"
        names = one_of_each(room)
        found: dict[str, list[tuple[float, float]]] = {"cold": [], "warm": []}
        pairs: set[tuple[str, str]] = set()
        for _ in range(times):
            for kind in ("cold", "warm"):
                if kind == "cold":
                    shutil.rmtree(room / ".cache", ignore_errors=True)
                used, wall, pairs = look(room)
                found[kind].append((used, wall))
    sys.stdout.write(f"{len(names)} formats, {len({(name, name) for name in names} & pairs)} named rightly\n")
    for kind, rows in found.items():
        used, wall = (statistics.median(column) for column in zip(*rows, strict=True))
        sys.stdout.write(f"{kind}: {used:.2f} s processor, {wall:.2f} s wall (median of {times})\n")


if __name__ == "__main__":
    main()

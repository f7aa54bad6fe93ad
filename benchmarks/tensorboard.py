"""Reading TensorBoard event files: our reader against TensorBoard's own, on one log, in one run.

    python benchmarks/tensorboard.py [--runs 10] [--tags 20] [--steps 10000] [--peer PYTHON]

Writes a log of runs x tags x steps scalars (2 million by default, about 100 MB) into a temporary folder and reads it
with each reader in its own process. Figures are CPU seconds, less those of a process that only imports the same things.
PYTHON is an interpreter that has `tensorboard` (and `tensorboard_data_server`) installed; peers it lacks are named.
"""

from __future__ import annotations

import argparse
import resource
import struct
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from runpages.codecs.crc32c import crc32c, masked, rows_linear

Rows = npt.NDArray[np.uint8]
ONES = np.uint32(0xFFFF_FFFF)

OURS_IMPORT = "import numpy, runpages.readers.tensorboard, runpages.testing, runpages.find, pathlib, sys"
OURS = """
from runpages.errors import Notes
from runpages.readers.tensorboard import TensorboardReader
reader = TensorboardReader()
sources = runpages.testing.sources(reader, pathlib.Path(sys.argv[1]))
runs = [run for source in sources for run in reader.read(source, Notes())]
print(sum(len(series.values) for run in runs for series in run.series))
"""
EA_IMPORT = "import sys, os; from tensorboard.backend.event_processing.event_accumulator import EventAccumulator"
EA = """
count = 0
for run in sorted(os.listdir(sys.argv[1])):
    log = EventAccumulator(os.path.join(sys.argv[1], run), size_guidance={'scalars': 0, 'tensors': 0})
    log.Reload()
    count += sum(len(log.Scalars(tag)) for tag in log.Tags()['scalars'])
    count += sum(len(log.Tensors(tag)) for tag in log.Tags()['tensors'])
print(count)
"""
SERVER_IMPORT = "import sys, subprocess, tempfile, os, time; import tensorboard_data_server"
SERVER = """
# the server reads the log once, writes its port when done with starting, and ends when its standard input is closed
with tempfile.TemporaryDirectory() as folder:
    port = os.path.join(folder, 'port')
    server = subprocess.Popen([tensorboard_data_server.server_binary(), '--logdir=' + sys.argv[1], '--port=0',
        '--port-file=' + port, '--reload=once', '--die-after-stdin', '--samples-per-plugin=scalars=all', '-v'],
        stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in server.stderr:
        if 'Finished load cycle' in line:
            break
    server.stdin.close()
    server.wait()
"""


def number(value: int) -> bytes:
    """A varint."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def field(key: int, payload: bytes) -> bytes:
    """A length-delimited field."""
    return number(key << 3 | 2) + number(len(payload)) + payload


def framed(payload: bytes) -> bytes:
    """One record."""
    length = struct.pack("<Q", len(payload))
    return length + struct.pack("<I", masked(crc32c(length))) + payload + struct.pack("<I", masked(crc32c(payload)))


def scalar_rows(tag: str, steps: npt.NDArray[np.int64], values: npt.NDArray[np.float32], start: float) -> Rows:
    """The framed records of one tag as rows; all steps must have varints of one length."""
    step = b"\x10" + number(int(steps[0])) if steps[0] else b""
    body = field(5, field(1, field(1, tag.encode()) + b"\x15" + bytes(4)))
    record = framed(b"\x09" + bytes(8) + step + body)
    rows = np.tile(np.frombuffer(record, np.uint8), (len(steps), 1))
    rows[:, 13:21] = (start + steps * 0.25).astype("<f8").view(np.uint8).reshape(-1, 8)
    for place in range(len(step) - 1):
        more = 0x80 if place < len(step) - 2 else 0
        rows[:, 22 + place] = steps >> 7 * place & 0x7F | more
    rows[:, -8:-4] = values.astype("<f4").view(np.uint8).reshape(-1, 4)
    head = rows[:, 12:-4].copy()
    head[:, :4] ^= 0xFF
    crc = rows_linear(head) ^ ONES
    rows[:, -4:] = ((crc >> 15 | crc << 17) + np.uint32(0xA282EAD8)).astype("<u4").view(np.uint8).reshape(-1, 4)
    return rows


def write_run(folder: Path, tags: Sequence[str], steps: int, seed: int) -> None:
    """One run: every tag at every step, as SummaryWriter.add_scalar writes them."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(seed)
    start = 1_700_000_000.0 + seed * 100_000
    with (folder / f"events.out.tfevents.{int(start)}.lab-03").open("wb") as file:
        file.write(framed(b"\x09" + struct.pack("<d", start) + field(3, b"brain.Event:2")))
        for low, high in [(0, 1), *((1 << 7 * k if k else 1, 1 << 7 * (k + 1)) for k in range(5))]:
            span = np.arange(low, min(high, steps), dtype=np.int64)
            if len(span):
                sheets = [scalar_rows(tag, span, random.random(len(span), np.float32), start) for tag in tags]
                file.write(np.concatenate(sheets, axis=1).tobytes())


def cpu(command: Sequence[str]) -> tuple[float, str]:
    """CPU seconds of a process and of its children, and the last line it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used, done.stdout.strip().rpartition("\n")[2]


def net(python: str, imports: str, program: str, log: Path, repeat: int) -> tuple[float, str]:
    """The least of some measurements, less the least time that the imports take."""
    idle = min(cpu([python, "-c", imports])[0] for _ in range(repeat))
    runs = [cpu([python, "-c", f"{imports}\n{program}", str(log)]) for _ in range(repeat)]
    return min(runs)[0] - idle, runs[0][1]


def say(line: str) -> None:
    """One line of the result, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Write the log, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--tags", type=int, default=20)
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--peer", default="", help="a Python with tensorboard installed")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        tags = [f"layer_{index // 2}/{('loss', 'gradient_norm')[index % 2]}" for index in range(asked.tags)]
        for index in range(asked.runs):
            write_run(log / f"run-{index}", tags, asked.steps, index)
        points = asked.runs * asked.tags * asked.steps
        size = sum(path.stat().st_size for path in log.rglob("*tfevents*")) / 1e6
        say(f"{points:,} points, {asked.runs} runs, {size:.0f} MB")
        ours, said = net(sys.executable, OURS_IMPORT, OURS, log, asked.repeat)
        if said != str(points):
            raise SystemExit(f"runpages read {said} points of {points}")
        say(f"{'runpages':28} {ours:7.2f} s CPU  {ours / points * 1e6:6.3f} s per million points")
        peers = (
            ("EventAccumulator", EA_IMPORT, EA, 1),
            ("tensorboard-data-server", SERVER_IMPORT, SERVER, asked.repeat),
        )
        for name, imports, program, repeat in peers:
            if not asked.peer:
                say(f"{name:28} skipped: no --peer given")
                continue
            try:
                used, _ = net(asked.peer, imports, program, log, repeat)
            except subprocess.CalledProcessError as error:
                say(f"{name:28} skipped: {error.stderr.strip().rpartition(chr(10))[2]}")
                continue
            say(
                f"{name:28} {used:7.2f} s CPU  {used / points * 1e6:6.3f} s per million points  {used / ours:5.1f} x ours"
            )


if __name__ == "__main__":
    main()

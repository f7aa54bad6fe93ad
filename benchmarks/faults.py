"""Breaks builds and publishes at many points and counts what readers saw.   python benchmarks/faults.py [OUT.md]

The parts are functions, so that the tests run short versions of the same.
"""

from __future__ import annotations

import errno
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from runpages.errors import RunpagesError

HERE = Path(__file__).parent.parent
sys.path.insert(0, str(HERE))

from benchmarks.parts import linked, s3_server, s3_settings, sealed  # noqa: E402

RUNS = {"a": "step,loss\n0,1.0\n1,0.5\n2,0.25\n", "b": "step,loss\n0,2.0\n1,1.5\n"}
_WRITES = ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.utime", "os.chmod", "shutil.rmtree")


def runs(room: Path) -> Path:
    """A folder with two small runs."""
    for name, text in RUNS.items():
        (room / "runs" / name).mkdir(parents=True, exist_ok=True)
        (room / "runs" / name / "metrics.csv").write_text(text)
    return room / "runs"


def build(room: Path, title: str) -> None:
    """One build of the runs in a room, in this process."""
    from runpages.cli import work

    options = {"title": title, "executor": "serial", "cache": str(room / "cache")}
    work.build([room / "runs"], room / "site", options, None)


def hooked(room: Path, strike: Callable[[int], None]) -> None:
    """From now on call `strike(n)` before the n-th operation on files of the room that are no sources."""
    count = 0
    inside, sources = str(room), str(room / "runs")

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        if (event == "open" or event in _WRITES) and arguments:
            path = str(arguments[0])
            if path.startswith(inside) and not path.startswith(sources):
                count += 1
                strike(count)

    sys.addaudithook(hook)


def forked(work: Callable[[], None]) -> int:
    """The exit status of a child that does the work: 0 done, 1 a refusal in words, 2 a traceback; negative: killed."""
    child = os.fork()
    if child == 0:
        code = 2
        try:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            os.dup2(null, 2)
            work()
            code = 0
        except RunpagesError:
            code = 1
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def operations(room: Path) -> int:
    """How many operations on files a build of the second title takes."""
    reader, writer = os.pipe()

    def counted() -> None:
        last = 0

        def strike(number: int) -> None:
            nonlocal last
            last = number

        hooked(room, strike)
        build(room, "new")
        os.write(writer, str(last).encode())

    forked(counted)
    os.close(writer)
    with os.fdopen(reader) as stream:
        return int(stream.read() or 0)


def struck(points: int, fault: str) -> dict[str, Any]:
    """Builds that are killed, or get an error of the system, at evenly spread operations: what stood afterwards."""
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        runs(room)
        build(room, "new")
        new = tree_bytes(room / "site")
        build(room, "old")
        old = tree_bytes(room / "site")
        total = operations(room)
        seen = {"points": 0, "operations": total, "old": 0, "new": 0, "neither": 0, "tracebacks": 0, "left": 0}
        for point in sorted({1 + round(at * (total - 1) / max(1, points - 1)) for at in range(points)}):
            build(room, "old")
            code = forked(lambda point=point: one(room, point, fault))  # type: ignore[misc]
            now = tree_bytes(room / "site")
            seen["old" if now == old else "new" if now == new else "neither"] += 1
            seen["points"] += 1
            seen["tracebacks"] += code == 2
            seen["left"] += fault != "kill" and (room / ".site.runpages-new").exists()
        build(room, "new")
        seen["healed"] = tree_bytes(room / "site") == new
        return seen


def one(room: Path, point: int, fault: str) -> None:
    """A build with the fault at one operation."""
    hooked(room, lambda at: hit(at, point, fault))
    build(room, "new")


def hit(at: int, point: int, fault: str) -> None:
    """Do the fault when it is time."""
    if at == point:
        if fault == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        code = getattr(errno, fault)
        raise OSError(code, os.strerror(code))


def tree_bytes(folder: Path) -> dict[str, bytes]:
    """path -> bytes of a site."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def flipped(bytes_: int) -> dict[str, Any]:
    """Builds from a cache with one byte changed: how many differ from a build without a cache."""
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        runs(room)
        build(room, "t")
        cold = tree_bytes(room / "site")
        kept = tree_bytes(room / "cache")
        chosen = random.Random(8)  # noqa: S311
        names = [name for name, content in sorted(kept.items()) if content]
        seen = {"flips": 0, "differ": 0, "failed": 0}
        for _ in range(bytes_):
            path = chosen.choices(names, [len(kept[name]) for name in names])[0]
            content = bytearray(kept[path])
            content[chosen.randrange(len(content))] ^= 1 << chosen.randrange(8)
            (room / "cache" / path).write_bytes(content)
            code = forked(lambda: build(room, "t"))
            seen["flips"] += 1
            seen["failed"] += code != 0
            seen["differ"] += tree_bytes(room / "site") != cold
            for one, was in kept.items():
                (room / "cache" / one).write_bytes(was)
        return seen


def pushers(count: int) -> dict[str, Any]:
    """Publishers at once onto one branch: how many reports are listed afterwards."""
    import json
    import subprocess

    from runpages.publish import Options, publish

    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        subprocess.run(["git", "init", "-q", "--bare", str(room / "forge.git")], check=True)
        start = time.perf_counter()

        def send(number: int) -> None:
            site = sealed(room / f"site{number}", linked(2, str(number)))
            options = Options(channel="pr", to=str(number), attempts=40, repository=room)
            publish(site, f"git+file://{room}/forge.git#pages", options)

        with ThreadPoolExecutor(count) as pool:
            list(pool.map(send, range(count)))
        spent = time.perf_counter() - start
        show = ["git", "--git-dir", str(room / "forge.git"), "show", "pages:reports.json"]
        listed = json.loads(subprocess.run(show, capture_output=True, check=True).stdout)["reports"]
        return {"publishers": count, "listed": len(listed), "seconds": round(spent, 1)}


def incremental(total: int) -> dict[str, Any]:
    """A publish of a site of which one run changed, to S3: objects sent, and seconds."""
    from runpages.publish import publish
    from runpages.publish.remote import Bucket

    files = {f"runs/{number}.html": f"<p>{number}</p>" for number in range(total)}
    files |= {"index.html": "old", "data/runs.js": "old", "data/curves/loss.js": "old"}
    with tempfile.TemporaryDirectory() as name, s3_server() as address, s3_settings(address):
        room = Path(name)
        Bucket("s3://big").fs.mkdir("big")
        start = time.perf_counter()
        publish(sealed(room / "1", files), "s3://big/site")
        first = time.perf_counter() - start
        changed = {
            **files,
            "runs/7.html": "new",
            "index.html": "new",
            "data/runs.js": "new",
            "data/curves/loss.js": "new",
        }
        site = sealed(room / "2", changed)
        start = time.perf_counter()
        report = publish(site, "s3://big/site")
        spent = time.perf_counter() - start
    sent = len(report.written) + 2
    share = f"{100 * sent / len(files):.2f} %"
    return {"objects": len(files), "sent": sent, "share": share, "first s": round(first, 1), "s": round(spent, 2)}


def main() -> None:
    """Everything, into one Markdown table."""
    figures = {
        "SIGKILL during a build": struck(200, "kill"),
        "ENOSPC during a build": struck(10_000, "ENOSPC"),
        "EIO during a build": struck(10_000, "EIO"),
        "one bit of the cache": flipped(1000),
        "publishers onto one branch": pushers(10),
        "one run of 2,000 changed, S3": incremental(2000),
    }
    lines = ["# Faults", "", "Made by `python benchmarks/faults.py docs/benchmarks/faults.md`.", ""]
    for name, seen in figures.items():
        lines += [f"- **{name}**: " + ", ".join(f"{key} {value}" for key, value in seen.items())]
    text = "\n".join(lines) + "\n"
    sys.stdout.write(text)
    if len(sys.argv) > 1:
        Path(sys.argv[1]).parent.mkdir(parents=True, exist_ok=True)
        Path(sys.argv[1]).write_text(text)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()

"""Breaks builds and publishes at many points and counts what readers saw.

    python benchmarks/faults.py [OUT.md] [--only put-kill kill full broken flips s3 ...] [--points N]

The parts are functions, so that the tests run short versions of the same.
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent.parent
sys.path[0] = str(HERE)  # not this folder: its inspect.py is not the one of Python

from benchmarks.cuts import cut_git, cut_s3, points_of  # noqa: E402
from benchmarks.parts import linked, sealed  # noqa: E402

from runpages.errors import RunpagesError, TargetError  # noqa: E402
from runpages.seal import seal, workshop  # noqa: E402

RUNS = {"a": "step,loss\n0,1.0\n1,0.5\n2,0.25\n", "b": "step,loss\n0,2.0\n1,1.5\n"}
Work = Callable[[Path, str], None]
_WRITES = ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.utime", "os.chmod", "shutil.rmtree")


def runs(room: Path) -> Path:
    """A folder with two small runs, old enough that the store may be trusted with them."""
    then = time.time() - 60
    for name, text in RUNS.items():
        file = room / "runs" / name / "metrics.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        os.utime(file, (then, then))
    return room / "runs"


def build(room: Path, title: str) -> None:
    """One build of the runs in a room, in this process."""
    from runpages.cli import work

    options = {"title": title, "executor": "serial", "cache": str(room / "cache")}
    work.build([room / "runs"], room / "site", options, None)


def put(room: Path, title: str) -> None:
    """Fifty pages written and put in place, as a build does it, without what draws them."""
    try:
        with workshop(room / "site") as new:
            (new / "runs").mkdir()
            for number in range(50):
                (new / "runs" / f"{number}.html").write_text(f"<h1>{title} {number if number % 5 else ''}</h1>")
            seal(new, room / "site", version="1")
    except OSError as error:
        raise TargetError("disk-failed", f"the disk failed: {error}") from error


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


def operations(room: Path, work: Work) -> int:
    """How many operations on files a build of the second title takes."""
    reader, writer = os.pipe()

    def counted() -> None:
        last = 0

        def strike(number: int) -> None:
            nonlocal last
            last = number

        hooked(room, strike)
        work(room, "new")
        os.write(writer, str(last).encode())

    forked(counted)
    os.close(writer)
    with os.fdopen(reader) as stream:
        return int(stream.read() or 0)


def struck(points: int, fault: str, work: Work = build) -> dict[str, Any]:
    """Builds that are killed, or get an error of the system, at evenly spread operations: what stood afterwards.

    Each begins with the old site, its cache, and whatever the build before left behind.
    """
    import runpages.plugin  # noqa: F401 - once, not in every child

    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        runs(room)
        assert forked(lambda: work(room, "new")) == 0  # in a child: here it would start threads that no child has
        new = tree_bytes(room / "site")
        work(room, "old")  # in this process: nothing is left to draw, and every child finds its templates ready
        assert threads() == 1
        old = tree_bytes(room / "site")
        (room / "cache").mkdir(exist_ok=True)
        kept = shutil.copytree(room / "site", room / "kept-site"), shutil.copytree(room / "cache", room / "kept-cache")
        total = operations(room, work)
        seen = {"points": 0, "operations": total, "old": 0, "new": 0, "neither": 0, "tracebacks": 0, "left": 0}
        for point in points_of(total, points):
            for was in kept:
                again(was, room / was.name.removeprefix("kept-"))
            code = forked(lambda point=point: one(room, point + 1, fault, work))  # type: ignore[misc]
            now = tree_bytes(room / "site")
            seen["old" if now == old else "new" if now == new else "neither"] += 1
            seen["points"] += 1
            seen["tracebacks"] += code == 2
            seen["left"] += fault != "kill" and (room / ".site.runpages-new").exists()
        seen["healed"] = forked(lambda: work(room, "new")) == 0 and tree_bytes(room / "site") == new
        return seen


def built(room: Path, title: str) -> int:
    """A build in a child: the drawing library's threads would be missing in every child that draws after this process did."""
    return forked(lambda: build(room, title))


def threads() -> int:
    """Threads of this process: with more than one, a child of it may wait for ever."""
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else 1


def again(was: Path, place: Path) -> None:
    """Make a folder what it was, when it is not."""
    if not place.is_dir() or tree_bytes(place) != tree_bytes(was):
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(was, place)


def one(room: Path, point: int, fault: str, work: Work) -> None:
    """A build with the fault at one operation."""
    hooked(room, lambda at: hit(at, point, fault))
    work(room, "new")


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


def flipped(flips: int) -> dict[str, Any]:
    """Builds from a cache with one bit changed, in every file of it equally often: how many differ from a cold build."""
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        runs(room)
        import runpages.plugin  # noqa: F401 - once, not in every child

        assert built(room, "t") == 0
        cold, kept = tree_bytes(room / "site"), tree_bytes(room / "cache")
        chosen = random.Random(8)  # noqa: S311
        names = [name for name, content in sorted(kept.items()) if content]
        seen = {"flips": 0, "files": len(names), "differ": 0, "failed": 0}
        for number in range(flips):
            path = names[number % len(names)]
            content = bytearray(kept[path])
            content[chosen.randrange(len(content))] ^= 1 << chosen.randrange(8)
            (room / "cache" / path).write_bytes(content)
            seen["flips"] += 1
            seen["failed"] += built(room, "t") != 0
            seen["differ"] += tree_bytes(room / "site") != cold
            for one, was in kept.items():
                (room / "cache" / one).write_bytes(was)
        return seen


def pushers(count: int) -> dict[str, Any]:
    """Publishers at once onto one branch: how many reports are listed afterwards."""
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


# name -> (what it is called, how many points are the full measure, what does it)
ALL: dict[str, tuple[str, int, Callable[[int], dict[str, Any]]]] = {
    "put-kill": ("SIGKILL at every operation of putting 50 pages in place", 10_000, lambda n: struck(n, "kill", put)),
    "put-full": ("ENOSPC at every operation of the same", 10_000, lambda n: struck(n, "ENOSPC", put)),
    "put-broken": ("EIO at every operation of the same", 10_000, lambda n: struck(n, "EIO", put)),
    "kill": ("SIGKILL during a build", 200, lambda points: struck(points, "kill")),
    "full": ("ENOSPC during a build", 10_000, lambda points: struck(points, "ENOSPC")),
    "broken": ("EIO during a build", 10_000, lambda points: struck(points, "EIO")),
    "flips": ("one bit of the cache", 1000, flipped),
    "s3": ("an upload to S3, cut after every request", 10_000, cut_s3),
    "git": ("a push to a branch, cut after every so many bytes", 200, cut_git),
    "pushers": ("publishers onto one branch", 10, pushers),
}


def main() -> None:
    """Everything, or the named parts, into a Markdown list; with --json as one object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", nargs="?", type=Path)
    parser.add_argument("--only", nargs="+", choices=ALL, default=list(ALL))
    parser.add_argument("--points", type=int, help="at most so many of each")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    seen = {}
    for name in given.only:
        _, full, work = ALL[name]
        began = time.perf_counter()
        seen[name] = work(min(full, given.points or full))
        sys.stderr.write(f"{name} {seen[name]} in {time.perf_counter() - began:.0f} s\n")
    told = [
        f"- **{ALL[name][0]}**: " + ", ".join(f"{key} {value}" for key, value in seen[name].items()) for name in seen
    ]
    command = " ".join(["python benchmarks/faults.py docs/benchmarks/faults.md", *sys.argv[2:]])
    text = "\n".join(["# Faults", "", f"Made by `{command}`.", "", *told]) + "\n"
    sys.stdout.write(json.dumps(seen) if given.json else text)
    if given.output:
        given.output.parent.mkdir(parents=True, exist_ok=True)
        given.output.write_text(text)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()

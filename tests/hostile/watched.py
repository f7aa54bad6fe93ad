"""An audit hook that notes what no reader may do: unpickle, run programs, connect, write outside of output and cache."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

FORBIDDEN = (
    *("pickle.find_class", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn"),
    *(
        "socket.connect",
        "socket.bind",
        "socket.getaddrinfo",
        "urllib.Request",
        "webbrowser.open",
        "os.symlink",
        "os.link",
    ),
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_looking: list[tuple[tuple[str, ...], list[str]]] = []
_hooked = False
TEMPORARY = "/tmp"  # noqa: S108 - how temporary folders begin, below the temporary folder


@contextmanager
def watched(allowed: Sequence[Path]) -> Iterator[list[str]]:
    """What was done that is forbidden, while it is done; writing is allowed below `allowed` and in the system's own places."""
    _hook()
    _looking.append((_places(allowed), []))
    try:
        yield _looking[-1][1]
    finally:
        _looking.pop()


def watch(allowed: Sequence[Path], report: str) -> None:
    """The same for a whole process and its forked workers: what is forbidden is written to the file `report`."""

    class Kept(list[str]):
        def append(self, one: str) -> None:
            _looking.clear()
            with Path(report).open("a") as file:
                file.write(f"{one}\n")

    _hook()
    _looking.append((_places(allowed), Kept()))


def _places(allowed: Sequence[Path]) -> tuple[str, ...]:
    system = (Path("/dev"), Path("/proc/self"), Path(tempfile.gettempdir()) / "runpages", Path("/dev/shm"))  # noqa: S108
    return tuple(str(path) for path in (*(one.resolve() for one in allowed), *system))


def _hook() -> None:
    global _hooked
    if not _hooked:
        import sys

        _hooked = True
        sys.addaudithook(_look)


def _look(event: str, arguments: tuple[Any, ...]) -> None:
    if not _looking:
        return
    places, seen = _looking[-1]
    if event in FORBIDDEN and not _ours(event):
        seen.append(f"{event} {str(arguments)[:200]}")
    elif event == "open" and _writes(arguments) and not _inside(arguments[0], places):
        seen.append(f"open {arguments[0]!r} {arguments[1]!r}")


def _ours(event: str) -> bool:
    """Not a reader's doing: a library that is loaded, workers that hand over their results, code that is imported."""
    import sys

    frame: FrameType | None = sys._getframe(2)
    names = set()
    while frame is not None:
        names.add(frame.f_globals.get("__name__", ""))
        frame = frame.f_back
    if event == "pickle.find_class":
        return any(name.startswith(("multiprocessing", "concurrent.futures")) for name in names)
    return event == "subprocess.Popen" and bool(names & {"platform", "multiprocessing.util", "ctypes.util", "uuid"})


def _writes(arguments: tuple[Any, ...]) -> bool:
    _, mode, flags = arguments
    if isinstance(mode, str):
        return any(sign in mode for sign in "wax+")
    return isinstance(flags, int) and bool(flags & _WRITES)


def _inside(path: Any, places: tuple[str, ...]) -> bool:
    if isinstance(path, int):
        return True
    place = os.path.realpath(os.fsdecode(path))
    own = os.path.realpath(tempfile.gettempdir())
    return place.startswith(places) or (
        place.startswith(own) and ("runpages" in place or place[len(own) :].startswith(TEMPORARY))
    )

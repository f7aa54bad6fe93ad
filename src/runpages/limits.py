"""What reading one source may cost: time and memory. A source that wants more costs itself only."""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

SECONDS = 120.0  # for a source, and one more for each of its megabytes
MEMORY = 4 << 30  # bytes more than the process had before, and eight times what the source has
_GRACE = 30  # seconds of processor time more, after which the system ends a worker that does not listen


class RanAway(BaseException):
    """A source took longer than it may; no reader's `except Exception` may keep it."""


@contextmanager
def limited(size: int) -> Iterator[None]:
    """Read a source of `size` bytes within its limits: RanAway after its time, MemoryError beyond its memory.

    Only where the system can (POSIX, the main thread of a process); elsewhere nothing is limited.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return
    seconds = SECONDS + size / 1e6
    before = signal.signal(signal.SIGALRM, _ran_away)
    restore = _bounded(MEMORY + 8 * size, seconds)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        for kind, bounds in restore:
            _set(kind, bounds)


def _ran_away(_: int, __: FrameType | None) -> None:
    raise RanAway


def _bounded(memory: int, seconds: float) -> list[tuple[int, tuple[int, int]]]:
    """Bound this process; returns what the bounds were. Processor time is bounded in workers alone: its end is a kill."""
    import resource

    wanted = {resource.RLIMIT_AS: _held() + memory}
    if multiprocessing.parent_process() is not None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        wanted[resource.RLIMIT_CPU] = int(used.ru_utime + used.ru_stime + seconds + _GRACE)
    before = []
    for kind, soft in wanted.items():
        bounds = resource.getrlimit(kind)
        hard = bounds[1]
        before.append((kind, bounds))
        _set(kind, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))
    return before


def _set(kind: int, bounds: tuple[int, int]) -> None:
    import resource

    try:
        resource.setrlimit(kind, bounds)
    except (ValueError, OSError):  # a system that allows no such bound
        return


def _held() -> int:
    """Bytes of address space this process has now."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * 4096
    except (OSError, ValueError, IndexError):
        return 64 << 30  # a system that does not say: too much rather than too little

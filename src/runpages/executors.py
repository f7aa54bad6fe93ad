"""The parallel seam: a `concurrent.futures.Executor` by name."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

from runpages.errors import ConfigError

KINDS = ("auto", "process", "serial", "thread", "dask:ADDRESS")


class SerialExecutor(Executor):
    """Runs each task at once, in this process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """A future that is done already."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def make_executor(kind: str, jobs: int | None = None) -> Executor:
    """The executor called `kind` with `jobs` workers (default: one per processor). Raises ConfigError for an unknown one."""
    kind, _, given = kind.partition("=")
    workers = jobs or int(given or 0) or os.cpu_count() or 1
    if kind == "serial":
        return SerialExecutor()
    if kind == "thread":
        return ThreadPoolExecutor(workers)
    if kind == "process":
        return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context(_start_method()))
    if kind.startswith("dask:"):
        return _dask(kind.removeprefix("dask:"))
    raise ConfigError("executor-unknown", f"no executor is called {kind}", hint=f"one of {', '.join(KINDS)}")


def _start_method() -> str:
    """Forking costs 30 ms against 300, but is safe only where no other thread runs."""
    return "fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn"


def _dask(address: str) -> Executor:
    try:
        from distributed import Client  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        raise ConfigError("executor-missing", "dask is not installed", hint="pip install distributed") from None
    executor: Executor = Client(address).get_executor()
    return executor

# ruff: noqa: T201 - printing is what it is for
"""Fuzz every codec for long: `python -m tests.fuzz [--inputs 200000] [--seed 1] [--only NAME]`.

An input that raises an undeclared error, or takes more than a second of processor time, is kept under tests/fuzz/kept.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import time

from tests.fuzz.targets import KEPT, TARGETS, Target, inputs


def fuzz(target: Target, amount: int, seed: int) -> tuple[int, float, int]:
    """(inputs, slowest in seconds of processor time, failures) of one codec."""
    done, slowest, failed = 0, 0.0, 0
    for data in inputs(target, amount, seed):
        start = time.process_time()
        try:
            target.run(data)
        except target.declared:
            pass
        except Exception as error:
            failed += 1
            print(f"{target.name}: {type(error).__name__}: {str(error)[:200]}")
            keep(target, data)
        took = time.process_time() - start
        if took > 1:
            keep(target, data)
            failed += 1
        slowest = max(slowest, took)
        done += 1
    return done, slowest, failed


def keep(target: Target, data: bytes) -> None:
    """Keep an input for ever."""
    folder = KEPT / target.name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha256(data).hexdigest()[:12]).write_bytes(data)


def main() -> None:
    """Fuzz and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--inputs", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    for target in TARGETS:
        if given.only in ("", target.name):
            done, slowest, failed = fuzz(target, given.inputs, given.seed)
            print(f"{target.name:<10} {done:>9,} inputs  slowest {slowest:.3f} s  {failed} failed", flush=True)
    print(f"most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:.0f} MB")


if __name__ == "__main__":
    main()

"""Short versions of benchmarks/faults.py: killed, out of disk, ten at once: the old site or the new one, none lost."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from benchmarks import faults


@pytest.mark.parametrize("fault", ["kill", "ENOSPC", "EIO"])
def test_a_build_that_is_struck_leaves_the_old_site_or_the_new_one(fault: str) -> None:
    seen = alone({"kill": "kill", "ENOSPC": "full", "EIO": "broken"}[fault], 3)
    assert seen["points"] == 3
    assert seen["old"] + seen["new"] == 3
    assert (seen["neither"], seen["left"], seen["tracebacks"]) == (0, 0, 0)
    assert seen["healed"]


def test_ten_pushers_at_once_are_all_listed() -> None:
    assert faults.pushers(10)["listed"] == 10


def alone(kind: str, points: int) -> dict[str, int]:
    """The figures of one kind of fault, in a process of its own: it forks, and opens servers and loops."""
    command = [sys.executable, faults.__file__, "--only", kind, "--points", str(points), "--json"]
    seen: dict[str, dict[str, int]] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return seen[kind]


def test_a_changed_bit_of_the_cache_changes_nothing_of_the_site() -> None:
    seen = alone("flips", 12)
    assert seen["flips"] == 12
    assert (seen["differ"], seen["failed"]) == (0, 0)


def test_an_upload_to_s3_that_is_cut_leaves_whole_pages_and_the_next_one_heals() -> None:
    seen = alone("s3", 6)
    assert seen["points"] == seen["cut"] == seen["healed"] == 6
    assert seen["dangling"] == 0


def test_a_push_that_is_cut_leaves_the_old_site_or_the_new_one() -> None:
    seen = alone("git", 6)
    assert seen["points"] == seen["healed"] == 6
    assert seen["old"] >= 5
    assert seen["neither"] == 0

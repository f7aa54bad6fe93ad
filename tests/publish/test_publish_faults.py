"""Short versions of benchmarks/faults.py: killed, out of disk, ten at once: the old site or the new one, none lost."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from benchmarks import faults
from benchmarks.cuts import points_of


@pytest.mark.parametrize("fault", ["put-kill", "put-full", "put-broken", "full"])
def test_a_build_that_is_struck_leaves_the_old_site_or_the_new_one(fault: str) -> None:
    points = 3 if fault == "full" else 12
    seen = alone(fault, points)
    assert seen["points"] == points
    assert seen["old"] + seen["new"] == points
    assert (seen["neither"], seen["tracebacks"]) == (0, 0)
    assert seen["healed"]


def test_every_point_is_struck_when_there_are_no_more_than_asked_for() -> None:
    assert points_of(51, 10_000) == list(range(51))
    assert points_of(51, 3) == [0, 25, 50]
    assert points_of(5, 1) == [0]


def test_ten_pushers_at_once_are_all_listed() -> None:
    assert faults.pushers(10)["listed"] == 10


def alone(kind: str, points: int) -> dict[str, int]:
    """The figures of one kind of fault, in a process of its own: it forks, and opens servers and loops."""
    command = [sys.executable, faults.__file__, "--only", kind, "--points", str(points), "--json"]
    seen: dict[str, dict[str, int]] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return seen[kind]


def test_a_changed_bit_of_the_cache_changes_nothing_of_the_site() -> None:
    seen = alone("flips", 6)
    assert seen["flips"] == 6
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

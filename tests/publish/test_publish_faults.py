"""Short versions of benchmarks/faults.py: killed, out of disk, ten at once: the old site or the new one, none lost."""

from __future__ import annotations

import pytest
from benchmarks import faults


@pytest.mark.parametrize("fault", ["kill", "ENOSPC", "EIO"])
def test_a_build_that_is_struck_leaves_the_old_site_or_the_new_one(fault: str) -> None:
    seen = faults.struck(6, fault)
    assert seen["points"] == 6
    assert seen["old"] + seen["new"] == 6
    assert (seen["neither"], seen["left"], seen["tracebacks"]) == (0, 0, 0)
    assert seen["healed"]


def test_ten_pushers_at_once_are_all_listed() -> None:
    assert faults.pushers(10)["listed"] == 10

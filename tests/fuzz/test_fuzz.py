"""A short slice of the fuzzing, the same each time; `python -m tests.fuzz` runs for long."""

from __future__ import annotations

import contextlib

import pytest
from tests.fuzz.targets import TARGETS, Target, inputs


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_codec_raises_only_what_it_declares(target: Target) -> None:
    for data in inputs(target, 150, seed=8):
        with contextlib.suppress(*target.declared):
            target.run(data)


def test_every_codec_has_real_seeds_or_kept_ones() -> None:
    from tests.fuzz.targets import seeds

    assert [target.name for target in TARGETS if len(seeds(target)) < 2] == []

"""Every reader over every sample of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from runpages.readers import Reader, installed
from runpages.testing import LAWS

SAMPLES = Path(__file__).parent.parent / "sample_runs"
CASES = [
    (name, sample)
    for name in installed().readers
    for sample in (
        sorted(path for path in (SAMPLES / name).iterdir() if path.is_dir()) if (SAMPLES / name).is_dir() else ()
    )
]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__.removeprefix("law_"))
@pytest.mark.parametrize(("name", "sample"), CASES, ids=[f"{name}-{sample.name}" for name, sample in CASES])
def test_law(name: str, sample: Path, law: Callable[[Reader, Path, Path], None], tmp_path: Path) -> None:
    law(installed().readers[name], sample, tmp_path)


def test_every_built_in_reader_loads() -> None:
    assert not installed().broken


def test_every_reader_has_samples() -> None:
    without = [name for name in installed().readers if name not in {case[0] for case in CASES}]
    assert not without

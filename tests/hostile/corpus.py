"""All classes of bad input, and their kept files."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.hostile import files, texts  # noqa: F401 - they register their cases
from tests.hostile.cases import CASES, KEPT, Case


def lay_out(case: Case, folder: Path) -> None:
    """The case's folder: its kept files, or what its maker makes."""
    kept = KEPT / case.name
    if kept.is_dir():
        shutil.copytree(kept, folder)
    else:
        case.make(folder)


def keep() -> None:
    """Write the kept files anew."""
    shutil.rmtree(KEPT, ignore_errors=True)
    for case in CASES.values():
        if not case.big:
            case.make(KEPT / case.name)

"""Every file of every sample, cut at each of fifty places: notes or nothing, never an exception.

Takes minutes, so it is no part of the usual tests: `pytest tests/long/cuts.py`.
"""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest

from runpages.errors import Notes, NotMine
from runpages.readers import installed, list_folder
from runpages.testing import sources

SAMPLES = Path(__file__).parents[2] / "sample_runs"
PLACES = 50
CASES = [
    (name, sample)
    for name in installed().readers
    if (SAMPLES / name).is_dir()
    for sample in sorted(path for path in (SAMPLES / name).iterdir() if path.is_dir())
]


@pytest.mark.parametrize(("name", "sample"), CASES, ids=[f"{name}-{sample.name}" for name, sample in CASES])
def test_a_file_cut_anywhere_gives_notes(name: str, sample: Path, tmp_path: Path) -> None:
    reader = installed().readers[name]
    copy = tmp_path / "copy"
    shutil.copytree(sample, copy)
    claimed = sources(reader, copy)
    for path in sorted(path for path in copy.rglob("*") if path.is_file() and not path.is_symlink()):
        concerned = [one for one in claimed if any(file == path or file in path.parents for file in one.files)]
        whole = path.read_bytes()
        for length in sorted({len(whole) * place // PLACES for place in range(PLACES)}) if concerned else ():
            path.write_bytes(whole[:length])
            list(reader.find(list_folder(path.parent, path.parent.relative_to(copy).as_posix())))
            for source in concerned:
                with contextlib.suppress(NotMine):
                    list(reader.read(source, Notes()))
        path.write_bytes(whole)

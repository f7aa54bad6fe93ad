"""What docs/reference says is what the code says; the door holds what it names."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import runpages

SCRIPT = Path(__file__).parent.parent / "docs" / "make_reference.py"


def test_the_reference_is_fresh(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(SCRIPT), str(tmp_path)], check=True)
    made = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    kept = {name: (SCRIPT.parent / "reference" / name).read_text(encoding="utf-8") for name in made}
    assert kept == made, "renew with: python docs/make_reference.py"


def test_every_public_name_is_there() -> None:
    for name in runpages.__all__:
        assert getattr(runpages, name) is not None
    assert set(runpages.__all__) <= set(dir(runpages))


def test_importing_runpages_loads_nothing_heavy() -> None:
    code = "import sys, runpages; print([m for m in ('pandas', 'numpy', 'mkdocs', 'altair') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_runs_are_read_and_built_from_python(samples: Path, tmp_path: Path) -> None:
    cache = str(tmp_path / "cache")
    with runpages.read_runs(samples / "lightning" / "digits-sweep", cache=cache) as runs:
        assert len(runs) == 4
        assert "metric:val_acc" in runs.table().columns
    assert runpages.export_runs(samples / "lightning" / "digits-sweep", kind="csv", cache=cache).startswith(b"id,name,")
    done = runpages.build_site(samples / "lightning" / "digits-sweep", output=tmp_path / "site", cache=cache)
    assert done["runs"] == 4
    assert (tmp_path / "site" / "index.html").is_file()
    assert runpages.verify(tmp_path / "site") == []


def test_a_name_that_is_not_there_says_so() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        runpages.nothing  # noqa: B018

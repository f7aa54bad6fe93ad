"""The same runs give the same site, to the byte: elsewhere, later, in another order of work."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CASES = ("plain", "lightning", "tensorboard", "mlflow")


def hashes(site: Path) -> dict[str, str]:
    """Every file of a site by its path, hashed."""
    files = sorted(path for path in site.rglob("*") if path.is_file())
    return {path.relative_to(site).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def build(room: Path, samples: Path, *options: str, **environment: str) -> Path:
    """A site of some of the samples, copied into `room` first, built by the command."""
    if not (room / "runs").exists():
        for name in CASES:
            shutil.copytree(samples / name, room / "runs" / name)
    command = [sys.executable, "-m", "runpages", "build", "runs", "--quiet", *options]
    subprocess.run(command, cwd=room, check=True, env=os.environ | environment)
    return room / "site"


@pytest.fixture(scope="module")
def first(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("first"), samples, "--executor", "serial", TZ="UTC", PYTHONHASHSEED="0")


def test_another_place_time_zone_hash_seed_and_two_workers(first: Path, samples: Path, tmp_path: Path) -> None:
    room = tmp_path / "somewhere" / "else"
    room.mkdir(parents=True)
    other = build(room, samples, "--executor", "process=2", TZ="Asia/Kathmandu", PYTHONHASHSEED="77", LC_ALL="C")
    assert hashes(other) == hashes(first)


def test_a_second_build_out_of_the_store(first: Path, samples: Path) -> None:
    before = hashes(first)
    assert hashes(build(first.parent, samples)) == before


@pytest.mark.parametrize("damage", [b"", b"not a database at all" * 400, b"cut"], ids=["empty", "foreign", "cut"])
def test_a_damaged_store_is_made_again(first: Path, samples: Path, damage: bytes) -> None:
    before = hashes(first)
    (store,) = (first.parent).rglob("store.sqlite")
    store.write_bytes(store.read_bytes()[:70_000] if damage == b"cut" else damage)
    assert hashes(build(first.parent, samples)) == before


def test_what_was_made_for_pages_may_be_damaged_too(first: Path, samples: Path) -> None:
    before = hashes(first)
    kept = [path for path in (first.parent / ".cache").rglob("*") if path.is_file() and "store" not in path.name]
    assert kept
    for path in kept:
        path.write_bytes(b"\0" * 100)
    assert hashes(build(first.parent, samples)) == before

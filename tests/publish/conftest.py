"""Real sealed sites and real bare repositories."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from runpages import seal

Build = Callable[..., Path]
PAGES = {"index.html": "<h1>Runs</h1>", "runs/a.html": "<p>a</p>", "data/a.js": "x='1'", "_notes/b.html": "b"}


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of whoever runs the tests: no identity, no helper, no checkout around."""
    for name in list(os.environ):
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """`build(files, profile=..., name=...)` -> a sealed site."""

    def make(files: dict[str, str] = PAGES, *, profile: str = "public", name: str = "site") -> Path:
        target = tmp_path / name
        with seal.workshop(target) as new:
            for path, text in files.items():
                (new / path).parent.mkdir(parents=True, exist_ok=True)
                (new / path).write_text(text)
            seal.seal(new, target, version="1", profile=profile)
        return target

    return make


def git(*arguments: str, cwd: Path, **environment: str) -> str:
    """What a git command prints; the commit identity of Ana."""
    ana = {"GIT_AUTHOR_NAME": "Ana", "GIT_AUTHOR_EMAIL": "ana@lab.example"}
    ana |= {"GIT_COMMITTER_NAME": "Ana", "GIT_COMMITTER_EMAIL": "ana@lab.example"}
    done = subprocess.run(
        ["git", *arguments],
        cwd=cwd,
        env={**os.environ, **ana, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """An empty bare repository, as a forge holds it."""
    git("init", "--quiet", "--bare", "-b", "main", str(tmp_path / "forge.git"), cwd=tmp_path)
    return tmp_path / "forge.git"


@pytest.fixture
def checkout(tmp_path: Path, bare: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of the repository with a commit on main, an uncommitted change and a staged one; we stand in it."""
    here = tmp_path / "checkout"
    git("clone", "--quiet", str(bare), str(here), cwd=tmp_path)
    (here / "train.py").write_text("lr = 0.1\n")
    git("add", ".", cwd=here)
    git("commit", "--quiet", "-m", "Train", cwd=here)
    git("push", "--quiet", "origin", "HEAD:main", cwd=here)
    (here / "train.py").write_text("lr = 0.2\n")
    (here / "staged.py").write_text("staged\n")
    git("add", "staged.py", cwd=here)
    monkeypatch.chdir(here)
    return here


def commit_on(bare: Path, branch: str, files: dict[str, str], scratch: Path) -> None:
    """Somebody else's commit onto a branch."""
    git("clone", "--quiet", str(bare), str(scratch), cwd=bare)
    found = subprocess.run(["git", "checkout", "--quiet", branch], cwd=scratch, capture_output=True)
    if found.returncode:
        git("checkout", "--quiet", "--orphan", branch, cwd=scratch)
        git("rm", "-rfq", "--ignore-unmatch", ".", cwd=scratch)
    for name, text in files.items():
        (scratch / name).parent.mkdir(parents=True, exist_ok=True)
        (scratch / name).write_text(text)
    git("add", "-A", cwd=scratch)
    git("commit", "--quiet", "-m", "By hand", cwd=scratch)
    git("push", "--quiet", "origin", f"HEAD:{branch}", cwd=scratch)


def branch_files(bare: Path, branch: str = "gh-pages") -> dict[str, str]:
    """path -> text of what a branch holds, our manifest and markers left out."""
    names = git("ls-tree", "-r", "-z", "--name-only", branch, cwd=bare).split("\0")
    ours = (seal.MANIFEST, seal.MARKER, ".nojekyll")
    return {name: git("show", f"{branch}:{name}", cwd=bare) for name in names if name and Path(name).name not in ours}

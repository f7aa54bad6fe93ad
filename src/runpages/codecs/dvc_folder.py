"""DVC on disk: which folders it knows, the files of a work tree or of a DVCLive folder, nothing through links."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from runpages.codecs import dvc_project
from runpages.codecs.dvc_plots import Plot
from runpages.codecs.dvc_project import Tree, Unreadable
from runpages.codecs.git_history import History
from runpages.codecs.git_objects import Repository
from runpages.codecs.git_pack import GitError
from runpages.codecs.text import read_capped
from runpages.errors import Notes

EXPERIMENT = re.compile(r"refs/exps/([0-9a-f]{2})/([0-9a-f]{38})/([^/]+)")
NAMES_LIVE = re.compile(rb"([\w./ -]+?)/(?:metrics\.json|plots/metrics)\b")
HIDDEN = frozenset({".git", "tmp", "cache", "config.local", "__pycache__", "node_modules", ".venv"})
MAX_FILE = 16 << 20
MAX_LISTED = 50_000


def live_folders(folder: Path, children: tuple[str, ...], text: bytes) -> list[str]:
    """DVCLive folders that belong to this workspace: named in its dvc.yaml, or directly below, without others in them."""
    named = {match.decode("utf-8", "replace").strip(" ./") for match in NAMES_LIVE.findall(text)}
    found = [name for name in sorted(named | set(children)) if name and ".." not in name]
    return [name for name in found if is_live(folder / name) and not _holds_lives(folder / name)]


def is_live(path: Path) -> bool:
    """Whether `plots/metrics` holds a table with DVCLive's header, in the first files that come."""
    looked = 0
    for top, folders, files in os.walk(path / "plots" / "metrics"):
        folders.sort()
        for name in sorted(files):
            if name.endswith(".tsv"):
                with suppress(OSError):
                    head = read_capped(Path(top) / name, 64)[0]
                    if head.startswith((b"step\t", b"timestamp\tstep\t")):
                        return True
            looked += 1
            if looked > 50:
                return False
    return False


def _holds_lives(path: Path) -> bool:
    with suppress(OSError):
        return any(is_live(child) for child in path.iterdir() if child.is_dir() and not child.is_symlink())
    return False


def knows_dvc(git: Path) -> bool:
    """Whether a repository has experiments, or files of DVC in the newest commit of a branch."""
    try:
        repository = Repository(git)
        refs = repository.refs()
        if any(EXPERIMENT.fullmatch(ref) for ref in refs):
            return True
        start = repository.head()[1] or next((id_ for ref, id_ in refs.items() if ref.startswith("refs/heads/")), "")
        files = History(repository, Notes()).files(repository.commit(start)) if start else {}
    except GitError:
        return False
    return bool(dvc_project.roots(Tree(files, lambda _: b"")))


def plots_above(root: Path, levels: int) -> list[Plot]:
    """How a dvc.yaml further up, within the scanned folder, wants this DVCLive folder's plots drawn."""
    for up in range(1, 1 + levels):
        top = root.parents[up - 1]
        inner = root.relative_to(top).as_posix()
        if (top / "dvc.yaml").is_file():
            read: Callable[[str], bytes] = content_of(top)
            above = dvc_project.load(Tree({"dvc.yaml": ""}, read), "", Notes())
            mine = [plot for plot in above.plots if all(file.startswith(f"{inner}/") for file, _ in plot.sources)]
            return [
                replace(plot, sources=tuple((file.removeprefix(f"{inner}/"), y) for file, y in plot.sources))
                for plot in mine
            ]
    return []


def content_of(root: Path) -> Callable[[str], bytes]:
    """How to get the bytes of a file below a folder, up to MAX_FILE."""

    def content(name: str) -> bytes:
        try:
            data, more = read_capped(root / name, MAX_FILE)
        except (OSError, ValueError) as error:
            raise Unreadable(getattr(error, "strerror", None) or "cannot be read") from None
        if more:
            raise Unreadable(f"is larger than {MAX_FILE >> 20} MiB")
        return data

    return content


def disk_tree(root: Path, notes: Notes, own: tuple[str, ...] = ()) -> Tree:
    """The files of a folder, links left out; of a DVCLive folder only its own."""
    names: dict[str, str] = {}
    for top, folders, files in os.walk(root):
        below = Path(top).relative_to(root).as_posix()
        at = "" if below == "." else f"{below}/"
        folders[:] = sorted(name for name in folders if name not in HIDDEN and not (Path(top) / name).is_symlink())
        if own and not at:
            folders[:], files = [name for name in folders if name in own], [name for name in files if name in own]
        names |= {
            f"{at}{name}": "" for name in sorted(files) if name not in HIDDEN and not (Path(top) / name).is_symlink()
        }
        if len(names) > MAX_LISTED:
            notes.info("dvc-many-files", f"only the first {MAX_LISTED:,} files were looked at", kept="what they hold")
            break
    return Tree(names, content_of(root))

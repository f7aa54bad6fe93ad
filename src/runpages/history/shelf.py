"""Where published reports lie: a folder of them, or a branch or tag of a repository, read without a checkout."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from runpages.errors import ConfigError, RunpagesError
from runpages.history.entry import MOST, Entry, merged, parse_entry, parse_history
from runpages.publish.gitrepo import Git, Overtaken, address_of, environment_for

REPORT = "data/report.json"
HISTORY = "data/history.jsonl"
RUNS = "data/runs.jsonl"


class Shelf(Protocol):
    """A place with reports in it: POSIX paths of their files, and what a file holds."""

    @property
    def place(self) -> str:
        """Where it is, in words."""

    def names(self) -> list[str]:
        """The paths of all reports' numbers and histories."""

    def read(self, name: str) -> bytes:
        """The content of a file. Raises ConfigError when it is not there."""


@dataclass(frozen=True, slots=True)
class Published:
    """A report on a shelf: its folder ("" for the shelf's own) and its numbers."""

    folder: str
    entry: Entry

    @property
    def runs(self) -> str:
        """The path of its runs."""
        return f"{self.folder}/{RUNS}" if self.folder else RUNS


@dataclass(frozen=True, slots=True)
class FolderShelf:
    """A site, or a folder of sites."""

    root: Path
    place: str

    def names(self) -> list[str]:
        """See Shelf."""
        found = []
        for here, folders, files in os.walk(self.root):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            if Path(here).name == "data":
                found += [
                    Path(here, name).relative_to(self.root).as_posix()
                    for name in ("report.json", "history.jsonl")
                    if name in files
                ]
        return found

    def read(self, name: str) -> bytes:
        """See Shelf."""
        try:
            return (self.root / name).read_bytes()
        except OSError as error:
            raise missing(f"{self.place}/{name}", str(error.strerror)) from error


@dataclass(frozen=True, slots=True)
class GitShelf:
    """A branch or tag, fetched into a repository of our own; the user's is left as it is."""

    git: Git
    below: str
    place: str

    def names(self) -> list[str]:
        """See Shelf."""
        listed = self.git.run("ls-tree", "-r", "-z", "--name-only", "--full-tree", "FETCH_HEAD")
        names = [os.fsdecode(name) for name in listed.split(b"\0") if name]
        ours = [name for name in names if re.search(r"(^|/)data/(report\.json|history\.jsonl)$", name)]
        return sorted(name.removeprefix(self.below) for name in ours if name.startswith(self.below))

    def read(self, name: str) -> bytes:
        """See Shelf."""
        try:
            return self.git.run("cat-file", "blob", f"FETCH_HEAD:{self.below}{name}")
        except RunpagesError as error:
            raise missing(f"{self.place}:{name}", error.note.what) from error


@contextmanager
def open_shelf(where: str, repository: Path) -> Iterator[Shelf]:
    """The shelf at `branch:NAME[:FOLDER]`, `tag:NAME[:FOLDER]` (of origin, else of this checkout) or a folder's path.

    Raises ConfigError when there is none.
    """
    kind, _, rest = where.partition(":")
    if kind not in ("branch", "tag"):
        root = (repository / where).expanduser()
        if not root.is_dir():
            raise missing(where, "no such folder")
        yield FolderShelf(root, where)
        return
    name, _, below = rest.partition(":")
    with tempfile.TemporaryDirectory(prefix="runpages-") as scratch:
        git = Git(Path(scratch), environment_for(repository))
        git.run("init", "--quiet", "--bare", "--", scratch)
        _fetch(git, f"refs/{'heads' if kind == 'branch' else 'tags'}/{name}", where, repository)
        yield GitShelf(git, f"{below.strip('/')}/" if below.strip("/") else "", where)


def _fetch(git: Git, ref: str, where: str, repository: Path) -> None:
    """Bring the ref's last commit from origin, or from this checkout when origin does not have it."""
    said = "no such branch or tag"
    for address in _addresses(repository):
        try:
            if git.run("ls-remote", "--", address, ref).strip():
                git.run("fetch", "--quiet", "--depth=1", "--no-tags", "--", address, ref)
                return
        except (RunpagesError, Overtaken) as error:
            said = error.note.what if isinstance(error, RunpagesError) else str(error)
    raise missing(where, said)


def _addresses(repository: Path) -> Iterator[str]:
    with suppress(RunpagesError):
        yield address_of("origin", repository)
    yield f"file://{repository.resolve()}"


def missing(where: str, why: str) -> ConfigError:
    """The error for a baseline or a history that is not there."""
    return ConfigError(
        "baseline-missing",
        f"there is no report here: {why[:300]}",
        where=where,
        hint="publish one first, or name another: a site, branch:gh-pages, tag:v1, a runs.jsonl, run:ID",
    )


def published(shelf: Shelf) -> list[Published]:
    """The reports on a shelf that have their runs with them, the newest first; copies count once."""
    found: dict[tuple[str, str, str], Published] = {}
    for name in shelf.names():
        if name.endswith("report.json"):
            try:
                entry = parse_entry(shelf.read(name))
            except ValueError:
                continue  # damaged, or of a newer runpages: the others still count
            folder = name.removesuffix(REPORT).rstrip("/")
            held = found.get(entry.key)
            if held is None or "latest" in held.folder.split("/"):
                found[entry.key] = Published(folder, replace(entry, path=folder))
    order = {entry.key: place for place, entry in enumerate(_kept(shelf))}
    return sorted(
        found.values(), key=lambda one: (one.entry.at, order.get(one.entry.key, -1), one.folder), reverse=True
    )


def _kept(shelf: Shelf) -> list[Entry]:
    """What the reports' own histories say, the longest first: it knows the order best."""
    names = [name for name in shelf.names() if name.endswith("history.jsonl")]
    histories = sorted((parse_history(shelf.read(name))[-MOST:] for name in names), key=len, reverse=True)
    return [replace(entry, path="") for history in histories for entry in history]


def remembered(shelf: Shelf) -> list[Entry]:
    """Every report the shelf knows of, oldest first: those that lie there, and those whose numbers these kept."""
    return merged([*_kept(shelf), *(one.entry for one in published(shelf)[::-1])])

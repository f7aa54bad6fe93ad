"""What a reader is, and which ones are installed. A reader turns what one tracker wrote into runs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol, runtime_checkable

from runpages.errors import Notes
from runpages.model import Run, Source

GROUP = "runpages.readers"


@dataclass(frozen=True)
class Folder:
    """One directory, already listed, shown to every reader. Symbolic links are not in it.

    `key` is its POSIX path below the scanned folder, "." for that folder itself; `files` maps names to sizes in bytes.
    `unread` are those files that may not be read, `odd` what is neither file, folder nor link: pipes, sockets, devices.
    """

    path: Path
    key: str
    files: Mapping[str, int]
    folders: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()
    _peeked: dict[tuple[str, int], bytes] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of the files and folders in it."""
        return frozenset(self.files) | frozenset(self.folders)

    def peek(self, name: str, size: int = 4096) -> bytes:
        """The first `size` bytes of a file in it; empty when it cannot be read. Remembered for the next reader."""
        if (name, size) not in self._peeked:
            self._peeked[name, size] = _head(self.path / name, size)
        return self._peeked[name, size]

    def source(self, reader: str, *names: str, owns: Iterable[Path] = ()) -> Source:
        """A claim of this folder that is read again when one of the named files or folders changes."""
        return Source(reader, self.path, self.key, tuple(self.path / name for name in sorted(names)), tuple(owns))


@runtime_checkable
class Reader(Protocol):
    """One tracker's reader. `find` sees names, sizes and at most one peek; `read` does the parsing.

    `rank` settles who gets a folder that several readers want: the lowest; 0 for trackers, 5 for wrappers that write
    into other trackers' folders, 9 for guesses.
    """

    name: str
    title: str
    reads: str
    rank: int

    def find(self, folder: Folder) -> Iterable[Source]:
        """The sources in this folder (not below it)."""
        ...

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """The runs of a source. Raises NotMine to give it back; any damage becomes a note."""
        ...


@dataclass(frozen=True, slots=True)
class Registry:
    """The installed readers by name, and why others could not be loaded."""

    readers: Mapping[str, Reader]
    broken: Mapping[str, str]


def installed() -> Registry:
    """Every reader that some installed package offers; one that fails to import is named, not fatal."""
    readers: dict[str, Reader] = {}
    broken: dict[str, str] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        try:
            readers[point.name] = point.load()()
        except Exception as error:  # a third party's package may fail in any way
            broken[point.name] = f"{type(error).__name__}: {error}"
    return Registry(readers, broken)


def list_folder(path: Path, key: str) -> Folder:
    """The folder at `path` with regular files and folders only: links, pipes and sockets stay out.

    Raises OSError when it cannot be listed.
    """
    files: dict[str, int] = {}
    folders: list[str] = []
    unread: list[str] = []
    odd: list[str] = []
    with os.scandir(path) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            elif entry.is_file(follow_symlinks=False):
                files[entry.name] = entry.stat(follow_symlinks=False).st_size
                if not os.access(entry.path, os.R_OK):
                    unread.append(entry.name)
            elif not entry.is_symlink():
                odd.append(entry.name)
    return Folder(path, key, files, tuple(folders), tuple(unread), tuple(odd))


def _head(path: Path, size: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError:
        return b""

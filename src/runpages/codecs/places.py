"""A folder, or a zip of one: the same names, the same reading, nothing unpacked."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runpages.codecs import jsontext
from runpages.codecs.text import read_capped
from runpages.codecs.zips import MAX_MEMBER, MAX_MEMBERS, BadZip, Zip
from runpages.errors import Notes
from runpages.model import Artifact, Kind

MAX_DOCUMENT = 64 * 2**20


@dataclass(frozen=True)
class Place:
    """The files of a run by name with sizes. `below` is where it stands below the source's root: a folder or a zip."""

    path: Path
    below: str
    names: Mapping[str, int]
    notes: Notes = field(repr=False)
    archive: Zip | None = None

    def data(self, name: str, cap: int = MAX_MEMBER) -> bytes:
        """The bytes of a file, cut after its last whole line at `cap`; what is missing is noted. Empty when absent."""
        if name not in self.names:
            return b""
        if self.archive:
            data, why = self.archive.salvage(name, cap)
        else:
            data, why = _from_folder(self.path / name, cap)
        if why:
            self.notes.warn(
                "file-unreadable", f"{name!r}: {why}", where=self.below, kept=f"its first {len(data):,} bytes"
            )
            data = data[: data.rfind(b"\n") + 1]
        return data

    def document(self, name: str) -> dict[str, Any]:
        """A JSON object; empty, and noted, when the file holds none."""
        data = self.data(name, MAX_DOCUMENT)
        if name not in self.names:
            return {}
        try:
            value = jsontext.load(data, self.notes, self.where(name))
        except jsontext.NotJson as error:
            self.notes.warn("document-unreadable", str(error)[:200], where=self.where(name), kept="the other files")
            return {}
        return value if isinstance(value, dict) else {}

    def where(self, name: str) -> str:
        """How a note names a file of this place."""
        return "/".join(part for part in (self.below, name) if part)

    def artifact(self, name: str, kind: Kind, shown: str = "", **more: Any) -> Artifact:
        """An artifact whose content is this file."""
        path, member = (self.below, name) if self.archive else (self.where(name), "")
        return Artifact(shown or name, kind, path, size=self.names.get(name), member=member, **more)


@contextmanager
def opened(path: Path, below: str, notes: Notes) -> Iterator[Place]:
    """The place at `path`, a folder or a zip. Raises BadZip when it is neither."""
    if path.is_dir():
        yield Place(path, below, dict(_walk(path)), notes)
        return
    with Zip(path) as archive:
        if said := archive.oddities():
            notes.warn("zip-odd-names", said, where=below, kept="the other members")
        yield Place(path, below, archive.names, notes, archive)


def _from_folder(path: Path, cap: int) -> tuple[bytes, str]:
    try:
        data, more = read_capped(path, cap)
    except OSError as error:
        return b"", error.strerror or "cannot be read"
    return data, f"larger than {cap / 2**20:.3g} MiB" if more else ""


def _walk(top: Path) -> Iterator[tuple[str, int]]:
    """Regular files below a folder with sizes, at most as many as a zip may have; no links."""
    todo, count = [""], 0
    while todo and count < MAX_MEMBERS:
        below = todo.pop()
        try:
            entries = sorted(os.scandir(top / below), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            name = f"{below}/{entry.name}" if below else entry.name
            if entry.is_dir(follow_symlinks=False):
                todo.append(name)
            elif entry.is_file(follow_symlinks=False):
                count += 1
                yield name, entry.stat(follow_symlinks=False).st_size


__all__ = ["BadZip", "Place", "opened"]

"""What every target with many reports can do, and the front page that is kept true on it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from runpages.errors import TargetError
from runpages.publish import front
from runpages.publish.plan import Options
from runpages.seal import MANIFEST, MARKER, parse_manifest, safe_path

STALE = ".runpages-stale.json"


class Shelf(Protocol):
    """A place of files by path: a folder, the tree of a branch, a part of an object store."""

    def read(self, name: str) -> bytes | None:
        """A file's bytes, None when there is none."""
        ...

    def write(self, name: str, content: bytes) -> None:
        """Put one file there."""
        ...

    def remove(self, names: Iterable[str]) -> None:
        """Delete files; one that is gone already is no fault."""
        ...

    def folders(self, below: str) -> list[str]:
        """Names of the folders right below a folder."""
        ...


class FolderShelf:
    """A folder on this machine."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, name: str) -> bytes | None:
        """A file's bytes, None when there is none."""
        try:
            return (self.root / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def write(self, name: str, content: bytes) -> None:
        """Put one file there in one step."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.runpages-part")
        part.write_bytes(content)
        part.replace(path)

    def remove(self, names: Iterable[str]) -> None:
        """Delete files, and folders that are empty then."""
        for name in names:
            (self.root / name).unlink(missing_ok=True)
            for folder in list(Path(name).parents)[:-1]:
                with suppress(OSError):
                    (self.root / folder).rmdir()

    def folders(self, below: str) -> list[str]:
        """Names of the folders right below a folder, without hidden ones and links."""
        try:
            found = list((self.root / below).iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []
        return sorted(path.name for path in found if path.is_dir() and not path.is_symlink() and path.name[0] != ".")


def settle_front(top: Shelf, to: str, options: Options) -> None:
    """Prune, then write the front pages until they say what is there.

    With many publishers at once each looks again after it wrote, so the last to write has seen all.
    """
    shown = None
    while (entries := entries_of(top)) != shown:
        for path in front.outdated(entries, to, options, front.now()) if to else ():
            take_out(top, path)
            entries = [one for one in entries if one.path != path]
        for name, content in sorted(front.pages(entries).items(), reverse=True):
            old = top.read(name)
            if old != content and (name != front.INDEX or old is None or front.is_front(old)):
                top.write(name, content)
        shown = entries


def entries_of(top: Shelf, below: str = "", depth: int = 3) -> list[front.Entry]:
    """The reports that are there, by looking."""
    found = []
    for name in top.folders(below):
        path = f"{below}/{name}" if below else name
        marker = top.read(f"{path}/{MARKER}")
        if marker is not None:
            found.append(front.entry(path, marker))
        elif depth > 1 and name != "latest":
            found += entries_of(top, path, depth - 1)
    return sorted(found)


def remove_report(top: Shelf, to: str, options: Options) -> list[str]:
    """The files of the report that was taken out of `to`, and off the front page if there is one of ours."""
    names = take_out(top, to)
    if not names:
        raise TargetError("report-absent", f"there is no report in {to!r}", where=to, kept="nothing was changed")
    top_page = top.read(front.INDEX)
    if top_page is not None and front.is_front(top_page):
        settle_front(top, "", options)
    return names


def take_out(top: Shelf, path: str) -> list[str]:
    """Remove what the manifest in `path` names, the manifest last; the names, none when there is no report."""
    content = top.read(f"{path}/{MANIFEST}") if path else None
    if content is None:
        return []
    names = front.owned(parse_manifest(content, path), path)
    extra = [f"{path}/{name}" for name in stale_of(top, f"{path}/")]
    top.remove([f"{path}/{MARKER}", *names, *extra, f"{path}/{STALE}", f"{path}/{MANIFEST}"])
    return names


def stale_of(shelf: Shelf, before: str = "") -> list[str]:
    """What the former publish left for this one to delete."""
    with suppress(ValueError, RecursionError):
        found = json.loads(shelf.read(f"{before}{STALE}") or b"[]")
        if isinstance(found, list):
            return [name for name in found if isinstance(name, str) and safe_path(name)]
    return []

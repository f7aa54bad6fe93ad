"""One walk of the tree: shows each folder to each reader and settles who owns what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from runpages.errors import Note
from runpages.model import Source
from runpages.readers import Folder, Reader, list_folder

NEVER = frozenset(
    {".git", ".hg", ".svn", ".venv", "venv", "node_modules", "__pycache__", "site-packages", ".tox", ".nox"}
)
MAX_DEPTH = 64
MAX_FOLDERS = 500_000
MARKER = ".runpages-site"  # our own output: never read back as somebody's runs


@dataclass(frozen=True, slots=True)
class Root:
    """A folder the user named; `label` precedes the keys below it when there are several."""

    path: Path
    label: str = ""

    def key(self, below: str) -> str:
        """The key of a folder: its path below this root, after the label."""
        if not self.label:
            return below
        return self.label if below == "." else f"{self.label}/{below}"


@dataclass(frozen=True, slots=True)
class Found:
    """The sources in key order, what was noted on the way, and how many folders were looked at."""

    sources: tuple[Source, ...]
    notes: tuple[Note, ...]
    folders: int


def label_roots(paths: Sequence[Path]) -> list[Root]:
    """Roots for the given folders: unlabelled when there is one, else labelled by folder name, numbered if equal."""
    unique = list(dict.fromkeys(path.resolve() for path in paths))
    if len(unique) == 1:
        return [Root(unique[0])]
    seen: dict[str, int] = {}
    roots = []
    for path in unique:
        seen[path.name] = seen.get(path.name, 0) + 1
        number = seen[path.name]
        roots.append(Root(path, path.name if number == 1 else f"{path.name}-{number}"))
    return roots


def find(roots: Sequence[Root], readers: Mapping[str, Reader]) -> Found:
    """Every source below the roots. Links are not followed; unreadable folders become notes."""
    by_rank = sorted(readers.values(), key=lambda reader: (reader.rank, reader.name))
    walk = _Walk(by_rank)
    for root in roots:
        walk.down(root)
    return Found(tuple(sorted(walk.sources, key=lambda s: (natural(s.key), s.reader))), tuple(walk.notes), walk.folders)


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key in which run-9 comes before run-10."""
    parts = re.split(r"(\d{1,18})", text)
    return tuple((0, int(part), part) if part.isdigit() and part.isascii() else (1, 0, part) for part in parts if part)


class _Walk:
    def __init__(self, readers: Sequence[Reader]) -> None:
        self.readers = readers
        self.sources: list[Source] = []
        self.notes: list[Note] = []
        self.folders = 0
        self.owned: set[Path] = set()

    def down(self, root: Root) -> None:
        todo: list[tuple[Path, str, int]] = [(root.path, ".", 0)]
        while todo:
            path, below, depth = todo.pop()
            folder = self._listed(path, root.key(below), below)
            if folder is None or MARKER in folder.names:
                continue
            self.owned |= self._ask(folder)
            if depth >= MAX_DEPTH:
                self.notes.append(Note("too-deep", f"folders below level {MAX_DEPTH} were not looked at", where=below))
                continue
            for name in reversed(folder.folders):
                child = path / name
                if name not in NEVER and child not in self.owned:
                    todo.append((child, name if below == "." else f"{below}/{name}", depth + 1))

    def _listed(self, path: Path, key: str, below: str) -> Folder | None:
        if self.folders >= MAX_FOLDERS:
            if self.folders == MAX_FOLDERS:
                self.folders += 1
                self.notes.append(
                    Note("too-many-folders", f"only the first {MAX_FOLDERS:,} folders were looked at", where=below)
                )
            return None
        self.folders += 1
        try:
            return list_folder(path, key)
        except OSError as error:
            self.notes.append(
                Note(
                    "folder-unreadable",
                    error.strerror or "cannot be listed",
                    where=below,
                    hint="give read permission and build again",
                )
            )
            return None

    def _ask(self, folder: Folder) -> set[Path]:
        """Let the lowest rank that wants this folder have it; the folders it owns are not walked."""
        claims: list[Source] = []
        rank: int | None = None
        for reader in self.readers:
            if rank is not None and reader.rank > rank:
                break
            found = list(reader.find(folder))
            if found:
                rank = reader.rank
                claims.extend(found)
        self.sources.extend(self._one_reader_each(claims))
        return {path for source in claims for path in source.owns}

    def _one_reader_each(self, claims: Sequence[Source]) -> Iterator[Source]:
        first: dict[tuple[Path, str], str] = {}
        for source in claims:
            holder = first.setdefault((source.root, source.key), source.reader)
            if holder == source.reader:
                yield source
            else:
                self.notes.append(
                    Note(
                        "two-readers",
                        f"both {holder} and {source.reader} know this folder",
                        where=source.key,
                        kept=f"read as {holder}",
                    )
                )


def describe(sources: Iterable[Source]) -> dict[str, int]:
    """How many sources each reader claimed."""
    counts: dict[str, int] = {}
    for source in sources:
        counts[source.reader] = counts.get(source.reader, 0) + 1
    return dict(sorted(counts.items()))

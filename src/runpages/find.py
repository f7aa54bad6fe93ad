"""One walk of the tree: shows each folder to each reader and settles who owns what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from runpages.errors import Note
from runpages.model import Source
from runpages.readers import Folder, Reader, list_folder

NEVER = frozenset(
    {".git", ".hg", ".svn", ".venv", "venv", "node_modules", "__pycache__", "site-packages", ".tox", ".nox"}
)
MAX_DEPTH = 64
MAX_FOLDERS = 500_000
GUEST, GUESS = 5, 9  # ranks: of writers into other trackers' folders, of readers that guess
OWNED_DEPTH = 6  # levels of a run's own folders that are searched for other trackers' files
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
    notes = (*walk.notes, *walk.strangers())
    return Found(tuple(sorted(walk.sources, key=lambda s: (natural(s.key), s.reader))), notes, walk.folders)


def unreadable(names: Sequence[str], where: str, kept: str) -> Note:
    """The note for files that may not be read."""
    hint = "give yourself read permission (chmod u+r) and build again"
    return Note("file-unreadable", f"no permission to read {_listing(names)}", where=where, kept=kept, hint=hint)


def _listing(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(repr(name) for name in names[:5]) + more


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key in which run-9 comes before run-10."""
    parts = re.split(r"(\d{1,18})", text)
    return tuple((0, int(part), part) if part.isdigit() and part.isascii() else (1, 0, part) for part in parts if part)


@dataclass(frozen=True, slots=True)
class _Place:
    """A folder to look at. `owner` is the number of the source that owns it, `left` how many levels more then count."""

    path: Path
    below: str
    depth: int = 0
    owner: int | None = None
    left: int = OWNED_DEPTH


class _Walk:
    def __init__(self, readers: Sequence[Reader]) -> None:
        self.readers = readers
        self.ranks = {reader.name: reader.rank for reader in readers}
        self.sources: list[Source] = []
        self.notes: list[Note] = []
        self.folders = 0
        self.unread: dict[Path, str] = {}
        self.owners: dict[Path, int] = {}
        self.shut: set[Path] = set()

    def down(self, root: Root) -> None:
        begin = len(self.sources)
        todo = [_Place(root.path, ".")]
        while todo:
            place = todo.pop()
            folder = self._listed(place.path, root.key(place.below), place.below)
            if folder is None or MARKER in folder.names:
                continue
            self._oddities(folder)
            if place.owner is None:
                self._ask(folder)
            else:
                self._ask_guests(folder, place.owner)
            if place.depth >= MAX_DEPTH:
                self.notes.append(
                    Note("too-deep", f"folders below level {MAX_DEPTH} were not looked at", where=place.below)
                )
                continue
            todo.extend(self._children(place, folder))
        around = [reader.name for reader in self.readers if getattr(reader, "around", False)]
        self.sources[begin:] = wrapped(self.sources[begin:], around)

    def _children(self, place: _Place, folder: Folder) -> Iterator[_Place]:
        """The folders to look at next. What a reader of rank 5 or more owns, nobody else looks into."""
        for name in reversed(folder.folders):
            child = place.path / name
            owner = self.owners.get(child, place.owner)
            fresh = child in self.owners and owner != place.owner
            shut = owner is not None and (self.ranks[self.sources[owner].reader] >= GUEST or place.left <= 0)
            if name not in NEVER and not shut and child not in self.shut:
                below = name if place.below == "." else f"{place.below}/{name}"
                left = OWNED_DEPTH if fresh or owner is None else place.left - 1
                yield _Place(child, below, place.depth + 1, owner, left)

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

    def _oddities(self, folder: Folder) -> None:
        """Remember what may not be read, and say what can not."""
        self.unread.update((folder.path / name, folder.key) for name in folder.unread)
        if folder.odd:
            what = f"{_listing(folder.odd)}: a pipe, socket or device, not read"
            self.notes.append(Note("no-file", what, where=folder.key, kept="all files beside it", level="info"))

    def strangers(self) -> Iterator[Note]:
        """Notes of files that may not be read and are of no source: had they been read, they might be of one."""
        watched = {path for source in self.sources for path in source.watched}
        lost: dict[str, list[str]] = {}
        for path, key in self.unread.items():
            if path not in watched and watched.isdisjoint(path.parents):
                lost.setdefault(key, []).append(path.name)
        yield from (unreadable(names, key, "all other files of this folder") for key, names in lost.items())

    def _ask(self, folder: Folder) -> None:
        """Let the lowest rank that wants this folder have it, and keep beside it what writers into others' folders say."""
        claims: list[Source] = []
        rank: int | None = None
        for reader in self.readers:
            if rank is not None and reader.rank > rank and not GUEST <= reader.rank < GUESS:
                continue
            if claims and reader.rank >= GUESS:
                break
            found = list(reader.find(folder))
            rank = reader.rank if found and rank is None else rank
            claims.extend(found)
        for source in _one_for_each_place(claims):
            self.owners.update(dict.fromkeys(source.owns, len(self.sources)))
            self.shut.update(source.shut)
            self.sources.append(source)

    def _ask_guests(self, folder: Folder, owner: int) -> None:
        """In a folder that a run owns, only those are asked that write into others' folders."""
        for reader in self.readers:
            if GUEST <= reader.rank < GUESS:
                for source in reader.find(folder):
                    self.sources[owner] = beside(self.sources[owner], source)
                    self.owners.update(dict.fromkeys(source.owns, owner))


def beside(host: Source, guest: Source) -> Source:
    """The host with one more source beside it, and what stood beside that."""
    return replace(host, beside=(*host.beside, replace(guest, beside=()), *guest.beside))


def wrapped(sources: Sequence[Source], around: Sequence[str]) -> list[Source]:
    """Sources of readers that stand around a job are put beside the run inside it.

    A job's folder with at most one source of each tracker below it is one run, of the tracker that comes first; with more
    it is a run of its own beside theirs.
    """
    found, taken = list(sources), set[tuple[str, str]]()
    for job in sorted((one for one in sources if one.reader in around), key=lambda one: -len(one.root.parts)):
        inner = [
            one
            for one in found
            if one.reader not in around and one.root.is_relative_to(job.root) and (one.reader, one.key) not in taken
        ]
        taken.update((one.reader, one.key) for one in inner)  # a job around this job has no word in it
        if inner and len({one.reader for one in inner}) == len(inner) and job in found:
            host = inner[0]
            for other in (*inner[1:], job):
                host = beside(host, other)
                found.remove(other)
            found[found.index(inner[0])] = host
    return found


def _one_for_each_place(claims: Sequence[Source]) -> list[Source]:
    """What several readers know of one place is one source, of the first of them."""
    held: dict[tuple[Path, str], list[Source]] = {}
    for source in claims:
        same = held.setdefault((source.root, source.key), [])
        if same and same[0].reader != source.reader:
            left = tuple(path for path in source.files if not _in_any(path, same[0].shut))
            if left:  # what lies in the host's shut folders, the host says itself
                same[0] = beside(same[0], replace(source, files=left))
        else:
            same.append(source)
    return [source for same in held.values() for source in same]


def _in_any(path: Path, folders: Sequence[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def describe(sources: Iterable[Source]) -> dict[str, int]:
    """How many sources each reader claimed."""
    counts: dict[str, int] = {}
    for source in sources:
        counts[source.reader] = counts.get(source.reader, 0) + 1
    return dict(sorted(counts.items()))

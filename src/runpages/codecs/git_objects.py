"""Git repositories as plain values: refs, commits, trees and blobs out of loose objects and packs, without git.

Every object's hash is checked, so damage never shows as other numbers. Only files below the git directory are read:
alternates, linked work trees, reftables and symbolic links are not followed. Format: gitformat-pack(5), gitrepository-layout(5).
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from runpages.codecs.git_pack import KINDS, GitError, Pack, apply_deltas, read_loose

MAX_CACHE = 64 << 20  # bytes of objects kept, mostly bases of deltas
MAX_CHAIN = 4096  # git itself writes at most 4095 deltas in a row
MAX_REFS = 100_000
MAX_TEXT = 64 << 20  # packed-refs, reflogs
HEX = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit. `authored` and `committed` are UTC seconds; `author` is the name without the address."""

    id: str
    tree: str
    parents: tuple[str, ...]
    author: str
    authored: float
    committed: float
    message: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a tree: `mode` is git's octal number, 0o40000 for a tree, 0o120000 for a symbolic link."""

    mode: int
    name: str
    id: str


class Repository:
    """A git directory (`.git`, or a bare one). All its methods raise GitError and nothing else."""

    def __init__(self, path: Path) -> None:
        self.path = path
        config = _small_file(path / "config")
        self.width = 32 if re.search(rb"objectformat\s*=\s*sha256", config, re.IGNORECASE) else 20
        if re.search(rb"refstorage\s*=\s*reftable", config, re.IGNORECASE):
            raise GitError("references are kept in a reftable, which is not read")
        self.remote = _remote(config)
        self._packs: list[Pack] | None = None
        self._cache: OrderedDict[str, tuple[str, bytes]] = OrderedDict()
        self._cached = 0

    def head(self) -> tuple[str, str]:
        """The branch HEAD names ("" when detached) and its commit ("" before the first)."""
        text = _small_file(self.path / "HEAD").decode("utf-8", "replace").strip()
        if text.startswith("ref:"):
            name = text[4:].strip()
            return name.removeprefix("refs/heads/"), self.refs().get(name, "")
        return "", text if HEX.fullmatch(text) else ""

    def refs(self) -> dict[str, str]:
        """Object ids by full name of reference, sorted; a loose reference hides a packed one."""
        found: dict[str, str] = {}
        for line in _small_file(self.path / "packed-refs", MAX_TEXT).decode("utf-8", "replace").split("\n"):
            id_, _, name = line.strip().partition(" ")
            if HEX.fullmatch(id_) and name.startswith("refs/") and len(found) < MAX_REFS:
                found[name] = id_
        for path in _files_below(self.path / "refs"):
            text = _small_file(path, 1024).decode("utf-8", "replace").strip()
            if HEX.fullmatch(text):
                found[path.relative_to(self.path).as_posix()] = text
        return dict(sorted(found.items()))

    def reflog(self, name: str) -> list[str]:
        """The ids a reference has had, oldest first; a stash keeps its entries only here."""
        lines = _small_file(self.path / "logs" / name, MAX_TEXT).decode("utf-8", "replace").split("\n")
        ids = [line.split(" ", 2)[1] for line in lines if line.count(" ") >= 2]
        return [id_ for id_ in ids if HEX.fullmatch(id_)]

    def shallow(self) -> frozenset[str]:
        """Commits whose parents were not fetched."""
        return frozenset(_small_file(self.path / "shallow", MAX_TEXT).decode("ascii", "replace").split())

    def commit(self, id_: str) -> Commit:
        """The commit with this id, or that an annotated tag with this id stands for."""
        for _ in range(16):
            kind, data = self.read(id_)
            if kind == "commit":
                return _parse_commit(id_, data)
            if kind != "tag":
                raise GitError(f"{id_[:12]} is a {kind}, not a commit")
            id_ = _headers(data)[0].get("object", [""])[0]
        raise GitError(f"{id_[:12]}: tags of tags without end")

    def tree(self, id_: str) -> tuple[Entry, ...]:
        """The entries of one tree, in git's order."""
        kind, data = self.read(id_)
        if kind != "tree":
            raise GitError(f"{id_[:12]} is a {kind}, not a tree")
        return tuple(_parse_tree(id_, data, self.width))

    def blob(self, id_: str) -> bytes:
        """The content of a file."""
        kind, data = self.read(id_)
        if kind != "blob":
            raise GitError(f"{id_[:12]} is a {kind}, not a file")
        return data

    def read(self, id_: str) -> tuple[str, bytes]:
        """Kind and content of any object. Raises GitError when it is absent, damaged or over MAX_OBJECT."""
        if not HEX.fullmatch(id_):
            raise GitError("not an object's id")
        if id_ in self._cache:
            self._cache.move_to_end(id_)
            return self._cache[id_]
        found = self._read(id_)
        digest = hashlib.sha256 if self.width == 32 else hashlib.sha1
        whole = digest(f"{found[0]} {len(found[1])}\0".encode(), usedforsecurity=False)
        whole.update(found[1])
        if whole.hexdigest() != id_:
            raise GitError(f"{id_[:12]} does not have the content its name promises")
        self._keep(id_, found)
        return found

    def _keep(self, id_: str, found: tuple[str, bytes]) -> None:
        self._cache[id_] = found
        self._cached += len(found[1])
        while self._cached > MAX_CACHE and self._cache:
            self._cached -= len(self._cache.popitem(last=False)[1][1])

    def _read(self, id_: str) -> tuple[str, bytes]:
        loose = self.path / "objects" / id_[:2] / id_[2:]
        if loose.is_file() and not loose.is_symlink():
            return read_loose(loose, id_)
        return self._resolve(id_)

    def _resolve(self, id_: str) -> tuple[str, bytes]:
        """A packed object: follow its deltas down to a whole object, then apply them on the way back."""
        place = self._locate(id_)
        deltas: list[bytes] = []
        for _ in range(MAX_CHAIN):
            pack, offset = place
            kind, base, data = pack.read(offset)
            if kind in KINDS:
                return KINDS[kind], apply_deltas(data, deltas)
            deltas.append(data)
            if sum(map(len, deltas)) > MAX_CACHE:
                raise GitError(f"{id_[:12]}: the deltas are too large")
            if isinstance(base, int):
                place = pack, base
            elif base in self._cache:
                whole = self._cache[base]
                return whole[0], apply_deltas(whole[1], deltas)
            else:
                place = self._locate(base)
        raise GitError(f"{id_[:12]}: deltas without end")

    def _locate(self, id_: str) -> tuple[Pack, int]:
        if self._packs is None:
            folder = self.path / "objects" / "pack"
            paths = [path for path in _files_below(folder) if path.suffix == ".idx" and path.parent == folder]
            self._packs = [Pack(path, self.width) for path in paths]
        name = bytes.fromhex(id_)
        for pack in self._packs:
            offset = pack.find(name)
            if offset is not None:
                return pack, offset
        raise GitError(f"object {id_[:12]} is not here")


def _headers(data: bytes) -> tuple[dict[str, list[str]], str]:
    """Header lines by name, and the message; a signature's further lines begin with a space and are left out."""
    head, _, message = data.partition(b"\n\n")
    headers: dict[str, list[str]] = {}
    for line in head.decode("utf-8", "replace").split("\n"):
        name, _, value = line.partition(" ")
        if name:
            headers.setdefault(name, []).append(value)
    encoding = headers.get("encoding", ["utf-8"])[0]
    try:
        return headers, message.decode(encoding, "replace")
    except (LookupError, ValueError, UnicodeError):
        return headers, message.decode("utf-8", "replace")


def _parse_commit(id_: str, data: bytes) -> Commit:
    headers, message = _headers(data)
    tree = headers.get("tree", [""])[0]
    if not HEX.fullmatch(tree):
        raise GitError(f"commit {id_[:12]} names no tree")
    author, authored = _person(headers.get("author", [""])[0])
    _, committed = _person(headers.get("committer", [""])[0])
    parents = tuple(parent for parent in headers.get("parent", []) if HEX.fullmatch(parent))
    return Commit(id_, tree, parents, author, authored, committed, message.strip("\n"))


def _person(text: str) -> tuple[str, float]:
    name, _, rest = text.rpartition(" <")
    seconds = re.search(r"> (-?\d{1,12}) [+-]\d{4}$", " <" + rest)
    return name.strip(), float(seconds[1]) if seconds else 0.0


def _parse_tree(id_: str, data: bytes, width: int) -> Iterator[Entry]:
    at = 0
    while at < len(data):
        space, zero = data.find(b" ", at, at + 8), data.find(b"\0", at)
        if space < 0 or zero < space or zero + width >= len(data) + 1 or not re.fullmatch(rb"[0-7]+", data[at:space]):
            raise GitError(f"tree {id_[:12]} is damaged")
        yield Entry(
            int(data[at:space], 8),
            data[space + 1 : zero].decode("utf-8", "replace"),
            data[zero + 1 : zero + 1 + width].hex(),
        )
        at = zero + 1 + width


def _remote(config: bytes) -> str:
    """The address of origin, without the user name and password that often stand in it."""
    found = re.search(rb'\[remote "origin"\][^\[]*?\n\s*url\s*=\s*(\S+)', config)
    return re.sub(r"^(\w+://)[^/@]*@", r"\1", found[1].decode("utf-8", "replace")) if found else ""


def _small_file(path: Path, cap: int = 1 << 20) -> bytes:
    """A file's bytes, empty when it is absent, unreadable, a link or larger than the cap."""
    with suppress(OSError, ValueError):
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= cap:
            return path.read_bytes()
    return b""


def _files_below(folder: Path) -> list[Path]:
    """Regular files below a folder without following links, sorted, at most MAX_REFS."""
    found: list[Path] = []
    todo = [folder]
    while todo and len(found) < MAX_REFS:
        try:
            children = sorted(todo.pop().iterdir())
        except OSError:
            continue
        todo += [child for child in children if child.is_dir() and not child.is_symlink()]
        found += [child for child in children if child.is_file() and not child.is_symlink()]
    return sorted(found)

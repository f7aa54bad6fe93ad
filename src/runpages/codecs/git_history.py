"""The commits of a repository in order, what they are called, and the files of each: shared by readers of runs kept in git."""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from runpages.codecs.git_objects import Commit, Repository
from runpages.codecs.git_pack import GitError
from runpages.errors import Notes

MAX_COMMITS = 2_000
MAX_FILES = 100_000
MAX_DEPTH = 60
CACHED_TREES = 20_000
TREE, LINK, MODULE = 0o040000, 0o120000, 0o160000


def directory(folder: Path) -> Path | None:
    """The git directory that belongs to a folder: its `.git`, or the folder itself when it is a bare repository."""
    for path in (folder / ".git", folder):
        bare = path == folder
        if path.is_symlink() or (bare and not folder.name.endswith(".git")):
            continue
        if (path / "HEAD").is_file() and (path / "objects").is_dir():
            return path
    return None


@dataclass(slots=True)
class History:
    """A repository and what has been read of it. Damage costs the commits it touches and is noted once per object."""

    repository: Repository
    notes: Notes
    branches: dict[str, list[str]] = field(default_factory=dict)
    tags: dict[str, list[str]] = field(default_factory=dict)
    _commits: dict[str, Commit | None] = field(default_factory=dict)
    _trees: OrderedDict[str, dict[str, str]] = field(default_factory=OrderedDict)

    def names(self) -> None:
        """Learn which commits the branches and tags stand for; a remote's branch counts where no local one has its name."""
        for ref, id_ in self.repository.refs().items():
            kind, _, name = ref.removeprefix("refs/").partition("/")
            if kind not in ("heads", "remotes", "tags") or (kind == "remotes" and name.endswith("/HEAD")):
                continue
            commit = self.commit(id_)
            if commit is None:
                continue
            known = (self.tags if kind == "tags" else self.branches).setdefault(commit.id, [])
            if kind == "remotes":
                name = name.partition("/")[2]
            if name not in known:
                known.append(name)

    def name(self, id_: str) -> str:
        """A commit's branch, else its tag, else ""."""
        return next(iter(self.branches.get(id_, []) + self.tags.get(id_, [])), "")

    def commit(self, id_: str) -> Commit | None:
        """A commit, or None when it is damaged or not here."""
        if id_ not in self._commits:
            try:
                self._commits[id_] = self.repository.commit(id_)
            except GitError as error:
                self._commits[id_] = None
                if id_ not in self.shallow_parents():
                    self.notes.warn("git-object", str(error), where=id_[:12], kept="the commits that can be read")
        return self._commits[id_]

    def shallow_parents(self) -> frozenset[str]:
        """Commits that a shallow clone knows of but does not have."""
        cut = self.repository.shallow()
        parents: set[str] = set()
        for id_ in cut:
            known = self._commits.get(id_)
            parents.update(known.parents if known else ())
        return frozenset(parents)

    def walk(self) -> Iterator[Commit]:
        """Every commit that a branch or tag reaches, newest first, at most MAX_COMMITS."""
        self.names()
        head = self.repository.head()[1]
        starts = dict.fromkeys([*self.branches, *self.tags, *([head] if head else [])])
        seen = set(starts)
        heap = [(-one.committed, one.id, one) for one in map(self.commit, starts) if one is not None]
        heapq.heapify(heap)
        for _ in range(MAX_COMMITS):
            if not heap:
                break
            commit = heapq.heappop(heap)[2]
            yield commit
            for id_ in commit.parents:
                parent = None if id_ in seen else self.commit(id_)
                seen.add(id_)
                if parent is not None:
                    heapq.heappush(heap, (-parent.committed, id_, parent))
        if heap:
            self.notes.info("git-many-commits", f"only the newest {MAX_COMMITS:,} commits were looked at", kept="those")
        if self.repository.shallow():
            self.notes.info("git-shallow", "the clone is shallow: older commits are not here",
                            hint="fetch the whole history, in CI with fetch-depth: 0")  # fmt: skip

    def files(self, commit: Commit) -> dict[str, str]:
        """Path to blob id of every regular file of a commit. Raises GitError."""
        return self._files(commit.tree, 0)

    def _files(self, tree: str, depth: int) -> dict[str, str]:
        if tree in self._trees:
            self._trees.move_to_end(tree)
            return self._trees[tree]
        found: dict[str, str] = {}
        for entry in self.repository.tree(tree):
            kind = entry.mode & 0o170000
            if kind == TREE and depth < MAX_DEPTH:
                for name, id_ in self._files(entry.id, depth + 1).items():
                    found[f"{entry.name}/{name}"] = id_
            elif kind not in (TREE, LINK, MODULE):
                found[entry.name] = entry.id
            if len(found) > MAX_FILES:
                raise GitError(f"tree {tree[:12]} has more than {MAX_FILES:,} files")
        self._trees[tree] = found
        if len(self._trees) > CACHED_TREES:
            self._trees.popitem(last=False)
        return found

"""Publishes onto a branch, with git's own plumbing in a bare repository of our own: no checkout is ever touched."""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from runpages.errors import TargetError
from runpages.model import FileEntry
from runpages.publish.gitrepo import Git, Overtaken, address_of, environment_for, identity, shown
from runpages.publish.plan import Options, Report, Site, delta, not_ours, subfolder
from runpages.publish.shelf import remove_report, settle_front
from runpages.seal import MANIFEST, MARKER, parse_manifest

Tree = dict[str, tuple[str, str]]
_BASE = "refs/runpages/base"


class TreeShelf:
    """The tree of a commit in the making."""

    def __init__(self, git: Git, tree: Tree) -> None:
        self.git, self.tree = git, tree

    def read(self, name: str) -> bytes | None:
        """A file's bytes, None when there is none."""
        entry = self.tree.get(name)
        return self.git.run("cat-file", "blob", entry[1]) if entry else None

    def write(self, name: str, content: bytes) -> None:
        """Put one file into the tree."""
        blob = self.git.run("hash-object", "-w", "--stdin", feed=content).decode().strip()
        self.tree[name] = ("100644", blob)

    def remove(self, names: Iterable[str]) -> None:
        """Take files out of the tree."""
        for name in names:
            self.tree.pop(name, None)

    def folders(self, below: str) -> list[str]:
        """Names of the folders right below a folder."""
        start = f"{below}/" if below else ""
        rests = {name[len(start) :] for name in self.tree if name.startswith(start)}
        return sorted({rest.partition("/")[0] for rest in rests if "/" in rest})


def remove_branch(target: tuple[str, str], options: Options) -> Report:
    """The report of one commit that takes a report out of a branch, and off its front page."""
    to = subfolder(options)

    def attempt(git: Git, address: str, branch: str) -> Report:
        base = _fetch(git, address, branch)
        tree = _tree(git, base)
        names = remove_report(TreeShelf(git, tree), to, options)
        commit = _commit(git, tree, base if options.history else "", f"Remove the report {to}", options)
        _push(git, address, branch, commit, base)
        return Report(f"{shown(address)}#{branch}:{to}", (), tuple(names), commit=commit)

    return _tried(target, options, attempt)


def publish_branch(site: Site, target: tuple[str, str], options: Options) -> Report:
    """The report of one commit that brings the site onto a branch; nothing is committed when nothing changed.

    `target` is (remote name or address, branch). Files that are not of our former site stay. When somebody else
    pushes meanwhile, it is tried again on top of theirs.
    """
    to = subfolder(options)
    return _tried(target, options, lambda git, address, branch: _attempt(git, site, (address, branch, to), options))


def _tried(target: tuple[str, str], options: Options, attempt: Callable[[Git, str, str], Report]) -> Report:
    where, branch = target
    address = address_of(where, options.repository)
    with tempfile.TemporaryDirectory(prefix="runpages-") as scratch:
        git = Git(Path(scratch), environment_for(options.repository))
        git.run("init", "--quiet", "--bare", "--", scratch)
        _check_branch(git, branch)
        for turn in range(max(1, options.attempts)):
            try:
                return attempt(git, address, branch)
            except Overtaken:
                time.sleep(random.uniform(0.2, 1.0) * min(0.1 * 2**turn, 4.0))  # noqa: S311
    raise TargetError(
        "target-overtaken",
        f"others pushed to the branch each time ({options.attempts} attempts)",
        where=f"{shown(address)}#{branch}",
        kept="nothing was changed",
        hint="publish again when fewer jobs run",
    )


def _check_branch(git: Git, branch: str) -> None:
    try:
        if branch.startswith("-"):
            raise TargetError("target-path", "a branch does not begin with a dash")
        git.run("check-ref-format", f"refs/heads/{branch}")
    except TargetError as error:
        raise TargetError("target-path", f"{branch!r} is no name for a branch", hint="git:origin#gh-pages") from error


def _attempt(git: Git, site: Site, target: tuple[str, str, str], options: Options) -> Report:
    address, branch, to = target
    base = _fetch(git, address, branch)
    tree = _tree(git, base)
    before = _former(git, tree, to)
    written, removed = delta(before, site)
    wanted = _wanted(git, site, tree, before, target, options)
    if options.channel:
        settle_front(TreeShelf(git, wanted), to, options)
    place = f"{shown(address)}#{branch}" + (f":{to}" if to else "")
    report = Report(place, tuple(written), tuple(removed), len(site.manifest.files) - len(written), site.size)
    if base and wanted == tree:
        return replace(report, commit=base)
    message = options.message or f"Publish the report ({len(site.manifest.files)} files)"
    anonymous = site.manifest.profile == "anonymous"
    commit = _commit(git, wanted, base if options.history else "", message, options, anonymous=anonymous)
    _push(git, address, branch, commit, base)
    return replace(report, commit=commit)


def _fetch(git: Git, address: str, branch: str) -> str:
    """The commit the branch is at, its last tree in our repository; "" when there is no such branch."""
    listed = git.run("ls-remote", "--heads", "--", address, f"refs/heads/{branch}").decode()
    if not listed.strip():
        return ""
    git.run("fetch", "--quiet", "--depth=1", "--no-tags", "--", address, f"+refs/heads/{branch}:{_BASE}")
    return git.run("rev-parse", "--verify", _BASE).decode().strip()


def _tree(git: Git, commit: str) -> Tree:
    """path -> (mode, object) of every file of a commit."""
    tree: Tree = {}
    if commit:
        for line in git.run("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0"):
            if line:
                head, _, name = line.partition(b"\t")
                mode, _, blob = head.decode().split(" ")
                tree[os.fsdecode(name)] = (mode, blob)
    return tree


def _former(git: Git, tree: Tree, to: str) -> Mapping[str, FileEntry]:
    """The files of our former site in that folder of the branch."""
    entry = tree.get(_inside(to, MANIFEST))
    if entry is None or _inside(to, MARKER) not in tree:
        return {}
    try:
        return parse_manifest(git.run("cat-file", "blob", entry[1]), _inside(to, MANIFEST)).files
    except TargetError:
        return {}  # then its files count as those of others: nothing is removed, overwriting wants --force


def _inside(to: str, name: str) -> str:
    return f"{to}/{name}" if to else name


def _wanted(
    git: Git, site: Site, tree: Tree, before: Mapping[str, FileEntry], target: tuple[str, str, str], options: Options
) -> Tree:
    """The branch's tree with our former files replaced by the site's."""
    address, branch, to = target
    ours = {_inside(to, name) for name in before}
    if before:
        ours |= {_inside(to, name) for name in (MANIFEST, MARKER)}
    wanted = {name: entry for name, entry in tree.items() if name not in ours}
    new = _blobs(git, site, to)
    folders = {folder for name in new for folder in _folders(name)}
    blocked = sorted(name for name in wanted if name in new or name in folders or new.keys() & _folders(name))
    if blocked and not options.force:
        raise not_ours(f"{shown(address)}#{branch}", blocked[0])
    for name in blocked:
        del wanted[name]
    wanted.update(new)
    # GitHub would run the tree through Jekyll, which drops names that begin with an underscore
    wanted.setdefault(".nojekyll", ("100644", git.run("hash-object", "-w", "--stdin").decode().strip()))
    return wanted


def _folders(name: str) -> set[str]:
    parts = name.split("/")
    return {"/".join(parts[:end]) for end in range(1, len(parts))}


def _blobs(git: Git, site: Site, to: str) -> Tree:
    """The site's files as objects of our repository."""
    names = [name for name in site.files if name != MARKER]
    feed = "".join(f"./{name}\n" for name in names).encode()
    made = git.run("hash-object", "-w", "--no-filters", "--stdin-paths", feed=feed, cwd=site.folder.resolve())
    blobs = dict(zip(names, made.decode().split(), strict=True))
    blobs[MARKER] = git.run("hash-object", "-w", "--stdin", feed=site.marker).decode().strip()
    return {_inside(to, name): ("100644", blob) for name, blob in blobs.items()}


def _commit(git: Git, tree: Tree, parent: str, message: str, options: Options, *, anonymous: bool = False) -> str:
    git.run("read-tree", "--empty")
    lines = [f"{mode} {blob}\t".encode() + os.fsencode(name) + b"\0" for name, (mode, blob) in sorted(tree.items())]
    git.run("update-index", "-z", "--index-info", feed=b"".join(lines))
    made = git.run("write-tree").decode().strip()
    named = Git(git.folder, {**git.environment, **identity(options.repository, anonymous=anonymous)})
    parents = ["-p", parent] if parent else []
    return named.run("commit-tree", made, *parents, "-F", "-", feed=message.encode()).decode().strip()


def _push(git: Git, address: str, branch: str, commit: str, base: str) -> None:
    """Push, under the condition that the branch is still where we fetched it."""
    lease = f"--force-with-lease=refs/heads/{branch}:{base}"
    git.run("push", "--quiet", lease, "--", address, f"{commit}:refs/heads/{branch}")

"""Publishes into a folder: a web server's root, a mounted share, a documentation tree."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from runpages.errors import TargetError
from runpages.publish.plan import Options, Report, Site, delta, not_ours, subfolder
from runpages.publish.shelf import FolderShelf, remove_report, settle_front
from runpages.seal import MANIFEST, MARKER, exchange, former, settle, workshop


def publish_folder(site: Site, target: Path, options: Options) -> Report:
    """The report of bringing `target` to the site's state, in one exchange; what others put there stays.

    TargetError when the target is, or holds, or lies in, the site itself, or holds files of others in our way.
    """
    top, to = target, subfolder(options)
    target = (target / to).resolve()
    source = site.folder.resolve()
    if target == source or target in source.parents or source in target.parents:
        raise TargetError("target-path", "the target overlaps the site itself", where=str(target), hint="name another")
    before = former(target)
    foreign = _foreign(target, set(before) | {MANIFEST, MARKER})
    ours = set(site.files)
    blocked = sorted(name for name in foreign if name in ours or _under(name, ours) or _above(name, ours))
    if blocked and not options.force:
        raise not_ours(str(target), blocked[0])
    written, removed = delta(before, site)
    try:
        with workshop(target, force=True) as new:
            _fill(new, site)
            for name in sorted(set(foreign) - set(blocked)):
                _carry(target / name, new / name)
            settle(new, target, site.manifest)
            exchange(new, target)
        if options.channel:
            settle_front(FolderShelf(top), to, options)
    except OSError as error:
        raise TargetError(
            "target-unwritable",
            f"the folder cannot be written: {error.strerror}",
            where=str(target),
            kept="the old site",
        ) from error
    return Report(str(target), tuple(written), tuple(removed), len(site.manifest.files) - len(written), site.size)


def remove_folder(target: Path, options: Options) -> Report:
    """The report of taking one report out of a folder, and off its front page."""
    to = subfolder(options)
    try:
        return Report(str(target / to), (), tuple(remove_report(FolderShelf(target), to, options)))
    except OSError as error:
        raise TargetError(
            "target-unwritable", f"the report cannot be removed: {error.strerror}", where=str(target / to)
        ) from error


def _foreign(target: Path, ours: set[str]) -> list[str]:
    """Files and links in the target that our former manifest does not name."""
    found = []
    for here, folders, names in os.walk(target):
        links = [name for name in folders if Path(here, name).is_symlink()]
        found += [Path(here, name).relative_to(target).as_posix() for name in [*names, *links]]
    return [name for name in found if name not in ours]


def _under(name: str, files: set[str]) -> bool:
    """Whether one of our files stands where a folder of this path would be."""
    parts = name.split("/")
    return any("/".join(parts[:end]) in files for end in range(1, len(parts)))


def _above(name: str, files: set[str]) -> bool:
    """Whether one of our folders would be where this file stands."""
    return any(file.startswith(f"{name}/") for file in files)


def _fill(new: Path, site: Site) -> None:
    for name in site.files:
        (new / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(site.folder / name, new / name)
    (new / MARKER).write_bytes(site.marker)


def _carry(old: Path, new: Path) -> None:
    """Bring a file of others along, with its times and mode; a link stays a link."""
    new.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(old, new, follow_symlinks=False)

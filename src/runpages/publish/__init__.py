"""Takes a finished site to where others read it: folder, zip, one file, git branch, object store, machine by SSH."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from runpages.errors import TargetError
from runpages.publish import front
from runpages.publish.archive import publish_archive
from runpages.publish.folder import publish_folder, remove_folder
from runpages.publish.git import publish_branch, remove_branch
from runpages.publish.hosts import check_host
from runpages.publish.plan import Options, Report, checked
from runpages.publish.remote import publish_remote, remove_remote
from runpages.publish.rsync import publish_rsync
from runpages.publish.single import publish_single, title_of
from runpages.publish.verify import verify

__all__ = ["Options", "Report", "check_host", "publish", "remove", "verify"]

_STORES = "s3 s3a gs gcs az abfs abfss adl memory file oss oci r2 webhdfs hdfs sftp smb dbfs".split()


def publish(site: Path, target: str, options: Options | None = None) -> Report:
    """What was done to take the sealed folder `site` to `target`, whose shape says what it is:

    `report.zip`; `report.html` (all in one file); `gh-pages` (that branch of origin); `git:REMOTE#BRANCH`;
    `git+ssh://...`, `git+https://...`, `git+file://...` or `git@host:path`, each with `#BRANCH` (default gh-pages);
    `s3://...`, `gs://...`, `az://...` and what else fsspec knows; `rsync+ssh://HOST/PATH`; any other path is a folder.
    Errors: TargetError, and RedactionRefused before anything is sent.
    """
    options = options or Options()
    branch, store = git_target(target), _is_store(target)
    far = bool(branch) or target.startswith("rsync+ssh://") or (store and not target.startswith(("file:", "memory:")))
    if not (branch or store or far) and (not target or re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", target)):
        raise TargetError(
            "target-unknown",
            f"{target!r} is no target",
            hint="a folder, a .zip, a .html, gh-pages, git:REMOTE#BRANCH, s3://BUCKET/PATH or rsync+ssh://HOST/PATH",
        )
    page = checked(site, options, beyond=far)
    if options.channel:
        now = front.now()
        options = replace(options, to=front.folder_for(options.channel, options.to, now))
        page = replace(page, marker=front.label(title_of(page), now))
    if branch:
        return publish_branch(page, branch, options)
    if store:
        return publish_remote(page, target, options)
    if far:
        return publish_rsync(page, target, options)
    path = Path(target).expanduser()
    if path.suffix.lower() == ".zip" and not path.is_dir():
        return publish_archive(page, path, options)
    if path.suffix.lower() in (".html", ".htm") and not path.is_dir():
        return publish_single(page, path, options)
    return publish_folder(page, path, options)


def remove(target: str, options: Options) -> Report:
    """What was done to take the report in the folder `options.to` out of a folder, a branch or a store."""
    if branch := git_target(target):
        return remove_branch(branch, options)
    if _is_store(target):
        return remove_remote(target, options)
    if not target or "://" in target:
        raise TargetError("target-unknown", f"nothing can be removed from {target!r}", hint="a folder, branch or store")
    return remove_folder(Path(target).expanduser(), options)


def _is_store(target: str) -> bool:
    return target.partition("://")[0] in _STORES and "://" in target


def git_target(target: str) -> tuple[str, str] | None:
    """(remote name or address, branch) when the target is a git branch."""
    if target == "gh-pages":
        return "origin", "gh-pages"
    place, _, branch = target.partition("#")
    branch = branch or "gh-pages"
    if match := re.fullmatch(r"git\+((?:ssh|https?|file)://.*)", place):
        return match[1], branch
    if place.startswith("git:") and not place.startswith("git://"):
        return place.removeprefix("git:") or "origin", branch
    if (
        place.startswith("ssh://")
        or re.fullmatch(r"[\w.-]+@[\w.-]+:[^/].*", place)
        or re.fullmatch(r"https?://.*\.git", place)
    ):
        return place, branch
    return None

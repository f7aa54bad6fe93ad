"""Takes a finished site to where others read it: a folder, a zip, a branch that a forge serves as pages."""

from __future__ import annotations

import re
from pathlib import Path

from runpages.errors import TargetError
from runpages.publish.archive import publish_archive
from runpages.publish.folder import publish_folder
from runpages.publish.git import publish_branch
from runpages.publish.plan import Options, Report, checked

__all__ = ["Options", "Report", "publish"]


def publish(site: Path, target: str, options: Options | None = None) -> Report:
    """What was done to take the sealed folder `site` to `target`, whose shape says what it is:

    `report.zip`; `gh-pages` (that branch of origin); `git:REMOTE#BRANCH`; `git+ssh://...`, `git+https://...`,
    `git+file://...` or `git@host:path`, each with `#BRANCH` (default gh-pages); any other path is a folder.
    Errors: TargetError, and RedactionRefused before anything is sent.
    """
    options = options or Options()
    branch = git_target(target)
    if branch:
        return publish_branch(checked(site, options, beyond=True), branch, options)
    if not target or re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", target):
        raise TargetError(
            "target-unknown",
            f"{target!r} is no target",
            hint="a folder, a .zip, gh-pages, git:REMOTE#BRANCH or git+https://HOST/PATH#BRANCH",
        )
    path = Path(target).expanduser()
    if path.suffix.lower() == ".zip" and not path.is_dir():
        return publish_archive(checked(site, options, beyond=False), path, options)
    return publish_folder(checked(site, options, beyond=False), path, options)


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

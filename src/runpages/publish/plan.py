"""What every target shares: options, the report, and what is checked before a byte leaves."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import partial
from pathlib import Path, PurePosixPath

from runpages.errors import Note, RedactionRefused, TargetError
from runpages.model import FileEntry, Manifest
from runpages.publish.searched import Searched
from runpages.redact import scan_bytes
from runpages.seal import MANIFEST, MARKER, SEALED, read_manifest, safe_path

# Compressed or drawn content: a token's bytes cannot stand in it as they are.
_NO_TEXT = frozenset(
    ".png .jpg .jpeg .gif .webp .avif .ico .woff .woff2 .ttf .mp3 .mp4 .ogg .wav .webm .gz .zip".split()
)
SCANNED = 200_000_000  # bytes of a file


@dataclass(frozen=True, slots=True)
class Options:
    """How to publish. `to` is a folder inside the target; `repository` a checkout whose remotes and settings count.

    `allow` names files (patterns) whose findings were looked at and are no secrets. With a `channel` the report is one
    of many on a front page; of that channel's reports `keep` are kept, and those of the last `keep_days` days (0: all). In the
    folder `cache` it is remembered which files were searched for secrets, so that the next publish searches only new ones.
    """

    to: str = ""
    message: str = ""
    history: bool = True
    allow_private: bool = False
    allow: tuple[str, ...] = ()
    force: bool = False
    attempts: int = 10
    channel: str = ""
    keep: int = 0
    keep_days: int = 0
    repository: Path = field(default_factory=Path)
    cache: Path | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What was done: paths below the target; `place` says where, `commit` the new commit on a git branch."""

    place: str
    written: tuple[str, ...]
    removed: tuple[str, ...] = ()
    unchanged: int = 0
    size: int = 0
    commit: str = ""
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """A sealed folder that passed every check."""

    folder: Path
    manifest: Manifest
    marker: bytes = b""

    @property
    def files(self) -> list[str]:
        """All that is published, sorted: the manifest's files, the manifest, the marker."""
        return sorted([*self.manifest.files, MANIFEST, MARKER])

    @property
    def size(self) -> int:
        """Bytes of all files but the manifest."""
        return sum(entry.size for entry in self.manifest.files.values())

    def digest(self, name: str) -> str:
        """SHA-256 of a published file, in hex."""
        if name in self.manifest.files:
            return self.manifest.files[name].sha256
        return hashlib.sha256(self.content(name)).hexdigest()

    def content(self, name: str) -> bytes:
        """The bytes of a published file."""
        return self.marker if name == MARKER else (self.folder / name).read_bytes()


def checked(folder: Path, options: Options, *, beyond: bool) -> Site:
    """The site at `folder`, when it may go to its target; `beyond` says that others than this machine's users see it.

    TargetError: no manifest, or files changed since the build. RedactionRefused: a private site, unless all of it is
    locked, or a secret in it.
    """
    manifest = read_manifest(folder)
    locked = bool(manifest.files) and all(entry.made_from == SEALED for entry in manifest.files.values())
    if beyond and manifest.profile == "private" and not (locked or options.allow_private):
        raise RedactionRefused(
            "publish-private",
            "the site was built with the profile `private`: users, hosts, paths, commands and logs are in it",
            where=str(folder),
            kept="nothing was sent",
            hint="build one that others may see: runpages build --profile public; or say --private",
        )
    searched = Searched(options.cache)
    found = [one for name in sorted(manifest.files) for one in _search(folder, name, manifest, options, searched)]
    searched.keep()
    refuse_secrets(found)
    return Site(folder, manifest)


@dataclass(frozen=True, slots=True)
class Names:
    """Names that must not stand in a report: `left` finds them in a text, `fingerprint` says which they are."""

    left: Callable[[str], list[str]]
    fingerprint: str


def scan_site(folder: Path, left: Names | None = None, cache: Path | None = None) -> None:
    """Look through every finished file of a folder that is to be public, one level below its coding too.

    Raises RedactionRefused for what looks like a secret, and for names that are still in a text. What was clean is
    remembered in the folder `cache`.
    """
    found, names = [], []
    searched = Searched(cache)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if path.suffix.lower() in _NO_TEXT or path.stat().st_size > SCANNED:
            continue
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        found += searched.findings(digest, partial(_secrets, name, content))
        if left is not None and not name.startswith(("assets/", "css/", "js/", "manifest.json")):
            names += searched.findings(digest, partial(_names, name, content, left), left.fingerprint)
    searched.keep()
    refuse_secrets(found)
    if names:
        more = f" and {len(names) - 8} more" if len(names) > 8 else ""
        raise RedactionRefused(
            "name-left",
            f"a name that was to be replaced stands in {'; '.join(names[:8])}{more}",
            kept="no site was written",
            hint="take it out of the page or of the title, or build with --profile public",
        )


def _secrets(name: str, content: bytes) -> list[str]:
    return [f"{name}, line {one.line}: {one.rule}" for one in scan_bytes(content)]


def _names(name: str, content: bytes, names: Names) -> list[str]:
    return [f"{name}: {one!r}" for one in names.left(html.unescape(content.decode("utf-8", "replace")))]


def _search(folder: Path, name: str, manifest: Manifest, options: Options, searched: Searched) -> list[str]:
    try:
        content = (folder / name).read_bytes()
    except OSError:
        content = b""
    if hashlib.sha256(content).hexdigest() != manifest.files[name].sha256:
        raise TargetError(
            "site-changed", "a file is not as it was built", where=name, kept="nothing was sent", hint="build again"
        )
    if manifest.files[name].made_from == SEALED:  # ciphertext, searched before it was locked
        return []
    if PurePosixPath(name).suffix.lower() in _NO_TEXT or any(fnmatch(name, pattern) for pattern in options.allow):
        return []
    return searched.findings(manifest.files[name].sha256, partial(_secrets, name, content))


def refuse_secrets(found: list[str]) -> None:
    """Raise RedactionRefused when anything was found; `found` says file, line and kind."""
    if found:
        more = f" and {len(found) - 8} more" if len(found) > 8 else ""
        raise RedactionRefused(
            "publish-secret",
            f"what looks like a secret stands in {'; '.join(found[:8])}{more}",
            kept="nothing was sent",
            hint="take it out of the source and build again; withdraw the secret if it was ever published",
        )


def delta(before: Mapping[str, FileEntry], site: Site) -> tuple[list[str], list[str]]:
    """(written, removed): files that are new or differ, and files of the former site that the new one has no more."""
    files = site.manifest.files
    written = [name for name, entry in files.items() if name not in before or before[name].sha256 != entry.sha256]
    return sorted(written), sorted(set(before) - set(files))


def subfolder(options: Options) -> str:
    """`options.to` as a POSIX path without slashes at its ends. TargetError when it leaves the target."""
    to = options.to.replace("\\", "/").strip("/")
    if to.startswith("./"):
        to = to[2:]
    if to in ("", "."):
        return ""
    if not safe_path(to) or to.startswith("-"):
        raise TargetError("target-path", f"{options.to!r} is no folder inside the target", hint="--to reports/pr-7")
    return to


def not_ours(place: str, example: str) -> TargetError:
    """The error for a target that holds what we would overwrite and did not make."""
    return TargetError(
        "target-not-ours",
        f"the target holds {example!r}, which runpages did not put there",
        where=place,
        kept="nothing was changed",
        hint="publish into a folder of its own with --to NAME, or say --force",
    )

"""Makes a finished folder the site: lists it in a manifest and exchanges it for the old one in one step.

A build writes into the folder that `workshop` hands out, then calls `seal`. Whatever moment the process is killed at,
the old site or the new one stands whole; what a killed build left behind is cleared by the next.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import json
import os
import shutil
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from runpages.errors import Note, TargetError
from runpages.model import FileEntry, Manifest

MANIFEST = "manifest.json"
MARKER = ".runpages-site"
SEALED = "sealed"  # made_from of a file that is locked: what is in it was searched before
_OURS = (MANIFEST, MARKER)
_PAGES = (".html", ".htm", ".xml", ".md", ".txt")
_ASSETS = (".css", ".map", ".woff", ".woff2", ".ttf", ".ico", ".wasm")
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def kind_of(path: str) -> Literal["page", "data", "asset"]:
    """Page, data or asset, by where a file lies and how it ends; decides in which order it is uploaded."""
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in _PAGES:
        return "page"
    return "asset" if suffix in _ASSETS or path.startswith("assets/") else "data"


@contextmanager
def workshop(target: Path, *, force: bool = False) -> Iterator[Path]:
    """An empty folder beside `target` to build the next site in; gone afterwards, sealed or not.

    Raises TargetError when `target` is not ours (`force` lets it be replaced) or another build is at it.
    """
    target = target.resolve()
    check_target(target, force=force)
    target.parent.mkdir(parents=True, exist_ok=True)
    with _locked(target):
        _clear_leftovers(target)
        new = target.parent / f".{target.name}.runpages-new"
        new.mkdir(mode=0o755)
        try:
            yield new
        finally:
            shutil.rmtree(new, ignore_errors=True)


def check_target(target: Path, *, force: bool = False) -> None:
    """Raise TargetError unless `target` is missing, empty, a site of ours, or (with `force`) safe to replace."""
    target = target.resolve()
    if target.is_file():
        raise TargetError("output-not-ours", "the output is a file", where=str(target), hint="name a folder")
    if not target.is_dir() or (target / MARKER).is_file() or not any(target.iterdir()):
        return
    if target in (Path.home(), *Path.cwd().parents, Path.cwd(), Path(target.anchor)) or (target / ".git").exists():
        raise TargetError(
            "output-dangerous", "this folder is never replaced by a site", where=str(target), hint="name another folder"
        )
    if not force:
        raise TargetError(
            "output-not-ours",
            "the folder holds files that runpages did not make",
            where=str(target),
            kept="nothing was changed",
            hint="name another folder, or say --force to replace everything in it",
        )


def make_manifest(
    folder: Path, *, version: str, globals_hash: str = "", profile: str = "private", made_from: Mapping[str, str] = {}
) -> Manifest:
    """What lies in `folder` now, by sorted POSIX path. Raises TargetError for links and names no host can serve."""
    files: dict[str, FileEntry] = {}
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        if name in _OURS:
            continue
        if path.is_symlink() or not path.is_file() or not safe_path(name):
            raise TargetError("site-file-odd", f"{name!r} is a link, no file, or cannot be named in a site", where=name)
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        files[name] = FileEntry(digest, path.stat().st_size, kind_of(name), made_from.get(name, ""))
    return Manifest(version, globals_hash, files, profile)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write `manifest.json` and the empty marker; the same manifest gives the same bytes."""
    (folder / MANIFEST).write_bytes(manifest_bytes(manifest))
    (folder / MARKER).write_bytes(b"")


def manifest_bytes(manifest: Manifest) -> bytes:
    """The manifest as JSON: one file a line, sorted."""
    files = [
        f"  {json.dumps(name)}: {json.dumps(_plain(entry), sort_keys=True)}"
        for name, entry in sorted(manifest.files.items())
    ]
    head = {"format": manifest.format, "globals_hash": manifest.globals_hash, "profile": manifest.profile}
    lines = [f" {json.dumps(key)}: {json.dumps(value)}" for key, value in {**head, "version": manifest.version}.items()]
    return ("{\n" + ",\n".join([*lines, ' "files": {\n' + ",\n".join(files) + "\n }"]) + "\n}\n").encode()


def _plain(entry: FileEntry) -> dict[str, Any]:
    plain: dict[str, Any] = {"sha256": entry.sha256, "size": entry.size, "kind": entry.kind}
    return plain | ({"made_from": entry.made_from} if entry.made_from else {})


def seal(
    new: Path,
    target: Path,
    *,
    version: str,
    globals_hash: str = "",
    profile: str = "private",
    made_from: Mapping[str, str] = {},
) -> Manifest:
    """The manifest of the site that now stands at `target`; `new` comes out of `workshop(target)`.

    Files can be read by everyone (a web server is someone else); a file that did not change keeps its time.
    """
    target = target.resolve()
    manifest = make_manifest(new, version=version, globals_hash=globals_hash, profile=profile, made_from=made_from)
    write_manifest(new, manifest)
    settle(new, target, manifest)
    exchange(new, target)
    return manifest


def settle(new: Path, target: Path, manifest: Manifest) -> None:
    """Set modes, and the times of files that are the same in the site at `target`."""
    before = former(target)
    for folder, _, names in os.walk(new):
        Path(folder).chmod(0o755)
        for name in names:
            path = Path(folder, name)
            if path.is_symlink():
                continue
            path.chmod(0o644)
            key = path.relative_to(new).as_posix()
            old, entry = before.get(key), manifest.files.get(key)
            if old and entry and old.sha256 == entry.sha256:
                with suppress(OSError):
                    time = (target / key).stat().st_mtime_ns
                    os.utime(path, ns=(time, time))


def former(folder: Path) -> Mapping[str, FileEntry]:
    """The files of the site at `folder`, none when there is no readable manifest."""
    try:
        return read_manifest(folder).files
    except TargetError:
        return {}


def exchange(new: Path, target: Path) -> None:
    """Put `new` where `target` is, and `target` (when there is one) where `new` was.

    One step where the system has renameat2, else two renames; the next `workshop` repairs a kill between these.
    """
    try:
        if not target.exists():
            new.rename(target)
        elif not _exchange_in_one(new, target):
            aside = target.parent / f".{target.name}.runpages-old"
            target.rename(aside)
            new.rename(target)
            aside.rename(new)
    except OSError as error:
        raise TargetError(
            "output-unwritable",
            f"the new site could not be put in place: {error.strerror}",
            where=str(target),
            kept="the old site",
            hint="the folder must be writable and no mount point: name a folder below it",
        ) from error


def _exchange_in_one(new: Path, target: Path) -> bool:
    if sys.platform != "linux":
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    if rename(_AT_FDCWD, os.fsencode(new), _AT_FDCWD, os.fsencode(target), _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.EINVAL, errno.ENOSYS, errno.EPERM, errno.ENOTSUP):
        return False  # a file system or a sandbox without it
    raise OSError(code, os.strerror(code))


@contextmanager
def _locked(target: Path) -> Iterator[None]:
    """Hold the one lock on `target`; TargetError names who holds it. Without fcntl there is no lock."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    path = target.parent / f".{target.name}.runpages-lock"
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(handle, 200).decode("utf-8", "replace")
            os.close(handle)
            raise TargetError(
                "output-locked", f"another build writes here ({holder})", where=str(target), hint="wait for it to end"
            ) from error
        if path.exists() and path.stat().st_ino == os.fstat(handle).st_ino:
            break
        os.close(handle)  # its holder removed it between our open and our lock
    os.ftruncate(handle, 0)
    os.write(handle, f"process {os.getpid()} on {socket.gethostname()}".encode())
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(handle)


def _clear_leftovers(target: Path) -> None:
    """Undo what a killed build left: we hold the lock, so nobody works in it."""
    aside = target.parent / f".{target.name}.runpages-old"
    if aside.exists() and not target.exists():
        aside.rename(target)
    for left in (aside, target.parent / f".{target.name}.runpages-new"):
        if left.exists():
            shutil.rmtree(left)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a sealed site. TargetError when there is none, or it cannot be trusted."""
    try:
        content = (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise TargetError(
            "site-unsealed",
            "there is no finished site here",
            where=str(folder),
            hint="build one: runpages build RUNS -o FOLDER",
        ) from error
    return parse_manifest(content, str(folder))


def parse_manifest(content: bytes, where: str) -> Manifest:
    """A manifest out of its bytes. TargetError for damage, for a newer format, for paths that leave the site."""
    try:
        plain = json.loads(content)
        if plain["format"] != 1:
            raise TargetError(
                "manifest-newer", f"the manifest has format {plain['format']!r}", where=where, hint="update runpages"
            )
        files = {name: _entry(name, entry) for name, entry in plain["files"].items()}
        texts = [plain[key] for key in ("version", "globals_hash", "profile")]
        if not all(isinstance(text, str) for text in texts):
            raise ValueError("a field is no text")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise TargetError(
            "manifest-broken", f"the manifest cannot be read: {error}", where=where, hint="build the site again"
        ) from error
    return Manifest(texts[0], texts[1], files, texts[2])


def _entry(name: str, plain: Mapping[str, Any]) -> FileEntry:
    digest, size, kind, made_from = plain["sha256"], plain["size"], plain["kind"], plain.get("made_from", "")
    if not safe_path(name) or name in _OURS:
        raise ValueError(f"{name!r} is no path inside a site")
    if not (isinstance(digest, str) and isinstance(size, int) and isinstance(made_from, str)):
        raise ValueError(f"{name!r} has a field of the wrong type")
    if kind not in ("page", "data", "asset"):
        raise ValueError(f"{name!r} is of an unknown kind")
    return FileEntry(digest, size, kind, made_from)


def safe_path(name: str) -> bool:
    """Whether this is a POSIX path that stays inside its folder, everywhere, and holds no control character."""
    parts = name.split("/")
    return (
        bool(name)
        and not any(part in ("", ".", "..") or part.lower() == ".git" for part in parts)
        and not any(ord(char) < 32 or char in '\\:"' or 0xD800 <= ord(char) < 0xE000 for char in name)
    )


def verify(folder: Path) -> list[Note]:
    """What differs between a site and its manifest, by path; empty when the site is as it was built."""
    manifest = read_manifest(folder)
    now = {path.relative_to(folder).as_posix(): path for path in _files(folder)}
    problems = [
        Note("site-file-extra", "this file is not of the site", where=name)
        for name in set(now) - set(manifest.files) - set(_OURS)
    ]
    for name, entry in manifest.files.items():
        if name not in now:
            problems.append(Note("site-file-missing", "a file of the site is gone", where=name, level="error"))
        elif hashlib.sha256(now[name].read_bytes()).hexdigest() != entry.sha256:
            problems.append(Note("site-file-changed", "a file is not as it was built", where=name, level="error"))
    return sorted(problems, key=lambda note: note.where)


def _files(folder: Path) -> list[Path]:
    """Every file and every link below a folder, sorted."""
    found: list[Path] = []
    for here, folders, names in os.walk(folder):
        found += [Path(here, name) for name in names]
        found += [Path(here, name) for name in folders if Path(here, name).is_symlink()]
    return sorted(found)

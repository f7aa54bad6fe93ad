"""Results that cost more to make than to keep: texts by the hash of all they were made of."""

from __future__ import annotations

import functools
import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

SEAL = 16  # bytes of hash before each text: a disk may flip a bit, another program may write here
OLD_S = 90 * 86_400  # what of a user's folder is older than this was made by a version long gone


class Remembered:
    """A folder of texts. What was not asked for in a build is forgotten after it; losing the folder loses only time.

    `asked` are the names of what was asked for. Without a folder nothing is kept.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.asked: set[str] = set()

    def text(self, kind: str, parts: Iterable[bytes], make: Callable[[], str]) -> str:
        """The text that `make` gives for these parts, made once. `parts` must name everything it depends on."""
        name = self.name(kind, parts)
        kept = self.kept(name)
        if kept is not None:
            return kept.decode("utf-8", "surrogatepass")
        made = make()
        self.keep(name, made.encode("utf-8", "surrogatepass"))
        return made

    def name(self, kind: str, parts: Iterable[bytes]) -> str:
        """The file name for these parts; it counts as asked for."""
        digest = hashlib.blake2b(f"{kind}\0{_program()}".encode(), digest_size=16)
        for part in parts:
            digest.update(len(part).to_bytes(8, "little"))
            digest.update(part)
        name = f"{kind}-{digest.hexdigest()}"
        self.asked.add(name)
        return name

    def forget_the_rest(self) -> None:
        """Delete what nobody asked for."""
        self._forget(lambda path: path.name not in self.asked)

    def forget_the_old(self) -> None:
        """Delete what was made a season ago: for a folder that several reports share."""
        before = time.time() - OLD_S
        self._forget(lambda path: path.stat().st_mtime < before)

    def _forget(self, unwanted: Callable[[Path], bool]) -> None:
        if self.folder is not None and self.folder.is_dir():
            for path in self.folder.iterdir():
                with suppress(OSError):  # another build may be tidying up
                    if unwanted(path):
                        path.unlink()

    def kept(self, name: str) -> bytes | None:
        """The bytes of that name, when they are still the ones that were kept."""
        if self.folder is None:
            return None
        try:
            file = (self.folder / name).read_bytes()
        except OSError:
            return None
        return file[SEAL:] if _seal(file[SEAL:]) == file[:SEAL] else None

    def keep(self, name: str, made: bytes) -> None:
        """Keep these bytes; a file appears whole or not at all, another build may be reading."""
        if self.folder is None:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            part = f"{self.folder}/.{os.getpid()}-{name}"
            with open(part, "wb") as file:  # noqa: PTH123 - a thousand of these: a third of what a temporary file costs
                file.write(_seal(made) + made)
            os.replace(part, f"{self.folder}/{name}")  # noqa: PTH105
        except OSError:  # a cache that cannot be written only costs time
            return


def of_user() -> Remembered:
    """What every report of this user shares (the drawing library, compiled templates): nothing of any run.

    In the user's cache folder, and only where nobody else may write, because programs are kept in it.
    """
    return Remembered(_own_folder())


def _own_folder() -> Path | None:
    if not hasattr(os, "getuid"):
        return None
    try:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        folder = base / "runpages"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except (OSError, RuntimeError):  # no home, or one that cannot be written
        return None
    own = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and stat.S_IMODE(found.st_mode) & 0o077 == 0
    return folder if own and base.is_absolute() else None


def _seal(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=SEAL).digest()


@functools.cache
def _program() -> str:
    """A hash over our own code that makes such texts, so that a new version never shows old ones."""
    here = Path(__file__).parent
    digest = hashlib.blake2b(digest_size=12)
    rooms = ("charts", "views", "pages", "studies", "stats")
    for path in sorted(path for room in rooms for path in here.glob(f"{room}/*.py")):
        digest.update(path.name.encode() + hashlib.blake2b(path.read_bytes()).digest())
    return digest.hexdigest()

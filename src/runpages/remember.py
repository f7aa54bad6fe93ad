"""Results that cost more to make than to keep: texts by the hash of all they were made of."""

from __future__ import annotations

import functools
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

SEAL = 16  # bytes of hash before each text: a disk may flip a bit, another program may write here


class Remembered:
    """A folder of texts. What was not asked for in a build is forgotten after it; losing the folder loses only time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._asked: set[str] = set()

    def text(self, kind: str, parts: Iterable[bytes], make: Callable[[], str]) -> str:
        """The text that `make` gives for these parts, made once. `parts` must name everything it depends on."""
        digest = hashlib.blake2b(f"{kind}\0{_program()}".encode(), digest_size=16)
        for part in parts:
            digest.update(len(part).to_bytes(8, "little"))
            digest.update(part)
        name = f"{kind}-{digest.hexdigest()}"
        self._asked.add(name)
        kept = self._kept(name)
        if kept is not None:
            return kept.decode("utf-8", "surrogatepass")
        made = make()
        self._keep(name, made.encode("utf-8", "surrogatepass"))
        return made

    def forget_the_rest(self) -> None:
        """Delete what nobody asked for."""
        if self.folder.is_dir():
            for path in self.folder.iterdir():
                if path.name not in self._asked:
                    path.unlink(missing_ok=True)

    def _kept(self, name: str) -> bytes | None:
        """The bytes of that name, when they are still the ones that were kept."""
        try:
            file = (self.folder / name).read_bytes()
        except OSError:
            return None
        return file[SEAL:] if _seal(file[SEAL:]) == file[:SEAL] else None

    def _keep(self, name: str, made: bytes) -> None:
        """A file appears whole or not at all: another build may be reading."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as file:
                file.write(_seal(made) + made)
            os.replace(file.name, self.folder / name)  # noqa: PTH105
        except OSError:  # a cache that cannot be written only costs time
            return


def _seal(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=SEAL).digest()


@functools.cache
def _program() -> str:
    """A hash over our own code that makes such texts, so that a new version never shows old ones."""
    here = Path(__file__).parent
    digest = hashlib.blake2b(digest_size=12)
    for path in sorted([*here.glob("charts/*.py"), *here.glob("views/*.py"), *here.glob("pages/*.py")]):
        digest.update(path.name.encode() + hashlib.blake2b(path.read_bytes()).digest())
    return digest.hexdigest()

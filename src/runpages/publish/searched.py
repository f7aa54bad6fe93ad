"""Remembers which finished files were searched and found clean, so that the next publish searches only what is new.

A file is known by the hash of its content, of the rules and of whatever else was searched for: nobody can plant the
mark of a file with a secret in it without knowing the secret, and new rules search everything anew.
"""

from __future__ import annotations

import functools
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from runpages.redact import tokens

_WIDTH = 16  # bytes of a mark
_MOST = 200_000  # marks of former sites that are kept


class Searched:
    """The marks of clean files in one small file below a cache folder; without a folder, nothing is remembered."""

    def __init__(self, cache: Path | None) -> None:
        self._path = cache / "searched" if cache else None
        self._known = self._read()
        self._asked: set[bytes] = set()

    def findings(self, digest: str, look: Callable[[], list[str]], sought: str = "") -> list[str]:
        """What `look` finds in the content of this SHA-256 (hex); an empty list at once when it was clean before.

        `sought` names what is searched for besides the rules: a profile with its names.
        """
        salt = hashlib.sha256(f"{_rules()}\0{sought}".encode()).digest()
        mark = hashlib.blake2b(bytes.fromhex(digest), key=salt, digest_size=_WIDTH).digest()
        if mark not in self._known:
            found = look()
            if found:
                return found
        self._asked.add(mark)
        return []

    def keep(self) -> None:
        """Write the marks down; a cache that cannot be written costs only time."""
        if self._path is None or self._asked <= self._known:
            return
        marks = self._asked | self._known
        content = b"".join(sorted(marks if len(marks) <= _MOST else self._asked))
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._path.parent, delete=False) as file:
                file.write(hashlib.sha256(content).digest() + content)
            os.replace(file.name, self._path)  # noqa: PTH105
        except OSError:
            return

    def _read(self) -> frozenset[bytes]:
        try:
            kept = self._path.read_bytes() if self._path else b""
        except OSError:
            return frozenset()
        seal, content = kept[:32], kept[32:]
        if hashlib.sha256(content).digest() != seal:  # a flipped bit: search again
            return frozenset()
        return frozenset(content[at : at + _WIDTH] for at in range(0, len(content), _WIDTH))


@functools.cache
def _rules() -> str:
    """A hash over the rules as they are written."""
    return hashlib.sha256(Path(tokens.__file__).read_bytes()).hexdigest()

"""Zip archives of someone else's making, read member by member with caps; nothing is ever unpacked to disk.

What the directory of a zip says is a claim: sizes are counted while the bytes come out, names are names only.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

END = b"PK\x05\x06"
LOCAL = b"PK\x03\x04"
MAX_MEMBERS = 20_000
MAX_DIRECTORY = 16 * 2**20  # bytes that the list of members may take
MAX_MEMBER = 256 * 2**20
MAX_RATIO = 200  # text of numbers packs to a tenth; a bomb to a thousandth
RATIO_FROM = 2**20  # below this size a ratio says nothing
_CHUNK = 2**18
_DRIVE = re.compile(r"[A-Za-z]:")
_FAILURES = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError, KeyError, IndexError,
             OverflowError)  # fmt: skip


class BadZip(ValueError):
    """The archive, or one of its members, cannot be read; the message says why in words for a note."""


class Zip:
    """An open archive. `names` are its members that a run may have, in order, with the sizes they claim.

    Left out, and counted in `odd`: absolute names, drives, backslashes, `..`, links, encrypted members. Of members
    with one name the last one counts (`twice`), as unpacking would have it.
    """

    def __init__(self, source: Path | bytes) -> None:
        try:
            file = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
        except OSError as error:
            raise BadZip(error.strerror or "cannot be read") from None
        try:
            _check_directory(file)
            self._zip = zipfile.ZipFile(file)
        except _FAILURES as error:
            file.close()
            raise BadZip(str(error)[:200] or type(error).__name__) from None
        self._file = file
        self._members: dict[str, zipfile.ZipInfo] = {}
        self.odd = self.twice = 0
        for info in self._zip.infolist():
            if info.is_dir():
                continue
            if not _is_plain(info):
                self.odd += 1
                continue
            self.twice += info.filename in self._members
            self._members[info.filename] = info
        self.names = {name: info.file_size for name, info in self._members.items()}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._zip.close()
        self._file.close()

    def read(self, name: str, cap: int = MAX_MEMBER) -> bytes:
        """The whole content of a member. Raises BadZip when it is absent, damaged, larger than `cap` or a bomb."""
        data, more = self.head(name, cap)
        if more:
            raise BadZip(f"{name!r} is larger than {cap / 2**20:.3g} MiB")
        return data

    def head(self, name: str, cap: int = MAX_MEMBER) -> tuple[bytes, bool]:
        """The first `cap` bytes of a member and whether it has more. Raises BadZip."""
        pieces: list[bytes] = []
        size = 0
        for piece in self.chunks(name):
            pieces.append(piece[: cap - size])
            size += len(piece)
            if size > cap:
                return b"".join(pieces), True
        return b"".join(pieces), False

    def salvage(self, name: str, cap: int = MAX_MEMBER) -> tuple[bytes, str]:
        """What can be had of a member, at most `cap` bytes, and in words why it is not all of it ("" when it is)."""
        pieces: list[bytes] = []
        size = 0
        try:
            for piece in self.chunks(name):
                pieces.append(piece[: cap - size])
                size += len(piece)
                if size > cap:
                    return b"".join(pieces), f"larger than {cap / 2**20:.3g} MiB"
        except BadZip as error:
            return b"".join(pieces), str(error)
        return b"".join(pieces), ""

    def chunks(self, name: str) -> Iterator[bytes]:
        """A member's bytes, piece by piece, whatever size it claims. Raises BadZip."""
        info = self._members.get(name)
        if info is None:
            raise BadZip(f"no member {name[:200]!r}")
        size = 0
        try:
            with self._zip.open(info) as file:
                while piece := file.read(_CHUNK):
                    size += len(piece)
                    if size > RATIO_FROM and size > MAX_RATIO * max(1, info.compress_size):
                        raise BadZip(f"{name!r} unpacks to more than {MAX_RATIO} times its size")
                    yield piece
        except BadZip:
            raise
        except _FAILURES as error:
            raise BadZip(f"{name!r}: {str(error)[:200] or type(error).__name__}") from None

    def oddities(self) -> str:
        """What was left out of the list of members, in words; "" when nothing was."""
        words = [f"{self.odd} members have names that lead elsewhere, are links or encrypted"] if self.odd else []
        return "; ".join([*words, *([f"{self.twice} names are given more than once"] if self.twice else [])])


def begins_like_zip(head: bytes) -> bool:
    """Whether a file's first bytes are those of a zip, an empty one included."""
    return head.startswith((LOCAL, END))


def first_names(head: bytes) -> Iterator[str]:
    """Names of the members at the beginning of a zip, as far as they can be told from `head` alone."""
    at = 0
    while head[at : at + 4] == LOCAL and len(head) >= at + 30:
        packed = int.from_bytes(head[at + 18 : at + 22], "little")
        name, extra = (
            int.from_bytes(head[at + 26 : at + 28], "little"),
            int.from_bytes(head[at + 28 : at + 30], "little"),
        )
        yield head[at + 30 : at + 30 + name].decode("utf-8", "replace")
        if head[at + 6] & 8:  # sizes follow the content: the next member cannot be found from here
            return
        at += 30 + name + extra + packed


def _check_directory(file: BinaryIO) -> None:
    """Refuse a list of members that is too long, before anything of it is held. Raises ValueError, OSError."""
    end = file.seek(0, 2)
    file.seek(max(0, end - 65_557))
    tail = file.read()
    at = tail.rfind(END)
    if at < 0 or len(tail) < at + 22:
        raise ValueError("its list of members is missing: the archive is cut, or is none")
    members, size = int.from_bytes(tail[at + 10 : at + 12], "little"), int.from_bytes(tail[at + 12 : at + 16], "little")
    wide = at - 76  # the record of zip64 and its locator stand right before the end
    if wide >= 0 and tail[at - 20 : at - 16] == b"PK\x06\x07":
        members = int.from_bytes(tail[wide + 32 : wide + 40], "little")
        size = int.from_bytes(tail[wide + 40 : wide + 48], "little")
    if members > MAX_MEMBERS or size > MAX_DIRECTORY:
        raise ValueError(f"it lists {members:,} members; more than {MAX_MEMBERS:,} are not read")


def _is_plain(info: zipfile.ZipInfo) -> bool:
    name = info.orig_filename
    link = (info.external_attr >> 16) & 0o170000 == 0o120000
    inside = bool(name) and not name.startswith("/") and ".." not in name.split("/") and not _DRIVE.match(name)
    return inside and "\\" not in name and "\0" not in name and not link and not info.flag_bits & 1

"""The content of a run's files, and the shelf of a site: what pages show is put there once, named by its content.

Everything here is someone else's: paths may lead out of the run's folder, names lie about what a file is, text may
hold a secret, HTML and SVG may hold a program.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat as stat_bits
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from runpages.codecs.parquet_head import MAX_FILE as MAX_PARQUET
from runpages.codecs.parquet_head import parquet_head as parquet_head
from runpages.codecs.sniff import passive_svg, sniff
from runpages.codecs.text import decode
from runpages.model import Artifact
from runpages.thumbnail import NoPicture, Small, small

FILES_IN_LIMIT = 5  # one file may take this part of a site's limit
TEXTS = ("text/", "application/json", "image/svg+xml")
SANDBOX_POLICY = (
    '<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "img-src data:; style-src 'unsafe-inline'; font-src data:; media-src data:; base-uri 'none'; form-action 'none'\">"
    '<meta name="referrer" content="no-referrer">\n'
)
_REFRESH = re.compile(
    r"http-equiv(\s*=\s*[\"']?\s*(?:refresh|&\w*r\w*efresh|set-cookie|content-security-policy))", re.IGNORECASE
)

Clean = Callable[[str], str]
Suspicious = Callable[[bytes], bool]
Bare = Callable[[bytes, str], bytes | None]
Smaller = Callable[[bytes], Small]


class Unshown(Exception):
    """The content cannot be shown; the message says why in words for a page."""


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes ready to be shown, their media type by what they are, and the ending a file of them gets."""

    data: bytes
    media_type: str
    ending: str

    @property
    def parquet(self) -> bool:
        """Whether it is a Parquet file that is small enough to look into."""
        return self.data[:4] == b"PAR1" and len(self.data) <= MAX_PARQUET

    @property
    def text(self) -> str:
        """The bytes as text."""
        return decode(self.data)[0]


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an artifact stands in the site: `url` below the site's root, or "" and `why` not. `size` in bytes."""

    url: str
    size: int | None
    media_type: str = ""
    sha256: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture as a page shows it: the URL of its small copy (or its own), its width and height in pixels."""

    url: str
    width: int
    height: int


def read_artifact(artifact: Artifact, root: Path, cap: int) -> bytes:
    """The artifact's content as its run left it, at most `cap` bytes. Raises Unshown, never another exception.

    The order is the model's: data, member of a zip, piece of a file, file. Nothing outside `root` is opened.
    """
    try:
        if artifact.data is not None:
            return _within(artifact.data, cap)
        place = _inside(artifact.path, root)
        if artifact.member:
            return _member(place, artifact.member, cap)
        return _bytes(place, artifact, cap)
    except FileNotFoundError:
        raise Unshown("the file is gone") from None
    except (OSError, ValueError, RuntimeError, NotImplementedError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise Unshown(f"it cannot be read ({type(error).__name__})") from None


def _within(data: bytes, cap: int) -> bytes:
    if len(data) > cap:
        raise Unshown(f"larger than the {cap / 1e6:.3g} MB a file may have")
    return data


def _inside(path: str, root: Path) -> Path:
    """The real place of a path, refused when it is not below the real root: `..`, absolute paths, links that lead out."""
    if not path or "\0" in path:
        raise Unshown("its path is none")
    base = root.resolve()
    place = (base / path).resolve()
    if not place.is_relative_to(base):
        raise Unshown("its path leads out of the run's folder")
    return place


def _bytes(place: Path, artifact: Artifact, cap: int) -> bytes:
    # without blocking: a pipe of that name would wait for a writer for ever
    handle = os.open(place, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(handle, "rb") as file:
        state = os.fstat(file.fileno())
        if not stat_bits.S_ISREG(state.st_mode):
            raise Unshown("it is no regular file")
        if artifact.start is None:
            if state.st_size > cap:
                raise Unshown(f"larger than the {cap / 1e6:.3g} MB a file may have")
            return _within(file.read(cap + 1), cap)
        wanted = artifact.size or 0
        if wanted > cap:
            raise Unshown(f"larger than the {cap / 1e6:.3g} MB a file may have")
        file.seek(artifact.start)
        data = file.read(wanted)
        if len(data) < wanted:
            raise Unshown("the file changed since it was read")
        return data


def _member(place: Path, member: str, cap: int) -> bytes:
    """A file of a zip, unpacked no further than `cap`: what the zip says of its size is only a claim."""
    with zipfile.ZipFile(place) as archive:
        try:
            entry = archive.getinfo(member)
        except KeyError:
            raise Unshown("the archive has no such file any more") from None
        with archive.open(entry) as file:
            return _within(file.read(cap + 1), cap)


def safe_content(raw: bytes, clean: Clean, suspicious: Suspicious) -> Content:
    """The bytes as a site may hold them: texts without secrets, SVG without programs, HTML under a policy of its own.

    Raises Unshown for other content in which a secret is found.
    """
    raw = _as_utf8(raw)
    media_type, ending = sniff(raw)
    if not media_type.startswith(TEXTS):
        if suspicious(raw):
            raise Unshown("it holds what looks like a secret")
        return Content(raw, media_type, ending)
    text = clean(decode(raw)[0])
    if media_type == "image/svg+xml":
        drawn = passive_svg(text)
        if drawn is None:
            media_type, ending = "text/plain", "txt"
        text = text if drawn is None else drawn
    if media_type == "text/html":
        text = SANDBOX_POLICY + _REFRESH.sub(r"data-was\1", text)
    return Content(text.encode("utf-8", "replace"), media_type, ending)


def _as_utf8(raw: bytes) -> bytes:
    """Text of two or four bytes a character looks like no text at all: in UTF-8 it can be read, and searched."""
    if sniff(raw)[0] != "application/octet-stream":
        return raw
    text, encoding = decode(raw)
    return text.encode("utf-8", "replace") if encoding.startswith(("utf-16", "utf-32")) else raw


class MediaShelf:
    """The folder `media` of a site. Content is put there once, however many runs left it, until `limit` bytes are used."""

    def __init__(
        self,
        site: Path,
        limit: int,
        clean: Clean,
        suspicious: Suspicious,
        bare: Bare | None = None,
        *,
        smaller: Smaller = small,
    ) -> None:
        self.site, self.limit = site, limit
        self.used = 0
        self.refused = 0
        self._clean, self._suspicious, self._bare, self._smaller = clean, suspicious, bare, smaller
        self._placed: dict[str, int] = {}
        self._shots: dict[str, Shot] = {}

    @property
    def cap(self) -> int:
        """The size one file may have."""
        return self.limit // FILES_IN_LIMIT

    def read(self, artifact: Artifact, root: Path) -> Content:
        """The artifact's content, safe to show. Raises Unshown."""
        content = safe_content(read_artifact(artifact, root, self.cap), self._clean, self._suspicious)
        if self._bare is None or content.media_type.startswith(TEXTS):
            return content
        bare = self._bare(content.data, content.media_type)
        if bare is None:
            raise Unshown("what it says of its maker cannot be taken out of a file of this kind")
        return Content(bare, content.media_type, content.ending)

    def put(self, artifact: Artifact, root: Path) -> tuple[Placed, Content | None]:
        """Where the artifact stands now, and its content; without a URL and content when it cannot be shown."""
        try:
            content = self.read(artifact, root)
            return self._put(content), content
        except Unshown as error:
            self.refused += 1
            return Placed("", artifact.size, artifact.media_type, why=str(error)), None

    def shot(self, placed: Placed, content: Content) -> Shot:
        """A placed picture's small copy, made once for equal pictures. Raises Unshown for one that cannot be decoded."""
        if placed.url not in self._shots:
            try:
                made = self._smaller(content.data)
            except NoPicture as error:
                raise Unshown(str(error)) from None
            url = placed.url
            if made.data is not None and len(made.data) < len(content.data):
                with suppress(Unshown):  # no room left: the picture itself is there already
                    url = self._put(Content(made.data, "image/webp", "webp")).url
            self._shots[placed.url] = Shot(url, made.width, made.height)
        return self._shots[placed.url]

    def _put(self, content: Content) -> Placed:
        digest = hashlib.sha256(content.data).hexdigest()
        name = f"media/{digest[:16]}.{content.ending}"
        size = len(content.data)
        if name not in self._placed:
            if self.used + size > self.limit:
                raise Unshown(f"the site's {self.limit / 1e6:.3g} MB for media are used up")
            path = self.site / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.data)
            self._placed[name] = size
            self.used += size
        return Placed(name, size, content.media_type, digest)

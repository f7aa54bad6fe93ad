"""What bytes are, by how they begin and never by a file's name; and an SVG without anything that acts."""

from __future__ import annotations

import re
from xml.etree import ElementTree

# beginning, what follows at an offset, media type, ending
_MAGIC: tuple[tuple[bytes, int, bytes, str, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", 0, b"", "image/png", "png"),
    (b"\xff\xd8\xff", 0, b"", "image/jpeg", "jpg"),
    (b"GIF8", 0, b"", "image/gif", "gif"),
    (b"RIFF", 8, b"WEBP", "image/webp", "webp"),
    (b"RIFF", 8, b"WAVE", "audio/wav", "wav"),
    (b"BM", 6, b"\0\0\0\0", "image/bmp", "bmp"),
    (b"", 4, b"ftypavif", "image/avif", "avif"),
    (b"", 4, b"ftypM4A", "audio/mp4", "m4a"),
    (b"", 4, b"ftyp", "video/mp4", "mp4"),
    (b"\x1a\x45\xdf\xa3", 0, b"", "video/webm", "webm"),
    (b"ID3", 0, b"", "audio/mpeg", "mp3"),
    (b"\xff\xfb", 0, b"", "audio/mpeg", "mp3"),
    (b"\xff\xf3", 0, b"", "audio/mpeg", "mp3"),
    (b"OggS", 0, b"", "audio/ogg", "ogg"),
    (b"fLaC", 0, b"", "audio/flac", "flac"),
    (b"%PDF-", 0, b"", "application/pdf", "pdf"),
    (b"PK\x03\x04", 0, b"", "application/zip", "zip"),
    (b"\x1f\x8b", 0, b"", "application/gzip", "gz"),
)
_CONTROL = frozenset(range(32)) - {9, 10, 12, 13, 27}  # a log may hold escape sequences
_SVG = re.compile(r"(?:<\?xml[^>]*\?>|<!--.*?-->|<!DOCTYPE[^>\[]*>|\s)*<svg[\s>]", re.DOTALL | re.IGNORECASE)
_HTML = re.compile(r"(?:<!--.*?-->|\s)*<(?:!doctype\s+html|html|head|body)\b", re.DOTALL | re.IGNORECASE)
_PASSIVE = re.compile(r"#|data:image/(?:png|jpeg|gif|webp);", re.IGNORECASE)
_REMOTE = re.compile(r"@import|url\s*\(\s*['\"]?\s*(?!#|['\"]?#)|expression\s*\(|\\", re.IGNORECASE)
_DECLARES = re.compile(r"<!(?:ENTITY|DOCTYPE[^>]*\[)", re.IGNORECASE)
_NAMESPACE = "http://www.w3.org/2000/svg"
_ACTIVE = frozenset("script foreignobject iframe embed object audio video canvas handler listener".split())
MAX_SVG_ELEMENTS = 200_000


def sniff(content: bytes) -> tuple[str, str]:
    """The media type and the ending: of a picture, sound, film, SVG, HTML, JSON, text, else application/octet-stream."""
    for start, at, then, media_type, ending in _MAGIC:
        if content.startswith(start) and content[at : at + len(then)] == then and len(content) >= at + len(then):
            return media_type, ending
    head = content[:4096]
    if not content or _CONTROL.intersection(head):
        return ("text/plain", "txt") if not content else ("application/octet-stream", "bin")
    text = head.decode("utf-8-sig", "replace")
    if _SVG.match(text):
        return "image/svg+xml", "svg"
    if _HTML.match(text):
        return "text/html", "html"
    if text.lstrip()[:1] in ("{", "["):
        return "application/json", "json"
    return "text/plain", "txt"


def passive_svg(text: str) -> str | None:
    """The picture without scripts, handlers, links out and foreign content; None for what is no XML or declares entities.

    Written anew from its parsed tree, so that what a browser reads is what was looked at.
    """
    if _DECLARES.search(text):
        return None
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - no entities are declared, as was just seen
        if _local(root.tag) != "svg" or sum(1 for _ in root.iter()) > MAX_SVG_ELEMENTS:
            return None
        _scrub(root)
        for prefix, name in (("", _NAMESPACE), ("xlink", "http://www.w3.org/1999/xlink")):
            ElementTree.register_namespace(prefix, name)
        return ElementTree.tostring(root, encoding="unicode")
    except (ElementTree.ParseError, ValueError, RecursionError):
        return None


def _local(name: object) -> str:
    return str(name).rpartition("}")[2].rpartition(":")[2].lower()


def _scrub(root: ElementTree.Element) -> None:
    for element in list(root.iter()):
        for child in list(element):
            if _acts(child):
                element.remove(child)
        for name, value in list(element.attrib.items()):
            if _leads_out(_local(name), value.strip()):
                del element.attrib[name]


def _leads_out(name: str, value: str) -> bool:
    """Whether an attribute runs something or asks for something from elsewhere."""
    if name.startswith("on") or _REMOTE.search(value):
        return True
    target = name in ("href", "src") or (name in ("from", "to", "by", "values") and ":" in value)
    return target and not _PASSIVE.match(value)


def _acts(element: ElementTree.Element) -> bool:
    """Whether an element runs something, is of another language, or changes what was checked."""
    name = _local(element.tag)
    changed = _local(next((value for key, value in element.attrib.items() if _local(key) == "attributename"), ""))
    if name in _ACTIVE or changed in ("href", "style") or changed.startswith("on"):
        return True
    if element.tag.startswith("{http://www.w3.org/1999/xhtml}"):
        return True
    return name == "style" and bool(_REMOTE.search("".join(element.itertext())))

"""Pictures and sounds without what they say of their maker: EXIF, GPS, XMP, comments, times, thumbnails.

Formats by their specifications: JPEG (ITU T.81), PNG (W3C), GIF89a, WebP and WAVE (RIFF).
"""

from __future__ import annotations

import struct

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset(b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB sBIT bKGD pHYs acTL fcTL fdAT cICP hIST".split())
_WEBP_DROPPED = (b"EXIF", b"XMP ")
_WAVE_KEPT = (b"fmt ", b"data", b"fact")


def without_metadata(data: bytes, media_type: str) -> bytes | None:
    """The same picture or sound without metadata; None for a kind of file, or a damaged one, of which that cannot be said."""
    make = _KINDS.get(media_type)
    try:
        return None if make is None else make(data)
    except (IndexError, struct.error, ValueError):
        return None


def _png(data: bytes) -> bytes | None:
    if not data.startswith(_PNG):
        return None
    parts, at = [_PNG], len(_PNG)
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind, end = data[at + 4 : at + 8], at + 12 + length
        if end > len(data):
            return None
        if kind in _PNG_KEPT:
            parts.append(data[at:end])
        at = end
        if kind == b"IEND":
            return b"".join(parts)
    return None


def _jpeg(data: bytes) -> bytes | None:
    """Segments APP1 to APP13, APP15 and comments go; what follows the picture goes too. JFIF and Adobe's colour note stay."""
    if not data.startswith(b"\xff\xd8"):
        return None
    parts, at = [b"\xff\xd8"], 2
    while data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        end = at + 2 + length
        if length < 2 or end > len(data):
            return None
        if marker == 0xDA:
            last = data.rfind(b"\xff\xd9", end)
            return b"".join([*parts, data[at : last + 2]]) if last > 0 and _one_picture(data[end:last]) else None
        if not (0xE1 <= marker <= 0xEF and marker != 0xEE) and marker != 0xFE:
            parts.append(data[at:end])
        at = end
    return None


def _one_picture(scan: bytes) -> bool:
    """Whether only coded picture follows: an end mark in its middle would have something behind it."""
    return b"\xff\xd9" not in scan and b"\xff\xe1" not in scan and b"\xff\xfe" not in scan


def _riff(data: bytes, form: bytes, keep: tuple[bytes, ...], drop: tuple[bytes, ...]) -> bytes | None:
    if data[:4] != b"RIFF" or data[8:12] != form:
        return None
    parts, at = [], 12
    while at + 8 <= len(data):
        kind = data[at : at + 4]
        (length,) = struct.unpack_from("<I", data, at + 4)
        end = at + 8 + length + (length & 1)
        if at + 8 + length > len(data):
            return None
        if (kind in keep) if keep else (kind not in drop):
            parts.append(data[at : at + 8 + length] + b"\0" * (length & 1))
        at = end
    body = form + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _webp(data: bytes) -> bytes | None:
    bare = _riff(data, b"WEBP", (), _WEBP_DROPPED)
    if bare is not None and bare[12:16] == b"VP8X":  # its flags must not announce what is gone
        return bare[:20] + bytes([bare[20] & ~0b1100]) + bare[21:]
    return bare


def _wave(data: bytes) -> bytes | None:
    return _riff(data, b"WAVE", _WAVE_KEPT, ())


def _gif(data: bytes) -> bytes | None:
    if data[:6] not in (b"GIF87a", b"GIF89a"):
        return None
    at = 13 + _palette(data[10])
    parts = [data[:at]]
    while data[at] != 0x3B:
        start = at
        if data[at] == 0x21:
            label, at = data[at + 1], at + 2
            keep = label == 0xF9 or (label == 0xFF and data[at + 1 : at + 12] == b"NETSCAPE2.0")
        elif data[at] == 0x2C:
            keep, at = True, at + 11 + _palette(data[at + 9])
        else:
            return None
        while data[at]:
            at += 1 + data[at]
        at += 1
        if keep:
            parts.append(data[start:at])
    return b"".join([*parts, b";"])


def _palette(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


_KINDS = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/gif": _gif,
    "image/webp": _webp,
    "audio/wav": _wave,
    "audio/x-wav": _wave,
}

"""Bytes of a text file into text: byte order marks, UTF-16, Windows-1252, caps; and text into scalars."""

from __future__ import annotations

import codecs
import hashlib
import math
import re
from pathlib import Path

Scalar = str | int | float | bool | None

MAX_NAME = 500
MISSING = frozenset({"", "NA", "N/A", "na", "n/a", "null", "None", "<NA>"})
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:inf(?:inity)?|nan)", re.ASCII | re.IGNORECASE)
# numpy 2 and torch write this when a program logs repr(value)
_WRAPPED = re.compile(r"(?:np\.float\d+|np\.int\d+|tensor)\(([^(),]+)(?:,[^()]*)?\)")
_INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)


def read_capped(path: Path, cap: int) -> tuple[bytes, bool]:
    """The first `cap` bytes of a file and whether it has more. Raises OSError."""
    with path.open("rb") as file:
        data = file.read(cap + 1)
    return data[:cap], len(data) > cap


def read_tail(path: Path, cap: int) -> tuple[bytes, bool]:
    """The last `cap` bytes of a file and whether it has more. Raises OSError."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - cap))
        return file.read(cap), size > cap


def decode(data: bytes) -> tuple[str, str]:
    """The text without NULs and byte order mark, and the encoding that was found. Never raises.

    Order: byte order mark, UTF-16 by its NULs, UTF-8 (a last character cut in half is dropped), Windows-1252.
    """
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "") or _utf16(data)
    if encoding:
        return data.decode(encoding, "replace").replace("\0", ""), encoding
    try:
        return data.decode("utf-8").replace("\0", ""), "utf-8"
    except UnicodeDecodeError as error:
        if error.end >= len(data) - 3 and error.reason == "unexpected end of data":
            return data[: error.start].decode("utf-8").replace("\0", ""), "utf-8"
    return data.decode("cp1252", "replace").replace("\0", ""), "cp1252"


def _utf16(data: bytes) -> str:
    """UTF-16 without a mark: every second byte of the beginning is NUL, the others are not."""
    head = data[:64]
    if len(head) < 4:
        return ""
    even, odd = head[::2], head[1::2]
    if not any(odd) and all(even):
        return "utf-16-le"
    return "utf-16-be" if not any(even) and all(odd) else ""


def number(text: str) -> float | None:
    """The number a cell holds, or None. `1_000`, `0x10` and `12%` are text; `np.float64(0.5)` is 0.5."""
    text = text.strip()
    if _NUMBER.fullmatch(text):
        return float(text)
    wrapped = _WRAPPED.fullmatch(text)
    return number(wrapped[1]) if wrapped else None


def scalar(text: str) -> Scalar:
    """A cell or an `echo`ed value as the type it looks like: int, float, bool or text."""
    bare = text.strip()
    if _INTEGER.fullmatch(bare):
        return int(bare)
    found = number(bare)
    if found is not None:
        return found
    return {"true": True, "false": False}.get(bare.lower(), text)


def short_name(name: str) -> str:
    """The name, or when it is longer than anyone reads its beginning, an ellipsis and a digest that keeps it apart."""
    if len(name) <= MAX_NAME:
        return name
    digest = hashlib.blake2s(name.encode("utf-8", "backslashreplace"), digest_size=4).hexdigest()
    return f"{name[: MAX_NAME - 9]}…{digest}"


def to_float(value: object) -> float:
    """A JSON or YAML number as float: integers beyond float's range become infinite."""
    try:
        return float(value)  # type: ignore[arg-type]
    except OverflowError:
        return math.inf if value > 0 else -math.inf  # type: ignore[operator]

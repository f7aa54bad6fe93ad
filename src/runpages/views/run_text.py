"""Long texts of a run as lines: console output as a terminal would have left it, the beginning of a text file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

HEAD, TAIL = 100, 300  # lines of a log on the page; the file has all
WIDE = 1_000  # characters of a line
PREVIEW, PREVIEW_BYTES = 40, 6_000
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)|\x1b[@-Z\\^_]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LOOK = re.compile(r"\x1b\[([\d;]*)m")

Line = str | list[tuple[str, str]]


def log_lines(log: str) -> list[str]:
    """The log's lines as they were written, progress and colours included."""
    lines = log.replace("\r\n", "\n").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return lines


def log_view(log: str, data: str = "", head: int = HEAD, tail: int = TAIL) -> dict[str, Any] | None:
    """The log's first and last lines, numbered: `parts` [{first, lines}], `total`, `left_out`; None without a log.

    `data` names the data file that has all lines; it stands in `whole` when some are left out here."""
    if not log.strip():
        return None
    lines = log_lines(log)
    total = len(lines)
    if total <= head + tail:
        parts = [{"first": 1, "lines": [coloured_line(line) for line in lines]}]
    else:
        parts = [
            {"first": at + 1, "lines": [coloured_line(line) for line in some]}
            for at, some in ((0, lines[:head]), (total - tail, lines[total - tail :]))
        ]
    left_out = max(0, total - head - tail)
    return {"parts": parts, "total": total, "left_out": left_out, "whole": data if left_out else ""}


def log_data(log: str) -> list[str]:
    """Every line of a log as plain text, for finding in it: what the page has no room for included."""
    return [plain_line(line) for line in log_lines(log)]


def plain_line(line: str) -> str:
    """A line as a terminal would show it at last: progress written over itself folded, colours gone, cut when very long."""
    clean = _CONTROL.sub("", _ESCAPES.sub("", _last(line)).replace("\t", "    "))
    return clean if len(clean) <= WIDE else f"{clean[:WIDE]}…"


def coloured_line(line: str) -> Line:
    """The line as `plain_line` gives it; where it has colours, in pieces [(look, text)], look "" or like `a1 bold`."""
    if "\x1b[" not in line:
        return plain_line(line)
    pieces = [(look, plain) for look, some in _pieces(_last(line)) if (plain := plain_line(some))]
    whole = sum(len(some) for _, some in pieces)
    if whole > WIDE or not any(look for look, _ in pieces):
        return plain_line(line)
    return pieces


def _last(line: str) -> str:
    """What stands last on a line that was written over."""
    return line.rstrip("\r").rpartition("\r")[2][: 4 * WIDE]


def _pieces(line: str) -> Iterator[tuple[str, str]]:
    """The texts between changes of the look, each with its look."""
    colour, bold, at = "", False, 0
    for found in _LOOK.finditer(line):
        yield f"{colour}{' bold' if bold else ''}".strip(), line[at : found.start()]
        at = found.end()
        for code in found[1].split(";")[:8]:
            number = int(code[:3] or "0")
            if number == 0:
                colour, bold = "", False
            elif number in (1, 22):
                bold = number == 1
            elif 30 <= number <= 37 or 90 <= number <= 97:
                colour = f"a{number % 10}"
            elif number == 39:
                colour = ""
            elif number in (38, 48):  # a colour of 256 or by its red, green and blue: what follows are its numbers
                break
    yield f"{colour}{' bold' if bold else ''}".strip(), line[at:]


def preview(text: str) -> dict[str, Any]:
    """The first lines of a text artifact, and whether there are more."""
    cut = text[:PREVIEW_BYTES]
    lines = cut.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return {
        "text": "\n".join(plain_line(line) for line in lines[:PREVIEW]),
        "cut": len(cut) < len(text) or len(lines) > PREVIEW,
    }

"""Long texts of a run as lines: console output as a terminal would have left it, a patch by what each line does."""

from __future__ import annotations

import re
from typing import Any

HEAD, TAIL = 100, 300  # lines of a log on the page; the file has all
WIDE = 1_000  # characters of a line
PATCH = 400
PREVIEW, PREVIEW_BYTES = 40, 6_000
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)|\x1b[@-Z\\^_]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def log_view(log: str) -> dict[str, Any] | None:
    """The log's first and last lines, numbered: `parts` [{first, lines}], `total`, `left_out`; None without a log."""
    if not log.strip():
        return None
    lines = log.replace("\r\n", "\n").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    total = len(lines)
    if total <= HEAD + TAIL:
        parts = [{"first": 1, "lines": [plain_line(line) for line in lines]}]
    else:
        tail = total - TAIL
        parts = [
            {"first": at + 1, "lines": [plain_line(line) for line in some]}
            for at, some in ((0, lines[:HEAD]), (tail, lines[tail:]))
        ]
    return {"parts": parts, "total": total, "left_out": max(0, total - HEAD - TAIL)}


def plain_line(line: str) -> str:
    """A line as a terminal would show it at last: progress written over itself folded, colours gone, cut when very long."""
    last = line.rstrip("\r").rpartition("\r")[2][: 4 * WIDE]
    clean = _CONTROL.sub("", _ESCAPES.sub("", last).replace("\t", "    "))
    return clean if len(clean) <= WIDE else f"{clean[:WIDE]}…"


def patch_view(patch: str) -> dict[str, Any] | None:
    """The patch's lines with what each does: add, del, hunk, file or "" ; None without a patch."""
    if not patch.strip():
        return None
    lines = patch.splitlines()
    shown = [{"does": _does(line), "text": plain_line(line)} for line in lines[:PATCH]]
    files = sum(line.startswith("diff ") for line in lines) or sum(line.startswith("+++ ") for line in lines)
    count = {does: sum(_does(line) == does for line in lines) for does in ("add", "del")}
    return {
        "lines": shown,
        "total": len(lines),
        "left_out": max(0, len(lines) - PATCH),
        "files": files,
        "added": count["add"],
        "deleted": count["del"],
    }


def _does(line: str) -> str:
    if line.startswith(("diff ", "index ", "+++ ", "--- ", "new file", "deleted file", "rename ", "similarity ")):
        return "file"
    return {"+": "add", "-": "del", "@": "hunk"}.get(line[:1], "")


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

"""The 85 classes of bad input: what each is called, and how its folder is made.

`python -m tests.hostile` writes the small ones to tests/hostile/kept, where they are kept as files; the large ones, and
those that no archive can hold (pipes, links, odd names), are kept as their makers.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KEPT = Path(__file__).parent / "kept"
Make = Callable[[Path], None]


@dataclass(frozen=True, slots=True)
class Case:
    """A class of bad input. `big`: too large, or too odd, to be kept as files."""

    number: int
    title: str
    make: Make
    big: bool

    @property
    def name(self) -> str:
        """Its folder."""
        return f"{self.number:02}-{self.title.replace(' ', '-').replace(',', '')[:40]}"


CASES: dict[int, Case] = {}


def bad(number: int, title: str, *, big: bool = False) -> Callable[[Make], Make]:
    """Register the maker of a class."""

    def register(make: Make) -> Make:
        assert number not in CASES, number
        CASES[number] = Case(number, title, make, big)
        return make

    return register


def metrics(rows: int = 2) -> str:
    """A small metrics.csv."""
    return "step,loss\n" + "".join(f"{n},{1 / (n + 1)}\n" for n in range(rows))


def plain_run(
    folder: Path,
    *,
    record: Mapping[str, Any] | None = None,
    params: Mapping[str, Any] | None = {"lr": 0.1},
    metrics: str | None = "step,loss\n0,1\n1,0.5\n",
    notes: str = "",
    files: Mapping[str, bytes] = {},
) -> None:
    """A run of the plain layout with something bad in it."""
    folder.mkdir(parents=True, exist_ok=True)
    if record is not None:
        (folder / "run.json").write_text(json.dumps(record))
    if params is not None:
        (folder / "params.json").write_text(json.dumps(params))
    if metrics is not None:
        (folder / "metrics.csv").write_bytes(metrics.encode("utf-8", "surrogateescape"))
    if notes:
        (folder / "notes.md").write_text(notes)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def plot(text: bytes = b"", *, wide: int = 1, high: int = 1) -> bytes:
    """A PNG that says it has this size, with a text in it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    about = chunk(b"tEXt", b"Comment\0" + text) if text else b""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + about + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")

"""What published reports said: their numbers, kept in each of them, and read back from a folder or a branch."""

from __future__ import annotations

from runpages.history.entry import Cell, Entry, entry_lines, merged, parse_entry, parse_history
from runpages.history.shelf import Published, Shelf, open_shelf, published

__all__ = [
    "Cell",
    "Entry",
    "Published",
    "Shelf",
    "entry_lines",
    "merged",
    "open_shelf",
    "parse_entry",
    "parse_history",
    "published",
]

"""Names and values as words, and texts that are too long for a page."""

from __future__ import annotations

from collections.abc import Mapping

from runpages.model import Scalar
from runpages.views import text

LONG = 400  # characters of a value shown at once


def pairs(mapping: Mapping[str, Scalar]) -> list[dict[str, str]]:
    """Names and values as words: numbers rounded, with every digit in `full`; long texts cut, the rest in `full`."""
    return [_pair(name, value) for name, value in mapping.items()]


def _pair(name: str, value: Scalar) -> dict[str, str]:
    whole = text.full(value)
    shown = text.number(value)
    return {
        "name": name,
        "text": text.shortened(shown, LONG),
        "full": "" if whole == shown and len(shown) <= LONG else whole[:4_000],
    }

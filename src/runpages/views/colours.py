"""A run's colour and dash: by its id, so that a run added later changes nobody's; told apart among those a page shows first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

COLOURS = 10
DASHES = 4


def by_key(key: str) -> tuple[int, int]:
    """The colour (0..9) and dash (1..3) of a run by its key, the hash of its id in hex."""
    number = int(key, 16)
    return number % COLOURS, 1 + number // COLOURS % (DASHES - 1)


def tell_apart(runs: dict[str, list[Any]], shown: Sequence[int]) -> None:
    """Gives the runs that are shown first, ten at most, ten colours and unbroken lines.

    Older runs keep the colour of their id; of two that would have the same one, the younger takes the next free.
    """
    taken: set[int] = set()
    for number in sorted(shown[:COLOURS], key=lambda n: (_age(runs["started"][n]), runs["id"][n])):
        colour = runs["color"][number]
        while colour in taken:
            colour = (colour + 1) % COLOURS
        taken.add(colour)
        runs["color"][number], runs["dash"][number] = colour, 0


def _age(started: float | None) -> float:
    return math.inf if started is None else started

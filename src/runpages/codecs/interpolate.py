"""References inside a configuration, `${a.b}` and `${.c}`, as OmegaConf writes them: looked up, never evaluated."""

from __future__ import annotations

import re
from collections.abc import Mapping

from runpages.codecs.text import Scalar

MAX_DEPTH = 10
MAX_TEXT = 4_000
_REFERENCE = re.compile(r"\$\{(\.*)([\w/-]+(?:\.[\w/-]+)*)\}")


def resolved(flat: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """The flat names with each reference to another of them replaced by its value.

    A text that is nothing but a reference takes the value with its type. References to what is not there, to themselves
    or to more than one value, and everything with a colon (`${oc.env:HOME}`), stay as they are: nothing outside is asked.
    """
    done: dict[str, Scalar] = {}
    for name in flat:
        _look_up(name, flat, done, 0)
    return done


def _look_up(name: str, flat: Mapping[str, Scalar], done: dict[str, Scalar], depth: int) -> Scalar:
    """The value of a name; each is worked out once, so that references to references cost no more than they are long."""
    value = flat[name]
    if name in done:
        return done[name]
    done[name] = value  # what a circle gets to see
    if not isinstance(value, str) or "${" not in value or depth >= MAX_DEPTH or len(value) > MAX_TEXT:
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole:
        target = _target(name, whole)
        done[name] = _look_up(target, flat, done, depth + 1) if target in flat else value
        return done[name]

    def put(match: re.Match[str]) -> str:
        target = _target(name, match)
        return str(_look_up(target, flat, done, depth + 1)) if target in flat else match[0]

    text = _REFERENCE.sub(put, value)
    done[name] = text if len(text) <= MAX_TEXT else value
    return done[name]


def _target(name: str, match: re.Match[str]) -> str:
    """The full name meant: one dot in front is the mapping the reference stands in, each further dot one level up."""
    dots, path = match[1], match[2]
    above = name.split(".")[: -len(dots)] if dots else []
    return ".".join([*above, path])

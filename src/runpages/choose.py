"""Which runs a report is of: a small language of patterns, read once, asked for every run."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase

from runpages.errors import ConfigError
from runpages.model import Head, Scalar

_TERM = re.compile(r"(?P<field>[^<>=!~]+?)(?P<sign><=|>=|!=|=|<|>)(?P<value>.*)", re.DOTALL)
_FIELDS = ("id", "name", "group", "tracker", "status", "user", "host", "source", "parent")
_ROOMS = {"param": "params", "tag": "tags", "result": "results", "environment": "environment"}
Test = Callable[[Head], bool]


class Choice:
    """The runs that any of `include` fits (all, without one) and none of `exclude`.

    Each is one text of terms that must all hold: a pattern for id, name or folder (`baseline-*`), or a field with
    a sign (`status=finished`, `param:lr>=0.01`, `tag:shared=yes`, `metric:val/loss<0.5`); `"..."` holds spaces together.
    """

    def __init__(self, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> None:
        self._include = [_all(text) for text in include]
        self._exclude = [_all(text) for text in exclude]

    def __bool__(self) -> bool:
        """Whether anything was asked for."""
        return bool(self._include or self._exclude)

    def takes(self, head: Head) -> bool:
        """Whether a run is in the report."""
        wanted = not self._include or any(fits(head) for fits in self._include)
        return wanted and not any(fits(head) for fits in self._exclude)


def _all(text: str) -> Test:
    words = re.findall(r'(?:[^\s"]|"[^"]*")+', text)
    if not words:
        raise ConfigError("option-wrong", "a choice of runs is empty", hint="include: [baseline-*, status=finished]")
    tests = [_term(word.replace('"', "")) for word in words]
    return lambda head: all(fits(head) for fits in tests)


def _term(word: str) -> Test:
    found = _TERM.fullmatch(word)
    if found is None:
        return lambda head: any(fnmatchcase(one, word) for one in (head.run.id, head.run.name, head.run.source))
    read, sign, wanted = _field(found["field"].strip()), found["sign"], found["value"].strip()
    if sign in ("=", "!="):
        return lambda head: _equal(read(head), wanted) == (sign == "=")
    try:
        limit = float(wanted)
    except ValueError:
        raise ConfigError(
            "option-wrong", f"{word!r} compares with what is no number", hint="param:lr>=0.01, or = for texts"
        ) from None
    return lambda head: _ordered(read(head), sign, limit)


def _field(name: str) -> Callable[[Head], Scalar]:
    room, _, key = name.partition(":")
    if not key and name in _FIELDS:
        return lambda head: str(getattr(head.run, name))
    if room == "metric" and key:
        return lambda head: head.stats[key].last if key in head.stats else None
    if room in _ROOMS and key:
        where = _ROOMS[room]
        return lambda head: getattr(head.run, where).get(key)
    hint = f"one of {', '.join(_FIELDS)}, param:NAME, tag:NAME, result:NAME, metric:NAME"
    raise ConfigError("option-wrong", f"a choice of runs asks for {name!r}", hint=hint)


def _equal(value: Scalar, wanted: str) -> bool:
    if value is None:
        return wanted == ""
    said = str(value).lower() if isinstance(value, bool) else str(value)
    return fnmatchcase(said, wanted) or (_number(value) == _number(wanted))


def _ordered(value: Scalar, sign: str, limit: float) -> bool:
    number = _number(value)
    return {"<": number < limit, ">": number > limit, "<=": number <= limit, ">=": number >= limit}[sign]


def _number(value: Scalar) -> float:
    try:
        return math.nan if value is None else float(value)
    except ValueError:
        return math.nan

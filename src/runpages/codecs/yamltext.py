"""YAML as plain values: maps, lists, text, numbers, booleans, None. Tags are never followed, whatever they name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from runpages.codecs.text import decode

MAX_NODES = 100_000
MAX_DEPTH = 100
MAX_BYTES = 64 << 20
CYCLE = "(refers to itself)"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"[-+]?[0-9]{1,4000}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL: dict[str, Any] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_SPECIAL |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_SPECIAL |= {sign + inf: float(sign + "inf") for sign in ("", "+", "-") for inf in (".inf", ".Inf", ".INF")}
_SPECIAL |= {nan: float("nan") for nan in (".nan", ".NaN", ".NAN")}
# one line of a flat map: a bare word, a colon, a value that can only be read one way
_LINE = re.compile(
    r"(?P<key>[A-Za-z][A-Za-z0-9_]*): (?:'(?P<quoted>[^'\n\\]*)'|(?P<empty>\[\]|\{\})|(?P<plain>[A-Za-z0-9./][\w./:+%-]*))\n",
    re.ASCII,
)
_STANDARD = "tag:yaml.org,2002:"
_PYTHON = _STANDARD + "python/"


class YamlError(ValueError):
    """The text is not YAML, or larger or deeper than any configuration is."""


@dataclass(frozen=True, slots=True)
class Yaml:
    """A document's value, and the tags in it that were not followed."""

    value: Any
    tags: tuple[str, ...] = ()


def read_yaml(data: bytes | str, max_nodes: int = MAX_NODES, *, python: bool = False) -> Yaml:
    """The first document. Numbers and booleans as in YAML 1.2; dates, `no` and `12:30` stay text, keys are text.

    A tagged value is kept as the plain value under the tag (with `python` as in `load`). Raises YamlError.
    """
    if len(data) > MAX_BYTES:
        raise YamlError(f"larger than {MAX_BYTES >> 20} MiB")
    text = data if isinstance(data, str) else decode(data)[0]
    flat = read_flat(text)
    if flat is not None:
        return Yaml(flat)
    build = _Build(max_nodes, python)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.DocumentEndEvent):
                break
            build.take(event)
    except (yaml.YAMLError, RecursionError, UnicodeError) as error:
        raise YamlError(_short(error)) from None
    return Yaml(build.value, tuple(dict.fromkeys(build.tags)))


def load(data: bytes) -> Any:
    """The first document's value, with PyYAML's Python tags told as a reader of a report needs them.

    A tuple or set is a list, a function, class or module its name, a pathlib path its text, argparse.Namespace a map,
    any other object the name of its class. Nothing is imported or called. Raises YamlError.
    """
    return read_yaml(data, python=True).value


def read_flat(text: str) -> dict[str, Any] | None:
    """The same as read_yaml's value for a plain flat map, some twenty times faster; None for anything else."""
    found: dict[str, Any] = {}
    at = 0
    for match in _LINE.finditer(text):
        if match.start() != at:
            return None
        at = match.end()
        key, quoted, empty, plain = match.groups()
        if quoted is not None:
            if not quoted.isprintable():
                return None
            found[key] = quoted
        elif empty is not None:
            found[key] = [] if empty == "[]" else {}
        elif plain.endswith(":"):
            return None
        else:
            found[key] = typed(plain)
    return found if at == len(text) and found else None


def typed(text: str) -> Any:
    """The value of an unquoted scalar."""
    if text in _SPECIAL:
        return _SPECIAL[text]
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _short(error: Exception) -> str:
    problem = getattr(error, "problem", None) or str(error).partition("\n")[0] or "nested too deeply"
    mark = getattr(error, "problem_mark", None)
    return f"{problem} (line {mark.line + 1})" if mark else str(problem)


@dataclass
class _Open:
    """A map or list whose end has not come yet."""

    value: Any
    anchor: str | None
    start: int
    tag: str
    key: str | None = None


@dataclass
class _Build:
    """Events in, one value out, without recursion; counts nodes as if every alias were written out."""

    max_nodes: int
    python: bool = False
    value: Any = None
    tags: list[str] = field(default_factory=list)
    nodes: int = 0
    stack: list[_Open] = field(default_factory=list)
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._count(1)
            value = self._scalar(event)
            self._name(event.anchor, value, 1)
            self._put(value, plain_key=event.value)
        elif isinstance(event, yaml.AliasEvent):
            value, size = self.anchors.get(event.anchor or "", (CYCLE, 1))
            self._count(size)
            self._put(value)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._open(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            done = self.stack.pop()
            value = _told(done.tag, done.value) if self.python else done.value
            self._name(done.anchor, value, self.nodes - done.start)
            self._put(value)

    def _open(self, event: Any) -> None:
        self._count(1)
        if len(self.stack) >= MAX_DEPTH:
            raise YamlError(f"nested deeper than {MAX_DEPTH} levels")
        mapping = isinstance(event, yaml.MappingStartEvent)
        self._note_tag(event.tag, "map" if mapping else "seq")
        if event.anchor:
            self.anchors[event.anchor] = (CYCLE, 1)
        self.stack.append(_Open({} if mapping else [], event.anchor, self.nodes - 1, event.tag or ""))

    def _scalar(self, event: Any) -> Any:
        if self.python and event.tag and event.tag.startswith(_PYTHON):
            return _told(event.tag, event.value)
        if event.tag == _STANDARD + "str" or (event.style and not event.tag):
            return event.value
        self._note_tag(event.tag, "int", "float", "bool", "null")
        return event.value if event.tag and not event.tag.startswith(_STANDARD) else self._known(event)

    def _known(self, event: Any) -> Any:
        tag = (event.tag or "").removeprefix(_STANDARD)
        return event.value if tag not in ("", "int", "float", "bool", "null") else typed(event.value)

    def _note_tag(self, tag: str | None, *known: str) -> None:
        if tag and tag != "!" and tag.removeprefix(_STANDARD) not in known:
            self.tags.append(tag.replace(_STANDARD, "!!"))

    def _name(self, anchor: str | None, value: Any, size: int) -> None:
        if anchor:
            self.anchors[anchor] = (value, size)

    def _count(self, nodes: int) -> None:
        self.nodes += nodes
        if self.nodes > self.max_nodes:
            raise YamlError(f"more than {self.max_nodes:,} values")

    def _put(self, value: Any, plain_key: str | None = None) -> None:
        if not self.stack:
            self.value = value
            return
        top = self.stack[-1]
        if isinstance(top.value, list):
            top.value.append(value)
        elif top.key is None:
            top.key = plain_key if plain_key is not None else repr(value)
        elif top.key == "<<" and _is_merge(value):
            for one in reversed(value if isinstance(value, list) else [value]):
                top.value.update({key: one[key] for key in one if key not in top.value})
            top.key = None
        else:
            top.value[top.key] = value
            top.key = None


def _told(tag: str, value: Any) -> Any:
    """A value under one of PyYAML's Python tags, or under !!set, as plain data."""
    if tag == _STANDARD + "set":
        return list(value)
    name = tag.removeprefix(_PYTHON).partition(":")[2] if tag.startswith(_PYTHON) else ""
    if not name or name == "argparse.Namespace":
        return value  # tuple, list, dict, str: the value says it
    if name.startswith("pathlib.") and isinstance(value, list):
        return "/".join(str(part) for part in value).replace("//", "/")
    return name.rpartition(".")[2]


def _is_merge(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and all(isinstance(one, dict) for one in value))

"""YAML into plain values, built from the parser's events: no constructor runs, so no tag can make an object."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from runpages.codecs.text import decode

MAX_BYTES = 8 * 2**20
MAX_NODES = 100_000  # after expanding aliases: ten lines can otherwise stand for millions of values
MAX_DEPTH = 100
_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PYTHON = "tag:yaml.org,2002:python/"
_INTEGER = re.compile(r"[-+]?(?:0|[1-9]\d*)", re.ASCII)
_FLOAT = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)
_WORDS: dict[str, Any] = dict.fromkeys(("", "~", "null", "Null", "NULL"))
_WORDS |= {word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")}
_SIGNS = {"": 1.0, "+": 1.0, "-": -1.0}
# one line of a flat map: a bare word, a colon, and a value that can be read in one way only
_LINE = re.compile(r"([A-Za-z][A-Za-z0-9_]*): (?:'([^'\n\\]*)'|(\[\]|\{\})|([A-Za-z0-9./][\w./:+%-]*))\n", re.ASCII)


class NotYaml(ValueError):
    """The bytes are no YAML document, or one over the caps."""


@dataclass(slots=True)
class _Open:
    """A sequence or mapping that has not ended; `before` is the node count when it began."""

    mapping: bool
    tag: str
    anchor: str | None
    before: int
    items: list[Any] = field(default_factory=list)


def load(data: bytes) -> Any:
    """The first document as dict, list and scalars. Raises NotYaml.

    Scalars follow YAML 1.2: `1e-3` is a number, `no`, `on` and dates stay text. Python tags become what a reader of
    a report needs: tuple and set a list, a function or class its name, pathlib a path, Namespace a mapping, any
    other object its class name. Other tags are dropped, their values kept. Keys given twice keep the last value.
    """
    if len(data) > MAX_BYTES:
        raise NotYaml(f"longer than {MAX_BYTES // 2**20} MiB")
    text = re.sub(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "�", decode(data)[0])
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=_PARSER):
            if isinstance(event, yaml.DocumentEndEvent):
                break
            builder.take(event)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f" in line {mark.line + 1}" if mark else ""
        raise NotYaml(f"{getattr(error, 'problem', None) or type(error).__name__}{place}") from None
    return builder.result


def load_flat(data: bytes) -> dict[str, Any] | None:
    """What `load` gives for a flat map of plain scalars, some twenty times faster; None for any other text."""
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError:
        return None
    found: dict[str, Any] = {}
    at = 0
    for match in _LINE.finditer(text):
        key, quoted, empty, plain = match.groups()
        if match.start() != at or (plain and plain.endswith(":")) or not (quoted or "").isprintable() or key in _WORDS:
            return None
        at = match.end()
        found[key] = quoted if quoted is not None else _plain(plain) if plain else [] if empty == "[]" else {}
    return found if found and at == len(text) else None


class _Builder:
    def __init__(self) -> None:
        self.result: Any = None
        self.open: list[_Open] = []
        self.known: dict[str | None, tuple[Any, int]] = {}
        self.count = 0

    def take(self, event: Any) -> None:
        """One parser event."""
        if isinstance(event, yaml.ScalarEvent):
            self._add(_scalar(event), event.anchor, self.count)
        elif isinstance(event, yaml.AliasEvent):
            value, size = self.known.get(event.anchor, (f"*{event.anchor}", 1))  # unknown: it holds itself
            self._add(value, None, self.count, size)
        elif isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            if len(self.open) >= MAX_DEPTH:
                raise NotYaml(f"nested deeper than {MAX_DEPTH}")
            mapping = isinstance(event, yaml.MappingStartEvent)
            self.open.append(_Open(mapping, event.tag or "", event.anchor, self.count))
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            done = self.open.pop()
            self._add(_container(done), done.anchor, done.before)

    def _add(self, value: Any, anchor: str | None, before: int, size: int = 1) -> None:
        self.count += size
        if self.count > MAX_NODES:
            raise NotYaml(f"more than {MAX_NODES:,} values after expanding aliases")
        if anchor:
            self.known[anchor] = (value, self.count - before)
        if self.open:
            self.open[-1].items.append(value)
        else:
            self.result = value


def _scalar(event: Any) -> Any:
    if event.tag and event.tag.startswith(_PYTHON):
        kind, _, name = event.tag.removeprefix(_PYTHON).partition(":")
        return (
            name.rpartition(".")[2]
            if name
            else _plain(event.value)
            if kind in {"int", "float", "bool"}
            else event.value
        )
    return _plain(event.value) if event.implicit[0] or _number_tag(event.tag) else event.value


def _number_tag(tag: str | None) -> bool:
    return tag in {
        "tag:yaml.org,2002:int",
        "tag:yaml.org,2002:float",
        "tag:yaml.org,2002:bool",
        "tag:yaml.org,2002:null",
    }


def _plain(text: str) -> Any:
    """An unquoted scalar by YAML 1.2's core schema; `007` and `1_000` stay text."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text) and len(text) < 400:
        return int(text)
    if _FLOAT.fullmatch(text) and not re.match(r"[-+]?0\d", text):
        return float(text)
    lowered = text.lower()
    if lowered.endswith((".inf", ".nan")) and lowered[:-4] in _SIGNS:
        return _SIGNS[lowered[:-4]] * float(lowered[-3:])
    return text


def _container(done: _Open) -> Any:
    value: Any = _mapping(done.items) if done.mapping else done.items
    if done.tag == "tag:yaml.org,2002:set":
        return list(value)
    if not done.tag.startswith(_PYTHON):
        return value
    name = done.tag.removeprefix(_PYTHON).partition(":")[2]
    short = name.rpartition(".")[2]
    if not name or name == "argparse.Namespace":
        return value  # tuple, list, dict
    if name.startswith("pathlib.") and isinstance(value, list):
        return "/".join(str(part) for part in value).replace("//", "/")
    return short


def _mapping(items: list[Any]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    own: dict[str, Any] = {}
    for key, value in zip(items[::2], items[1::2], strict=False):
        if key == "<<" and isinstance(value, dict | list):
            for part in reversed([value] if isinstance(value, dict) else value):
                merged |= part if isinstance(part, dict) else {}
        else:
            own[_key(key)] = value
    return {**merged, **own} if merged else own


def _key(key: Any) -> str:
    if key is None or isinstance(key, bool):
        return {None: "null", True: "true", False: "false"}[key]
    return key if isinstance(key, str) else str(key)

"""Aim's trees: paths and typed values in the keys and values of a RocksDB database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from struct import Struct
from typing import Any

from runpages.codecs import rocksdb
from runpages.codecs.text import read_capped
from runpages.errors import Notes

SIGN = 0xFE
MAX_FILE = 256 * 2**20
ARRAY, OBJECT, CUSTOM = "array", "object", "custom"
_I64, _F64 = Struct("<q"), Struct("<d")
Part = str | int
Key = tuple[Part, ...]


class Marker(str):
    """Not a value but what its children are: an array, an object, or a custom object of a name (`aim.image`)."""

    __slots__ = ()


def load(folder: Path, notes: Notes, where: str) -> dict[Key, Any]:
    """Every value of a database by its path. What cannot be read is noted; the rest is kept."""
    newest: dict[bytes, tuple[int, bytes | None]] = {}
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        if path.suffix not in (".sst", ".ldb", ".log") or path.is_symlink():
            continue
        try:
            data, more = read_capped(path, MAX_FILE)
            for key, sequence, value in rocksdb.log(data) if path.suffix == ".log" else rocksdb.table(data):
                if key not in newest or sequence >= newest[key][0]:
                    newest[key] = (sequence, value)
            if more:
                notes.warn(
                    "file-too-large",
                    f"longer than {MAX_FILE // 2**20} MiB",
                    where=f"{where}/{path.name}",
                    kept="the beginning",
                )
        except (rocksdb.NotRocks, OSError) as error:
            notes.warn(
                "aim-damaged",
                str(error),
                where=f"{where}/{path.name}",
                kept="what could be read of it, and the other files",
            )
    return dict(_values({key: value for key, (_, value) in newest.items() if value is not None}))


def _values(raw: Mapping[bytes, bytes]) -> Iterator[tuple[Key, Any]]:
    for key, value in raw.items():
        if key.startswith(b"BLOBS\xfe"):
            continue
        path = _path(key)
        if path is not None:
            yield path, _value(value or raw.get(b"BLOBS\xfe" + key, b""))


def _path(key: bytes) -> Key | None:
    """The parts of a key: text up to FE, or FE and a number of eight bytes; None when it is cut."""
    parts: list[Part] = []
    at = 0
    while at < len(key):
        if key[at] == SIGN:
            if at + 9 > len(key):
                return None
            parts.append(int.from_bytes(key[at + 1 : at + 9], "big", signed=True))
            at += 10
        else:
            end = key.find(SIGN, at)
            end = len(key) if end < 0 else end
            parts.append(key[at:end].decode("utf-8", "replace"))
            at = end + 1
    return tuple(parts)


def _value(raw: bytes) -> Any:
    kind, rest = raw[:1], raw[1:]
    if kind == b"\x01":
        return rest not in (b"", b"\0")
    if kind == b"\x02" and len(rest) == 8:
        return _I64.unpack(rest)[0]
    if kind == b"\x03" and len(rest) == 8:
        return _F64.unpack(rest)[0]
    if kind == b"\x04":
        return rest.decode("utf-8", "replace")
    if kind == b"\x05":
        return rest
    if kind in (b"\x06", b"\x07"):
        return Marker(ARRAY if kind == b"\x06" else OBJECT)
    return Marker(f"{CUSTOM}:{rest.decode('utf-8', 'replace')}") if kind == b"\x0f" else None


def below(tree: Mapping[Key, Any], *prefix: Part) -> dict[Key, Any]:
    """The part of a tree below a path, with that path cut off."""
    size = len(prefix)
    return {key[size:]: value for key, value in tree.items() if key[:size] == prefix}


def nested(tree: Mapping[Key, Any]) -> Any:
    """A tree as dicts, lists and scalars."""
    if set(tree) == {()} and not isinstance(tree[()], Marker):
        return tree[()]
    children: dict[Part, dict[Key, Any]] = {}
    for key, value in tree.items():
        if key:
            children.setdefault(key[0], {})[key[1:]] = value
    if tree.get(()) == ARRAY:
        return [nested(children[part]) for part in _ordered(children)]
    return {str(part): nested(one) for part, one in children.items()}


def _ordered(parts: Iterable[Part]) -> list[Part]:
    return sorted(parts, key=lambda part: (isinstance(part, str), part if isinstance(part, int) else 0, str(part)))

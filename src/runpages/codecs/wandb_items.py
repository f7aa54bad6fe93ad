"""W&B's key-value items (history rows, summaries, config, system statistics) out of their protobuf messages.

Most rows hold nothing but numbers. One regular expression takes the items of thousands of rows apart at once; a row in
which it leaves anything over is read again item by item (docs/formats/wandb.md has the fields).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from runpages.codecs.columns import floats
from runpages.codecs.text import short_name, to_float
from runpages.codecs.wire import Message, WireError, fields, varint, zigzag
from runpages.model import Floats, Ints

Path = tuple[str, ...]
REMOVED = object()
UPDATE, REMOVE = 1, 2
_CHUNK_ROWS = 20_000
_MAX_PATH = 100
_APART = b"\0\0\0\7"  # after each row: no item can begin or go on with it
# tag and length of an item, its key (1) or path of keys (2), value_json (16) with a number in it. Keys with control
# characters do not match, so that there is one way only to read the bytes; lengths are checked once for each key.
_LENGTH = rb"\n[\x80-\xff]?[\x00-\x7f]"
_NUMBER = rb"\x82\x01[\x01-\x7f](-?[0-9][-+.0-9eE]*|NaN|-?Infinity)"
_ITEM = re.compile(_LENGTH + rb"((?:[\n\x12][\x01-\x7f][^\x00-\x1f\x82]+)+)" + _NUMBER, re.DOTALL)
_DIGITS = bytes(0x30 if 0x30 <= one <= 0x39 else 0x2E if one == 0x2E else 0x20 for one in range(256))
_LONG = b" " + b"0" * 16  # among `_DIGITS`: a whole number that may be too long for a float
_TAIL = rb"(?:\x12[\x00-\x0b](?:\x08[\x80-\xff]{0,9}[\x00-\x7f])?)?"  # the row's step
_BETWEEN = re.compile(_TAIL + _APART, re.DOTALL).fullmatch
_DECODE = json.JSONDecoder().raw_decode
_REST = re.compile(_TAIL, re.DOTALL).fullmatch


@dataclass(slots=True)
class Table:
    """Rows of items. `columns`: dotted name -> (row (n,) int64, value (n,) float64), rows ascending.

    `rest` are the other values in row order: (row, dotted name, plain value); REMOVED for a key taken away.
    """

    rows: int
    columns: dict[str, tuple[Ints, Floats]] = field(default_factory=dict)
    rest: list[tuple[int, str, Any]] = field(default_factory=list)
    bad: int = 0

    def spread(self, name: str) -> Floats:
        """One value for each row, (rows,); nan where a row has none."""
        full = np.full(self.rows, np.nan)
        if name in self.columns:
            where, values = self.columns[name]
            full[where] = values
        return full


def read_rows(payloads: Sequence[bytes], *, exact: bool = False) -> Table:
    """The table of HistoryRecord (or SummaryRecord) payloads, one row each. Rows that are no message count as bad.

    With `exact` (summaries, of which the last value of each key counts), whole numbers that a float cannot hold stay whole,
    among `rest`, and of rows that are spelled alike the last alone may be there.
    """
    build = _Build(exact)
    for start in range(0, len(payloads), _CHUNK_ROWS):
        build.take(payloads[start : start + _CHUNK_ROWS], start)
    return build.table(len(payloads))


@dataclass(slots=True)
class _Build:
    exact: bool = False
    heads: dict[bytes, str] = field(default_factory=dict)
    pieces: dict[str, list[tuple[Ints, Floats]]] = field(default_factory=dict)
    slow: dict[str, tuple[list[int], list[float]]] = field(default_factory=dict)
    rest: list[tuple[int, str, Any]] = field(default_factory=list)
    patterns: dict[tuple[bytes, ...], re.Pattern[bytes]] = field(default_factory=dict)
    paths: dict[bytes, tuple[str, str, bytes, bool]] = field(default_factory=dict)
    bad: int = 0

    def take(self, payloads: Sequence[bytes], first: int) -> None:
        """Rows that are spelled alike in one go, those left over item by item of any row, the rest one by one."""
        numbers = np.arange(first, first + len(payloads))
        left = self._exact_ones(payloads, numbers) if self.exact else list(range(len(payloads)))
        for rows in (left, None):
            groups = _by_first_key(payloads, left) if rows is None else [rows]
            left = [row for group in groups for row in self._alike(payloads, numbers, group)]
            if not left:
                return
        self._any([payloads[row] for row in left], numbers[left])

    def _exact_ones(self, payloads: Sequence[bytes], numbers: Ints) -> list[int]:
        """Take the rows with whole numbers that a float may not hold one by one; which rows are left."""
        if not _holds_long(_APART.join(payloads)):
            return list(range(len(payloads)))
        long = {row for row, payload in enumerate(payloads) if _holds_long(payload)}
        self._slowly(payloads, numbers, sorted(long))
        return [row for row in range(len(payloads)) if row not in long]

    def _alike(self, payloads: Sequence[bytes], numbers: Ints, rows: Sequence[int]) -> Sequence[int]:
        """Take those of the rows that have exactly the same keys in the same order; which rows have not."""
        some = payloads if len(rows) == len(payloads) else [payloads[row] for row in rows]
        shape = _common_shape(some)
        if not shape:
            return rows
        width = len(shape) + 1
        pattern = self.patterns.get(shape)
        if pattern is None:
            items = (_LENGTH + re.escape(head) + _NUMBER for head in shape)
            pattern = self.patterns[shape] = re.compile(b"".join(items) + _TAIL + _APART, re.DOTALL)
        parts = pattern.split(_APART.join(some) + _APART)
        found = _matched(parts[::width], len(some))
        if found is None or not self._learn(shape):
            return rows
        taken, left = found
        del parts[::width]
        if self.exact:  # of a summary nobody wants more than the last
            parts, taken = parts[1 - width :], taken[-1:]
        try:
            values = floats(parts).reshape(-1, width - 1)
        except ValueError:
            return rows
        where = numbers[np.asarray(rows, np.int64)[taken]]
        for at, head in enumerate(shape):
            self.pieces.setdefault(self.heads[head], []).append((where, values[:, at].copy()))
        return [rows[row] for row in left]

    def _any(self, payloads: Sequence[bytes], numbers: Ints) -> None:
        parts = _ITEM.split(_APART.join(payloads))
        gaps, heads, texts = parts[::3], parts[1::3], parts[2::3]
        found = _rows_of(gaps, len(payloads))
        try:
            values = floats(texts)
        except ValueError:
            found = None
        if found is None or not self._learn(heads):
            self._slowly(payloads, numbers, range(len(payloads)))
            return
        rows, dirty = found
        clean = ~dirty[rows]
        self._columns([head for head, good in zip(heads, clean.tolist(), strict=True) if good] if dirty.any() else heads,
                      numbers[rows[clean]], values[clean])  # fmt: skip
        self._slowly(payloads, numbers, np.flatnonzero(dirty).tolist())

    def _learn(self, heads: Sequence[bytes]) -> bool:
        """Names of the keys not met before; False when the lengths in one of them do not fit."""
        for head in set(heads) - set(self.heads):
            try:
                path = tuple(head[a:b].decode("utf-8", "replace") for _, _, a, b in fields(head))
            except WireError:
                return False
            self.heads[head] = short_name(".".join(path))
        return True

    def _columns(self, heads: Sequence[bytes], rows: Ints, values: Floats) -> None:
        at = {head: number for number, head in enumerate(dict.fromkeys(heads))}
        ids = np.array(list(map(at.__getitem__, heads)), np.int32)
        order = np.argsort(ids, kind="stable")
        bounds = np.searchsorted(ids[order], np.arange(len(at) + 1))
        for head, number in at.items():
            mine = order[bounds[number] : bounds[number + 1]]
            self.pieces.setdefault(self.heads[head], []).append((rows[mine], values[mine]))

    def _slowly(self, payloads: Sequence[bytes], numbers: Ints, rows: Iterable[int]) -> None:
        for row in rows:
            number = int(numbers[row])
            quick = self._quickly(payloads[row])
            if quick is not None:
                for name, value in quick.items():
                    self._put(number, name, value)
                continue
            try:
                message = Message(payloads[row])
                tree = tree_of(message.children(UPDATE))
                gone = [path_of(item) for item in message.children(REMOVE) if item.spans(1) or item.spans(2)]
            except WireError:
                self.bad += 1
                continue
            for name, value in leaves(tree):
                self._put(number, name, value)
            self.rest.extend((number, ".".join(path), REMOVED) for path in gone)

    def _quickly(self, payload: bytes) -> dict[str, Any] | None:
        """The values of a row by name; None when it holds anything but keys with JSON, or names one thing in two ways."""
        found: dict[str, Any] = {}
        single: set[bytes] = set()
        nested: set[bytes] = set()
        for head, text in _bare_items(payload):
            if not head:
                return None
            name, shown, top, alone = self.paths.get(head) or self._path(head)
            if top in single or (alone and top in nested) or shown in found or name.endswith("._type"):
                return None  # the last: a picture, spelled leaf by leaf
            (single if alone else nested).add(top)
            value = plain_value(text.decode("utf-8", "replace"))
            if value.__class__ is dict and value and "_type" not in value:
                found.update(leaves({name: value}))
            else:
                found[shown] = value
        return found

    def _path(self, head: bytes) -> tuple[str, str, bytes, bool]:
        """The dotted name of keys, in full and as shown, the first key, and whether it is the only one."""
        keys = [head[a:b] for _, _, a, b in fields(head)]
        name = ".".join(key.decode("utf-8", "replace") for key in keys)
        known = self.paths[head] = (name, short_name(name), keys[0], len(keys) == 1)
        return known

    def _put(self, row: int, name: str, value: Any) -> None:
        if isinstance(value, bool | int | float) and not (self.exact and isinstance(value, int) and abs(value) > 2**53):
            rows, values = self.slow.setdefault(name, ([], []))
            rows.append(row)
            values.append(to_float(value))
        else:
            self.rest.append((row, name, value))

    def table(self, rows: int) -> Table:
        for name, (where, values) in self.slow.items():
            self.pieces.setdefault(name, []).append((np.array(where, np.int64), np.array(values, np.float64)))
        return Table(rows, {name: _joined(pieces) for name, pieces in self.pieces.items()}, self.rest, self.bad)


def _bare_items(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Keys (as they are spelled) and JSON text of each item in a row; (b"", b"") where it is spelled otherwise or damaged."""
    at, stop = 0, len(data)
    try:
        while at < stop:
            tag, size, at = data[at], data[at + 1], at + 2
            if size > 127:
                size, at = varint(data, at - 1, stop)
            end = at + size
            if tag == 0x12 and end <= stop and (not size or data[at] == 0x08):  # the row's step
                at = end
                continue
            text = at
            while data[text] in (0x0A, 0x12) and data[text + 1] < 128 and text < end:
                text += 2 + data[text + 1]
            size, begin = data[text + 2], text + 3
            if size > 127:
                size, begin = varint(data, text + 2, end)
            if tag != 0x0A or text == at or end > stop or begin + size != end or data[text : text + 2] != b"\x82\x01":
                yield b"", b""
                return
            yield data[at:text], data[begin:end]
            at = end
    except (IndexError, WireError):
        yield b"", b""


def _common_shape(payloads: Sequence[bytes]) -> tuple[bytes, ...]:
    """The keys, in order, that most of a few sampled rows have; () when no two rows out of three are spelled alike."""
    sample = payloads[:: max(1, len(payloads) // 16)]
    shapes = [tuple(match[1] for match in _ITEM.finditer(payload)) for payload in sample]
    best = max(set(shapes), key=shapes.count, default=())
    return best if len(payloads) > 16 and 3 * shapes.count(best) >= 2 * len(shapes) else ()


def _holds_long(data: bytes) -> bool:
    return _LONG in data.translate(_DIGITS)


def _by_first_key(payloads: Sequence[bytes], rows: Sequence[int]) -> list[list[int]]:
    """The rows by their first keys: wandb's newer writer walks a row's keys in the same circle, from a place that changes."""
    groups: dict[bytes, list[int]] = {}
    for row in rows:
        start = payloads[row][:132]
        at = 2 if start[1:2] < b"\x80" else 3  # behind the tag and the length of the first item
        key = start[at : at + 2 + start[at + 1]] if len(start) > 4 else b""
        groups.setdefault(key, []).append(row)
    return list(groups.values())


def _matched(gaps: Sequence[bytes], count: int) -> tuple[Ints, list[int]] | None:
    """The row number of each match, and the rows between them; None when a match began inside a row."""
    between = np.zeros(len(gaps), np.int64)
    left: list[int] = []
    for at, gap in enumerate(gaps):
        if gap:
            if not gap.endswith(_APART):
                return None
            between[at] = gap.count(_APART)
            left.extend(range(at + len(left), at + len(left) + int(between[at])))
    rows = np.arange(len(gaps) - 1) + np.cumsum(between)[:-1]
    return (rows, left) if len(rows) + len(left) == count else None


def _rows_of(gaps: Sequence[bytes], count: int) -> tuple[Ints, Any] | None:
    """The row of each item, and which rows (count,) hold more than numbers; None when rows cannot be told apart."""
    new_row = np.zeros(len(gaps), np.int64)
    dirty = np.zeros(count, np.bool_)
    row = 0
    for at, gap in enumerate(gaps):
        if not gap:
            continue
        if _BETWEEN(gap):
            new_row[at] = 1
            row += 1
            continue
        pieces = gap.split(_APART)
        new_row[at] = len(pieces) - 1
        for number, piece in enumerate(pieces):
            if row + number >= count:
                return None
            if not _REST(piece):
                dirty[row + number] = True
        row += len(pieces) - 1
    return (np.cumsum(new_row)[:-1], dirty) if row == count - 1 else None


def _joined(pieces: Sequence[tuple[Ints, Floats]]) -> tuple[Ints, Floats]:
    """One column out of its pieces; of a key that a row names twice the last counts, as in the client's dictionary."""
    rows = np.concatenate([rows for rows, _ in pieces])
    values = np.concatenate([values for _, values in pieces])
    if rows.size > 1 and (np.diff(rows) <= 0).any():
        order = np.argsort(rows, kind="stable")
        rows, values = rows[order], values[order]
        last = np.append(rows[1:] != rows[:-1], True)
        rows, values = rows[last], values[last]
    return rows, values


def tree_of(items: Iterable[Message], tree: dict[str, Any] | None = None) -> dict[str, Any]:
    """Items as nested plain values, put into `tree` when given: the Go writer spells a dictionary leaf by leaf."""
    tree = {} if tree is None else tree
    for item in items:
        at = tree
        path = path_of(item)
        for key in path[:-1]:
            inner = at.get(key)
            if not isinstance(inner, dict):
                inner = at[key] = {}
            at = inner
        at[path[-1]] = value_of(item)
    return tree


def drop(items: Iterable[Message], tree: dict[str, Any]) -> None:
    """Take the items' keys out of the tree."""
    for item in items:
        at: Any = tree
        path = path_of(item)
        for key in path[:-1]:
            at = at.get(key) if isinstance(at, dict) else None
        if isinstance(at, dict):
            at.pop(path[-1], None)


def path_of(item: Message) -> Path:
    """The keys that lead to an item's value; at least one."""
    path = item.texts(2) or [item.text(1)]
    return tuple(path[:_MAX_PATH])


def value_of(item: Message) -> Any:
    """An item's value: JSON text, or one of the typed fields of newer protocols."""
    for number in (16, 8):
        if number in item:
            return plain_value(item.text(number))
    if 7 in item:
        return item.text(7)
    if 6 in item:
        return item.double(6)
    if 5 in item:
        return zigzag(item.unsigned(5))
    return bool(item.unsigned(4)) if 4 in item else None


def plain_value(text: str) -> Any:
    """JSON with bare NaN and Infinity as plain values; the text itself when it is none."""
    try:
        value, end = _DECODE(text)
    except (ValueError, RecursionError):
        return text
    return value if end == len(text) else _padded(text)


def _padded(text: str) -> Any:
    """The same for JSON with blanks around it."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def leaves(tree: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Dotted names and values, dictionaries opened unless they are media (`_type`); in the tree's order."""
    todo: list[tuple[str, Any, int]] = [(key, value, 1) for key, value in reversed(list(tree.items()))]
    while todo:
        name, value, depth = todo.pop()
        if isinstance(value, Mapping) and value and "_type" not in value and depth < _MAX_PATH:
            todo.extend((f"{name}.{key}", inner, depth + 1) for key, inner in reversed(list(value.items())))
        else:
            yield short_name(name), value

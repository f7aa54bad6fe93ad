"""What jsonpickle wrote, as plain values: the tags are read as data, nothing is ever decoded or imported."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

_DEPTH = 60


class Tagged:
    """Plain values of one document; numpy's scalars refer back to a type that an earlier one named."""

    def __init__(self) -> None:
        self.types: dict[int, set[str]] = {}

    def plain(self, value: Any, depth: int = 0) -> Any:
        """Tuples and sets as lists, arrays and scalars as numbers, any other object as its class's name in <>."""
        if depth > _DEPTH:
            return "..."
        if isinstance(value, list):
            return [self.plain(one, depth + 1) for one in value]
        if not isinstance(value, Mapping):
            return value
        for tag in ("py/tuple", "py/set"):
            if tag in value:
                return self.plain(value[tag], depth + 1)
        if not any(str(key).startswith("py/") for key in value):
            return {key: self.plain(one, depth + 1) for key, one in value.items()}
        for name in ("value", "values"):
            if "py/object" in value and name in value:
                return self.plain(value[name], depth + 1)
        return self._object(value)

    def _object(self, value: Mapping[str, Any]) -> Any:
        """A numpy scalar's number where its type is known beyond doubt, else what kind of object stood there."""
        said = list(_strings(value, 0))
        for text in said:
            if len(text) == 2 and text[0] in "fiu" and text[1] in "1248":
                self.types.setdefault(int(text[1]), set()).add(text)
        data = next((one for one in _packed(value, 0)), b"")
        known = self.types.get(len(data), set())
        if len(known) == 1 and any("scalar" in text for text in said):
            return np.frombuffer(data, np.dtype("<" + next(iter(known))))[0].item()
        for tag in ("py/object", "py/type", "py/function"):
            if isinstance(value.get(tag), str):
                return f"<{value[tag].rpartition('.')[2]}>"
        return "<object>"


def _strings(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth < _DEPTH:
        for one in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
            yield from _strings(one, depth + 1)


def _packed(value: Any, depth: int) -> Iterator[bytes]:
    """Bytes under py/b64 anywhere in it."""
    if isinstance(value, Mapping) and isinstance(value.get("py/b64"), str):
        try:
            yield base64.b64decode(value["py/b64"], validate=True)
        except (binascii.Error, ValueError):
            return
    elif depth < _DEPTH and isinstance(value, Mapping | list):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _packed(one, depth + 1)

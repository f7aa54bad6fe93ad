"""Data files: classic scripts that hand over JSON as a string, so that they load from `file://` too."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def script(name: str, value: Any) -> str:
    """The script that registers `value` under `name`: `runpages.data('NAME', 'JSON')`."""
    return f"runpages.data({_quoted(name)},{_literal(value)});\n"


def table_script(name: str, table: Mapping[str, Any]) -> str:
    """The script of a table `{..., columns: [{..., values}]}`: `runpages.data('NAME', 'JSON', ['VALUES', {REDUCER: 'VALUES'}, ...])`.

    Each list is a JSON text of its own that a page parses when it needs it; `best` is left out, being max or min.
    """
    columns = table["columns"]
    head = {**table, "columns": [{key: column[key] for key in column if key != "values"} for column in columns]}
    lists = ",\n".join(_lists(column["values"]) for column in columns)
    return f"runpages.data({_quoted(name)},{_literal(head)},[{lists}]);\n"


def _lists(values: Sequence[Any] | Mapping[str, Any]) -> str:
    if not isinstance(values, Mapping):
        return _literal(values)
    return "{" + ",".join(f"{_quoted(key)}:{_literal(some)}" for key, some in values.items() if key != "best") + "}"


def _literal(value: Any) -> str:
    """JSON as a string of JavaScript."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for mark, escaped in (("\\", "\\\\"), ("'", "\\'"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029")):
        text = text.replace(mark, escaped)
    return f"'{text}'"


def write_script(site: Path, name: str, value: Any) -> None:
    """Write `data/NAME.js` below the site."""
    write_text(site, name, script(name, value))


def write_text(site: Path, name: str, text: str) -> None:
    """Write a script's text to `data/NAME.js`; half a character of a broken name is written as its escape."""
    path = site / "data" / f"{name}.js"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8", "backslashreplace"))


def write_page(site: Path, name: str, html: str) -> None:
    """Write a page that stands alone to `NAME.html`; the site's policy is put in with that of all others."""
    path = site / f"{name}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(html.encode("utf-8", "replace"))


def curve_name(label: str) -> str:
    """The data file of a metric: the same for the same label in every build."""
    return f"curves/{hashlib.blake2b(label.encode('utf-8', 'surrogatepass'), digest_size=5).hexdigest()}"


def _quoted(name: str) -> str:
    return json.dumps(name).replace("'", "\\u0027")

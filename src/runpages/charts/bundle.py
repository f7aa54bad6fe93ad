"""The drawing library of the pages: Vega, Vega-Lite and vega-embed in one script, out of vl-convert."""

from __future__ import annotations

import hashlib
import importlib.metadata
import tempfile
from dataclasses import dataclass
from pathlib import Path

import vl_convert

VEGA_LITE = "6.4"
MADE_BY = importlib.metadata.version("vl-convert-python")
# all the library may leave behind is this one function; the view itself stays out of reach of the page's other scripts
_SNIPPET = "runpages.vegaEmbed = vegaEmbed;"
_HEAD = '/* Vega, Vega-Lite, vega-embed (BSD-3-Clause, the Vega authors), by vl-convert {version} */\n(function () {{"use strict";'
_TAIL = "\n})();\n"


@dataclass(frozen=True, slots=True)
class Bundle:
    """The script's bytes and a file name that changes with them."""

    name: str
    content: bytes


def bundle(cache: Path | None = None) -> Bundle:
    """The library as a classic script that sets `runpages.vegaEmbed` and nothing else; embed with `ast: true`.

    Making it takes 1-3 s of CPU, so it is kept in the folder `cache` by vl-convert's version. A cache that cannot be
    written only costs time.
    """
    version = f"{MADE_BY}-vl{VEGA_LITE}"
    kept = cache / f"vega-{version}.js" if cache else None
    content = _read(kept) if kept else None
    if content is None:
        code = vl_convert.javascript_bundle(snippet=_SNIPPET, vl_version=VEGA_LITE)
        content = (_HEAD.format(version=MADE_BY) + code + _TAIL).encode()
        if kept:
            _keep(kept, content)
    return Bundle(f"vega-{hashlib.sha256(content).hexdigest()[:12]}.js", content)


def _read(path: Path) -> bytes | None:
    try:
        content = path.read_bytes()
    except OSError:
        return None
    # a write that was cut off must not become a site's library
    return content if content.endswith(_TAIL.encode()) else None


def _keep(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
        Path(file.name).replace(path)
    except OSError:
        return

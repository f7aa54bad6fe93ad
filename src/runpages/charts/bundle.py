"""The drawing library of the pages: Vega, Vega-Lite and vega-embed in one script, out of vl-convert."""

from __future__ import annotations

import hashlib
import importlib.metadata
from dataclasses import dataclass

import vl_convert

from runpages.remember import Remembered

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


def bundle(remembered: Remembered | None = None) -> Bundle:
    """The library as a classic script that sets `runpages.vegaEmbed` and nothing else; embed with `ast: true`.

    Making it takes 1-3 s of CPU, so it is remembered by vl-convert's version.
    """
    version = f"{MADE_BY}-vl{VEGA_LITE}"
    code = remembered.text("vega", [version.encode()], _made) if remembered else _made()
    content = code.encode()
    return Bundle(f"vega-{hashlib.sha256(content).hexdigest()[:12]}.js", content)


def _made() -> str:
    code: str = vl_convert.javascript_bundle(snippet=_SNIPPET, vl_version=VEGA_LITE)
    return _HEAD.format(version=MADE_BY) + code + _TAIL

"""The drawing library of the pages: Vega, Vega-Lite and Vega's interpreter in one script, out of vl-convert."""

from __future__ import annotations

import hashlib
import importlib.metadata
import re
from dataclasses import dataclass

import vl_convert

from runpages.remember import Remembered

VEGA_LITE = "6.4"
MADE_BY = importlib.metadata.version("vl-convert-python")
# vl-convert packs what this sentence needs; of vega, vegaLite and vegaEmbed only the last is more than a name for nothing
_SNIPPET = "runpages.vegaEmbed = vegaEmbed;"
_HEAD = '/* Vega, Vega-Lite (BSD-3-Clause, the Vega authors), by vl-convert {version} */\n(function () {{"use strict";'
_TAIL = "\n})();\n"
# all the library leaves behind; the views themselves stay out of reach of the page's other scripts
_LEFT = "runpages.vega={{View:{vega}.View,parse:{vega}.parse,compile:{lite}.compile,interpreter:{interpreter}}};"
_VEGA = re.compile(r"expr:(?P<vega>\w+)\.expressionInterpreter\?\?\w+\.expr\?\?(?P<interpreter>\w+)\}")
_LITE = re.compile(r"const (?P<lite>\w+)=function\(\)\{return\{accessPathDepth:[^{}]*\};\}\(\);")


@dataclass(frozen=True, slots=True)
class Bundle:
    """The script's bytes and a file name that changes with them."""

    name: str
    content: bytes


def bundle(remembered: Remembered | None = None) -> Bundle:
    """The library as a classic script that sets `runpages.vega` and nothing else; its views take `interpreter` as `expr`.

    Making it takes 1-3 s of CPU, so it is remembered by vl-convert's version.
    """
    version = f"{MADE_BY}-vl{VEGA_LITE}"
    code = remembered.text("vega", [version.encode()], _made) if remembered else _made()
    content = code.encode()
    return Bundle(f"vega-{hashlib.sha256(content).hexdigest()[:12]}.js", content)


def _made() -> str:
    code: str = vl_convert.javascript_bundle(snippet=_SNIPPET, vl_version=VEGA_LITE)
    return _HEAD.format(version=MADE_BY) + trimmed(code) + _TAIL


def trimmed(code: str) -> str:
    """vl-convert's bundle without vega-embed, its themes, menus and patches: 18 kB of the 305 that a page would load.

    They are packed behind Vega-Lite, so all behind it goes. A version that packs otherwise stays whole: heavier, but drawn.
    """
    vega = _VEGA.search(code)
    if vega is None:
        raise RuntimeError("vl-convert's bundle has no interpreter where it was; see charts/bundle.py")
    lite = _LITE.search(code)
    names = vega.groupdict()
    if lite is None or code.find(f"var {names['interpreter']}=", lite.end()) >= 0:
        found = re.search(r'"vega-lite":\(\w+,\w+\)=>(\w+)\.compile\(', code)
        if found is None:
            raise RuntimeError("vl-convert's bundle has no Vega-Lite where it was; see charts/bundle.py")
        return code + _LEFT.format(lite=found[1], **names)
    return code[: lite.end()] + _LEFT.format(**names, lite=lite["lite"])

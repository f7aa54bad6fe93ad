"""The content security policy of every page, with a hash for each script that stands in a page itself."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from pathlib import Path

_SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<body>.*?)</script>", re.DOTALL | re.IGNORECASE)
_HEAD = re.compile(r"<head[^>]*>\s*(?:<meta charset=[^>]*>)?", re.IGNORECASE)
_MARK = '<meta http-equiv="Content-Security-Policy"'
_INERT = re.compile(r"type=[\"']?(?:application/(?:ld\+)?json|text/)", re.IGNORECASE)


def seal_page(html: str) -> str:
    """The page with its policy as the first thing in the head. Only scripts that are there now will ever run."""
    if _MARK in html:
        return html
    hashes = sorted({_hash(body) for body in _inline(html)})
    policy = (
        f"default-src 'none'; script-src 'self' file: {' '.join(hashes)}; ".replace(" ;", ";")
        + "style-src 'self' file: 'unsafe-inline'; img-src 'self' file: data:; font-src 'self' file: data:; "
        "media-src 'self' file:; frame-src 'self' file:; manifest-src 'self'; connect-src 'none'; worker-src 'none'; "
        "object-src 'none'; base-uri 'none'; form-action 'none'"
    )
    return _HEAD.sub(lambda head: f'{head.group()}{_MARK} content="{policy}">', html, count=1)


def seal_pages(site: Path) -> None:
    """Put the policy into every HTML page below the site that MkDocs wrote."""
    for path in sorted(site.rglob("*.html")):
        if path.relative_to(site).parts[0] != "media":
            path.write_text(seal_page(path.read_text(encoding="utf-8")), encoding="utf-8")


def _inline(html: str) -> list[str]:
    return [
        found["body"]
        for found in _SCRIPT.finditer(html)
        if "src=" not in found["attributes"] and not _INERT.search(found["attributes"])
    ]


@functools.lru_cache(256)
def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"

"""What a file is to a browser, by its name: type and how long it may be kept."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

_TEXT = {
    ".html": "text/html",
    ".htm": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".json": "application/json",
    ".jsonl": "application/x-ndjson",
    ".ndjson": "application/x-ndjson",
    ".map": "application/json",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain",
    ".md": "text/markdown",
    ".log": "text/plain",
    ".yaml": "text/plain",
    ".yml": "text/plain",
    ".xml": "application/xml",
    ".svg": "image/svg+xml",
}
_BYTES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".ico": "image/x-icon",
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".ttf": "font/ttf",
    ".wasm": "application/wasm",
    ".pdf": "application/pdf",
    ".zip": "application/zip",
    ".gz": "application/gzip",
    ".parquet": "application/vnd.apache.parquet",
}
_HASHED = re.compile(r"(assets|media)/(.*[.\-/])?[0-9a-f]{8,}[.].*")
FOREVER, ASK = "public, max-age=31536000, immutable", "no-cache"


def type_of(name: str) -> str:
    """The media type, with the encoding for text; from our own table, so that it is the same on every machine."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in _TEXT:
        return f"{_TEXT[suffix]}; charset=utf-8"
    return _BYTES.get(suffix, "application/octet-stream")


def cache_of(name: str) -> str:
    """How long a browser may keep a file: for good when its name holds a digest of its content, else it asks."""
    return FOREVER if _HASHED.fullmatch(name) else ASK

"""Publishes as one HTML file that opens by double click: the whole site packed into a page that unpacks itself."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re
from contextlib import suppress
from importlib.resources import files
from pathlib import Path

from runpages.errors import Note, TargetError
from runpages.publish.content import type_of
from runpages.publish.plan import Options, Report, Site, not_ours

# A mail server refuses more than about 20 MiB, and a browser takes seconds to open what is much larger.
LARGE = 10 * 1024 * 1024
TOO_LARGE = 50 * 1024 * 1024
_SIGN = '<meta name="generator" content="runpages one file">'
_LEFT_OUT = re.compile(r".*\.map|404\.html|sitemap\.xml|assets/javascripts/(lunr|workers)/.*")
_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; "
    "media-src blob:; frame-src blob:; connect-src 'none'; worker-src 'none'; object-src 'none'; base-uri 'none'; "
    "form-action 'none'"
)
_LOOK = "body{font:16px system-ui,sans-serif;margin:3rem auto;max-width:40rem;padding:0 1rem;color-scheme:light dark}"


def publish_single(site: Site, target: Path, options: Options) -> Report:
    """The report of writing the site as one HTML file.

    TargetError when it would pass 50 MiB (`force` writes it), when the place cannot be written or is not ours.
    """
    if target.exists() and not options.force and not _is_ours(target):
        raise not_ours(str(target.parent), target.name)
    content = single_page(title_of(site), pack(site)).encode()
    if len(content) > TOO_LARGE and not options.force:
        raise TargetError(
            "single-too-large",
            f"the file would have {_mib(len(content))}; browsers choke on more than 50",
            where=str(target),
            kept="nothing was written",
            hint="publish a zip or a folder, or say --force",
        )
    _write(target, content)
    notes = []
    if len(content) > LARGE:
        what = f"the file has {_mib(len(content))}; it opens slowly and may be refused as an attachment"
        notes.append(Note("single-large", what, where=str(target), hint="publish a zip or a folder", level="info"))
    return Report(str(target), tuple(packed_names(site)), size=len(content), notes=tuple(notes))


def packed_names(site: Site) -> list[str]:
    """The files that a page can ask for, sorted."""
    return [name for name in sorted(site.manifest.files) if not _LEFT_OUT.fullmatch(name)]


def pack(site: Site) -> bytes:
    """The site as one piece: what `single.js` unpacks, and what a password seals. Same site, same bytes."""
    index: dict[str, tuple[int, int, str]] = {}
    parts, at = [], 0
    for name in packed_names(site):
        content = (site.folder / name).read_bytes()
        index[name] = (at, len(content), type_of(name).partition(";")[0])
        parts.append(content)
        at += len(content)
    head = json.dumps(index, separators=(",", ":")).encode()
    return gzip.compress(b"".join([b"RPK1", len(head).to_bytes(4, "little"), head, *parts]), compresslevel=9, mtime=0)


def single_page(title: str, packed: bytes, *, unlock: str = "", said: str = "Opening the report …") -> str:
    """The HTML around a pack. `unlock` is JavaScript that sets `window.rpUnlock` when the pack is sealed.

    The nonce is a digest of the content: whoever writes a run's text cannot know it beforehand.
    """
    nonce = base64.b64encode(hashlib.sha256(packed + unlock.encode()).digest()[:18]).decode()
    loader = files("runpages.publish").joinpath("single.js").read_text(encoding="utf-8")
    programs = "".join(f'<script nonce="{nonce}">{code}</script>\n' for code in (unlock, loader) if code)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY.format(nonce=nonce)}">{_SIGN}'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{html.escape(title)}</title>'
        f'<style>{_LOOK}</style></head>\n<body><p id="rp-said" role="status">{html.escape(said)}</p>'
        "<noscript><p>This report is packed into one file and needs JavaScript to open. "
        "Ask for the zip of it to read it without.</p></noscript>\n"
        f'<script type="text/plain" id="rp-pack">{base64.b64encode(packed).decode()}</script>\n{programs}</body></html>\n'
    )


def title_of(site: Site) -> str:
    """The title of the front page, "Report" when it has none."""
    with suppress(OSError):
        start = (site.folder / "index.html").read_text(encoding="utf-8", errors="replace")[:20_000]
        if found := re.search(r"<title>(.*?)</title>", start, re.DOTALL):
            return " ".join(html.unescape(found[1]).split()) or "Report"
    return "Report"


def _write(target: Path, content: bytes) -> None:
    part = target.with_name(f".{target.name}.runpages-part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        part.replace(target)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise TargetError(
            "target-unwritable",
            f"the file cannot be written: {error.strerror}",
            where=str(target),
            hint="name another place",
        ) from error


def _is_ours(target: Path) -> bool:
    try:
        with target.open("rb") as stream:
            return _SIGN.encode() in stream.read(2000)
    except OSError:
        return False


def _mib(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MiB"

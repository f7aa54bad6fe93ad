"""What tells of a report elsewhere: an Atom feed of all of them, and badges."""

from __future__ import annotations

import json
import math
import re
import uuid
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from html import escape
from pathlib import Path

from runpages.history.entry import Entry
from runpages.views import text
from runpages.views.history import changes_view, link_of

MOST = 50
_ATOM = "http://www.w3.org/2005/Atom"
_BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_COLOURS = {"better": "#0b5fa5", "worse": "#a84300", "": "#5a6470"}


def atom(entries: Sequence[Entry], title: str, url: str) -> bytes:
    """The feed of the newest reports; ids stay the same when the site moves, links need `url`."""
    feed = ElementTree.Element("feed", xmlns=_ATOM)
    _add(feed, "title", title)
    _add(feed, "id", _urn(f"feed {title}"))
    _add(feed, "updated", _when(entries[-1]))
    ElementTree.SubElement(_add(feed, "author", ""), "name").text = "runpages"
    for place in range(len(entries) - 1, max(-1, len(entries) - 1 - MOST), -1):
        entry = entries[place]
        item = _add(feed, "entry", "")
        _add(item, "title", f"{entry.name}: {message(entry)}" if entry.main else entry.name)
        _add(item, "id", _urn(json.dumps(entry.key)))
        _add(item, "updated", _when(entry))
        link = link_of(entry, url) or (url if place == len(entries) - 1 and url else "")
        ElementTree.SubElement(item, "link", href=link or "index.html")
        _add(
            item,
            "summary",
            ". ".join(one["text"] for one in changes_view(entries[: place + 1])[:-1]) or "The first report",
        )
    content: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _add(parent: ElementTree.Element, name: str, words: str) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, name)
    child.text = _BAD.sub("�", words) or None
    return child


def _urn(words: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"runpages {words}".encode("utf-8", "replace").decode()).urn


def _when(entry: Entry) -> str:
    return entry.at if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", entry.at) else "1970-01-01T00:00:00Z"


def message(entry: Entry) -> str:
    """The best of the main metric: `val/accuracy 0.972`."""
    best = entry.best(entry.main)
    return f"{entry.main} {text.number(best)}" if math.isfinite(best) else f"{entry.runs} runs"


def write_badges(site: Path, entries: Sequence[Entry]) -> None:
    """Write `badge.svg`, and `badge.json` as badge services read it."""
    entry = entries[-1]
    best = entry.best(entry.main) if entry.main else math.nan
    label = text.shortened(entry.main, 40) if math.isfinite(best) else "report"
    said = text.number(best) if math.isfinite(best) else text.plural(entry.runs, "run")
    tones = {one["tone"] for one in changes_view(entries) if one["tone"]}
    tone = "worse" if "worse" in tones else "better" if "better" in tones else ""
    mark = {"better": " ▲ better", "worse": " ▼ worse", "": ""}[tone]
    (site / "badge.svg").write_bytes(badge(label, said + mark, _COLOURS[tone]).encode("utf-8", "replace"))
    told = {"schemaVersion": 1, "label": label, "message": said + mark, "color": _COLOURS[tone].removeprefix("#")}
    (site / "badge.json").write_bytes((json.dumps(told) + "\n").encode())


def badge(label: str, said: str, colour: str) -> str:
    """A badge as SVG that needs nothing from anywhere."""
    label, said = _BAD.sub("�", label), _BAD.sub("�", said)
    left, right = 12 + 6.6 * len(label), 12 + 6.6 * len(said)
    words = "".join(
        f'<text x="{x:.1f}" y="14" text-anchor="middle" textLength="{6.6 * len(part):.1f}" lengthAdjust="spacingAndGlyphs">{escape(part)}</text>'
        for x, part in ((left / 2, label), (left + right / 2, said))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right:.1f}" height="20" role="img" '
        f'aria-label="{escape(label, quote=True)}: {escape(said, quote=True)}"><clipPath id="r">'
        f'<rect width="{left + right:.1f}" height="20" rx="3"/></clipPath><g clip-path="url(#r)">'
        f'<rect width="{left:.1f}" height="20" fill="#3a424c"/><rect x="{left:.1f}" width="{right:.1f}" height="20" fill="{colour}"/></g>'
        f'<g fill="#fff" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11">{words}</g></svg>\n'
    )

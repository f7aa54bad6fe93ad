"""Material's style sheet for our own pages: without the rules that none of them can meet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

_SHEET = re.compile(r"assets/stylesheets/main\.\w+\.min\.css")
_OURS = re.compile(
    r'"(?:\.\./)*js/palette\.js"'
)  # pages of authors and of runs keep Material's own script and all of its styles
_PIECE = re.compile(r"'[^']*'|\"[^\"]*\"|url\([^)\"']*\)|[{};]")
_CLASS = re.compile(r"\.((?:[\w-]|\\.)+)")
_NEGATED = re.compile(r":(?:not|is|where|has)\([^()]*\)")
OWN = "css/material.css"


def own_sheet(site: Path) -> None:
    """Write `css/material.css` below the site and let our pages load it in place of Material's whole sheet."""
    texts = {path: path.read_text(encoding="utf-8") for path in _pages(site)}
    ours = {path: text for path, text in texts.items() if _OURS.search(text) and _SHEET.search(text)}
    if not ours:
        return
    found = _SHEET.search(next(iter(ours.values())))
    assert found is not None
    scripts = "".join(path.read_text(encoding="utf-8") for path in (site / "js").glob("*.js"))
    names = {name for text in ours.values() for some in re.findall(r'class="([^"]*)"', text) for name in some.split()}
    names |= set(re.findall(r"[\w-]+", " ".join(re.findall(r"[\"'`][^\"'`]{1,200}[\"'`]", scripts))))
    others = [path for path in sorted(site.rglob("*.css")) if not _SHEET.search(path.as_posix())]
    styles = "".join(path.read_text(encoding="utf-8", errors="replace") for path in others)
    (site / OWN).write_text(pruned((site / found.group()).read_text(encoding="utf-8"), names, styles), encoding="utf-8")
    for path, text in ours.items():
        path.write_text(_SHEET.sub(OWN, text), encoding="utf-8")


def _pages(site: Path) -> Iterator[Path]:
    for folder in (site, site / "views", site / "studies", site / "history"):
        yield from sorted(folder.glob("*.html"))


def pruned(sheet: str, names: set[str], beside: str) -> str:
    """The sheet without rules for other classes than `names`, and without variables that nobody reads: neither a rule
    that is left nor the style sheets `beside`. A sheet that cannot be taken apart comes back whole."""
    try:
        kept = _kept(sheet, names)
    except ValueError:
        return sheet
    used = set(re.findall(r"var\(\s*(--[\w-]+)", kept + beside))
    return _without_unused(kept, used)


def _rules(text: str) -> Iterator[tuple[str, str | None]]:
    """(what stands before the brace, what stands within) of each rule; None within for a statement. ValueError when a brace is missing."""
    start, opened, depth = 0, 0, 0
    for piece in _PIECE.finditer(text):
        mark = piece.group()
        if mark == "{":
            opened = piece.end() if depth == 0 else opened
            depth += 1
        elif mark == "}":
            depth -= 1
            if depth == 0:
                yield text[start : opened - 1], text[opened : piece.start()]
                start = piece.end()
        elif mark == ";" and depth == 0:
            yield text[start : piece.end()], None
            start = piece.end()
    if depth:
        raise ValueError("a brace is never closed")


def _kept(text: str, names: set[str]) -> str:
    parts = []
    for head, body in _rules(text):
        if body is None:
            parts.append(head)
        elif head.lstrip().startswith(("@media", "@supports")):
            inner = _kept(body, names)
            parts.append(f"{head}{{{inner}}}" if inner else "")
        elif head.lstrip().startswith("@"):
            parts.append(f"{head}{{{body}}}")
        else:
            met = [
                one for one in re.split(r",(?![^(]*\))", head) if set(_CLASS.findall(_NEGATED.sub("", one))) <= names
            ]
            parts.append(f"{','.join(met)}{{{body}}}" if met else "")
    return "".join(parts)


def _without_unused(text: str, used: set[str]) -> str:
    parts = []
    for head, body in _rules(text):
        if body is None or head.lstrip().startswith(("@media", "@supports")):
            parts.append(head if body is None else f"{head}{{{_without_unused(body, used)}}}")
            continue
        left = [one for one in _declarations(body) if not one.startswith("--") or one.partition(":")[0] in used]
        parts.append(f"{head}{{{';'.join(left)}}}" if left else "")
    return "".join(parts)


def _declarations(body: str) -> list[str]:
    """A rule's declarations; a semicolon within quotes or braces ends none."""
    cuts, depth = [], 0
    for piece in _PIECE.finditer(body):
        depth += {"{": 1, "}": -1}.get(piece.group(), 0)
        if piece.group() == ";" and depth == 0:
            cuts.append(piece.start())
    starts = [0, *[cut + 1 for cut in cuts]]
    return [body[a:b] for a, b in zip(starts, [*cuts, len(body)], strict=True) if body[a:b].strip()]

"""A finished site as a reader's browser would walk it: every link, fragment and asset of every page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LINKING = {
    "a": "href",
    "link": "href",
    "script": "src",
    "img": "src",
    "source": "src",
    "audio": "src",
    "video": "src",
    "iframe": "src",
    "object": "data",
    "image": "href",
    "use": "href",
}
LOADED = frozenset(LINKING) - {"a"}
SPOKEN = {"canonical"}  # says where a page is, loads nothing


@dataclass
class Page:
    """One HTML file: the targets it names (with whether the browser loads them by itself) and the ids it has."""

    path: Path
    targets: list[tuple[str, bool]] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    policy: str = ""


class _Parser(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.page.ids |= {found[name] for name in ("id", "name") if found.get(name)}
        if found.get("http-equiv", "").lower() == "content-security-policy":
            self.page.policy = found["content"]
        if found.get("srcset"):
            self.page.targets += [(part.split()[0], True) for part in found["srcset"].split(",")]
        target = found.get(LINKING.get(tag, ""), "")
        if target and found.get("rel") not in SPOKEN:
            self.page.targets.append((target, tag in LOADED and found.get("rel") not in ("next", "prev")))


@dataclass
class Site:
    """Every page below a folder, parsed once."""

    root: Path

    @cached_property
    def pages(self) -> dict[Path, Page]:
        """The pages by path; what runs left behind (below media/) is theirs, not ours."""
        return {path: _parsed(path) for path in sorted(self.root.rglob("*.html")) if "media" not in path.parts}

    def broken(self) -> list[str]:
        """Every local link, asset or fragment that leads nowhere."""
        return [
            f"{page.path.relative_to(self.root)}: {target}"
            for page in self.pages.values()
            for target, _ in page.targets
            if not self._there(page.path, target)
        ]

    def outside(self) -> list[str]:
        """What a page would load from another host, or name by an absolute path."""
        return [
            f"{page.path.relative_to(self.root)}: {target}"
            for page in self.pages.values()
            for target, loaded in page.targets
            if target.startswith("/") or (loaded and urlsplit(target).scheme not in ("", "data"))
        ]

    def _there(self, page: Path, target: str) -> bool:
        parts = urlsplit(target)
        if parts.scheme or parts.netloc:
            return True
        file = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        if not file.is_file() or self.root.resolve() not in (file, *file.parents):
            return False
        state = "=" in parts.fragment  # what a page shows, not a place in it
        return not parts.fragment or state or file.suffix != ".html" or self._has(file, unquote(parts.fragment))

    def _has(self, file: Path, fragment: str) -> bool:
        known = self.pages.get(file)
        return known is None or fragment in known.ids or fragment == "__skip"

    def styles(self) -> Iterator[tuple[Path, str]]:
        """Every address in every style sheet."""
        for path in sorted(self.root.rglob("*.css")):
            for found in re.finditer(r"(?:url\(|@import\s+)[\"']?([^\"')\s]+)", path.read_text(encoding="utf-8")):
                yield path, found[1]


def _parsed(path: Path) -> Page:
    page = Page(path)
    _Parser(page).feed(path.read_text(encoding="utf-8"))
    return page

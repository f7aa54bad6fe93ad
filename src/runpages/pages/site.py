"""The files of a site that no page template makes: run pages, search, sitemap, policy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import unescape
from pathlib import Path
from typing import Any

from runpages.pages.data import write_script
from runpages.pages.policy import seal_page, seal_pages
from runpages.pages.sheet import own_sheet
from runpages.pages.shrink import shrink
from runpages.pages.stamp import Shell

WORDS = 400  # characters of a page's text that search knows


def write_run_pages(site: Path, shell: str, pages: Iterable[tuple[str, str, str]]) -> int:
    """Stamp (path, title, body HTML) pages from the shell; returns how many. The shell's policy serves all of them."""
    form = Shell(seal_page(shell))
    written = 0
    for path, title, body in pages:
        target = site / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(form.stamp(title, body).encode("utf-8", "replace"))
        written += 1
    return written


def write_search(site: Path, pages: Sequence[Mapping[str, str]], data: Mapping[str, Any]) -> None:
    """Write `data/search.js`: every page and every run by title, path and a few words."""
    runs = data["runs"]
    found: list[Mapping[str, str]] = [
        {
            "title": str(name or runs["id"][number]),
            "page": page,
            "text": " ".join(
                str(part) for part in (runs["group"][number], runs["tracker"][number], runs["id"][number]) if part
            ),
        }
        for number, (name, page) in enumerate(zip(runs["name"], runs["page"], strict=True))
    ]
    write_script(site, "search", [*pages, *found])


def words_of(html: str) -> str:
    """The first words of a page without its markup."""
    text = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", html[:60_000], flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())[:WORDS]


def finish_pages(site: Path) -> None:
    """Give every page of MkDocs its policy, and drop what only a server or a script from elsewhere could use."""
    seal_pages(site)
    shrink(site)
    own_sheet(site)
    for name in ("sitemap.xml.gz", "search/search_index.json"):  # a gzip header holds the time of the build
        (site / name).unlink(missing_ok=True)

"""Reports side by side: the folder each one gets, the list of them on the front page, and which are old enough to go.

The list is made anew from the report folders that are there each time, so a lost or damaged one heals itself.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from runpages.errors import TargetError
from runpages.model import Manifest
from runpages.publish.plan import Options
from runpages.seal import MARKER, safe_path

INDEX, LIST, LATEST = "index.html", "reports.json", "latest/index.html"
_SIGN = '<meta name="generator" content="runpages front page">'
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_LOOK = (
    "body{font:16px/1.5 system-ui,sans-serif;color-scheme:light dark;max-width:46rem;margin:3rem auto;padding:0 1rem}"
    "h2{margin:2rem 0 .5rem;font-size:1.1rem}table{border-collapse:collapse;width:100%}"
    "td{padding:.4rem .8rem .4rem 0;border-bottom:1px solid #8884;overflow-wrap:anywhere}td+td{white-space:nowrap}"
)


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One report of a target: when it was published (ISO 8601, UTC), its folder and its title."""

    published: str
    path: str
    title: str

    @property
    def channel(self) -> str:
        """The folder that holds the report's folder; "" for a report at the top."""
        return self.path.rpartition("/")[0]


def folder_for(channel: str, name: str, now: datetime) -> str:
    """`<channel>/<id>`; the id is the time in UTC when none is given. TargetError for what is no folder."""
    path = f"{channel}/{name or now.strftime('%Y%m%dT%H%M%S%fZ')}"
    if not safe_path(path) or path.startswith("-") or "latest" in path.split("/"):
        raise TargetError("target-path", f"{path!r} is no folder for a report", hint="--channel main --id v1.2")
    return path


def label(title: str, now: datetime) -> bytes:
    """What a report's marker says of it."""
    return (json.dumps({"published": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "title": title}) + "\n").encode()


def entry(path: str, marker: bytes) -> Entry:
    """A report by its marker; one without words (or damaged) is the oldest and is called as its folder."""
    try:
        said = json.loads(marker)
        published, title = str(said["published"]), str(said["title"])
        datetime.fromisoformat(published)
    except (ValueError, KeyError, TypeError, RecursionError):
        return Entry("", path, path)
    return Entry(published, path, title[:200])


def pages(entries: Iterable[Entry]) -> dict[str, bytes]:
    """The front page, the list as JSON, and a way to the newest report of all and of each channel."""
    newest = sorted(entries, reverse=True)
    made = {LIST: _listed(newest), INDEX: _front(newest)}
    if newest:
        made[LATEST] = _lead(f"../{newest[0].path}/index.html")
    for one in reversed(newest):
        if one.channel:
            made[f"{one.channel}/{LATEST}"] = _lead(f"../{one.path.rpartition('/')[2]}/index.html")
    return made


def is_front(content: bytes) -> bool:
    """Whether a page was made by `pages`."""
    return _SIGN.encode() in content[:2000]


def outdated(entries: Iterable[Entry], path: str, options: Options, now: datetime) -> list[str]:
    """Folders of reports beside `path` that `keep` and `keep_days` let go; never that one itself."""
    channel = path.rpartition("/")[0]
    kin = sorted((one for one in entries if one.channel == channel), reverse=True)
    old = {one.path for one in kin[options.keep :]} if options.keep else set()
    if options.keep_days:
        limit = (now - timedelta(days=options.keep_days)).strftime("%Y-%m-%dT%H:%M:%SZ")
        old |= {one.path for one in kin if one.published and one.published < limit}
    return sorted(old - {path})


def report_folders(names: Iterable[str]) -> list[str]:
    """The folders below the top that hold a marker of ours."""
    return sorted(name.removesuffix(f"/{MARKER}") for name in names if name.endswith(f"/{MARKER}"))


def said_title(content: str) -> str:
    """The title of a page, "" when it has none."""
    found = re.search(r"<title>(.*?)</title>", content[:20_000], re.DOTALL)
    return " ".join(html.unescape(found[1]).split()) if found else ""


def owned(manifest: Manifest, folder: str) -> list[str]:
    """The paths a report occupies, with its folder."""
    return [f"{folder}/{name}" if folder else name for name in manifest.files]


def _listed(entries: Iterable[Entry]) -> bytes:
    rows: list[Mapping[str, str]] = [
        {"path": one.path, "channel": one.channel, "published": one.published, "title": one.title} for one in entries
    ]
    return (json.dumps({"format": 1, "reports": rows}, indent=1, ensure_ascii=False) + "\n").encode()


def _front(entries: list[Entry]) -> bytes:
    body = ""
    for channel in sorted({one.channel for one in entries}):
        body += f"<h2>{html.escape(channel or 'Reports')}</h2>\n<table>\n"
        for one in entries:
            if one.channel == channel:
                when = html.escape(one.published.replace("T", " ").replace("Z", " UTC"))
                link = html.escape(_link(f"{one.path}/index.html"))
                name = html.escape(one.path.rpartition("/")[2])
                body += (
                    f'<tr><td><a href="{link}">{html.escape(one.title)}</a></td><td>{name}</td><td>{when}</td></tr>\n'
                )
        body += "</table>\n"
    return _page("Reports", f"<h1>Reports</h1>\n{body or '<p>No report is here.</p>'}")


def _lead(link: str) -> bytes:
    safe = html.escape(_link(link))
    return _page("Latest report", f'<p><a href="{safe}">The latest report</a></p>', f"0; url={safe}")


def _link(path: str) -> str:
    from urllib.parse import quote

    return quote(path, safe="/")


def _page(title: str, body: str, refresh: str = "") -> bytes:
    again = f'<meta http-equiv="refresh" content="{refresh}">' if refresh else ""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">{_SIGN}{again}'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{title}</title>'
        f"<style>{_LOOK}</style></head>\n<body>{body}</body></html>\n"
    ).encode()


def now() -> datetime:
    """The time of publishing."""
    return datetime.now(UTC)

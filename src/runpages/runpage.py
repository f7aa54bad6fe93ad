"""The pages of single runs: what they show, rendered, and remembered for runs of which nothing changed."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from runpages.codecs.metadata import without_metadata
from runpages.config import Config
from runpages.frames import Line, Member, RunSet
from runpages.media import MediaShelf
from runpages.model import Artifact
from runpages.pages.data import script
from runpages.pages.prose import prose
from runpages.pages.render import render, template_hash
from runpages.redact import redact_text, scan_bytes
from runpages.redact.profiles import Veil
from runpages.remember import Remembered
from runpages.store import globals_hash
from runpages.thumbnail import VERSION, NoPicture, Small, small
from runpages.views.diff import side
from runpages.views.every import every_views
from runpages.views.gallery import Gallery
from runpages.views.run import Subject, log_name, run_view
from runpages.views.run_facts import Relations
from runpages.views.run_text import log_data
from runpages.views.run_weight import LIGHT, Whole, light, weight

SCRIPTS = ("data/specs.js",)


class RunPages:
    """The pages of all runs of a report. `data` is the data file `runs`, `lines` every metric's curves."""

    def __init__(
        self,
        runs: RunSet,
        data: Mapping[str, Any],
        lines: Mapping[str, list[Line]],
        titles: Mapping[str, str],
        config: Config,
    ) -> None:
        self.runs, self.config = runs, config
        self.relations = Relations(runs, data)
        self.titles = titles
        self.gallery = Gallery()
        self._long_logs: list[Member] = []
        self._lines: dict[int, dict[str, Line]] = {}
        for label, some in lines.items():
            for line in some:
                self._lines.setdefault(line.number, {})[label] = line

    def view(self, number: int, shelf: MediaShelf) -> dict[str, Any]:
        """Everything the page of one run shows, as plain data."""
        member = self.runs.members[number]
        tracker = " + ".join(self.titles.get(one, one) for one in member.head.run.tracker.split(" + "))
        about = self.relations.of(number)
        return run_view(
            Subject(member, self.runs.run(number), about, self.relations.columns, self._lines.get(number, {}), tracker),
            shelf,
        )

    def html(self, number: int, shelf: MediaShelf) -> str:
        """The body of the page of one run."""
        view = self.view(number, shelf)
        self.gallery.add(number, view)
        html = _filled(view)
        if weight(html) <= LIGHT:
            return html
        member = self.runs.members[number]

        def put(name: str, words: str) -> str:
            content = words.encode("utf-8", "replace")
            return shelf.put(Artifact(name, "text", "", data=content), member.head.root)[0].url

        return light(html, view, Whole(self.runs.run(number), member.head, put), _filled)

    def pages(self, shelf: MediaShelf, remembered: Remembered) -> Iterator[tuple[str, str, str]]:
        """Path, title and body of every run's page; its media are on the shelf afterwards."""
        same = f"{template_hash('run')}{globals_hash()}{json.dumps(self._columns)}".encode()
        stamps = self.runs.stamps()
        for member in self.runs.members:
            body = self._body(member, stamps[member.number], same, shelf, remembered)
            if f'data-whole="{log_name(member.slug)}"' in body:
                self._long_logs.append(member)
            yield f"runs/{member.slug}.html", self.relations.ref(member.number)["name"], body

    def _body(self, member: Member, stamp: str, same: bytes, shelf: MediaShelf, remembered: Remembered) -> str:
        # a run with files puts them on the shelf of every build; a stamp of "" says that its files are too young to trust
        if not stamp or member.head.run.artifacts:
            return self.html(member.number, shelf)
        sizes = [(label, len(line.steps)) for label, line in self._lines.get(member.number, {}).items()]
        parts = [stamp, member.place, self.relations.of(member.number), sizes, [str(note) for note in member.notes]]
        body = remembered.text("run", [same, json.dumps(parts).encode()], lambda: self.html(member.number, shelf))
        return self.html(member.number, shelf) if 'href="../media/' in body else body  # a long log is a file as well

    def listed(self, data: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
        """Path, title and body of the pages that list every run."""
        for view in every_views(data):
            yield f"runs/{view['page']}", "Every run", render("every", **view)

    def logs(self) -> Iterator[tuple[str, str]]:
        """Name and text of the data file of every log of which its page has only a part; asked for after the pages."""
        for member in self._long_logs:
            name = log_name(member.slug)
            yield name, script(name, log_data(self.runs.run(member.number).log))

    def side(self, number: int, shelf: MediaShelf) -> dict[str, Any]:
        """One run as a diff sees it."""
        return side(self.runs, number, self.relations.ref(number)["name"], self.config, shelf)

    def sides(self, shelf: MediaShelf, remembered: Remembered) -> Iterator[tuple[str, str]]:
        """Name and text of the data file of every run from which the page of differences is made."""
        stamps = self.runs.stamps()
        same = f"{globals_hash()}{json.dumps([[label, one['direction']] for label, one in self.relations.columns.items()])}"
        for member in self.runs.members:
            name, stamp = f"of/{member.slug}", stamps[member.number]
            make = functools.partial(self._side, member.number, name, shelf)
            parts = [same.encode(), f"{stamp}\0{member.place}\0{self.relations.ref(member.number)['name']}".encode()]
            # files of settings have no stamp
            yield name, make() if not stamp or member.head.run.artifacts else remembered.text("side", parts, make)

    def _side(self, number: int, name: str, shelf: MediaShelf) -> str:
        return script(name, self.side(number, shelf))

    @property
    def _columns(self) -> list[Any]:
        return [
            [label, one["direction"], one["curve"], one["step_name"]] for label, one in self.relations.columns.items()
        ]


def _filled(view: dict[str, Any]) -> str:
    return render("run", notes_html=prose(view["notes_markdown"]), **view)


def shelf(
    site: Path, limit: int, counts: Counter[str], veil: Veil | None = None, remembered: Remembered | None = None
) -> MediaShelf:
    """The shelf of a site: texts go through redaction (`counts` grows by rule) and the profile, other files are searched
    for secrets; a profile that hides shows only files whose metadata can be taken out."""

    def clean(words: str) -> str:
        plain = redact_text(words, counts)
        return plain if veil is None else veil.text(plain)

    bare = None if veil is None or veil.shown("metadata") else without_metadata
    smaller = small if remembered is None else functools.partial(_smaller, remembered)
    return MediaShelf(site, limit, clean, lambda content: bool(scan_bytes(content)), bare, smaller=smaller)


def _smaller(remembered: Remembered, data: bytes) -> Small:
    """A picture's small copy, made once for as long as its bytes stay the same."""

    def make() -> str:
        try:
            made = small(data)
        except NoPicture as error:
            return json.dumps([str(error)])
        return json.dumps([made.width, made.height, made.data and base64.b85encode(made.data).decode()])

    kept = json.loads(remembered.text("small", [VERSION.encode(), hashlib.sha256(data).digest()], make))
    if len(kept) == 1:
        raise NoPicture(kept[0])
    return Small(kept[0], kept[1], kept[2] and base64.b85decode(kept[2]))

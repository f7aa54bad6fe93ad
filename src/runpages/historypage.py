"""What a report keeps of itself for later ones, and what it shows of the earlier ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from runpages.config import Config
from runpages.history import Entry, entry_lines, merged, open_shelf
from runpages.history.entry import plain_entry
from runpages.history.shelf import HISTORY, REPORT, remembered
from runpages.pages.feed import atom, write_badges
from runpages.pages.render import render
from runpages.views.history import changes_view, history_view, labels_of, metric_view, page_of, tracks


class HistoryPages:
    """The report at hand as the last of a history. `base` is what a folder in the configuration is relative to."""

    def __init__(self, own: Entry, config: Config, base: Path) -> None:
        self.own, self.config, self.base = own, config, base

    @cached_property
    def entries(self) -> list[Entry]:
        """Every report known, oldest first, this one last. Raises ConfigError when the history is not where it should be."""
        if not self.config.history:
            return [self.own]
        with open_shelf(self.config.history, self.base) as shelf:
            earlier = [entry for entry in remembered(shelf) if entry.key != self.own.key]
        return [*merged(earlier), self.own]

    @property
    def shown(self) -> bool:
        """Whether there is a past to show."""
        return len(self.entries) > 1

    @cached_property
    def changes(self) -> list[dict[str, str]]:
        """What changed since the last report."""
        return changes_view(self.entries)

    def html(self) -> str:
        """The content of the page `history`."""
        return render("history", **history_view(self.entries, self.config.url))

    def pages(self) -> Iterator[tuple[str, str, str]]:
        """Path, title and body of every metric's page."""
        if self.shown:
            for label in labels_of(self.entries):
                if tracks(self.entries, label):
                    body = render("history_metric", **metric_view(self.entries, label, self.config.url))
                    yield page_of(label), f"History of {label}", body

    def write(self, site: Path) -> None:
        """Write this report's numbers, every report's numbers, the feed and the badges below the site."""
        own = json.dumps(plain_entry(self.own), ensure_ascii=False, sort_keys=True, allow_nan=False)
        (site / REPORT).write_bytes(f"{own}\n".encode("utf-8", "backslashreplace"))
        (site / HISTORY).write_bytes(entry_lines(self.entries))
        (site / "feed.xml").write_bytes(atom(self.entries, self.own.title, self.config.url))
        write_badges(site, self.entries)

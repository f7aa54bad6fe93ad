"""What the event files of one folder hold besides scalars, as artifacts: in place where it can be, else as small data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from runpages.codecs.tfevents import EventFile, Media, Metadata, Value
from runpages.codecs.tfsummaries import LAYOUT, content, media_type
from runpages.codecs.wire import WireError
from runpages.errors import Notes
from runpages.model import Artifact

HISTOGRAMS = 50  # a tag; more are thinned, for a page shows them side by side
_NO_METADATA = Metadata("", b"", "", "")


class Artifacts:
    """Collects into `all`; `thinned` histograms were left out, `unread` counts summaries without a view by plugin."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.all: list[Artifact] = []
        self.thinned = 0
        self.unread: dict[str, int] = {}

    def add(self, place: str, logs: Sequence[tuple[str, EventFile]]) -> None:
        """Take the files (path, content) of the folder `place` below the run; names of artifacts begin with it."""
        metadata: dict[str, Metadata] = {}
        values: dict[str, list[tuple[str, Value]]] = {}
        for where, log in logs:
            metadata = {**log.metadata, **metadata}
            for value in log.values:
                values.setdefault(value.tag, []).append((where, value))
            self.all.extend(_media(where, place, one) for one in log.media)
            if log.graphs:
                self.all.append(Artifact(_name(place, "graph"), "file", where))
            if log.profiled:
                self.unread["run metadata"] = self.unread.get("run metadata", 0) + log.profiled
        for tag, found in values.items():
            meta = metadata.get(tag, _NO_METADATA)
            if meta.plugin != "hparams" and not tag.startswith("_hparams_/"):
                self._values(place, tag, meta.plugin, found)
        for tag, meta in metadata.items():
            if meta.description:
                self._description(_name(place, tag), logs[0][0], meta.description)

    def _values(self, place: str, tag: str, plugin: str, found: list[tuple[str, Value]]) -> None:
        if plugin == "histograms" or found[0][1].kind == 5:
            keep = sorted(set(np.linspace(0, len(found) - 1, HISTOGRAMS).round().astype(int).tolist()))
            self.thinned += len(found) - len(keep)
            found = [found[index] for index in keep]
        for where, value in found:
            try:
                made = content(plugin, value.kind, tag, value.data)
            except WireError as error:
                self.notes.warn("summary-broken", f"{tag} at step {value.step}: {error}", where=where)
                continue
            if made is None:
                self.unread[plugin or "(none)"] = self.unread.get(plugin or "(none)", 0) + 1
                continue
            name = _name(place, "custom scalars" if tag == LAYOUT else tag.removesuffix("/text_summary"))
            kind, data, media = made
            self.all.append(Artifact(name, kind, where, tag, value.step, len(data), data=data, media_type=media))

    def _description(self, name: str, where: str, text: str) -> None:
        data = text.encode()
        key = "description"
        self.all.append(Artifact(name, "text", where, key, size=len(data), data=data, media_type="text/markdown"))


def _name(place: str, name: str) -> str:
    return f"{place}/{name}" if place else name


def _media(where: str, place: str, one: Media) -> Artifact:
    name = _name(place, one.tag if not one.index else f"{one.tag}/{one.index}")
    return Artifact(name, one.kind, where, one.tag, one.step, one.size, one.start, media_type=media_type(one.head))

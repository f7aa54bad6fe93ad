"""Pictures, sounds and films of all runs by key: what the page of media is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runpages.frames import RunSet
from runpages.views.table import run_ref

SEEN = frozenset({"image", "audio", "video"})


def has_media(runs: RunSet) -> bool:
    """Whether any run left something to be seen or heard."""
    return any(artifact.kind in SEEN for member in runs.members for artifact in member.head.run.artifacts)


def media_page(runs: RunSet, data: Mapping[str, Any]) -> dict[str, Any]:
    """What the template `media` shows before JavaScript: the runs that left media, each with its page."""
    found = [
        run_ref(data, member.number)
        for member in runs.members
        if any(artifact.kind in SEEN for artifact in member.head.run.artifacts)
    ]
    return {"root": "", "runs": found}


class Gallery:
    """Gathers what the pages of runs show, by key."""

    def __init__(self) -> None:
        self._keys: dict[str, dict[int, list[list[Any]]]] = {}
        self._kinds: dict[str, str] = {}

    def add(self, number: int, view: Mapping[str, Any]) -> None:
        """Take in the media of one run's page."""
        for group in view["images"]:
            for frame in group["frames"]:
                self._put(number, group["key"], "image", frame)
        for frame in view["media"]:
            self._put(number, frame["name"], frame["kind"], frame)

    def _put(self, number: int, key: str, kind: str, frame: Mapping[str, Any]) -> None:
        kept = [frame["step"], frame["url"], frame["caption"], int(bool(frame.get("pixels")))]
        if frame.get("small", frame["url"]) != frame["url"]:
            kept.append(frame["small"])
        self._kinds.setdefault(key, kind)
        if self._kinds[key] == kind:
            self._keys.setdefault(key, {}).setdefault(number, []).append(kept)

    def data(self) -> list[dict[str, Any]]:
        """The data file `media`: per key its kind and its runs, each with frames [step, url, caption, few pixels, small url]
        by step; the small url is left out where the picture itself is small."""
        return [
            {"key": key, "kind": self._kinds[key], "runs": [{"run": n, "frames": runs[n]} for n in sorted(runs)]}
            for key, runs in sorted(self._keys.items(), key=lambda item: (-len(item[1]), item[0]))
        ]

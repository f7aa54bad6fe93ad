"""Detectron2's metrics.json, and the JSON lines of mmdetection and its kin (docs/formats/detectron2.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from runpages.codecs import jsontext, series
from runpages.codecs.flatten import TooMuch
from runpages.codecs.runfiles import MAX_SERIES, Files
from runpages.errors import Notes
from runpages.model import Run, Series, Source
from runpages.readers import Folder

METRICS, SCALARS, CONFIG = "metrics.json", "scalars.json", "config.yaml"
_OLD_LOG = re.compile(r"\d{8}_\d{6}\.log\.json")
_STAMP = re.compile(r"\d{8}_\d{6}")
_UNTOLD = ("output", "vis_data", "inference")  # folders that everyone calls so
_LINE = re.compile(rb'\{[^\n]*"(?:iteration|iter)":[^\n]*\}\s*(?:\n|$)')


class Detectron2Reader:
    """One run per metrics file."""

    name = "detectron2"
    title = "Detectron2, MMEngine"
    reads = "metrics.json of detectron2 0.1 to 0.6; scalars.json of mmengine, *.log.json of mmcv"
    rank = 0

    def find(self, folder: Folder) -> Iterator[Source]:
        """The folder, when a file with one of the names begins with a line of JSON that counts iterations."""
        for name in folder.files:
            if (name in (METRICS, SCALARS) or _OLD_LOG.fullmatch(name)) and _begins(folder.peek(name), name):
                yield folder.source(self.name, *folder.files)
                return

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """The run in this folder; later log files of one folder are its continuation."""
        files = Files(source.root, notes)
        names = [path.name for path in source.files]
        logs = sorted(name for name in names if name in (METRICS, SCALARS) or _OLD_LOG.fullmatch(name))
        found: dict[str, Series] = {}
        rows: list[dict[str, Any]] = []
        for name in logs:
            rows += jsontext.load_lines(files.data(name, MAX_SERIES), notes, name).rows
        for part in _parts(rows):
            try:
                found |= {one.label: one for one in series.from_records(part, notes, logs[0]) if one.label not in found}
            except TooMuch as error:
                notes.warn("document-unreadable", str(error), where=logs[0], kept="the params")
        parts = [] if source.key == "." else source.key.split("/")
        told = [part for part in parts if part not in _UNTOLD and not _STAMP.fullmatch(part)] or parts
        yield Run(
            id=source.key,
            name=told[-1] if told else source.root.name,
            tracker="detectron2",
            source=source.key,
            group=told[-2] if len(told) > 1 else "",
            params=files.flat(CONFIG, files.document(CONFIG)) if CONFIG in names else {},
            series=tuple(found.values()),
            artifacts=files.left({*logs, CONFIG}),
        )


def _begins(head: bytes, name: str) -> bool:
    """Whether the first line (of mmcv's logs: the second, after one about the machine) is a row of measurements."""
    if name == METRICS:
        return bool(re.match(rb'\{[^\n]*"iteration":\s*\d', head))
    first, _, rest = head.partition(b"\n")
    return bool(
        _LINE.match(head) or (first.startswith(b"{") and (not rest or _LINE.match(rest) or b'"env_info"' in first))
    )


def _parts(rows: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Rows that count alike: detectron2's all, mmengine's training rows apart from its validation rows, which count epochs."""
    if any("iteration" in row or "mode" in row for row in rows):
        return [[row for row in rows if "env_info" not in row]]
    counted = [{key: value for key, value in row.items() if key != "step"} for row in rows if "iter" in row]
    return [part for part in (counted, [{**row, "mode": "val"} for row in rows if "iter" not in row]) if part]

"""A complete reader of an imaginary tracker, "logbook", to learn from: docs/guide/write-a-reader.md walks through it.

The tracker writes one text file per run, `NAME.logbook`. Each line is `param NAME VALUE`, `at STEP METRIC VALUE` or `end`:

    logbook 1
    param lr 0.1
    at 0 loss 2.31
    at 1 loss 1.98
    end
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from runpages.codecs.text import decode, number, scalar
from runpages.errors import Notes, NotMine
from runpages.model import Run, Scalar, Series, Source
from runpages.readers import Folder

ENDING = ".logbook"


class LogbookReader:
    """One run per `.logbook` file."""

    name = "logbook"
    title = "Logbook"
    reads = "logbook 1"
    rank = 0

    def find(self, folder: Folder) -> Iterator[Source]:
        """One source for the folder when it has logbooks: names are enough, nothing is opened."""
        names = [name for name in folder.files if name.endswith(ENDING)]
        if names:
            yield folder.source(self.name, *names)

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """A run per file. A file with another first line is noted; if none is ours, the folder is given back."""
        texts = {path.name: decode(path.read_bytes())[0] for path in source.files}
        if not any(text.startswith("logbook ") for text in texts.values()):
            raise NotMine("no file begins with 'logbook'")
        for name, text in texts.items():
            yield _run(name, text, source, notes)


def _run(name: str, text: str, source: Source, notes: Notes) -> Run:
    params: dict[str, Scalar] = {}
    points: dict[str, list[tuple[int, float]]] = {}
    bad = 0
    lines = [line.split(maxsplit=3) for line in text.splitlines()[1:] if line.strip()]
    for words in lines:
        match words:
            case ["param", key, *rest] if rest:
                params[key] = scalar(" ".join(rest))
            case ["at", step, metric, value] if step.isdecimal() and number(value) is not None:
                points.setdefault(metric, []).append((int(step), number(value) or 0.0))
            case ["end"]:
                pass
            case _:
                bad += 1
    stem = name.removesuffix(ENDING)
    run_id = stem if source.key == "." else f"{source.key}/{stem}"
    if bad:
        notes.warn(
            "logbook-bad-lines", f"{bad} lines say nothing a logbook says", where=name, kept="the others", run=run_id
        )
    return Run(
        id=run_id,
        name=stem,
        tracker="logbook",
        source=source.key,
        status="finished" if ["end"] in lines else "unknown",
        params=params,
        series=tuple(_series(metric, rows) for metric, rows in points.items()),
    )


def _series(metric: str, rows: list[tuple[int, float]]) -> Series:
    steps, values = zip(*rows, strict=True)
    return Series(metric, np.array(steps, np.int64), np.array(values, np.float64))

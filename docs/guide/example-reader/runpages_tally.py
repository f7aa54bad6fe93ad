"""Reads what an imaginary tracker, "tally", leaves behind: one folder per run with `tally.ini` and `tally.log`.

tally.ini               tally.log
[run]                   0 loss 2.31
name = first            1 loss 1.98
[params]                1 accuracy 0.4
lr = 0.1
"""

from __future__ import annotations

import configparser
from collections.abc import Iterator

import numpy as np

from runpages.codecs.text import decode, number, scalar
from runpages.errors import Notes, NotMine
from runpages.model import Run, Series, Source
from runpages.readers import Folder


class TallyReader:
    """One run per folder with a `tally.ini`."""

    name = "tally"
    title = "Tally"
    reads = "tally 1"
    rank = 0

    def find(self, folder: Folder) -> Iterator[Source]:
        """The folder itself, told by one name."""
        if "tally.ini" in folder.files:
            yield folder.source(self.name, "tally.ini", *(name for name in ["tally.log"] if name in folder.files))

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """The run in this folder."""
        said = configparser.ConfigParser(interpolation=None)
        try:
            said.read_string(decode((source.root / "tally.ini").read_bytes())[0])
        except configparser.Error as error:
            raise NotMine(str(error)) from None
        log = source.root / "tally.log"
        lines = decode(log.read_bytes())[0].splitlines() if log.is_file() else []
        points: dict[str, list[tuple[int, float]]] = {}
        for at, line in enumerate(lines):
            step, _, rest = line.partition(" ")
            name, _, value = rest.rpartition(" ")
            found = number(value)
            if step.isdecimal() and len(step) < 18 and name and found is not None:
                points.setdefault(name, []).append((int(step), found))
            else:
                notes.warn(
                    "tally-bad-line", f"line {at + 1} is no step, name and value", where=log.name, kept="the others"
                )
        about = dict(said["run"]) if said.has_section("run") else {}
        chosen = dict(said["params"]) if said.has_section("params") else {}
        yield Run(
            id=source.key,
            name=about.get("name", source.root.name),
            tracker=self.name,
            source=source.key,
            params={name: scalar(value) for name, value in chosen.items()},
            series=tuple(
                Series(name, np.array([step for step, _ in rows], np.int64), np.array([value for _, value in rows]))
                for name, rows in points.items()
            ),
        )

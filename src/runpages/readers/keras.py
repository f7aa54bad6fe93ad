"""Keras' CSVLogger: a table of epochs under any name; the plain layout's own names stay the plain reader's (docs/formats/keras.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from runpages.codecs import csvtext, runfolder, runsigns, series
from runpages.codecs.runfiles import MAX_SERIES, Files
from runpages.errors import Notes
from runpages.model import Run, Source
from runpages.readers import Folder

_UNROUNDED = re.compile(
    rb"\d\.\d{10}|\d\.\d+e|nan|inf|NA"
)  # a table written by hand, or by pandas after rounding, is plain
ENDS = (".csv", ".tsv", ".log", ".txt")


class KerasReader:
    """One run per folder with one such table, or per table where several lie side by side."""

    name = "keras"
    title = "Keras CSVLogger"
    reads = "CSVLogger files of Keras 2 and 3, whatever they are called"
    rank = 8  # a guess by the header; only the plain reader guesses more

    def find(self, folder: Folder) -> Iterator[Source]:
        """The folder itself, when it has such a table and no params or run.json, which make it a plain run."""
        tables = [name for name in folder.files if name.lower().endswith(ENDS) and _is_log(folder.peek(name))]
        here = runfolder.roles(folder.files)
        mine = not (here.record or here.params or here.status or "hparams.yaml" in folder.files)
        if tables and mine and set(here.series) <= set(tables) and not runsigns.owner_of(folder.names):
            inner = [name for name in folder.folders if name.lower() in runfolder.INNER] if len(tables) == 1 else []
            yield folder.source(self.name, *tables, *inner, owns=[folder.path / name for name in inner])

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """The runs, in the order of their names."""
        names = [path.name for path in source.files if path.name.lower().endswith(ENDS)]
        stems = [name.rpartition(".")[0] for name in names]
        for name, stem in zip(names, stems, strict=True):
            own = [] if len(names) == 1 else [stem if stems.count(stem) == 1 else name]
            yield _run(source, Files(source.root, notes), name, own)


def _is_log(head: bytes) -> bool:
    """Whether a file begins as CSVLogger's do: `epoch`, then the metrics sorted by name, the loss among them; unrounded."""
    header = csvtext.header_of(head) if head[:6].lower() in (b"epoch,", b"epoch;", b"epoch\t") else []
    rest = header[1:]
    sorted_metrics = header[:1] == ["epoch"] and "loss" in rest and rest == sorted(rest)
    return sorted_metrics and not any(map(series.is_step_name, rest)) and _UNROUNDED.search(head) is not None


def _run(source: Source, files: Files, name: str, own: list[str]) -> Run:
    """The run in one table; epochs without validation are blank (`NA`), a repeated epoch is a run that was continued."""
    parts = [*([] if source.key == "." else source.key.split("/")), *own]
    table = csvtext.load(files.data(name, MAX_SERIES), files.notes, name)
    return Run(
        id="/".join(parts) or ".",
        name=parts[-1] if parts else source.root.name,
        tracker="keras",
        source=source.key,
        group=parts[-2] if len(parts) > 1 else "",
        series=tuple(series.from_table(table, files.notes, name)),
        artifacts=() if own else files.left({name}),
    )

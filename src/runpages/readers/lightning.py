"""PyTorch Lightning's CSVLogger: version folders with metrics.csv and hparams.yaml (docs/formats/lightning.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from runpages.codecs import csvtext, series
from runpages.codecs.runfiles import MAX_SERIES, Files
from runpages.errors import Notes
from runpages.model import Artifact, Run, Scalar, Series, Source
from runpages.readers import Folder

METRICS, HPARAMS, CONFIG, CHECKPOINTS = "metrics.csv", "hparams.yaml", "config.yaml", "checkpoints"
DEFAULT_NAME = "lightning_logs"  # what the logger is called when nobody named it
_VERSION = re.compile(r"version_\d+", re.ASCII)


class LightningReader:
    """One run per version folder; the group is the logger's name."""

    name = "lightning"
    title = "Lightning CSVLogger"
    reads = "CSVLogger folders of Lightning and Fabric 2.6 (pytorch_lightning 1.x writes the same files)"
    rank = 0

    def find(self, folder: Folder) -> Iterator[Source]:
        """The folder itself, when it is a version folder or has Lightning's two files."""
        if self._mine(folder):
            owned = [CHECKPOINTS] if CHECKPOINTS in folder.folders else []
            files = [name for name in (METRICS, HPARAMS, CONFIG) if name in folder.files]
            yield folder.source(self.name, *files, *owned, owns=[folder.path / name for name in owned])

    def _mine(self, folder: Folder) -> bool:
        version = bool(_VERSION.fullmatch(folder.path.name))
        if METRICS in folder.files and (version or HPARAMS in folder.files):
            header = csvtext.header_of(folder.peek(METRICS))
            return "step" in header or (HPARAMS in folder.files and not header)
        events = any(".tfevents." in name for name in folder.files)  # the TensorBoard logger's: that reader takes it
        return version and HPARAMS in folder.files and METRICS not in folder.files and not events

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """The run; a folder with nothing but hyperparameters is noted and gives none."""
        present = {path.name for path in source.files}
        files = Files(source.root, notes)
        if not present & {METRICS, CHECKPOINTS}:
            notes.info("lightning-empty", "hparams.yaml stands alone: nothing was logged", where=HPARAMS,
                       hint="Lightning makes such a folder when a training ends before its first step")  # fmt: skip
            return
        measured = _series(files) if METRICS in present else []
        results = {one.name: float(one.values[0]) for one in measured if _final(one)}
        name, group = _names(source)
        yield Run(
            id=source.key,
            name=name,
            tracker="lightning",
            source=source.key,
            group=group,
            params=_params(files, present),
            series=tuple(one for one in measured if not _final(one)),
            results=results,
            artifacts=tuple(_checkpoint(one) for one in files.left(present - {CHECKPOINTS}))
            if CHECKPOINTS in present
            else (),
        )


def _names(source: Source) -> tuple[str, str]:
    """Version and logger name, from the key; the folder above lightning_logs says more than that name does."""
    parts = [] if source.key == "." else source.key.split("/")
    above = parts[:-1]
    if len(above) > 1 and above[-1] == DEFAULT_NAME:
        above.pop()
    return (parts[-1] if parts else source.root.name), (above[-1] if above else "")


def _series(files: Files) -> list[Series]:
    """Every metric over the optimizer's steps; `epoch` counts, it is no metric."""
    table = csvtext.load(files.data(METRICS, MAX_SERIES), files.notes, METRICS)
    return series.from_table(table, files.notes, METRICS)


def _final(one: Series) -> bool:
    """Whether trainer.test() wrote it: one value, named test..., at the step after the last."""
    return len(one.steps) == 1 and one.name.startswith("test")


def _params(files: Files, present: set[str]) -> Mapping[str, Scalar]:
    """hparams.yaml and, under it, the full configuration that LightningCLI writes."""
    merged: dict[str, Any] = {}
    for name in (CONFIG, HPARAMS):
        if name in present:
            merged |= files.flat(name, files.document(name))
    return merged


def _checkpoint(one: Artifact) -> Artifact:
    """A checkpoint under its file name, which carries epoch, step and often the metric. It is a pickle: never opened."""
    step = re.search(r"step=(\d{1,18})", one.path)
    return Artifact(one.name, "model", one.path, "", int(step[1]) if step else None, one.size)

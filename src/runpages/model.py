"""What a run is. Frozen values, numpy at most, no I/O. Times are UTC seconds since 1970 as float."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Scalar = str | int | float | bool | None
Status = Literal["running", "finished", "failed", "killed", "unknown"]
Kind = Literal["image", "audio", "video", "text", "table", "figure", "histogram", "curve", "html", "model", "file"]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def series_label(name: str, context: Mapping[str, str]) -> str:
    """The one name of a metric in tables, URLs and exports: `loss` or `loss{subset=train}`."""
    if not context:
        return name
    return name + "{" + ",".join(f"{key}={context[key]}" for key in sorted(context)) + "}"


@dataclass(frozen=True, slots=True)
class Source:
    """A place on disk that a reader claims; the unit that is read again when it changes.

    `key` is the POSIX path of `root` below the scanned folder ("." for that folder itself). `files` are the files
    and folders whose change means "read again" (a folder stands for all below it). `owns` are folders that no
    other reader may claim; in those of `shut` nothing but the reader's own files can lie, so that nobody looks there.
    `beside` are what other readers know of the same run (docs/decisions/0006-one-run-two-trackers.md).
    """

    reader: str
    root: Path
    key: str
    files: tuple[Path, ...]
    owns: tuple[Path, ...] = ()
    beside: tuple[Source, ...] = ()
    shut: tuple[Path, ...] = ()

    @property
    def watched(self) -> tuple[Path, ...]:
        """The files and folders of the source and of those beside it."""
        return (*self.files, *(path for one in self.beside for path in one.files))

    @property
    def base(self) -> Path:
        """The folder that the paths of its artifacts start from: the one that holds the roots of all beside it too."""
        return Path(os.path.commonpath([self.root, *(one.root for one in self.beside)])) if self.beside else self.root


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One metric of one run, in the order in which its last point is the last.

    steps (n,) int64, values (n,) float64 with nan and inf kept, times (n,) UTC seconds or None.
    `step_name` says what the steps count: "step", "epoch", ...
    """

    name: str
    steps: Ints
    values: Floats
    times: Floats | None = None
    step_name: str = "step"
    context: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The metric's name with its context."""
        return series_label(self.name, self.context)


@dataclass(frozen=True, slots=True)
class Stat:
    """What a table needs of a series. Made by the store, never by readers.

    `count` counts every point; min, max and mean leave out nan (and are nan when nothing is left).
    """

    count: int
    first: float
    last: float
    min: float
    max: float
    mean: float
    first_step: int
    last_step: int
    argmin_step: int
    argmax_step: int
    nan_count: int = 0
    inf_count: int = 0


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file, or a piece of one, that a run left behind. Nothing is copied until a page shows it.

    `path` is POSIX, relative to the source's root. The content is, in this order: `data` when it is not None; the
    member `member` of the zip at `path`; the bytes `start` to `start + size` of the file when `start` is not None
    (an image inside an event file); the whole file. `key` is the tracker's name for a sequence over steps.
    Content of kind histogram is JSON {"edges": [n+1], "counts": [n]}; of kind curve {"x": [], "y": [], "x_name",
    "y_name"}; of kind table {"columns": [], "data": [[...]]}; of kind figure Plotly or Vega-Lite JSON.
    """

    name: str
    kind: Kind
    path: str
    key: str = ""
    step: int | None = None
    size: int | None = None
    start: int | None = None
    member: str = ""
    data: bytes | None = None
    media_type: str = ""
    caption: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """The code that made a run, as far as the tracker recorded it."""

    repository: str = ""
    commit: str = ""
    branch: str = ""
    dirty: bool | None = None
    patch: str = ""
    entry_point: str = ""
    command: str = ""


@dataclass(frozen=True, slots=True)
class Study:
    """The search that a run is a trial of, as far as its tracker recorded it; empty for a run of no search.

    `directions` maps objectives (labels of metrics or names of results, the main one first) to what is better.
    `space` says per param what it was drawn from: {"low", "high", "log", "step"} or {"choices": [...]}.
    Values reported while a trial ran are a series of the run; a pruned trial's run is killed, with its reason.
    """

    name: str = ""
    number: int | None = None
    state: Literal["", "complete", "pruned", "failed", "running", "waiting"] = ""
    directions: Mapping[str, Literal["max", "min"]] = field(default_factory=dict)
    sampler: str = ""
    pruner: str = ""
    space: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """One training, evaluation or trial, exactly as its tracker recorded it.

    `id` is the tracker's own id, or the path below the scanned folder: never an absolute path. `parent` is another
    run's id. `results` are the finals the tracker itself keeps, apart from series. `params` have dotted names.
    `environment` holds "python", "os", "gpu", ... and packages as "package.NAME". `log` is console text.
    """

    id: str
    name: str
    tracker: str
    source: str
    group: str = ""
    parent: str = ""
    status: Status = "unknown"
    reason: str = ""
    started: float | None = None
    ended: float | None = None
    user: str = ""
    host: str = ""
    params: Mapping[str, Scalar] = field(default_factory=dict)
    series: tuple[Series, ...] = ()
    results: Mapping[str, Scalar] = field(default_factory=dict)
    tags: Mapping[str, Scalar] = field(default_factory=dict)
    notes: str = ""
    artifacts: tuple[Artifact, ...] = ()
    code: Code = Code()
    environment: Mapping[str, Scalar] = field(default_factory=dict)
    log: str = ""
    links: Mapping[str, str] = field(default_factory=dict)
    study: Study = Study()


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """All that a table needs of a run: the run without its points, and a Stat for each metric by label.

    `root` is the folder its artifacts' paths start from, on this machine.
    """

    run: Run
    stats: Mapping[str, Stat]
    step_names: Mapping[str, str] = field(default_factory=dict)
    root: Path = Path()


@dataclass(frozen=True, slots=True)
class View:
    """One question answered, JSON-able: what a page shows before it is HTML.

    `spec` is a Vega-Lite chart without data (or empty), `data` named values for it and for tables,
    `alt` one sentence for a screen reader.
    """

    kind: str
    title: str
    data: Mapping[str, Any] = field(default_factory=dict)
    spec: Mapping[str, Any] = field(default_factory=dict)
    alt: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of a finished site."""

    sha256: str
    size: int
    kind: Literal["page", "data", "asset"]
    made_from: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Every file of a finished site, by its POSIX path; what publishing and `verify` go by."""

    version: str
    globals_hash: str
    files: Mapping[str, FileEntry]
    profile: str = "private"
    format: int = 1

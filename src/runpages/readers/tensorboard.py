"""TensorBoard: folders with event files, as torch, tensorboardX, TensorFlow and Keras write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import numpy as np

from runpages.codecs.tfartifacts import HISTOGRAMS, Artifacts
from runpages.codecs.tfevents import EventFile, Metadata, live, read_events
from runpages.codecs.tfsession import Session, trial
from runpages.codecs.wire import WireError
from runpages.errors import Notes
from runpages.model import Artifact, Run, Scalar, Series, Source, Status
from runpages.readers import Folder, list_folder

MARK = "tfevents"
SUBSETS = frozenset({"train", "training", "validation", "val", "valid", "eval", "test", "dev"})
START = b"_hparams_/session_start_info"
OWN = frozenset({"plugins"})  # TensorBoard's own folder, with profiles
BESIDE = ("plugins", "projector_config.pbtxt")
HOST = re.compile(r"tfevents\.\d+\.(.+?)(?:\.\d+){0,2}(?:\.v2|\.profile-empty)*$")


class TensorboardReader:
    """One run per folder that holds event files. Folders that TensorBoard's clients split off are read with their run."""

    name = "tensorboard"
    title = "TensorBoard"
    reads = (
        "event files of torch.utils.tensorboard, tensorboardX, TensorFlow 1 and 2, Keras and TensorBoard's own writer"
    )
    rank = 5

    def find(self, folder: Folder) -> Iterable[Source]:
        """A folder with event files, or one whose `train` or `validation` folder holds them."""
        own = _events(folder)
        if not own and not SUBSETS.intersection(folder.folders):
            return
        files, owns = list(own), []
        for below in _split_off(folder, own):
            files.extend(below.files)
            owns.append(below.top)
        if files:
            files.extend(folder.path / name for name in BESIDE if name in folder.names)
            yield Source(self.name, folder.path, folder.key, tuple(sorted(files)), tuple(owns))

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """The run of the folder; none when its files only describe an experiment for the folders below."""
        log = _Log(source, notes)
        for path in source.files:
            log.add(path)
        if log.session.described and not log.says_more:
            notes.info("only-an-experiment", "these event files describe hyperparameters, not a run", where=source.key)
            return
        yield log.run()


@dataclass(frozen=True, slots=True)
class _Below:
    """Event files below a run that belong to it; `top` is the folder right below the run."""

    top: Path
    files: tuple[Path, ...]


def _events(folder: Folder) -> list[Path]:
    return [folder.path / name for name in folder.files if MARK in name]


def _split_off(folder: Folder, own: list[Path]) -> Iterator[_Below]:
    """Sub-folders that are parts of this run: subsets, one curve each of add_scalars, the session of add_hparams."""
    sessions = []
    for name in folder.folders:
        if name in SUBSETS:
            child = _listed(folder, name)
            if child and set(child.folders) <= OWN and _events(child):
                yield _Below(child.path, tuple(_events(child)))
        elif own and (child := _listed(folder, name)):
            if _is_session(child):
                sessions.append(_Below(child.path, tuple(_events(child))))
            elif curves := _curves(child, "", 0):
                yield _Below(child.path, tuple(curves))
    if len(sessions) == 1 and not any(START in folder.peek(path.name) for path in own):
        yield sessions[0]


def _listed(folder: Folder, name: str) -> Folder | None:
    try:
        return list_folder(folder.path / name, f"{folder.key}/{name}")
    except OSError:
        return None


def _is_session(child: Folder) -> bool:
    return not child.folders and any(START in child.peek(path.name) for path in _events(child))


def _curves(folder: Folder, above: str, depth: int) -> list[Path]:
    """The event files of the folders that add_scalars made: empty unless everything here is such a folder."""
    own = _events(folder)
    if own:
        return own if not folder.folders and _one_tag(folder, own, above) else []
    found: list[Path] = []
    for name in folder.folders if depth < 8 else ():
        child = _listed(folder, name)
        curves = _curves(child, f"{above}{folder.path.name}/", depth + 1) if child else []
        if not curves:
            return []
        found.extend(curves)
    return found


def _one_tag(folder: Folder, own: list[Path], above: str) -> bool:
    """Do the first records hold one tag alone, after which the folder is named (`loss_train`) or placed (`loss/train`)?"""
    tags: set[str] = set()
    for path in own:
        head = read_events(BytesIO(folder.peek(path.name)))
        tags.update(head.scalars, (value.tag for value in head.values))
    tag = tags.pop() if len(tags) == 1 else ""
    return bool(tag) and (
        above == f"{tag}/" or (not above and folder.path.name.startswith(tag.replace("/", "_") + "_"))
    )


@dataclass(slots=True)
class _Part:
    """The event files of one folder, in name order; `place` is the folder below the run ("" = the run's own)."""

    place: str
    logs: list[tuple[str, EventFile]] = field(default_factory=list)
    session: Session = field(default_factory=Session)

    def context(self) -> dict[str, str]:
        """What tells this part's series from those of the run's own folder."""
        name = self.place.rpartition("/")[2]
        if not self.place:
            return {}
        if name == self.place and name in SUBSETS:
            return {"subset": name}
        tags = {tag for _, log in self.logs for tag in log.scalars}
        tag = tags.pop().replace("/", "_") if len(tags) == 1 else ""
        return {"curve": name.removeprefix(f"{tag}_") if name == self.place else name}


class _Log:
    """Everything that the event files of one run say."""

    def __init__(self, source: Source, notes: Notes) -> None:
        self.source, self.notes = source, notes
        self.parts: dict[str, _Part] = {}
        self.session = Session()
        self.hosts: dict[str, None] = {}
        self.artifacts = Artifacts(notes)
        self.superseded = 0

    def add(self, path: Path) -> None:
        """Read one file; what is wrong with it becomes notes."""
        where = path.relative_to(self.source.root).as_posix()
        if path.name in BESIDE:
            self._beside(path)
            return
        try:
            with path.open("rb") as file:
                log = read_events(file)
        except OSError as error:
            self.notes.warn("file-unreadable", error.strerror or "cannot be read", where=where)
            return
        self._note_damage(log, where)
        place = where.rpartition("/")[0]
        part = self.parts.setdefault(place, _Part(place))
        part.logs.append((where, log))
        for tag, meta in log.metadata.items():
            if meta.plugin == "hparams" or tag.startswith("_hparams_/"):
                self._session(part, meta, where)
        if match := HOST.search(path.name):
            self.hosts[match[1]] = None

    def _note_damage(self, log: EventFile, where: str) -> None:
        kept = f"{log.records - log.broken:,} records"
        for damage in log.damage:
            if damage.what == "torn":
                self.notes.warn(
                    "events-torn", f"the file ends within a record at byte {damage.start:,}", where=where, kept=kept
                )
            else:
                size = damage.end - damage.start
                self.notes.warn(
                    "events-lost",
                    f"{size:,} bytes from byte {damage.start:,} on are no records",
                    where=where,
                    kept=kept,
                )
        if log.broken:
            self.notes.warn("events-broken", f"damaged records: {log.broken:,}", where=where, kept=kept)

    def _session(self, part: _Part, meta: Metadata, where: str) -> None:
        try:
            part.session.add(meta.content)
            self.session.add(meta.content)
        except WireError as error:
            self.notes.warn("summary-broken", f"hyperparameters cannot be read: {error}", where=where)

    @property
    def says_more(self) -> bool:
        """Is there anything besides the description of an experiment?"""
        logs = [log for part in self.parts.values() for _, log in part.logs]
        others = any(not value.tag.startswith("_hparams_/") for log in logs for value in log.values)
        return self.session.begun or others or any(log.scalars or log.media or log.graphs for log in logs)

    def run(self) -> Run:
        """The run, all parts together."""
        series: list[Series] = []
        results: dict[str, Scalar] = {}
        for place, part in sorted(self.parts.items()):
            if place and part.session.begun:
                results.update({one.name: _last(one) for one in self._series(part, {})})
            else:
                series.extend(self._series(part, part.context()))
            self.artifacts.add(place, part.logs)
        results.update(self._metrics(series))
        self._tell()
        files = [log for part in self.parts.values() for _, log in part.logs]
        writers = dict.fromkeys(one.writer for one in files if one.writer)
        status, reason = self._status()
        return Run(
            id=self.source.key,
            name=self.source.key if self.source.key != "." else self.source.root.name,
            tracker="tensorboard",
            source=self.source.key,
            group=self.session.group,
            status=status,
            reason=reason,
            started=min((one.first for one in files if one.first is not None), default=None),
            ended=max((one.last for one in files if one.last is not None), default=None),
            host=", ".join(self.hosts),
            params=self.session.params,
            series=tuple(series),
            results=results,
            artifacts=tuple(self.artifacts.all),
            environment={"tensorboard.writer": ", ".join(writers)} if writers else {},
            study=trial(self.session, self.source.root, self.source.key),
        )

    def _beside(self, path: Path) -> None:
        """Name what lies beside the event files: profiles, and the projector's configuration."""
        for found in sorted(path.glob("profile/*/*")) if path.is_dir() else [path]:
            if found.is_file() and not found.is_symlink():
                where = found.relative_to(self.source.root).as_posix()
                name = "projector" if found == path else where.partition("/")[2]
                self.artifacts.all.append(Artifact(name, "file", where, size=found.stat().st_size))

    def _series(self, part: _Part, context: dict[str, str]) -> Iterator[Series]:
        """The points that count after restarts, for each tag of a part."""
        for tag in dict.fromkeys(tag for _, log in part.logs for tag in log.scalars):
            pieces = [log.points(tag) for _, log in part.logs if tag in log.scalars]
            steps, times, values = (
                np.concatenate([getattr(piece, name) for piece in pieces]) for name in ("steps", "times", "values")
            )
            counts = live(steps)
            self.superseded += int((~counts).sum())
            yield Series(tag, steps[counts], values[counts], times[counts], context=context)

    def _metrics(self, series: list[Series]) -> dict[str, Scalar]:
        """The metrics that the experiment names, each from its sub-folder."""
        wanted = {(group, tag) for group, tag in self.session.metrics}
        return {one.label: _last(one) for one in series if (one.context.get("subset", ""), one.name) in wanted}

    def _status(self) -> tuple[Status, str]:
        if self.session.begun and self.session.status == "unknown":
            return "unknown", "a session was begun, and no end of it is recorded"
        return self.session.status, ""

    def _tell(self) -> None:
        """Notes on what was left out, once for the run."""
        where = self.source.key
        if self.superseded:
            what = f"{self.superseded:,} points were logged before a restart went back to their steps or before"
            self.notes.info("superseded-points", what, where=where, kept="the later points, as TensorBoard shows them")
        if self.artifacts.thinned:
            self.notes.info(
                "histograms-thinned",
                f"{self.artifacts.thinned:,} histograms were left out",
                where=where,
                kept=f"{HISTOGRAMS} of each, evenly",
            )
        for plugin, count in sorted(self.artifacts.unread.items()):
            self.notes.info(
                "summary-not-shown", f"{count:,} summaries of the plugin {plugin} have no view here", where=where
            )


def _last(series: Series) -> float:
    return float(series.values[-1])

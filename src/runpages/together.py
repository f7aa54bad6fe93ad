"""One run seen by two trackers is one run: how a source is read together with those beside it.

The rule, and why: docs/decisions/0006-one-run-two-trackers.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from runpages.errors import Notes, NotMine
from runpages.model import Artifact, Code, Run, Source
from runpages.readers import Reader

BETWEEN = " + "  # in `tracker` and `source` of a run that has several


def read(source: Source, readers: Mapping[str, Reader], notes: Notes) -> Iterator[Run]:
    """The runs of a source; those of the sources beside it are put into the run they belong to, or follow as their own.

    Raises what the source's own reader raises; a reader beside it that fails is noted.
    """
    runs = readers[source.reader].read(source, notes)
    if not source.beside:
        yield from runs
        return
    held = [_moved(run, source.root, source.base) for run in runs]
    for other in source.beside:
        for run in _guests(other, readers, notes):
            guest = _moved(run, other.root, source.base)
            at = _host(held, other.root.relative_to(source.base).as_posix())
            if at is None:
                held.append(guest)
            else:
                held[at] = joined(held[at], guest)
    yield from held


def joined(host: Run, guest: Run) -> Run:
    """Both as one run: whatever the host says counts, what only the guest has is added."""
    labels = {one.label for one in host.series}
    if guest.tracker in host.tracker.split(BETWEEN):  # a second folder of one tracker: its series are others
        guest = _told_apart(guest, labels)
    shown = {(one.name, one.kind, one.step) for one in host.artifacts}
    files = {one.path for one in host.artifacts if one.path}
    added = [
        one
        for one in guest.artifacts
        if (one.name, one.kind, one.step) not in shown and (one.path not in files or one.start is not None)
    ]
    return replace(
        host,
        tracker=_both(host.tracker, guest.tracker),
        source=_both(host.source, guest.source),
        parent=host.parent or guest.parent,
        status=guest.status if host.status == "unknown" and guest.status != "unknown" else host.status,
        reason=guest.reason if host.status == "unknown" and guest.status != "unknown" else host.reason,
        started=guest.started if host.started is None else host.started,
        ended=guest.ended if host.ended is None else host.ended,
        user=host.user or guest.user,
        host=host.host or guest.host,
        params={**guest.params, **host.params},
        series=(*host.series, *(one for one in guest.series if one.label not in labels)),
        results={**guest.results, **host.results},
        tags={**guest.tags, **host.tags},
        notes=host.notes or guest.notes,
        artifacts=(*host.artifacts, *added),
        code=host.code if host.code != Code() else guest.code,
        environment={**guest.environment, **host.environment},
        log=host.log or guest.log,
        links={**guest.links, **host.links},
        study=host.study if host.study.name or host.study.state else guest.study,
    )


def _told_apart(guest: Run, labels: set[str]) -> Run:
    """The run with its folder's name as context of each series whose label is taken."""
    folder = guest.source.rpartition("/")[2]
    return replace(
        guest,
        series=tuple(
            replace(one, context={**one.context, "folder": folder}) if one.label in labels else one
            for one in guest.series
        ),
    )


def _guests(other: Source, readers: Mapping[str, Reader], notes: Notes) -> list[Run]:
    runs: list[Run] = []
    try:
        runs.extend(readers[other.reader].read(other, notes))
    except NotMine:
        pass
    except Exception as error:  # the host must not be lost for it
        notes.warn("reader-failed", f"{other.reader} stopped: {type(error).__name__}: {str(error)[:300]}", where=other.key,
                   kept="what the other tracker says", hint="this is a fault of the reader: please report it")  # fmt: skip
    return runs


def _host(held: Sequence[Run], place: str) -> int | None:
    """The run that a guest belongs to: the only one there is, else the one among whose files the guest's lie."""
    if len(held) == 1:
        return 0
    return next(
        (at for at, run in enumerate(held) if any(one.path.startswith(place + "/") for one in run.artifacts)), None
    )


def _moved(run: Run, root: Path, base: Path) -> Run:
    """The run with its artifacts' paths starting from `base`."""
    below = root.relative_to(base).as_posix()
    if below == ".":
        return run
    return replace(run, artifacts=tuple(_below(one, below) for one in run.artifacts))


def _below(one: Artifact, below: str) -> Artifact:
    return replace(one, path=f"{below}/{one.path}") if one.path else one


def _both(first: str, second: str) -> str:
    names = first.split(BETWEEN)
    return first if second in names else BETWEEN.join([*names, second])

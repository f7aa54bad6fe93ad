"""What TensorBoard's hparams plugin says of a run and of the experiment above it.

Field numbers after tensorboard/plugins/hparams/{plugin_data,api}.proto.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from runpages.codecs.tfevents import read_events
from runpages.codecs.wire import BYTES, FIXED64, VARINT, Message, WireError
from runpages.model import Scalar, Status, Study

EXPERIMENT = b"_hparams_/experiment"
LARGEST = 4 << 20  # bytes of a file that is asked for an experiment: those that declare one hold little else
_SESSION: dict[int, Status] = {1: "finished", 2: "failed", 3: "running"}
_STATES: dict[Status, Literal["complete", "failed", "running"]] = {
    "finished": "complete",
    "failed": "failed",
    "running": "running",
}


@dataclass(slots=True)
class Session:
    """What the hparams plugin knows of a run. `metrics` are (folder below the run, tag); `described` is an experiment above runs.

    `space` says what each hyperparameter was drawn from, as model.Study has it; `name` is the experiment's.
    """

    params: dict[str, Scalar] = field(default_factory=dict)
    group: str = ""
    started: float | None = None
    ended: float | None = None
    status: Status = "unknown"
    begun: bool = False
    metrics: list[tuple[str, str]] = field(default_factory=list)
    described: bool = False
    name: str = ""
    space: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def add(self, content: bytes) -> None:
        """Take in one HParamsPluginData: experiment, start or end of a session."""
        data = Message(content)
        if 2 in data:
            experiment = data.child(2)
            self.described = True
            names = [info.child(1) for info in experiment.children(5)]
            self.metrics = [(name.text(1), name.text(2)) for name in names]
            self.name = experiment.text(6)
            domains = {info.text(1): _domain(info) for info in experiment.children(4)}
            self.space |= {name: domain for name, domain in domains.items() if domain}
        if 3 in data:
            start = data.child(3)
            self.begun, self.group = True, start.text(4)
            self.started = start.double(5) or None
            self.ended, self.status = None, "unknown"  # the end of a session before this one is not this one's
            self.params.update(_params(start))
        if 4 in data:
            end = data.child(4)
            self.ended, self.status = end.double(2) or None, _SESSION.get(end.unsigned(1), "unknown")


def _params(start: Message) -> Mapping[str, Scalar]:
    params: dict[str, Scalar] = {}
    for entry in start.children(1):
        params.update(_scalars(entry.text(1), entry.child(2), 0))
    return dict(sorted(params.items()))


def _domain(info: Message) -> Mapping[str, Any]:
    """What an experiment says a hyperparameter may be: {"choices": [...]} or {"low", "high"}; {} when it says nothing."""
    if 5 in info:
        listed = [_scalars("", value, 0) for value in info.child(5).children(1)]
        return {"choices": [one[""] for one in listed if "" in one]}
    if 6 in info:
        return {"low": info.child(6).double(1), "high": info.child(6).double(2)}
    return {}


def _scalars(name: str, value: Message, depth: int) -> Mapping[str, Scalar]:
    """A google.protobuf.Value as dotted names."""
    if depth > 16:
        raise WireError("hyperparameters nested too deep")
    found: dict[str, Scalar] = {}
    for number, spans in value.found.items():
        kind = spans[-1][0]
        if number == 2 and kind == FIXED64:
            found[name] = value.double(2)
        elif number == 3 and kind == BYTES:
            found[name] = value.text(3)
        elif number in (1, 4) and kind == VARINT:
            found[name] = bool(value.unsigned(4)) if number == 4 else None
        elif number == 5:
            for entry in value.child(5).children(1):
                found.update(_scalars(f"{name}.{entry.text(1)}", entry.child(2), depth + 1))
        elif number == 6:
            for place, one in enumerate(value.child(6).children(1)):
                found.update(_scalars(f"{name}.{place}", one, depth + 1))
    return found


def trial(session: Session, root: Path, key: str) -> Study:
    """The search that a run with a session belongs to: the experiment's name and domains, its own or those one folder above.

    A session without any domain is no trial: every run of `add_hparams` would be one.
    """
    name, told = key, session
    if session.begun and not session.space and "/" in key:
        told = _above(str(root.parent), _changed(root.parent)) or session
        name = key.rpartition("/")[0]
    if not session.begun or not told.space:
        return Study()
    return Study(told.name or name, state=_STATES.get(session.status, ""), space=told.space)


def _changed(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=64)
def _above(folder: str, _changed_at: int) -> Session | None:
    """The experiment that event files right in this folder declare."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(
                entry.path
                for entry in entries
                if "tfevents" in entry.name and entry.is_file(follow_symlinks=False) and entry.stat().st_size <= LARGEST
            )
    except OSError:
        return None
    for name in names[:8]:
        if found := _declared(Path(name)):
            return found
    return None


def _declared(path: Path) -> Session | None:
    try:
        with path.open("rb") as file:
            if EXPERIMENT not in file.read(LARGEST):
                return None
            file.seek(0)
            metadata = read_events(file).metadata
    except OSError:
        return None
    found = Session()
    for tag, meta in metadata.items():
        if tag.encode() == EXPERIMENT:
            try:
                found.add(meta.content)
            except WireError:
                return None
    return found if found.space else None

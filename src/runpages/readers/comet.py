"""Comet's offline archives, zipped or unpacked (docs/formats/comet.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runpages.codecs import jsontext
from runpages.codecs.comet_assets import assets, patch, texts
from runpages.codecs.comet_messages import Said
from runpages.codecs.places import BadZip, Place, opened
from runpages.codecs.pointlist import seconds
from runpages.codecs.runfiles import packages
from runpages.codecs.wandb_folder import as_seen
from runpages.codecs.zips import END, begins_like_zip, first_names
from runpages.errors import Notes, NotMine
from runpages.model import Artifact, Code, Run, Scalar, Source, Status
from runpages.readers import Folder

EXPERIMENT, MESSAGES = "experiment.json", "messages.json"
_ARCHIVE = re.compile(r"(?P<id>[0-9a-f]{32})(?:-[A-Za-z0-9]{6})?\.zip")


class CometReader:
    """One run per experiment: archives of one folder that continue each other are its parts."""

    name = "comet"
    title = "Comet"
    reads = "comet_ml 3.58, offline archives and folders"
    rank = 0

    def find(self, folder: Folder) -> Iterator[Source]:
        """Each experiment whose archives lie in this folder; or the folder itself, when it is an unpacked archive."""
        parts: dict[str, list[Path]] = {}
        for name in folder.files:
            known = _ARCHIVE.fullmatch(name)
            if name.endswith(".zip") and _is_archive(folder, name, bool(known)):
                parts.setdefault(known["id"] if known else name, []).append(folder.path / name)
        for name, paths in parts.items():
            key = name if folder.key == "." else f"{folder.key}/{name}"
            yield Source(self.name, folder.path, key, tuple(sorted(paths)))
        if MESSAGES in folder.files and _is_messages(folder):
            yield folder.source(self.name, *(one for one in (MESSAGES, EXPERIMENT) if one in folder.files),
                                owns=[folder.path / one for one in folder.folders])  # fmt: skip

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """The experiment of all its parts, in the order in which they were started."""
        here = source.files[0].name in (MESSAGES, EXPERIMENT)
        parts = [
            part
            for path in ((source.root,) if here else source.files)
            if (part := _part(path, "" if here else path.name, notes))
        ]
        if parts:
            yield _run(source, sorted(parts, key=lambda part: part.began), notes)


@dataclass
class _Part:
    about: dict[str, Any]
    said: Said
    artifacts: list[Artifact] = field(default_factory=list)
    patch: str = ""

    @property
    def began(self) -> float:
        return seconds(self.about.get("start_time")) or self.said.first or 0.0


def _is_archive(folder: Folder, name: str, known: bool) -> bool:
    head = folder.peek(name)
    if known:  # Comet's own name: cut or empty, it is still an archive of Comet's
        return begins_like_zip(head) or not head
    return next(iter(first_names(head)), "") in (EXPERIMENT, MESSAGES)


def _is_messages(folder: Folder) -> bool:
    return EXPERIMENT in folder.files or folder.peek(MESSAGES).lstrip().startswith(b'{"payload"')


def _part(path: Path, below: str, notes: Notes) -> _Part | None:
    if below and path.is_file() and _head(path) == END:
        notes.warn("comet-unfinished", "the archive is empty: the run was killed before it was packed", where=below,
                   hint="its messages may lie in the temporary folder of that machine; point runpages there")  # fmt: skip
        return None
    try:
        with opened(path, below, notes) as place:
            if not {EXPERIMENT, MESSAGES} & set(place.names):
                raise NotMine("it holds neither messages.json nor experiment.json")
            return _read(place)
    except BadZip as error:
        notes.warn("zip-unreadable", str(error), where=below, kept="the other archives")
        return None


def _read(place: Place) -> _Part:
    part = _Part(place.document(EXPERIMENT), Said())
    part.said.take(jsontext.load_lines(place.data(MESSAGES), place.notes, place.where(MESSAGES)).rows)
    part.artifacts = list(assets(part.said, place))
    part.patch = patch(part.said, place)
    return part


def _run(source: Source, parts: list[_Part], notes: Notes) -> Run:
    whole = Said()
    about: dict[str, Any] = {}
    for part in parts:
        about |= {key: value for key, value in part.about.items() if value is not None}
        whole.join(part.said)
    if len(parts) > 1:
        notes.info("comet-continued", f"the experiment has {len(parts)} archives", where=source.key,
                   kept="all of them, in the order of their starts")  # fmt: skip
    status, reason = _status(parts[-1].about)
    ends = [one for part in parts if (one := seconds(part.about.get("stop_time")) or part.said.last)]
    name = whole.others.pop("Name", "")
    run_id = _text(about.get("offline_id")) or source.key
    return Run(
        id=run_id,
        name=str(name or "") or run_id,
        tracker="comet",
        source=source.key,
        group=_text(about.get("project_name")),
        status=status,
        reason=reason,
        started=parts[0].began or None,
        ended=max(ends, default=None),
        user=_text(whole.system.get("user")),
        host=_text(whole.system.get("hostname")),
        params=whole.params,
        series=whole.points.series(),
        results=whole.points.texts,
        tags=_tags(about, parts, whole.others),
        artifacts=(*(one for part in parts for one in part.artifacts), *texts(whole)),
        code=_code(whole, parts),
        environment=_environment(whole),
        log="".join(as_seen("".join(part.said.console)) for part in parts),
    )


def _status(about: dict[str, Any]) -> tuple[Status, str]:
    if not about:
        return "unknown", "no end is recorded: still running, or killed"
    if about.get("customer_error_reported") is True:
        return "failed", _text(about.get("customer_error_message")) or "an error was reported"
    return ("finished", "") if about.get("stop_time") else ("unknown", "no end is recorded: still running, or killed")


def _tags(about: dict[str, Any], parts: list[_Part], others: dict[str, Scalar]) -> dict[str, Scalar]:
    given = [one for part in parts for one in part.about.get("tags") or () if isinstance(one, str)]
    tags: dict[str, Scalar] = dict.fromkeys(sorted(set(given)), True)
    hidden = ("offline_experiment", "hasNestedParams")
    tags |= {key: value for key, value in others.items() if key not in hidden}
    return tags | ({"workspace": about["workspace"]} if _text(about.get("workspace")) else {})


def _code(whole: Said, parts: list[_Part]) -> Code:
    git, words = whole.git, whole.system.get("command")
    command = [one for one in words if isinstance(one, str)] if isinstance(words, list) else []
    diff = next((part.patch for part in parts if part.patch), "")
    commit = _text(git.get("parent"))
    branch = _text(git.get("branch")).removeprefix("refs/heads/")
    dirty = bool(diff) if commit else None
    return Code(
        _text(git.get("origin")),
        commit,
        branch,
        dirty,
        diff,
        whole.script,
        " ".join(["python", *command]) if command else "",
    )


def _environment(whole: Said) -> dict[str, Scalar]:
    names = {"os": "os", "python": "python_version", "machine": "machine"}
    found: dict[str, Scalar] = {
        ours: whole.system[name] for ours, name in names.items() if _text(whole.system.get(name))
    }
    return found | packages("\n".join(whole.packages))


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4)
    except OSError:
        return b""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""

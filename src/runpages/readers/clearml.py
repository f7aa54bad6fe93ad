"""ClearML's offline sessions, as folders or as the zips beside them (docs/formats/clearml.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from runpages.codecs import clearml_session as session
from runpages.codecs.clearml_session import LOG, METRICS, TASK, Events, Files
from runpages.codecs.places import BadZip, Place, opened
from runpages.codecs.runfiles import packages
from runpages.codecs.wandb_folder import as_seen
from runpages.codecs.zips import begins_like_zip
from runpages.errors import Notes, NotMine
from runpages.model import Code, Run, Scalar, Source
from runpages.readers import Folder

_SESSION = re.compile(r"offline-[0-9a-f]{32}")


class ClearmlReader:
    """One run per offline session; a zip counts only where its folder is gone."""

    name = "clearml"
    title = "ClearML"
    reads = "clearml 2.1, offline sessions as folders and zips"
    rank = 0

    def find(self, folder: Folder) -> Iterator[Source]:
        """The session that this folder is, and the zips in it whose folders do not lie beside them."""
        if _is_session(folder):
            yield folder.source(self.name, *(one for one in (TASK, METRICS, LOG, "data") if one in folder.names),
                                owns=[folder.path / one for one in folder.folders])  # fmt: skip
        for name in folder.files:
            stem = name.removesuffix(".zip")
            if (
                name != stem
                and _SESSION.fullmatch(stem)
                and stem not in folder.folders
                and begins_like_zip(folder.peek(name))
            ):
                yield Source(
                    self.name, folder.path, stem if folder.key == "." else f"{folder.key}/{stem}", (folder.path / name,)
                )

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """The run, with what of it can be read."""
        zipped = source.files[0].suffix == ".zip"
        path = source.files[0] if zipped else source.root
        try:
            with opened(path, path.name if zipped else "", notes) as place:
                if TASK not in place.names and METRICS not in place.names:
                    raise NotMine("it holds neither task.json nor metrics.jsonl")
                yield _run(source, place, path)
        except BadZip as error:
            notes.warn("zip-unreadable", str(error), where=path.name, kept="the other sessions")


def _is_session(folder: Folder) -> bool:
    if TASK not in folder.files:
        return False
    return bool(_SESSION.fullmatch(folder.path.name)) or b'"offline_folder"' in folder.peek(TASK, 65_536)


def _run(source: Source, place: Place, path: Path) -> Run:
    task = place.document(TASK)
    events = Events(place)
    files = Files(task, place)
    run_id = _text(task.get("id")) or path.name.removesuffix(".zip")
    given = task.get("tags")
    tags: dict[str, Scalar] = dict.fromkeys(
        (one for one in given if isinstance(one, str)) if isinstance(given, list) else (), True
    )
    tags |= {"type": task["type"]} if _text(task.get("type")) else {}
    return Run(
        id=run_id,
        name=_text(task.get("name")) or run_id,
        tracker="clearml",
        source=source.key,
        group=_text(task.get("project_name")),
        parent=_text(task.get("parent")),
        reason="an offline session does not say how it ended",
        started=events.began,
        ended=events.ended,
        user=_text(task.get("user")),
        host=events.host,
        params=session.params(task, True),
        series=events.points.series(),
        results=events.singles,
        tags=tags | session.params(task, False),
        notes=_text(task.get("comment")),
        artifacts=(*files.shown(events), *files.artifacts(task), *files.models(task), *session.configurations(task)),
        code=_code(task),
        environment=_environment(task),
        log=as_seen(events.console()),
    )


def _code(task: Mapping[str, Any]) -> Code:
    script = task["script"] if isinstance(task.get("script"), dict) else {}
    commit, diff = _text(script.get("version_num")), _text(script.get("diff"))
    entry = _text(script.get("entry_point"))
    command = f"{_text(script.get('binary')).rpartition('/')[2] or 'python'} {entry}" if entry else ""
    dirty = bool(diff) if commit else None
    return Code(_text(script.get("repository")), commit, _text(script.get("branch")), dirty, diff, entry, command)


def _environment(task: Mapping[str, Any]) -> dict[str, Scalar]:
    script = task["script"] if isinstance(task.get("script"), dict) else {}
    needs = script["requirements"] if isinstance(script.get("requirements"), dict) else {}
    python = re.search(r"Python (\d+\.\d+\.\d+)", _text(needs.get("pip"))) or re.search(
        r"python(\d[\d.]*)$", _text(script.get("binary"))
    )
    found: dict[str, Scalar] = {"python": python[1]} if python else {}
    return found | packages(_text(needs.get("pip")).replace(" == ", "=="))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""

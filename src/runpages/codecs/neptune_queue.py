"""Neptune 1.x's offline queue: operations, one JSON object after another, applied in order (docs/formats/neptune.md)."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from runpages.codecs.neptune_attributes import Attributes, iso
from runpages.codecs.pointlist import as_number, as_step
from runpages.codecs.runfolder import kind_of
from runpages.codecs.text import decode, read_capped
from runpages.errors import Notes
from runpages.model import Artifact

LOG = re.compile(r"data-(\d{1,18})\.log")
MAX_LOG = 256 * 2**20
MAX_CONTENT = 2 * 2**20  # one picture inside the log
MAX_CONTENTS = 32 * 2**20  # all of them
_PIECE = json.JSONDecoder()
_SPACE = re.compile(r"\s*")


def operations(data: bytes) -> tuple[list[dict[str, Any]], int]:
    """The objects in a log and how many bytes' worth of text after them could not be read."""
    text = decode(data)[0]
    found: list[dict[str, Any]] = []
    at = 0
    while (at := _SPACE.match(text, at).end()) < len(text):  # type: ignore[union-attr]
        try:
            value, at = _PIECE.raw_decode(text, at)
        except (ValueError, RecursionError):
            line = text.find("\n", at)
            if line < 0:
                return found, len(text) - at
            at = line + 1
            continue
        if isinstance(value, dict):
            found.append(value)
    return found, 0


class Queue:
    """The state of a run after all operations so far."""

    def __init__(self, root: Path, uploads: Mapping[str, int], notes: Notes) -> None:
        self.root, self.uploads, self.notes = root, uploads, notes
        self.state = Attributes()
        self.first: float | None = None
        self.last: float | None = None
        self.files: dict[str, Artifact] = {}
        self.pictures: dict[str, list[Artifact]] = {}
        self.content = 0
        self.unknown: set[str] = set()

    def apply(self, row: Mapping[str, Any]) -> None:
        """One operation; what it names that is not known is remembered, not guessed."""
        operation, moment = row.get("obj"), as_number(row.get("at"))
        if moment is not None and math.isfinite(moment):
            self.first = moment if self.first is None else self.first
            self.last = moment
        if not isinstance(operation, dict) or not isinstance(operation.get("path"), list):
            return
        kind, path = str(operation.get("type")), "/".join(str(part) for part in operation["path"])
        act = _ACTS.get(kind)
        if act is None:
            self.unknown.add(kind)
        else:
            act(self, path, operation)

    def finished(self) -> Attributes:
        """The attributes with their files, once everything is applied."""
        self.state.artifacts = [*self.files.values(), *(one for listed in self.pictures.values() for one in listed)]
        return self.state

    def assign(self, path: str, operation: Mapping[str, Any]) -> None:
        value = operation.get("value", operation.get("hash"))
        if operation["type"] == "AssignDatetime" and isinstance(value, int | float):
            self.state.moments[path] = value / 1000
            value = iso(value / 1000)
        self.state.values[path] = value if value is None or isinstance(value, str | int | float) else str(value)

    def delete(self, path: str, _: Mapping[str, Any]) -> None:
        state = self.state
        for held in (state.values, state.moments, state.sets, state.points, state.lines, self.files, self.pictures):
            held.pop(path, None)

    def log_floats(self, path: str, operation: Mapping[str, Any]) -> None:
        for value, step, time in _entries(operation):
            held = self.state.points.get(path)
            after = float(held[-1][0][-1]) + 1 if held else 0.0
            number = as_number(value)
            if number is not None:
                self.state.add_point(path, after if step is None else step, number, time)

    def log_strings(self, path: str, operation: Mapping[str, Any]) -> None:
        self.state.lines.setdefault(path, []).extend((time, str(value)) for value, _, time in _entries(operation))

    def log_images(self, path: str, operation: Mapping[str, Any]) -> None:
        listed = self.pictures.setdefault(path, [])
        for value, step, _ in _entries(operation):
            data = self._decoded(value.get("data")) if isinstance(value, dict) else None
            if data is not None:
                place = as_step(step)
                after = (listed[-1].step or 0) + 1 if listed else 0
                words = " · ".join(str(value[key]) for key in ("name", "description") if value.get(key))
                listed.append(
                    Artifact(
                        path, "image", "", path, after if place is None else place, len(data), data=data, caption=words
                    )
                )

    def add_strings(self, path: str, operation: Mapping[str, Any]) -> None:
        held = self.state.sets.setdefault(path, [])
        held.extend(one for one in _strings(operation) if one not in held)

    def remove_strings(self, path: str, operation: Mapping[str, Any]) -> None:
        gone = set(_strings(operation))
        self.state.sets[path] = [one for one in self.state.sets.get(path, []) if one not in gone]

    def upload(self, path: str, operation: Mapping[str, Any]) -> None:
        stored, given = operation.get("tmp_file_name"), operation.get("file_path")
        ending = operation.get("ext")
        name = f"{path}.{ending}" if isinstance(ending, str) and ending else path
        if isinstance(stored, str) and stored in self.uploads:
            place = f"upload_path/{stored}"
            self.files[path] = Artifact(name, kind_of(name), place, size=self.uploads[stored])
            if path == "source_code/diff":
                self.state.patch = _read(self.root / place)
        elif isinstance(given, str):
            said = f"{PurePosixPath(given).name}: was not copied, the client kept its path only"
            self.files[path] = Artifact(name, "file", "", caption=said)

    def upload_content(self, path: str, operation: Mapping[str, Any]) -> None:
        data = self._decoded(operation.get("file_content"))
        ending = operation.get("ext")
        name = f"{path}.{ending}" if isinstance(ending, str) and ending else path
        if data is not None:
            self.files[path] = Artifact(name, kind_of(name), "", size=len(data), data=data)

    def upload_set(self, path: str, operation: Mapping[str, Any]) -> None:
        globs = operation.get("file_globs")
        if isinstance(globs, list) and globs:
            names = ", ".join(PurePosixPath(str(one)).name for one in globs[:20])
            self.files[path] = Artifact(
                path, "file", "", caption=f"{names}: were not copied, the client kept their paths only"
            )

    def copy(self, path: str, operation: Mapping[str, Any]) -> None:
        source = operation.get("source_path")
        name = "/".join(map(str, source)) if isinstance(source, list) else str(source)
        if name in self.state.values:
            self.state.values[path] = self.state.values[name]

    def nothing(self, path: str, operation: Mapping[str, Any]) -> None:
        pass

    def _decoded(self, text: Any) -> bytes | None:
        if not isinstance(text, str) or len(text) > MAX_CONTENT or self.content + len(text) > MAX_CONTENTS:
            return None
        try:
            data = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            return None
        self.content += len(text)
        return data


_Act = Callable[[Queue, str, Mapping[str, Any]], None]
_ACTS: Mapping[str, _Act] = {
    **dict.fromkeys(("AssignFloat", "AssignInt", "AssignBool", "AssignString", "AssignDatetime", "AssignArtifact"), Queue.assign),
    **dict.fromkeys(("DeleteAttribute", "DeleteFiles", "ClearStringSet", "ClearFloatLog", "ClearStringLog", "ClearImageLog",
                     "ClearArtifact"), Queue.delete),
    **dict.fromkeys(("ConfigFloatSeries", "TrackFilesToArtifact"), Queue.nothing),
    "LogFloats": Queue.log_floats,
    "LogStrings": Queue.log_strings,
    "LogImages": Queue.log_images,
    "AddStrings": Queue.add_strings,
    "RemoveStrings": Queue.remove_strings,
    "UploadFile": Queue.upload,
    "UploadFileContent": Queue.upload_content,
    "UploadFileSet": Queue.upload_set,
    "CopyAttribute": Queue.copy,
}  # fmt: skip


def _entries(operation: Mapping[str, Any]) -> Iterator[tuple[Any, float | None, float]]:
    values = operation.get("values")
    for one in values if isinstance(values, list) else []:
        if isinstance(one, dict):
            step, time = as_number(one.get("step")), as_number(one.get("ts"))
            yield one.get("value"), step, math.nan if time is None else time


def _strings(operation: Mapping[str, Any]) -> list[str]:
    values = operation.get("values")
    return [str(one) for one in values] if isinstance(values, list) else []


def _read(path: Path) -> str:
    try:
        return decode(read_capped(path, 2**20)[0])[0]
    except OSError:
        return ""

"""Valohai: executions saved with its command line, and what valohai-utils leaves outside of the platform (docs/formats/valohai.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from runpages.codecs import jsontext, records, series
from runpages.codecs.flatten import TooMuch
from runpages.codecs.records import fields, rows, when, words
from runpages.codecs.runfiles import MAX_SERIES, Files
from runpages.codecs.text import decode
from runpages.errors import Notes
from runpages.model import Artifact, Code, Run, Scalar, Series, Source, Status
from runpages.readers import Folder

RECORD, EVENTS, LOG, SETTINGS = "execution.json", "events.json", "logs.txt", "parameters.json"
OUTPUTS, SIDECARS, SIDECAR = "outputs", "valohai.metadata.jsonl", ".metadata.json"
_WORDS: Mapping[Status, str] = {
    "finished": "complete",
    "failed": "error crashed",
    "killed": "stopped stopping",
    "running": "started",
}
STATUSES: Mapping[str, Status] = {word: status for status, said in _WORDS.items() for word in said.split()}
SIGNS = frozenset(("project", "commit", "environment"))
_LOCAL = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}")
_CLOCK = re.compile(r"^\d\d:\d\d:\d\d(?:\.\d+)? ", re.MULTILINE)


class ValohaiReader:
    """One run per execution folder, or per step of a local run."""

    name = "valohai"
    title = "Valohai"
    reads = "folders with execution.json, logs.txt or events.json saved by valohai-cli 0.37; .valohai/outputs of valohai-utils"
    rank = 0

    def find(self, folder: Folder) -> Iterator[Source]:
        """The folder itself, by the record, by the sidecars of its outputs, or by its place in a local run."""
        keys = records.keys_in(folder.peek(RECORD)) if RECORD in folder.files else frozenset()
        saved = {"status", "step"} <= keys or ("counter" in keys and bool(SIGNS & keys))
        sidecars = OUTPUTS in folder.folders and (folder.path / OUTPUTS / SIDECARS).is_file()
        events = EVENTS in folder.files and {"stream", "message"} <= records.keys_in(folder.peek(EVENTS))
        above = folder.path.parent
        local = (
            bool(_LOCAL.fullmatch(above.name))
            and above.parent.name == OUTPUTS
            and above.parent.parent.name == ".valohai"
        )
        if saved or sidecars or events or local:
            yield folder.source(self.name, *folder.names, owns=[folder.path / name for name in folder.folders])

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """The run; without a record neither its status nor its end is known."""
        files = Files(source.root, notes)
        names = {path.name for path in source.files}
        record = fields(files.document(RECORD)) if RECORD in names else {}
        lines = _lines(files, names)
        measured, results = _metadata([text for text, _ in lines], [time for _, time in lines], files)
        word = words(record, "status")
        guid = source.root.parent.name
        local = guid if _LOCAL.fullmatch(guid) else ""
        first, _ = records.lasting(measured)
        started = when(record.get("ctime")) or first
        took = records.number(record.get("duration"))
        step = words(record, "step") or words(record, "step", "name")
        counter = words(record, "counter")
        given = record.get("parameters")
        if given is None and SETTINGS in names:
            given = files.document(SETTINGS)
        commit = words(record, "commit", "identifier") or words(record, "commit_identifier") or words(record, "commit")
        yield Run(
            id=words(record, "id") or source.key,
            name=words(record, "title") or (f"#{counter}" if counter else "") or local or source.root.name,
            tracker="valohai", source=source.key,
            group=step or (source.root.name if local else ""),
            status=STATUSES.get(word, "unknown"), reason=word if word in ("crashed", "queued", "created") else "",
            started=started, ended=started + took if started is not None and took is not None else None,
            user=words(record, "creator", "username"),
            params=records.flat(_parameters(given), notes, RECORD), series=measured,
            results={**records.flat(fields(record, "cumulative_metadata"), notes, RECORD), **results},
            tags=_tags(record, local), artifacts=_artifacts(files, names, bool(local)),
            code=Code(commit="" if commit.startswith("~") else commit, branch=words(record, "commit", "ref"),
                      command=words(record, "interpolated_command")),
            environment={key: value for key, value in (("image", words(record, "image")),
                         ("machine", words(record, "environment", "name"))) if value},
            log="\n".join(text for text, _ in lines)[-256 * 1024 :],
        )  # fmt: skip


def _lines(files: Files, names: set[str]) -> list[tuple[str, Any]]:
    """Console lines with the time each was written, where events.json keeps it; the log file has clock times only."""
    if EVENTS in names:
        return [(words(one, "message"), one.get("time")) for one in rows(files.document(EVENTS), "events")]
    if LOG not in names:
        return []
    text = _CLOCK.sub("", decode(files.data(LOG, MAX_SERIES))[0])
    return [(line, None) for line in text.splitlines()]


def _metadata(texts: Sequence[str], times: Sequence[Any], files: Files) -> tuple[tuple[Series, ...], dict[str, Scalar]]:
    """The platform's rule: a line that is one JSON object is metadata; without a step it is of the whole run."""
    points: list[dict[str, Any]] = []
    results: dict[str, Scalar] = {}
    for text, time in zip(texts, times, strict=True):
        row = _object(text)
        if row is None:
            continue
        if any(series.is_step_name(name) for name in row):
            stamped = {"timestamp": row.pop("_time", None) or time}
            points.append(row | ({} if stamped["timestamp"] is None else stamped))
        else:
            results |= records.flat(row, files.notes, LOG)
    try:
        found = series.from_records(points, files.notes, LOG)
    except TooMuch as error:
        files.notes.warn("document-unreadable", str(error), where=LOG, kept="the other files")
        found = []
    return tuple(found), results


def _object(text: str) -> dict[str, Any] | None:
    bare = text.strip()
    if not bare.startswith("{") or not bare.endswith("}"):
        return None
    try:
        row = jsontext.load(bare.encode("utf-8", "replace"))
    except jsontext.NotJson:
        return None
    inner = row.get("vh_metadata")
    return dict(inner) if isinstance(inner, Mapping) else row


def _parameters(given: Any) -> Mapping[str, Any]:
    """Parameters as the platform gives them (name: value) or as a list of {name, value}."""
    if isinstance(given, list):
        return {words(one, "name"): one.get("value") for one in rows({"all": given}, "all")}
    return fields(given)


def _tags(record: Mapping[str, Any], local: str) -> dict[str, Scalar]:
    listed = record.get("tags")
    tags: dict[str, Scalar] = {str(tag): True for tag in listed} if isinstance(listed, list) else {}
    project = words(record, "project", "name")
    return tags | ({"project": project} if project else {}) | ({"started.local": local[:15]} if local else {})


def _artifacts(files: Files, names: set[str], local: bool) -> tuple[Artifact, ...]:
    """The outputs, without the sidecars that describe them."""
    if local:
        listed = files.left({RECORD, EVENTS, LOG, SETTINGS}, every=True)
    else:
        listed = files.left((), top=f"{OUTPUTS}/") if OUTPUTS in names else ()
    return tuple(one for one in listed if not one.path.endswith((SIDECAR, SIDECARS)))

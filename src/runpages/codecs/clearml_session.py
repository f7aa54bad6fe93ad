"""ClearML's offline session: its task record and its events as params, series and artifacts (docs/formats/clearml.md)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from runpages.codecs import jsontext
from runpages.codecs.places import Place
from runpages.codecs.pointlist import Points, as_step, seconds
from runpages.codecs.runfolder import kind_of
from runpages.codecs.text import number, short_name
from runpages.model import Artifact, Scalar

TASK, METRICS, LOG = "task.json", "metrics.jsonl", "log.jsonl"
SINGLE = -(2**31)  # the step of a value reported once
PROPERTIES = "properties"
MAX_PLOTS = 2_000
_WHOLE = re.compile(r"[+-]?\d{1,4000}", re.ASCII)
_TABLES = (".csv", ".csv.gz")


class Events:
    """What the events of a session say: points, values reported once, and the events that show something."""

    def __init__(self, place: Place) -> None:
        self.points = Points()
        self.singles: dict[str, Scalar] = {}
        self.shown: list[Mapping[str, Any]] = []
        rows = jsontext.load_batches(place.data(METRICS), place.notes, place.where(METRICS))
        for row in rows:
            self._take(row)
        self.log = jsontext.load_batches(place.data(LOG), place.notes, place.where(LOG))
        times = [time for row in (*rows, *self.log) if (time := seconds(row.get("timestamp"))) is not None]
        self.began, self.ended = min(times, default=None), max(times, default=None)

    def _take(self, row: Mapping[str, Any]) -> None:
        kind = row.get("type")
        if kind == "training_stats_scalar":
            if row.get("iter") == SINGLE:
                value = row.get("value")
                self.singles[short_name(str(row.get("variant", "")))] = (
                    value if isinstance(value, int | float | str) else None
                )
            else:
                self.points.add(title(row), row.get("value"), row.get("iter"), seconds(row.get("timestamp")))
        elif kind in ("plot", "training_debug_image", "training_stats_vector"):
            self.shown.append(row)

    def console(self) -> str:
        """All lines as the terminal had them, in the order of their times."""
        rows = [row for row in self.log if isinstance(row.get("msg"), str)]
        rows.sort(key=lambda row: seconds(row.get("timestamp")) or 0.0)
        return "".join(row["msg"] if row["msg"].endswith("\n") else row["msg"] + "\n" for row in rows)

    @property
    def host(self) -> str:
        """The machine that wrote the log."""
        return next((row["worker"] for row in self.log if isinstance(row.get("worker"), str)), "")


def title(row: Mapping[str, Any]) -> str:
    """The name of an event's metric: title and series, as ClearML writes them in one."""
    return f"{row.get('metric', '')}/{row.get('variant', '')}"


def params(task: Mapping[str, Any], section: bool) -> dict[str, Scalar]:
    """Hyperparameters as `Section/name`; or, without `section`, the user's properties."""
    found: dict[str, Scalar] = {}
    sections = task.get("hyperparams")
    for name, entries in (sections if isinstance(sections, dict) else {}).items():
        if (name == PROPERTIES) is section or not isinstance(entries, dict):
            continue
        for key, entry in entries.items():
            if isinstance(entry, dict):
                found[short_name(f"{name}/{key}" if section else key)] = typed(entry.get("value"), entry.get("type"))
    return found


def typed(value: Any, kind: Any) -> Scalar:
    """A value, always text, as the type that ClearML noted beside it; without a type an empty text is nothing."""
    if not isinstance(value, str):
        return value if isinstance(value, int | float) else None
    if kind is None and value == "":
        return None
    if kind == "bool" and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if kind == "int" and _WHOLE.fullmatch(value):
        return int(value)
    found = number(value) if kind == "float" else None
    return value if found is None else found


def configurations(task: Mapping[str, Any]) -> Iterator[Artifact]:
    """The configuration objects, as the text they were written in."""
    given = task.get("configuration")
    for name, entry in (given if isinstance(given, dict) else {}).items():
        if isinstance(entry, dict) and isinstance(entry.get("value"), str):
            yield Artifact(f"configuration/{name}", "text", "", data=entry["value"].encode("utf-8", "replace"))


class Files:
    """The session's own files behind addresses of the machine that trained: absolute paths cut off where the session lay."""

    def __init__(self, task: Mapping[str, Any], place: Place) -> None:
        folder = task.get("offline_folder")
        self.folder = PurePosixPath(folder.replace("\\", "/")).as_posix() if isinstance(folder, str) else ""
        self.place = place

    def member(self, address: Any) -> str:
        """The file behind an address; "" when it is not in the session."""
        if not isinstance(address, str):
            return ""
        path = address.removeprefix("file://").replace("\\", "/")
        inside = path.removeprefix(self.folder + "/") if self.folder else path
        if inside not in self.place.names and "/data/" in path:  # a relative cache folder is written twice
            tail = path[path.index("/data/") + 1 :]
            inside = next((name for name in self.place.names if name.endswith(tail)), "")
        return inside if inside in self.place.names else ""

    def shown(self, events: Events) -> Iterator[Artifact]:
        """Plots as Plotly figures, debug samples by their kind, in the order they were reported."""
        last = {(title(row), as_step(row.get("iter")), str(row.get("key", ""))): row for row in events.shown}
        for row in list(last.values())[:MAX_PLOTS]:
            name, step = title(row), as_step(row.get("iter"))
            if row.get("type") == "training_debug_image":
                if member := self.member(row.get("url")):
                    yield self.place.artifact(member, kind_of(member), name, key=name, step=step)
                else:
                    yield Artifact(
                        name, "file", "", name, step, caption="not in the session: it lies where it was uploaded"
                    )
            else:
                yield _figure(row, name, step)

    def artifacts(self, task: Mapping[str, Any]) -> Iterator[Artifact]:
        """Artifacts with their files, or with the preview that stands in the task."""
        execution = task.get("execution")
        given = execution.get("artifacts") if isinstance(execution, dict) else None
        for entry in given if isinstance(given, list) else []:
            if not isinstance(entry, dict) or not isinstance(entry.get("key"), str):
                continue
            more = entry["type_data"] if isinstance(entry.get("type_data"), dict) else {}
            member, preview = self.member(entry.get("uri")), more.get("preview")
            caption = " · ".join(str(one) for one in (entry.get("type"), more.get("content_type")) if one)
            digest = f"sha256:{entry['hash']}" if isinstance(entry.get("hash"), str) and entry["hash"] else ""
            if member:
                kind = "file" if member.endswith(_TABLES) else kind_of(member)
                yield self.place.artifact(member, kind, entry["key"], caption=caption, digest=digest)
            if isinstance(preview, str) and preview:
                yield Artifact(
                    f"{entry['key']} (preview)", "text", "", data=preview.encode("utf-8", "replace"), caption=caption
                )

    def models(self, task: Mapping[str, Any]) -> Iterator[Artifact]:
        """Output models: the file when it is in the session, else the record."""
        given = task.get("offline_output_models")
        for number_, entry in enumerate(given if isinstance(given, list) else []):
            model = entry.get("init", entry) if isinstance(entry, dict) else {}
            name = str(model.get("name") or f"model {number_}") if isinstance(model, dict) else f"model {number_}"
            member = next((found for text in _texts(entry) if (found := self.member(text))), "")
            if member:
                yield self.place.artifact(member, "model", name)
            data = json.dumps(entry, ensure_ascii=False, indent=1).encode("utf-8", "replace")
            yield Artifact(f"{name} (record)", "text", "", data=data)


def _figure(row: Mapping[str, Any], name: str, step: int | None) -> Artifact:
    text = row.get("plot_str")
    if not isinstance(text, str):
        text = json.dumps({"data": [{"type": "bar", "y": row.get("values")}], "layout": {"title": {"text": name}}})
    return Artifact(name, "figure", "", name, step, data=text.encode("utf-8", "replace"))


def _texts(value: Any) -> Iterator[str]:
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            todo.extend(one.values())
        elif isinstance(one, list):
            todo.extend(one)

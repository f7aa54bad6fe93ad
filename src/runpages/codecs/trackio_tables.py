"""What a project of trackio keeps beside its metrics: traces, artifacts with their versions and links, saved files."""

# ruff: noqa: S608
# the parts put into the SQL are names from this file

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runpages.codecs import jsontext, runfolder, traces
from runpages.codecs.lineage import Item, lineage
from runpages.codecs.mlflow_record import files_below
from runpages.codecs.series import seconds
from runpages.codecs.sqlite import Database
from runpages.model import Artifact

MAX_FILES = 2_000


@dataclass(slots=True)
class Beside:
    """What is kept of one run beside its metrics."""

    traces: list[dict[str, Any]] = field(default_factory=list)
    spans: list[dict[str, Any]] = field(default_factory=list)
    inputs: list[Item] = field(default_factory=list)
    outputs: list[Item] = field(default_factory=list)
    files: list[Artifact] = field(default_factory=list)

    def artifacts(self) -> list[Artifact]:
        """All of it, as the run's artifacts."""
        found = traces.tables("trackio", self.traces, self.spans)
        return [*self.files, *found, *lineage(self.inputs, self.outputs)]

    def trace(self, row: Mapping[str, Any]) -> None:
        """Take in one trace: `id`, `key`, `timestamp`, and as plain values `messages`, `metadata`, `spans`."""
        key = _text(row.get("id"))
        said = [one for one in _list(row.get("spans")) if isinstance(one, Mapping)]
        more = row["metadata"] if isinstance(row.get("metadata"), Mapping) else {}
        spans = list(_spans(key, said))
        top = next((one for one in spans if not one["parent"]), {})
        took = next(
            (more[name] for name in ("duration_ms", "latency_ms") if isinstance(more.get(name), int | float)), None
        )
        usage = [one["usage"].get("total_tokens") for one in said if isinstance(one.get("usage"), Mapping)]
        counted = [one for one in usage if isinstance(one, int)]
        self.traces.append(
            {
                "id": key,
                "name": _text(row.get("key")),
                "time": _text(row.get("timestamp")),
                "state": _text(more.get("status")).upper() or top.get("status", ""),
                "milliseconds": top.get("milliseconds") if took is None else took,
                "tokens": sum(counted) if counted else None,
                "request": _said(row.get("messages"), "user"),
                "response": _said(row.get("messages"), "assistant"),
            }
        )
        self.spans.extend(spans)


def _spans(trace: str, said: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    times = [(_seconds(one.get("start_time")), _seconds(one.get("end_time"))) for one in said]
    began = min((start for start, _ in times if start is not None), default=None)
    for one, (start, end) in zip(said, times, strict=True):
        took = one.get("duration_ms")
        yield {
            "trace": trace,
            "span": _text(one.get("id")),
            "parent": _text(one.get("parent_id")),
            "name": _text(one.get("name")),
            "type": _text(one.get("kind")),
            "status": _text(one.get("status")).upper(),
            "start_ms": _milliseconds(began, start),
            "milliseconds": took if isinstance(took, int | float) else _milliseconds(start, end),
            "inputs": traces.words(one.get("input")),
            "outputs": traces.words(one.get("output")),
            "error": traces.words(one.get("error")),
        }


def _said(messages: Any, role: str) -> str:
    """What was last said in a role."""
    spoken = [one.get("content") for one in _list(messages) if isinstance(one, Mapping) and one.get("role") == role]
    return traces.words(spoken[-1]) if spoken else ""


def beside(db: Database, project: str, root: Path) -> dict[str, Beside]:
    """What a project's database holds of each run beside its metrics, by run id."""
    found: dict[str, Beside] = {}
    if db.has("traces", "id", "run_id", "key", "messages"):
        wanted = [
            name
            for name in ("id", "run_id", "timestamp", "key", "messages", "metadata", "spans")
            if db.has("traces", name)
        ]
        for row in db.rows(f"select {', '.join(wanted)} from traces order by timestamp, step, id"):
            line = dict(zip(wanted, row, strict=True))
            line |= {name: _json(line.get(name)) for name in ("messages", "metadata", "spans")}
            found.setdefault(_text(line["run_id"]), Beside()).trace(line)
    if db.has("run_artifact_links", "run_id", "artifact_version_id", "direction") and db.has(
        "artifact_versions", "manifest"
    ):
        _linked(db, project, root, found)
    return found


def _linked(db: Database, project: str, root: Path, found: dict[str, Beside]) -> None:
    sql = (
        "select l.run_id, l.direction, a.name, a.type, v.version, v.size_bytes, v.manifest_digest, v.manifest "
        "from run_artifact_links l join artifact_versions v on v.id = l.artifact_version_id "
        "join artifacts a on a.id = v.artifact_id order by l.id"
    )
    for run, direction, name, kind, version, size, digest, manifest in db.rows(sql):
        one = found.setdefault(_text(run), Beside())
        title = f"{name}:v{version}"
        item = Item(title, _text(kind), f"sha256:{digest}", size if isinstance(size, int) else None)
        if direction == "input":
            one.inputs.append(item)
        else:
            one.outputs.append(item)
            one.files.extend(_blobs(title, _json(manifest), project, root))


def _blobs(title: str, manifest: Any, project: str, root: Path) -> Iterator[Artifact]:
    """The files of an artifact's version, where their blobs are on disk."""
    for entry in _list(manifest)[:MAX_FILES]:
        name, digest = (_text(entry.get(key)) for key in ("path", "digest")) if isinstance(entry, Mapping) else ("", "")
        if not name or len(digest) != 64 or not digest.isalnum():
            continue
        path = f"artifacts/{project}/blobs/sha256/{digest[:2]}/{digest}"
        file = root / path
        if file.is_file() and file.resolve().is_relative_to(root.resolve()):
            shown = runfolder.kind_of(name)
            yield Artifact(f"{title}/{name}", shown, path, size=file.stat().st_size, digest=f"sha256:{digest}")


def saved(project: str, root: Path) -> list[Artifact]:
    """Files that `trackio.save` kept for a project as a whole."""
    top = f"media/{project}/files"
    return [
        Artifact(f"files/{name}", runfolder.kind_of(name), f"{top}/{name}", size=entry.stat().st_size, caption="saved for the whole project")
        for name, _, entry in files_below(str(root / top))[:MAX_FILES]
    ]  # fmt: skip


def _json(value: Any) -> Any:
    try:
        return jsontext.load(value if isinstance(value, bytes) else str(value).encode("utf-8", "replace"))
    except jsontext.NotJson:
        return None


def _seconds(value: Any) -> float | None:
    """UTC seconds of a number or an ISO time."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if math.isfinite(value) else None
    when = seconds(value) if isinstance(value, str) else math.nan
    return float(when) if math.isfinite(when) else None


def _milliseconds(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else round((end - start) * 1000, 3)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""

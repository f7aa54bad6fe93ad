"""What a run of MLflow left behind, as Artifacts: files by what they show, pictures by key and step, lists as tables."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from runpages.codecs.lineage import Item, lineage
from runpages.codecs.mlflow_record import MAX_ARTIFACTS, Record, files_below, is_thumbnail, read_bytes, stepped_image
from runpages.codecs.traces import tables as traces_tables
from runpages.errors import Notes
from runpages.model import Artifact, Kind

_KINDS: dict[Kind, str] = {
    "image": "png jpg jpeg gif webp svg bmp",
    "audio": "wav mp3 ogg flac",
    "video": "mp4 webm",
    "html": "html htm",
    "text": "txt log md yaml yml json csv tsv toml ini cfg py sh diff patch mlmodel",
    "model": "pkl pickle joblib skops pt pth ckpt onnx h5 keras safetensors bin ubj cbm",
}
_BY_SUFFIX: dict[str, Kind] = {suffix: kind for kind, suffixes in _KINDS.items() for suffix in suffixes.split()}
_VEGA = re.compile(rb'"\$schema"\s*:\s*"https://vega\.github\.io/schema/vega-lite/')
_PACKAGE = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]{0,100})==([^\s;#]{1,60})")
MAX_TABLE_ROWS = 10_000


def artifacts_below(folder: str, path: str, notes: Notes, run: str) -> list[Artifact]:
    """The files of an artifact folder; `path` is that folder below the source's root. Thumbnails are left out."""
    found: list[Artifact] = []
    for name, place, entry in files_below(folder):
        if is_thumbnail(name):
            continue
        if len(found) >= MAX_ARTIFACTS:
            notes.warn(
                "too-many-artifacts",
                f"more than {MAX_ARTIFACTS:,} files",
                where=path,
                kept="the first ones by name",
                run=run,
            )
            break
        clean = os.fsencode(name).decode("utf-8", "replace")
        if clean != name:
            notes.warn("file-name-unreadable", "a file name is not UTF-8", where=f"{path}/{clean}", run=run)
            continue
        size = entry.stat(follow_symlinks=False).st_size
        stepped = stepped_image(name)
        if stepped is not None:
            found.append(Artifact(stepped[0], "image", f"{path}/{name}", stepped[0], stepped[1], size))
        else:
            found.append(Artifact(name, kind_of(name, place), f"{path}/{name}", size=size))
    found.sort(key=lambda one: (one.key, one.step or 0, one.name, one.path))
    return found


def kind_of(name: str, place: str) -> Kind:
    """What a file shows: by its name, and for JSON by how it begins (a logged table, a Vega-Lite figure)."""
    base = name.rpartition("/")[2]
    suffix = base.rpartition(".")[2].lower()
    if suffix == "json":
        try:
            head = read_bytes(place, 512)
        except OSError:
            return "file"
        if re.match(rb'\s*\{\s*"columns"\s*:', head):
            return "table"
        return "figure" if _VEGA.search(head) else "text"
    return _BY_SUFFIX.get(suffix, "file")


def tables(record: Record) -> list[Artifact]:
    """What MLflow keeps beside the files, one table each: datasets, logged models, registered models, traces."""
    models = [
        {key: value for key, value in one.items() if key not in ("files", "experiment_id")} for one in record.models
    ]
    versions = [{key: value for key, value in one.items() if key != "run_id"} for one in record.registered]
    named = (("datasets", record.datasets), ("logged models", models), ("registered models", versions))
    found = [table(name, rows) for name, rows in named if rows]
    return [*found, *trace_tables(record.traces), *_lineage(record)]


def trace_tables(traces: Sequence[Mapping[str, Any]]) -> list[Artifact]:
    """The traces, and in a second table the spans that they were made of."""
    return traces_tables("mlflow", traces, (span for one in traces for span in one.get("spans", ())))


def _lineage(record: Record) -> list[Artifact]:
    """Its data sets, and the models that it logged and registered."""
    models = [Item(one["name"] or one["id"], one["type"] or "logged model", place=one["id"]) for one in record.models]
    versions = [Item(f"{one['name']} v{one['version']}", "registered model") for one in record.registered]
    data = [
        Item(one["name"], one["context"] or "dataset", one["digest"], place=_source(one)) for one in record.datasets
    ]
    return lineage(data, [*models, *versions])


def _source(dataset: Mapping[str, Any]) -> str:
    """Where a data set came from, when its source says so in a word."""
    try:
        told = json.loads(dataset["source"])
    except (ValueError, RecursionError):
        return str(dataset["source"])
    named = (told.get(key) for key in ("url", "uri", "path", "name")) if isinstance(told, dict) else ()
    return next((one for one in named if isinstance(one, str)), "")


def table(name: str, rows: Sequence[Mapping[str, Any]]) -> Artifact:
    """Rows of equal keys as an artifact of kind table."""
    columns = list(rows[0])
    content = {"columns": columns, "data": [[row.get(column) for column in columns] for row in rows[:MAX_TABLE_ROWS]]}
    data = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
    caption = f"{MAX_TABLE_ROWS:,} of {len(rows):,} rows" if len(rows) > MAX_TABLE_ROWS else ""
    return Artifact(f"mlflow/{name}", "table", "", size=len(data), data=data, caption=caption)


def model_texts(record: Record) -> list[Artifact]:
    """The small texts of logged models that lie outside the run's folder, with their bytes."""
    return [
        Artifact(f"{one['name'] or one['id']}/{name}", "text", "", size=len(data), data=data)
        for one in record.models
        for name, data in one.get("files", {}).items()
    ]


def packages(texts: Iterable[bytes]) -> dict[str, str]:
    """package.NAME -> version out of requirements files."""
    found = {}
    for text in texts:
        for line in text.decode("utf-8", "replace").splitlines()[:5000]:
            match = _PACKAGE.match(line.strip())
            if match:
                found[f"package.{match[1]}"] = match[2]
    return found

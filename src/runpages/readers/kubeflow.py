"""Kubeflow Pipelines: local runs and executor outputs of KFP 2, metrics and pictures of KFP 1 (docs/formats/kubeflow.md)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from runpages.codecs import csvtext, records, sniff
from runpages.codecs.flatten import as_scalar
from runpages.codecs.records import at, fields, number, rows, when, words
from runpages.codecs.runfiles import Files
from runpages.errors import Notes
from runpages.model import Artifact, Kind, Run, Scalar, Source, Status
from runpages.readers import Folder

OUTPUT, RUN = "executor_output.json", "run.json"
METRICS = ("mlpipeline-metrics.json", "mlpipeline_metrics.json")
SHOWN = ("mlpipeline-ui-metadata.json", "mlpipeline_ui_metadata.json")
STATES: Mapping[str, Status] = {"SUCCEEDED": "finished", "FAILED": "failed", "RUNNING": "running", "CANCELED": "killed",
                                "CANCELING": "killed", "SKIPPED": "killed"}  # fmt: skip
_LOCAL = re.compile(r"(.+?)-(\d{4}-\d\d-\d\d)-(\d\d)-(\d\d)-(\d\d)-\d{6}", re.ASCII)


class KubeflowReader:
    """One run per pipeline run with its tasks, per executor output that stands alone, or per folder of KFP 1's files."""

    name = "kubeflow"
    title = "Kubeflow Pipelines"
    reads = "KFP 2 local runs and executor_output.json, KFP 1 mlpipeline-*.json; a saved `kfp run get` beside them"
    rank = 0

    def find(self, folder: Folder) -> Iterator[Source]:
        """The folder itself: named like a local run with tasks in it, or with one of the files."""
        match = _LOCAL.fullmatch(folder.path.name)
        tasks = [name for name in folder.folders if not name.startswith(".")]
        ran = match and (match[1] in tasks or any((folder.path / name / OUTPUT).is_file() for name in tasks))
        if ran or folder.names.intersection((OUTPUT, *METRICS, *SHOWN)):
            owned = [folder.path / name for name in folder.folders]
            yield folder.source(self.name, *folder.names, owns=owned)

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """The run. Its inputs and its end are in no file of KFP; a saved run.json tells them."""
        files = Files(source.root, notes)
        names = {path.name for path in source.files}
        folders = sorted(path.name for path in source.files if path.is_dir() and not path.name.startswith("."))
        one = names.intersection((OUTPUT, *METRICS, *SHOWN))
        places = [""] if one else [f"{name}/" for name in folders]
        tasks = [_Task(files, place) for place in places]
        several = sum(bool(task.results) for task in tasks) > 1
        results = {
            (f"{task.name}/{key}" if several else key): value for task in tasks for key, value in task.results.items()
        }
        record = fields(files.document(RUN)) if RUN in names else {}
        match = _LOCAL.fullmatch(source.root.name)
        local = f"{match[2]} {match[3]}:{match[4]}:{match[5]}" if match else ""
        missing = [task.name for task in tasks if not task.done]
        status, reason = _status(record, missing)
        used = {RUN, *(f"{place}{name}" for place in places for name in (OUTPUT, *METRICS, *SHOWN))}
        left = [_looked_at(files, kept) for kept in files.left(used, every=True)]
        yield Run(
            id=words(record, "run_id") or source.key,
            name=words(record, "display_name") or source.key.rpartition("/")[2].strip(".") or source.root.name,
            tracker="kubeflow", source=source.key, group=match[1] if match else words(record, "experiment_id"),
            status=status, reason=reason,
            started=when(record.get("created_at")), ended=when(record.get("finished_at")),
            params=records.flat(fields(record, "runtime_config", "parameters"), notes, RUN),
            results=results, tags={"started.local": local} if local else {},
            artifacts=(*left, *(artifact for task in tasks for artifact in task.artifacts)),
        )  # fmt: skip


def _status(record: Mapping[str, Any], missing: list[str]) -> tuple[Status, str]:
    state = words(record, "state").upper()
    if state:
        return STATES.get(state, "unknown"), words(record, "error", "message")
    if missing:
        return "failed", f"no output of the task {missing[0]}"
    return "unknown", ""


class _Task:
    """What one task left: numbers, texts, and what its metadata draws. `done`: it wrote an output of its own."""

    def __init__(self, files: Files, place: str) -> None:
        self.files, self.place, self.name = files, place, place.rstrip("/")
        self.results: dict[str, Scalar] = {}
        self.artifacts: list[Artifact] = []
        there = [name for name in (OUTPUT, *METRICS, *SHOWN) if (files.root / place / name).is_file()]
        self.done = bool(there) or bool(files.left((), top=place))
        for name in there:
            document = files.document(place + name)
            if name == OUTPUT:
                self._second(document, place + name)
            elif name in METRICS:
                for one in rows(document, "metrics"):
                    self._result(words(one, "name") or "metric", one.get("numberValue"))
            else:
                for at_, one in enumerate(rows(document, "outputs")):
                    self._shown(at_, one, place + name)

    def _result(self, name: str, value: Any, output: str = "") -> None:
        self.results[f"{output}.{name}" if name in self.results and output else name] = as_scalar(value)

    def _add(self, name: str, kind: Kind, where: str, data: bytes) -> None:
        self.artifacts.append(Artifact(self.place + name, kind, where, data=data, size=len(data)))

    def _second(self, document: Any, where: str) -> None:
        """KFP 2: the type of an artifact is not in the file; metrics are what has numbers and no file."""
        for name, value in fields(document, "parameterValues").items():
            for key, leaf in records.flat({name: value}, self.files.notes, where).items():
                self._result(key, leaf)
        for output, listed in fields(document, "artifacts").items():
            for one in rows(listed, "artifacts"):
                metadata = fields(one, "metadata")
                base = words(one, "uri").rstrip("/").rpartition("/")[2] or str(output)
                if "confidenceMetrics" in metadata or "confusionMatrix" in metadata:
                    self._classified(str(output), metadata, where)
                elif "evaluationSlices" in metadata:
                    for slice_ in rows(metadata, "evaluationSlices"):
                        inner = fields(slice_, "sliceClassificationMetrics")
                        self._classified(f"{output}.{words(slice_, 'slice')}", inner, where)
                elif ".." not in base and not (self.files.root / self.place / base).exists():
                    for key, value in metadata.items():
                        if not isinstance(value, Mapping | list):
                            self._result(str(key), value, str(output))

    def _classified(self, name: str, metadata: Mapping[str, Any], where: str) -> None:
        curve = [tuple(number(one.get(key)) for key in ("falsePositiveRate", "recall"))
                 for one in rows(metadata, "confidenceMetrics")]  # fmt: skip
        whole = [pair for pair in curve if None not in pair]
        if whole:
            self._add(f"{name}.roc", "curve", where, _curve(whole))
        matrix = fields(metadata, "confusionMatrix")
        labels = [words(one, "displayName") for one in rows(matrix, "annotationSpecs")]
        cells = [at(one, "row") for one in rows(matrix, "rows")]
        if labels and all(isinstance(row, list) for row in cells):
            table = [[label, *row] for label, row in zip(labels, cells, strict=False)]
            self._add(f"{name}.confusion", "table", where, _json({"columns": ["true", *labels], "data": table}))

    def _shown(self, index: int, one: Mapping[str, Any], where: str) -> None:
        """KFP 1: an entry of the UI's metadata; only what stands in the file itself can be shown."""
        kind, text = words(one, "type"), words(one, "source")
        name = f"{kind}-{index}"
        if words(one, "storage") != "inline":
            self.files.notes.info("stored-elsewhere", f"{kind or 'an output'} is kept at {text[:200]!r}", where=where,
                                  kept="its address")  # fmt: skip
        elif kind == "markdown":
            self._add(f"{name}.md", "text", where, text.encode())
        elif kind == "web-app":
            self._add(f"{name}.html", "html", where, text.encode())
        elif kind in ("table", "confusion_matrix", "roc"):
            header = one.get("header")
            named = [words(column, "name") for column in rows(one, "schema")]
            columns = [str(cell) for cell in header] if isinstance(header, list) else named
            _, body = csvtext.cells((",".join(columns) + "\n" + text).encode(), self.files.notes, where)
            if kind == "roc":
                pairs = [tuple(number(cell) for cell in row[:2]) for row in body]
                self._add(name, "curve", where, _curve([pair for pair in pairs if None not in pair]))
            else:
                self._add(name, "table", where, _json({"columns": columns, "data": body}))


def _curve(pairs: list[Any]) -> bytes:
    x, y = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return _json({"x": x, "y": y, "x_name": "false positive rate", "y_name": "true positive rate"})


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace")


def _looked_at(files: Files, one: Artifact) -> Artifact:
    """An output file has no ending: its kind by how it begins."""
    if one.kind != "file" or "." in one.path.rpartition("/")[2]:
        return one
    try:
        with (files.root / one.path).open("rb") as file:
            media, _ = sniff.sniff(file.read(4096))
    except OSError:
        return one
    kinds: dict[str, Kind] = {"text/html": "html", "text/plain": "text", "application/json": "text"}
    kind: Kind = "image" if media.startswith("image/") else kinds.get(media, "file")
    return replace(one, kind=kind, media_type=media)

"""MLflow's traces and the spans in them, out of both stores and both spellings (2.14 to 2.22, and 3.x)."""

# ruff: noqa: S608, PTH118
# the parts put into the SQL are names from this file; plain path strings, as the file store is read

from __future__ import annotations

import base64
import contextlib
import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from runpages.codecs import jsontext
from runpages.codecs.mlflow_record import as_int, as_text, children, read_bytes
from runpages.codecs.sqlite import Database
from runpages.codecs.traces import MAX_WORDS, words
from runpages.codecs.yamltext import NotYaml, load

Trace = dict[str, Any]
MAX_FILE = 8 << 20  # bytes of one trace's spans
MAX_SPANS = 5_000  # of one trace
_PREVIEWS = ("mlflow.traceInputs", "mlflow.traceOutputs")
_STATES = {"STATUS_CODE_OK": "OK", "STATUS_CODE_ERROR": "ERROR", "STATUS_CODE_UNSET": "UNSET"}


def trace_of(info: Mapping[str, Any], metadata: Mapping[str, str], run_id: str, experiment_id: str, name: str) -> Trace:
    """A trace: id, run_id ("" = outside any run), name, time (ISO 8601), state, milliseconds, tokens, request, response."""
    usage = _map(metadata.get("mlflow.trace.tokenUsage", ""))
    previews = (as_text(info.get("request_preview")), as_text(info.get("response_preview")))
    return {
        "id": as_text(info.get("trace_id") or info.get("request_id")),
        "run_id": run_id,
        "experiment_id": experiment_id,
        "name": as_text(info.get("trace_name")) or name,
        "time": _iso(info.get("request_time") or info.get("timestamp_ms")),
        "state": as_text(info.get("state") or info.get("status")),
        "milliseconds": as_int(info.get("execution_duration_ms", info.get("execution_time_ms"))),
        "tokens": as_int(usage.get("total_tokens", info.get("total_tokens"))),
        "request": previews[0] or metadata.get(_PREVIEWS[0], ""),
        "response": previews[1] or metadata.get(_PREVIEWS[1], ""),
    }


def _iso(value: Any) -> str:
    """A time in milliseconds as ISO 8601; one that is text stays so."""
    if not isinstance(value, int | float):
        return as_text(value)
    try:
        return datetime.fromtimestamp(value / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return as_text(value)


def of_database(base: Database) -> list[Trace]:
    """Every trace of a database in the order of their times, without its spans."""
    if not base.has("trace_info", "request_id", "timestamp_ms", "status"):
        return []
    metadata = _pairs(base, "trace_request_metadata", ("mlflow.sourceRun", "mlflow.trace.tokenUsage", *_PREVIEWS))
    tags = _pairs(base, "trace_tags", ("mlflow.traceName",))
    wanted = ("request_id", "experiment_id", "timestamp_ms", "status", "execution_time_ms", "total_tokens",
              "request_preview", "response_preview", "trace_name")  # fmt: skip
    have = [name for name in wanted if name in base.tables["trace_info"]]
    found = []
    for row in base.rows(f"select {', '.join(have)} from trace_info order by timestamp_ms, request_id"):
        info = dict(zip(have, row, strict=True))
        key = as_text(info["request_id"])
        more = metadata[key]
        name = tags[key].get("mlflow.traceName", "")
        found.append(trace_of(info, more, more.get("mlflow.sourceRun", ""), as_text(info.get("experiment_id")), name))
    return found


def _pairs(base: Database, table: str, keys: Iterable[str]) -> defaultdict[str, dict[str, str]]:
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    if base.has(table, "request_id", "key", "value"):
        wanted = tuple(keys)
        marks = ", ".join("?" * len(wanted))
        for trace, key, value in base.rows(
            f"select request_id, key, value from {table} where key in ({marks})", wanted
        ):
            found[as_text(trace)][as_text(key)] = as_text(value)
    return found


def add_spans(base: Database, stores: Iterable[str], traces: Iterable[Trace]) -> None:
    """Put the rows of their spans into traces of a database: its own, else those in the file that 2.x wrote into a store."""
    own = base.has("spans", "trace_id", "content", "start_time_unix_nano")
    sql = "select content from spans where trace_id = ? order by start_time_unix_nano limit ?"
    for one in traces:
        spans = [_map(as_text(content)) for (content,) in base.rows(sql, (one["id"], MAX_SPANS))] if own else []
        parts = (one["experiment_id"], "traces", one["id"], "artifacts", "traces.json")
        if all(part not in ("", ".", "..") and "/" not in part and "\0" not in part for part in parts):
            for store in () if spans else stores:
                spans = spans or spans_in(os.path.join(store, *parts))
        one["spans"] = list(rows(one["id"], spans))


def of_folder(experiment: str, text: Callable[[str], str]) -> tuple[tuple[Trace, str], ...]:
    """Every trace of an experiment's folder, with its own folder; `text` gives the content of a small file."""

    def small(*parts: str) -> str:
        return text(os.path.join(*parts))

    found = []
    for place in children(os.path.join(experiment, "traces")):
        info = _yaml(small(place, "trace_info.yaml"))
        if info:
            wanted = ("mlflow.sourceRun", "mlflow.trace.tokenUsage", *_PREVIEWS)
            metadata = {key: small(place, "request_metadata", key) for key in wanted}
            name = small(place, "tags", "mlflow.traceName")
            found.append((trace_of(info, metadata, metadata["mlflow.sourceRun"], "", name), place))
    return tuple(found)


def _yaml(text: str) -> dict[str, Any]:
    try:
        value = load(text.encode("utf-8", "replace"))
    except NotYaml:
        return {}
    return value if isinstance(value, dict) else {}


def spans_in(path: str) -> list[Any]:
    """The spans in a trace's `traces.json`; none when it is not there or is none."""
    try:
        value = jsontext.load(read_bytes(path, MAX_FILE))
    except (OSError, jsontext.NotJson):
        return []
    spans = value.get("spans") if isinstance(value, dict) else None
    return spans[:MAX_SPANS] if isinstance(spans, list) else []


def rows(trace: str, spans: Iterable[Any]) -> Iterator[Trace]:
    """One row a span: trace, span, parent, name, type, status, start_ms (since the trace began), milliseconds, inputs, ..."""
    read = [_Span(one) for one in spans if isinstance(one, Mapping)]
    began = min((one.start for one in read if one.start is not None), default=None)
    for one in sorted(read, key=lambda one: one.start or 0):
        yield {
            "trace": trace,
            "span": one.id,
            "parent": one.parent,
            "name": one.name,
            "type": one.word("mlflow.spanType"),
            "status": one.status,
            "start_ms": _milliseconds(began, one.start),
            "milliseconds": _milliseconds(one.start, one.end),
            "inputs": one.word("mlflow.spanInputs"),
            "outputs": one.word("mlflow.spanOutputs"),
            "error": one.error,
        }


def _milliseconds(start: int | None, end: int | None) -> float | None:
    return None if start is None or end is None else round((end - start) / 1e6, 3)


class _Span:
    """One span in either spelling."""

    def __init__(self, said: Mapping[str, Any]) -> None:
        context = said["context"] if isinstance(said.get("context"), Mapping) else {}
        status = said.get("status")
        coded = status.get("code") if isinstance(status, Mapping) else said.get("status_code")
        self.id = _hex(said.get("span_id") or context.get("span_id"))
        self.parent = _hex(said.get("parent_span_id") or said.get("parent_id"))
        self.name = as_text(said.get("name"))
        self.start = as_int(said.get("start_time_unix_nano", said.get("start_time")))
        self.end = as_int(said.get("end_time_unix_nano", said.get("end_time")))
        self.status = _STATES.get(as_text(coded), as_text(coded))
        attributes = said.get("attributes")
        self.attributes: Mapping[str, Any] = attributes if isinstance(attributes, Mapping) else {}
        self.error = _error(said.get("events")) or as_text(
            status.get("message") if isinstance(status, Mapping) else said.get("status_message")
        )

    def word(self, name: str) -> str:
        """An attribute, which is JSON in a text: a text bare, anything else as JSON."""
        value = self.attributes.get(name)
        if isinstance(value, str) and value[:1] == '"':
            with contextlib.suppress(ValueError):
                value = json.loads(value)
        return words(value)


def _error(events: Any) -> str:
    """Type and message of the first exception among a span's events."""
    for one in events if isinstance(events, list) else ():
        said = one.get("attributes") if isinstance(one, Mapping) else None
        if isinstance(said, Mapping) and said.get("exception.message") is not None:
            kind, message = as_text(said.get("exception.type")), as_text(said.get("exception.message"))
            return f"{kind}: {message}"[:MAX_WORDS] if kind else message[:MAX_WORDS]
    return ""


def _hex(value: Any) -> str:
    """A span's id as 3.x shows it: base64 of eight bytes becomes hexadecimal, anything else stays."""
    text = as_text(value).removeprefix("0x")
    if len(text) == 12 and text.endswith("="):
        try:
            return base64.b64decode(text, validate=True).hex()
        except ValueError:
            pass
    return text


def _map(text: str) -> dict[str, Any]:
    try:
        value = jsontext.load(text.encode("utf-8", "replace")) if text else {}
    except jsontext.NotJson:
        return {}
    return value if isinstance(value, dict) else {}

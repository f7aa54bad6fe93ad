"""The parquet files of Neptune's exporter: one row per value, sorted into attributes (docs/formats/neptune.md)."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from runpages.codecs.neptune_attributes import Attributes, iso
from runpages.codecs.pointlist import as_step
from runpages.codecs.runfolder import kind_of
from runpages.model import Artifact

FIRST = ("project_id", "run_id", "attribute_path", "attribute_type")
MAX_ROWS = 50_000_000
ROWS = 65_536
_VALUES = (
    "float_value",
    "int_value",
    "string_value",
    "bool_value",
    "datetime_value",
    "string_set_value",
    "file_value",
    "histogram_value",
)
File = Callable[[str], str]


class NoPyarrow(Exception):
    """pyarrow is not installed."""


class BadParquet(ValueError):
    """The file is no parquet file that can be read; the message says why."""


class OtherParquet(ValueError):
    """A good parquet file, but not one of the exporter's."""


@dataclass
class Exported:
    """What the parts of one run hold. `place` says where a file of the export lies, "" for one that is not there.

    `garbled` counts columns of texts with bytes that are no UTF-8, which were replaced.
    """

    place: File
    project: str = ""
    run_id: str = ""
    state: Attributes = field(default_factory=Attributes)
    garbled: int = 0

    def take(self, path: Path) -> None:
        """Sort the rows of one part in. Raises NoPyarrow, BadParquet, OtherParquet; what came before a damage is kept."""
        for batch, garbled in _batches(path):
            self.garbled += garbled
            names = batch.schema.names
            kinds = batch.column("attribute_type").to_numpy(zero_copy_only=False)
            if not self.run_id and batch.num_rows:
                self.project, self.run_id = (
                    str(batch.column(name)[0].as_py() or "") for name in ("project_id", "run_id")
                )
            points = np.flatnonzero(kinds == "float_series")
            if len(points):
                self._points(batch, points)
            rest = np.flatnonzero(kinds != "float_series")
            if len(rest):
                wanted = [
                    name
                    for name in ("attribute_path", "attribute_type", "step", "timestamp", *_VALUES)
                    if name in names
                ]
                for row in batch.select(wanted).take(rest).to_pylist():
                    self._value(row)

    def _points(self, batch: Any, rows: Any) -> None:
        taken = batch.select(["attribute_path", "step", "timestamp", "float_value"]).take(rows)
        paths = taken.column("attribute_path").dictionary_encode()
        codes = paths.indices.to_numpy(zero_copy_only=False)
        steps = taken.column("step").cast("float64").to_numpy(zero_copy_only=False).astype(np.float64)
        values = taken.column("float_value").to_numpy(zero_copy_only=False).astype(np.float64)
        stamps = taken.column("timestamp").cast("int64").to_numpy(zero_copy_only=False).astype(np.float64) / 1000
        order = np.argsort(codes, kind="stable")
        bounds = np.searchsorted(codes[order], np.arange(len(paths.dictionary) + 1))
        for number, name in enumerate(paths.dictionary.to_pylist()):
            mine = order[bounds[number] : bounds[number + 1]]
            self.state.points.setdefault(str(name), []).append((steps[mine], values[mine], stamps[mine]))

    def _value(self, row: dict[str, Any]) -> None:
        path, kind = str(row.get("attribute_path")), row.get("attribute_type")
        state = self.state
        if kind in ("float", "int", "string", "bool"):
            state.values[path] = row.get(f"{kind}_value")
        elif kind == "datetime" and isinstance(moment := row.get("datetime_value"), datetime):
            state.moments[path] = moment.timestamp()
            state.values[path] = iso(moment.timestamp())
        elif kind == "string_set":
            state.sets[path] = [str(one) for one in row.get("string_set_value") or []]
        elif kind == "string_series":
            state.lines.setdefault(path, []).append((_time(row), str(row.get("string_value"))))
        elif kind == "histogram_series":
            state.artifacts.append(_histogram(path, row))
        elif kind in ("file", "file_series"):
            state.artifacts.append(self._file(path, row))

    def _file(self, path: str, row: dict[str, Any]) -> Artifact:
        given = (row.get("file_value") or {}).get("path")
        place = self.place(given) if isinstance(given, str) else ""
        step = _step(row)
        name = (
            path
            if step is not None or "." in path.rpartition("/")[2] or not isinstance(given, str)
            else f"{path}: {given.rpartition('/')[2]}"
        )
        kind = kind_of(str(given)) if place else "file"
        return Artifact(
            name,
            kind,
            place,
            path if step is not None else "",
            step,
            caption="" if place else "not among the exported files",
        )


def _batches(path: Path) -> Iterator[tuple[Any, int]]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise NoPyarrow from None
    try:
        with pq.ParquetFile(path) as file:
            if tuple(file.schema_arrow.names[:4]) != FIRST:
                raise OtherParquet("its columns are not the exporter's")
            if file.metadata.num_rows > MAX_ROWS:
                raise BadParquet(
                    f"it says that it has {file.metadata.num_rows:,} rows; more than {MAX_ROWS:,} are not read"
                )
            yield from map(_legible, file.iter_batches(batch_size=ROWS))
    except (pa.ArrowException, OSError, OverflowError, UnicodeDecodeError, KeyError) as error:
        raise BadParquet(str(error).splitlines()[0][:200] if str(error) else type(error).__name__) from None


def _legible(batch: Any) -> tuple[Any, int]:
    """The batch with every text in it UTF-8, and how many columns that took: parquet only claims that texts are."""
    import pyarrow as pa

    try:
        batch.validate(full=True)
    except pa.ArrowException:
        pass
    else:
        return batch, 0
    columns, garbled = [], 0
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        try:
            column.validate(full=True)
        except pa.ArrowException:
            if batch.schema.field(name).type != column.type or not _has_text(column.type):
                raise
            bare = column.cast(_bytes_of(column.type)).to_pylist()
            columns.append(pa.array([_decoded(value) for value in bare], column.type))
            garbled += 1
        else:
            columns.append(column)
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema), garbled


def _has_text(kind: Any) -> bool:
    return bool(kind != _bytes_of(kind))


def _bytes_of(kind: Any) -> Any:
    """The type with bytes in the place of texts, inside lists and structures too."""
    import pyarrow as pa

    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pa.large_binary() if pa.types.is_large_string(kind) else pa.binary()
    if pa.types.is_list(kind):
        return pa.list_(pa.field(kind.value_field.name, _bytes_of(kind.value_type)))
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(one.name, _bytes_of(one.type)) for one in kind])
    return kind


def _decoded(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dict):
        return {name: _decoded(one) for name, one in value.items()}
    return [_decoded(one) for one in value] if isinstance(value, list) else value


def _histogram(path: str, row: dict[str, Any]) -> Artifact:
    value = row.get("histogram_value") or {}
    content = {"edges": value.get("edges") or [], "counts": value.get("values") or []}
    return Artifact(path, "histogram", "", path, _step(row), data=json.dumps(content).encode())


def _step(row: dict[str, Any]) -> int | None:
    step = row.get("step")
    return None if step is None else as_step(float(step))


def _time(row: dict[str, Any]) -> float:
    moment = row.get("timestamp")
    return moment.timestamp() if isinstance(moment, datetime) else math.nan

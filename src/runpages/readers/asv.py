"""airspeed velocity's results folder: one run per machine, commit and environment (docs/formats/asv.md)."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from runpages.codecs.flatten import as_scalar
from runpages.codecs.points import numeric
from runpages.codecs.runfiles import Files
from runpages.errors import Notes
from runpages.model import Artifact, Code, Run, Scalar, Source
from runpages.readers import Folder

BENCHMARKS, MACHINE = "benchmarks.json", "machine.json"
MAX_MACHINES = 200
COLUMNS = ("benchmark", "params", "unit", "result", "stats_q_25", "stats_q_75", "stats_number", "stats_repeat")


class AsvReader:
    """One run per results file."""

    name = "asv"
    title = "airspeed velocity"
    reads = "asv 0.4 to 0.6, results folders"
    rank = 0

    def find(self, folder: Folder) -> Iterator[Source]:
        """The folder with benchmarks.json and a folder for each machine."""
        if BENCHMARKS not in folder.files:
            return
        machines = [name for name in folder.folders[:MAX_MACHINES] if (folder.path / name / MACHINE).is_file()]
        if machines:
            yield folder.source(self.name, BENCHMARKS, *machines, owns=[folder.path / name for name in machines])

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """A run per results file of each machine."""
        files = Files(source.root, notes)
        about = files.document(BENCHMARKS)
        known = about if isinstance(about, Mapping) else {}
        for machine in (path for path in source.files if path.name != BENCHMARKS):
            try:
                names = sorted(
                    path.name for path in machine.glob("*.json") if path.name != MACHINE and not path.is_symlink()
                )
            except OSError as error:
                notes.warn(
                    "file-unreadable",
                    error.strerror or "cannot be listed",
                    where=machine.name,
                    kept="the other machines",
                )
                continue
            for name in names:
                said = files.document(f"{machine.name}/{name}")
                if isinstance(said, Mapping) and isinstance(said.get("results"), Mapping):
                    yield _run(source, f"{machine.name}/{name.removesuffix('.json')}", said, known)


def _run(source: Source, below: str, said: Mapping[str, Any], known: Mapping[str, Any]) -> Run:
    columns = [str(one) for one in said["result_columns"]] if isinstance(said.get("result_columns"), list) else []
    cells = {name: _cells(columns, value) for name, value in said["results"].items()}
    begun = [when / 1000 for one in cells.values() if (when := numeric(one.get("started_at"))) is not None]
    ended = [
        when / 1000 + (numeric(one.get("duration")) or 0.0)
        for one in cells.values()
        if (when := numeric(one.get("started_at"))) is not None
    ]
    failed = sorted(name for name, one in cells.items() if one.get("result") is None)
    commit, about = str(said.get("commit_hash") or ""), said.get("params")
    about = about if isinstance(about, Mapping) else {}
    rows = [row for name, one in cells.items() for row in _rows(name, one, known)]
    wanted = said.get("requirements")
    return Run(
        id=below if source.key == "." else f"{source.key}/{below}",
        name=commit[:8] or below,
        tracker="asv",
        source=source.key,
        group=below.partition("/")[0],
        status="finished",
        reason=f"failed or left out: {', '.join(failed)}" if failed else "",
        started=min(begun, default=None),
        ended=max(ended, default=None),
        host=str(about.get("machine") or ""),
        params={"environment": as_scalar(said.get("env_name"))},
        results={f"{row['benchmark']}{row['params']}": row["result"] for row in rows},
        artifacts=(_table(rows),) if rows else (),
        code=Code(commit=commit),
        environment={key: as_scalar(value) for key, value in about.items() if value not in (None, "")}
        | {
            f"package.{key}": as_scalar(value) for key, value in (wanted.items() if isinstance(wanted, Mapping) else ())
        },
    )


def _cells(columns: Sequence[str], value: Any) -> dict[str, Any]:
    """A benchmark's cells by column (the tail may be cut off); before version 2 the value itself or a mapping."""
    if isinstance(value, list) and columns:
        return dict(zip(columns, value, strict=False))
    if isinstance(value, Mapping):
        return dict(value)
    return {"result": value if isinstance(value, list) else [value]} if value is not None else {}


def _rows(name: str, cells: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A row per combination of params that has a value; NaN is "not applicable", null "failed"."""
    told, params = cells.get("result"), cells.get("params")
    if not isinstance(told, list):
        return
    lists = [one for one in params if isinstance(one, list)] if isinstance(params, list) else []
    about = known.get(name)
    unit = about.get("unit") if isinstance(about, Mapping) else ""
    for at, (value, chosen) in enumerate(zip(told, itertools.product(*lists), strict=False)):
        number = numeric(value)
        if number is None or math.isnan(number):
            continue
        more = {column: _at(cells.get(column), at) for column in COLUMNS[4:]}
        inner = ", ".join(str(one) for one in chosen)
        yield {"benchmark": name, "params": f"[{inner}]" if inner else "", "unit": unit, "result": number, **more}


def _at(values: Any, at: int) -> Scalar:
    return as_scalar(values[at]) if isinstance(values, list) and at < len(values) else None


def _table(rows: Sequence[Mapping[str, Any]]) -> Artifact:
    content = {"columns": list(COLUMNS), "data": [[row[column] for column in COLUMNS] for row in rows]}
    return Artifact(
        "benchmarks",
        "table",
        "",
        data=json.dumps(content, ensure_ascii=False, default=str).encode("utf-8", "replace"),
        media_type="application/json",
    )

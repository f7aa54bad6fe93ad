"""pytest-benchmark's JSON files, saved ones and those of --benchmark-json (docs/formats/pytest_benchmark.md)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from runpages.codecs.flatten import as_scalar
from runpages.codecs.points import numeric
from runpages.codecs.runfiles import Files
from runpages.codecs.series import seconds
from runpages.errors import Notes, NotMine
from runpages.model import Artifact, Code, Run, Scalar, Source
from runpages.readers import Folder

_SAVED = re.compile(r"\d{4,}_.*\.json")
_BEGINS = re.compile(rb'\s*\{\s*"(?:machine_info|commit_info|benchmarks)"\s*:')
FEW = 8  # JSON files that are looked at when their names say nothing
STATS = ("mean", "stddev", "median", "min", "max", "rounds")
COLUMNS = ("min", "max", "mean", "stddev", "median", "iqr", "ops", "rounds", "iterations", "outliers")


class PytestBenchmarkReader:
    """One run per file: one session of benchmarks."""

    name = "pytest_benchmark"
    title = "pytest-benchmark"
    reads = "pytest-benchmark 3 to 5, saved files and --benchmark-json"
    rank = 0

    def find(self, folder: Folder) -> Iterator[Source]:
        """The folder with files that begin like a session's."""
        documents = [name for name in folder.files if name.endswith(".json")]
        saved = [name for name in documents if _SAVED.fullmatch(name)]
        if saved and _BEGINS.match(folder.peek(saved[0])):
            yield folder.source(self.name, *saved)
            return
        names = [name for name in documents if "bench" in name.lower()] or (documents if len(documents) <= FEW else [])
        ours = [name for name in names[:FEW] if _BEGINS.match(folder.peek(name))]
        if ours:
            yield folder.source(self.name, *ours)

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """A run per session; NotMine when no file holds one."""
        files = Files(source.root, notes)
        ours = False
        for path in source.files:
            said = files.document(path.name)
            ours = ours or said is None
            if isinstance(said, Mapping) and isinstance(said.get("benchmarks"), list):
                ours = True
                yield _run(source, path.name, said)
        if not ours:
            raise NotMine("no list of benchmarks")


def _run(source: Source, name: str, said: Mapping[str, Any]) -> Run:
    stem = name.removesuffix(".json")
    benchmarks = [one for one in said["benchmarks"] if isinstance(one, Mapping)]
    commit, machine = _mapping(said.get("commit_info")), _mapping(said.get("machine_info"))
    when = seconds(said.get("datetime")) if said.get("datetime") is not None else None
    options = _mapping(benchmarks[0].get("options")) if benchmarks else {}
    return Run(
        id=stem if source.key == "." else f"{source.key}/{stem}",
        name=stem,
        tracker="pytest_benchmark",
        source=source.key,
        group=_text(commit.get("project")),
        status="finished",
        started=when if when is not None and when == when else None,
        host=_text(machine.get("node")),
        params={key: as_scalar(value) for key, value in options.items() if value is not None},
        results=_results(benchmarks),
        tags={"pytest-benchmark": _text(said.get("version"))},
        artifacts=(_table(benchmarks),) if benchmarks else (),
        code=Code(commit=_text(commit.get("id")), branch=_text(commit.get("branch")), dirty=commit.get("dirty") if isinstance(commit.get("dirty"), bool) else None),
        environment=_environment(machine),
    )  # fmt: skip


def _results(benchmarks: list[Mapping[str, Any]]) -> dict[str, Scalar]:
    """Seconds of each benchmark as TEST/mean, TEST/stddev, ...; numbers of extra_info as TEST/NAME."""
    found: dict[str, Scalar] = {}
    for one in benchmarks:
        name = _text(one.get("fullname")) or _text(one.get("name"))
        stats = _mapping(one.get("stats"))
        found |= {f"{name}/{key}": number for key in STATS if (number := numeric(stats.get(key))) is not None}
        found |= {
            f"{name}/{key}": number
            for key, value in _mapping(one.get("extra_info")).items()
            if (number := numeric(value)) is not None
        }
    return found


def _table(benchmarks: list[Mapping[str, Any]]) -> Artifact:
    rows = [
        [
            _text(one.get("group")),
            _text(one.get("name")),
            *(_mapping(one.get("stats")).get(column) for column in COLUMNS),
        ]
        for one in benchmarks
    ]
    content = json.dumps({"columns": ["group", "name", *COLUMNS], "data": rows}, ensure_ascii=False, default=str)
    return Artifact("benchmarks", "table", "", data=content.encode("utf-8", "replace"), media_type="application/json")


def _environment(machine: Mapping[str, Any]) -> dict[str, Scalar]:
    cpu = _mapping(machine.get("cpu"))
    found = {
        "python": machine.get("python_version"), "implementation": machine.get("python_implementation"), "compiler": machine.get("python_compiler"),
        "os": f"{_text(machine.get('system'))} {_text(machine.get('release'))}".strip(), "machine": machine.get("machine"),
        "cpu": cpu.get("brand_raw"), "cpu_count": cpu.get("count"),
    }  # fmt: skip
    return {key: value for key, value in found.items() if isinstance(value, str | int | float) and value != ""}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""

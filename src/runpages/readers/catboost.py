"""CatBoost's own folder, `catboost_info` or whatever `train_dir` named (docs/formats/catboost.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from runpages.codecs import csvtext, series
from runpages.codecs.flatten import TooMuch
from runpages.codecs.runfiles import MAX_SERIES, Files
from runpages.errors import Notes
from runpages.model import Run, Scalar, Series, Source
from runpages.readers import Folder

TRAINING = "catboost_training.json"
ERRORS = {"learn_error.tsv": "learn", "test_error.tsv": "test"}
OWN = (TRAINING, *ERRORS, "time_left.tsv", "meta.tsv")
DEFAULT_FOLDER, DEFAULT_NAME = "catboost_info", "experiment"
_HEAD = b"iter\t"


class CatboostReader:
    """One run per folder; the event files in it say the same again and are nobody else's."""

    name = "catboost"
    title = "CatBoost"
    reads = "catboost_info folders (and train_dir) of catboost 1.2; cross-validation's folds are runs"
    rank = 0

    def find(self, folder: Folder) -> Iterator[Source]:
        """The folder itself, when it has CatBoost's JSON or two of its tables."""
        tables = [name for name in ERRORS if name in folder.files]
        tables = [name for name in tables if "time_left.tsv" in folder.files and folder.peek(name).startswith(_HEAD)]
        if TRAINING in folder.files or tables:
            sets = [name for name in folder.folders if name in {"learn", "tmp"} or name.rstrip("0123456789") == "test"]
            files = [name for name in folder.files if name in OWN]
            owned = [folder.path / name for name in sets]
            yield replace(folder.source(self.name, *files, owns=owned), shut=tuple(owned))

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """The run: by the JSON, which names everything; where that is damaged, by the tables."""
        files = Files(source.root, notes)
        present = {path.name for path in source.files}
        training = files.document(TRAINING) if TRAINING in present else None
        told = _map(training)
        meta = _map(told.get("meta"))
        rows = [row for row in _list(told.get("iterations")) if isinstance(row, Mapping)]
        found = _from_rows(rows, meta, files) or _from_tables(files, present)
        name, group = _names(source, meta)
        count = meta.get("iteration_count")
        done = max((int(one.steps[-1]) + 1 for one in found), default=0)
        yield Run(
            id=source.key,
            name=name,
            tracker="catboost",
            source=source.key,
            group=group,
            status="finished" if count is not None and done == count else "unknown",
            params={"iterations": count} if isinstance(count, int) else {},
            series=tuple(found),
            results=_time(rows),
            tags=_better(meta),
            artifacts=files.left(set(OWN)),
        )


def _names(source: Source, meta: Mapping[str, Any]) -> tuple[str, str]:
    """The name that was given, else the folder's; `catboost_info` itself says nothing."""
    parts = [part for part in source.key.split("/") if part not in (DEFAULT_FOLDER, ".")]
    given = str(meta.get("name", DEFAULT_NAME))
    group = parts[-2] if len(parts) > 1 else ""
    return given if given != DEFAULT_NAME else parts[-1] if parts else source.root.name, group


def _from_rows(rows: Sequence[Mapping[str, Any]], meta: Mapping[str, Any], files: Files) -> list[Series]:
    """Each metric of each data set over the iterations."""
    found: list[Series] = []
    for kind in ("learn", "test"):
        names = [str(one.get("name")) for one in _list(meta.get(f"{kind}_metrics")) if isinstance(one, Mapping)]
        for subset in map(str, _list(meta.get(f"{kind}_sets"))):
            records = [
                {"iter": row.get("iteration"), "values": dict(zip(names, _list(row.get(subset)), strict=False))}
                for row in rows
            ]
            try:
                several = series.from_records(records, files.notes, TRAINING)
            except TooMuch as error:
                files.notes.warn("document-unreadable", str(error), where=TRAINING, kept="the tables beside it")
                return []
            found += [
                replace(one, name=one.name.removeprefix("values."), context={"subset": subset}) for one in several
            ]
    return list({one.label: one for one in found}.values())


def _from_tables(files: Files, present: set[str]) -> list[Series]:
    """The same out of learn_error.tsv and test_error.tsv."""
    found: list[Series] = []
    for name, subset in ERRORS.items():
        if name in present:
            table = csvtext.load(files.data(name, MAX_SERIES), files.notes, name)
            found += [replace(one, context={"subset": subset}) for one in series.from_table(table, files.notes, name)]
    return found


def _time(rows: Sequence[Mapping[str, Any]]) -> dict[str, Scalar]:
    """Seconds the training took, as its last iteration says."""
    passed = rows[-1].get("passed_time") if rows else None
    return {"passed_time": float(passed)} if isinstance(passed, int | float) else {}


def _better(meta: Mapping[str, Any]) -> dict[str, Scalar]:
    """Which way each metric is better: Min, Max, or the value to come close to."""
    listed = [
        one for kind in ("learn", "test") for one in _list(meta.get(f"{kind}_metrics")) if isinstance(one, Mapping)
    ]
    return {f"best_value.{one.get('name')}": str(one["best_value"]) for one in listed if "best_value" in one}


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []

"""Optuna: SQLite storages and journal files, a run per trial (docs/formats/optuna.md)."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from runpages.codecs import jsontext, optuna_db, optuna_journal, series
from runpages.codecs.optuna_record import PRUNERS, SAMPLERS, State, StudyRecord, Trial, space_of, value_of
from runpages.codecs.runfiles import MAX_SERIES, Files
from runpages.codecs.sqlite import MAGIC, SqliteError, opened
from runpages.errors import Notes, NotMine
from runpages.model import Run, Scalar, Series, Source, Status, Study
from runpages.readers import Folder

_DATABASE = re.compile(r".*\.(db3?|sqlite3?)|optuna[^.]*", re.IGNORECASE)
_JOURNAL = re.compile(r".*\.(log|jsonl?|journal|txt)|optuna[^.]*", re.IGNORECASE)
_NOTE = re.compile(r"dashboard:(?:(\d+):)?note_str:\d+", re.ASCII)
SCHEMA_PEEK = 262_144
REPORTED = "intermediate_value"
_STATUS: dict[State, Status] = {
    "complete": "finished", "pruned": "killed", "failed": "failed", "running": "running", "waiting": "unknown", "": "unknown",
}  # fmt: skip


class OptunaReader:
    """One source per storage file, one run per trial of each of its studies."""

    name = "optuna"
    title = "Optuna"
    reads = "SQLite storages of optuna 1 to 5 and journal files"
    rank = 0

    def find(self, folder: Folder) -> Iterator[Source]:
        """A source for each database and each journal in the folder, by how the file begins."""
        for name, size in folder.files.items():
            if size >= 512 and _DATABASE.fullmatch(name) and folder.peek(name, 16) == MAGIC:
                mine = optuna_db.is_optuna(folder.peek(name, SCHEMA_PEEK))
            else:
                mine = size > 0 and bool(_JOURNAL.fullmatch(name)) and optuna_journal.is_journal(folder.peek(name))
            if mine:
                beside = [name + end for end in ("-wal", "-journal") if name + end in folder.files]
                found = folder.source(self.name, name, *beside)
                key = name if folder.key == "." else f"{folder.key}/{name}"
                yield replace(found, key=key, files=tuple(folder.path / one for one in (name, *beside)))

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """A run per trial, in the order of studies and numbers."""
        seen: set[str] = set()
        files = Files(source.root, notes)
        for study in _studies(source, files):
            for trial in study.trials:
                run = _run(source, study, trial, files)
                if run.id not in seen:
                    seen.add(run.id)
                    yield run


def _studies(source: Source, files: Files) -> list[StudyRecord]:
    path, notes = source.files[0], files.notes
    try:
        with path.open("rb") as file:
            database = file.read(16) == MAGIC
        if not database:
            rows = jsontext.load_lines(files.data(path.name, MAX_SERIES), notes, path.name).rows
            return optuna_journal.replay(rows)
        with opened(path, notes) as base:
            if not optuna_db.has_studies(base):
                raise NotMine
            return list(optuna_db.read_studies(base))
    except (SqliteError, OSError, sqlite3.Error) as error:
        notes.warn("sqlite-unreadable", f"the database cannot be read: {error}", where=path.name, kept="nothing of it")
        return []


def _run(source: Source, study: StudyRecord, trial: Trial, files: Files) -> Run:
    objectives = study.objectives()
    started, ended = (
        float(when) if np.isfinite(when := series.seconds(at)) else None for at in (trial.started, trial.ended)
    )
    drawn = {name: value_of(*pair) for name, pair in trial.drawn.items()}
    return Run(
        id=f"{source.key}#{study.name}/{trial.number}",
        name=f"{study.name}/{trial.number}",
        tracker="optuna",
        source=source.key,
        group=study.name,
        status=_STATUS[trial.state],
        reason=_reason(trial),
        started=started,
        ended=ended,
        params=drawn,
        series=_series(trial),
        results={name: trial.values[at] for at, name in enumerate(objectives) if at in trial.values},
        tags=_tags(study, trial, files),
        notes=_text(study, trial),
        study=Study(
            name=study.name,
            number=trial.number,
            state=trial.state,
            directions={name: which for name, which in zip(objectives, study.directions, strict=False) if which},
            sampler=study.made_by(SAMPLERS),
            pruner=study.made_by(PRUNERS),
            space={name: space for name, (_, spread) in trial.drawn.items() if (space := space_of(spread))},
        ),
    )


def _reason(trial: Trial) -> str:
    if trial.state == "pruned":
        return f"pruned at step {max(trial.intermediate)}" if trial.intermediate else "pruned"
    return "waiting to be run" if trial.state == "waiting" else ""


def _series(trial: Trial) -> tuple[Series, ...]:
    """What the trial reported, in the order of its steps."""
    if not trial.intermediate:
        return ()
    steps = sorted(trial.intermediate)
    values = [trial.intermediate[step] for step in steps]
    return (Series(REPORTED, np.array(steps, np.int64), np.array(values, np.float64)),)


def _tags(study: StudyRecord, trial: Trial, files: Files) -> dict[str, Scalar]:
    """The user's attributes of the study and, over them, of the trial; its constraints; whether a person asked for it."""
    told: dict[str, Any] = {**study.user, **trial.user}
    if "constraints" in trial.system:
        told["constraints"] = trial.system["constraints"]
    return files.flat("attributes", told) | ({"enqueued": True} if "fixed_params" in trial.system else {})


def _text(study: StudyRecord, trial: Trial) -> str:
    """The note written in Optuna's dashboard: the trial's own, else the study's."""
    found: dict[str, list[str]] = {}
    for key in sorted(study.system):
        if match := _NOTE.fullmatch(key):
            found.setdefault(match[1] or "", []).append(str(study.system[key]))
    return "".join(found.get(str(trial.key), found.get("", [])))

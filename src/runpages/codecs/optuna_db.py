"""Optuna's SQLite storage, schemas of optuna 1 to 5: every study with its trials. Columns are tested for, versions are not."""

# ruff: noqa: S608
# the parts put into the SQL are names from this file

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from runpages.codecs.optuna_record import State, StudyRecord, Trial, distribution, parsed
from runpages.codecs.sqlite import Database

STATES: dict[Any, State] = {
    "COMPLETE": "complete", "PRUNED": "pruned", "FAIL": "failed", "RUNNING": "running", "WAITING": "waiting",
}  # fmt: skip
TYPES = {"INF_POS": math.inf, "INF_NEG": -math.inf, "NAN": math.nan}


def is_optuna(head: bytes) -> bool:
    """Whether a database that begins like this is Optuna's: its tables are the first ones made."""
    return b"CREATE TABLE studies" in head and b"CREATE TABLE trial" in head and b"study_name" in head


def has_studies(base: Database) -> bool:
    """Whether the tables of a storage are there."""
    return base.has("studies", "study_id", "study_name") and base.has("trials", "trial_id", "study_id", "state")


def read_studies(base: Database) -> Iterator[StudyRecord]:
    """Every study in the order of creation, with all its trials."""
    studies = {key: StudyRecord(str(name)) for key, name in _rows(base, "studies", "study_id", "study_name")}
    for key, at, direction in _rows(base, "study_directions", "study_id", "objective", "direction"):
        _direct(studies.get(key), at, direction)
    for key, direction in _rows(base, "studies", "study_id", "direction"):  # optuna 1
        _direct(studies.get(key), 0, direction)
    for table, place in (("study_user_attributes", "user"), ("study_system_attributes", "system")):
        for owner, name, text in _rows(base, table, "study_id", "key", "value_json"):
            if owner in studies:
                getattr(studies[owner], place)[str(name)] = parsed(text)
    _trials(base, studies)
    yield from studies.values()


def _rows(base: Database, table: str, *columns: str) -> Iterator[tuple[Any, ...]]:
    """These columns of a table in the order of its rows, None for those it lacks; nothing when it lacks the first two."""
    if base.has(table, *columns[:2]):
        names = ", ".join(f'"{one}"' if one in base.tables[table] else "null" for one in columns)
        yield from base.rows(f'select {names} from "{table}" order by rowid')


def _direct(study: StudyRecord | None, at: Any, direction: Any) -> None:
    if study is not None and isinstance(at, int) and 0 <= at < 100:
        study.directions.extend([""] * (at + 1 - len(study.directions)))
        study.directions[at] = "max" if direction == "MAXIMIZE" else "min" if direction == "MINIMIZE" else ""


def _trials(base: Database, studies: dict[Any, StudyRecord]) -> None:
    trials: dict[Any, Trial] = {}
    columns = ("trial_id", "study_id", "number", "state", "datetime_start", "datetime_complete", "value")
    for key, study, number, state, started, ended, value in _rows(base, "trials", *columns):
        if study in studies:
            place = len(studies[study].trials)
            trials[key] = one = Trial(number if isinstance(number, int) else place, STATES.get(state, ""), key=key)
            one.started, one.ended = started, ended
            one.values |= {0: number_of(value, None)} if value is not None else {}
            studies[study].trials.append(one)
    for table, place_name in (("trial_user_attributes", "user"), ("trial_system_attributes", "system")):
        for owner, name, text in _rows(base, table, "trial_id", "key", "value_json"):
            if owner in trials:
                getattr(trials[owner], place_name)[str(name)] = parsed(text)
    for owner, name, internal, text in _rows(
        base, "trial_params", "trial_id", "param_name", "param_value", "distribution_json"
    ):
        if owner in trials:
            trials[owner].drawn[str(name)] = (number_of(internal, None), distribution(text))
    _numbers(base, trials)


def _numbers(base: Database, trials: dict[Any, Trial]) -> None:
    """Objectives and intermediate values. Before optuna 2 `trial_values` held what is reported while a trial runs."""
    for owner, at, value, kind in _typed(base, "trial_values", "objective", "value", "value_type"):
        if owner in trials:
            trials[owner].values[at] = number_of(value, kind)
    for table, column in (("trial_values", "value"), ("trial_intermediate_values", "intermediate_value")):
        for owner, step, value, kind in _typed(base, table, "step", column, "intermediate_value_type"):
            if owner in trials:
                trials[owner].intermediate[step] = number_of(value, kind)


def _typed(base: Database, table: str, position: str, value: str, kind: str) -> Iterator[tuple[Any, int, Any, Any]]:
    """(trial, position, value, type) where the position is a whole number; the type is None in old schemas."""
    if base.has(table, value):
        for owner, at, number, said in _rows(base, table, "trial_id", position, value, kind):
            if isinstance(at, int):
                yield owner, at, number, said


def number_of(value: Any, kind: Any) -> float:
    """A stored number: nan and infinities are NULL with a type; a NULL without a type was nan."""
    return TYPES[kind] if kind in TYPES else float(value) if isinstance(value, int | float) else math.nan

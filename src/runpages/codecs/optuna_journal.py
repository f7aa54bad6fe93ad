"""Optuna's journal file: one JSON object a line, replayed in order into studies with their trials."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from runpages.codecs.optuna_record import State, StudyRecord, Trial, distribution
from runpages.codecs.text import to_float

_FIRST = re.compile(rb'\{\s*"op_code"\s*:\s*\d+\s*,\s*"worker_id"\s*:')
_STATES: dict[Any, State] = {0: "running", 1: "complete", 2: "pruned", 3: "failed", 4: "waiting"}
_DIRECTIONS: dict[Any, Any] = {1: "min", 2: "max"}


def is_journal(head: bytes) -> bool:
    """Whether a file that begins like this is a journal."""
    return _FIRST.match(head) is not None


def replay(rows: Sequence[Mapping[str, Any]]) -> list[StudyRecord]:
    """Every study that was not deleted again, in the order of creation."""
    told = _Journal()
    for row in rows:
        told.take(row)
    return [study for study in told.studies if study is not None]


class _Journal:
    def __init__(self) -> None:
        self.studies: list[StudyRecord | None] = []
        self.trials: list[Trial] = []

    def take(self, row: Mapping[str, Any]) -> None:
        """One line. What speaks of studies or trials that are not there is passed over, as Optuna does."""
        match row.get("op_code"):
            case 0:
                listed = row.get("directions")
                directions = [_DIRECTIONS.get(one, "") for one in listed] if isinstance(listed, list) else []
                self.studies.append(StudyRecord(str(row.get("study_name", "")), directions))
            case 4:
                self._create(row)
            case 1 | 2 | 3 as code if _there(self.studies, row.get("study_id")):
                self._study(code, row)
            case 5 | 6 | 7 | 8 | 9 as code if _there(self.trials, row.get("trial_id")):
                self._trial(code, self.trials[row["trial_id"]], row)

    def _study(self, code: int, row: Mapping[str, Any]) -> None:
        study = self.studies[row["study_id"]]
        if code == 1:
            self.studies[row["study_id"]] = None
        elif study is not None:
            (study.user if code == 2 else study.system).update(
                _map(row.get("user_attr" if code == 2 else "system_attr"))
            )

    def _create(self, row: Mapping[str, Any]) -> None:
        study = self.studies[row["study_id"]] if _there(self.studies, row.get("study_id")) else None
        if study is None:
            return
        trial = Trial(len(study.trials), started=row.get("datetime_start"), key=len(self.trials))
        self.trials.append(trial)
        study.trials.append(trial)
        trial.state = _STATES.get(row.get("state", 0), "")
        trial.ended = row.get("datetime_complete")
        spread = _map(row.get("distributions"))
        for name, value in _map(
            row.get("params")
        ).items():  # a trial that was added whole; numbers are internal here too
            trial.drawn[name] = (_number(value), distribution(spread.get(name, "")))
        self._values(trial, row.get("values") if row.get("values") is not None else [row.get("value")])
        for step, value in _map(row.get("intermediate_values")).items():
            _report(trial, step, value)
        trial.user.update(_map(row.get("user_attrs")))
        trial.system.update(_map(row.get("system_attrs")))

    def _trial(self, code: int, trial: Trial, row: Mapping[str, Any]) -> None:
        if trial.state in ("complete", "pruned", "failed"):
            return  # Optuna refuses to change a finished trial
        if code == 5:
            trial.drawn[str(row.get("param_name"))] = (
                _number(row.get("param_value_internal")), distribution(row.get("distribution", "")),
            )  # fmt: skip
        elif code == 6:
            state = _STATES.get(row.get("state"), "")
            if state == "running" and trial.state != "waiting":
                return  # another worker was first
            trial.state = state
            trial.started = row.get("datetime_start", trial.started)
            trial.ended = row.get("datetime_complete", trial.ended)
            self._values(trial, row.get("values"))
        elif code == 7:
            _report(trial, row.get("step"), row.get("intermediate_value"))
        else:
            (trial.user if code == 8 else trial.system).update(
                _map(row.get("user_attr" if code == 8 else "system_attr"))
            )

    def _values(self, trial: Trial, values: Any) -> None:
        if isinstance(values, list):
            trial.values = {at: _number(value) for at, value in enumerate(values) if value is not None}


def _there(listed: Sequence[Any], at: Any) -> bool:
    return type(at) is int and 0 <= at < len(listed)


def _map(value: Any) -> dict[str, Any]:
    return {str(key): one for key, one in value.items()} if isinstance(value, Mapping) else {}


def _number(value: Any) -> float:
    return to_float(value) if isinstance(value, int | float) else math.nan


def _report(trial: Trial, step: Any, value: Any) -> None:
    text = str(step)
    if re.fullmatch(r"-?\d{1,18}", text, re.ASCII):
        trial.intermediate[int(text)] = _number(value)

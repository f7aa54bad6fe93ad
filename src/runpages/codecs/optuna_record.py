"""A study and its trials as Optuna stores them, whatever the storage: numbers as the sampler sees them become values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from runpages.codecs.flatten import TooMuch, as_scalar
from runpages.codecs.jsontext import NotJson, load
from runpages.model import Scalar

State = Literal["", "complete", "pruned", "failed", "running", "waiting"]
# samplers say who they are only by what they leave in a trial's or study's own attributes
SAMPLERS = (
    ("grid_id", "GridSampler"), ("tpe:", "TPESampler"), ("gp:", "GPSampler"), ("cma:", "CmaEsSampler"), ("qmc", "QMCSampler"),
    ("NSGAIISampler:", "NSGAIISampler"), ("nsga2:", "NSGAIISampler"), ("NSGAIIISampler:", "NSGAIIISampler"),
    ("nsga3:", "NSGAIIISampler"), ("nsga:", "NSGAIISampler"),
)  # fmt: skip
PRUNERS = (("completed_rung_", "SuccessiveHalvingPruner"),)


@dataclass(slots=True)
class Trial:
    """One trial; `drawn` holds (internal number, distribution) by param, `values` the objectives by position."""

    number: int
    state: State = "running"
    drawn: dict[str, tuple[float, Mapping[str, Any]]] = field(default_factory=dict)
    values: dict[int, float] = field(default_factory=dict)
    intermediate: dict[int, float] = field(default_factory=dict)
    user: dict[str, Any] = field(default_factory=dict)
    system: dict[str, Any] = field(default_factory=dict)
    started: Any = None
    ended: Any = None
    key: int = -1


@dataclass(slots=True)
class StudyRecord:
    """One study; `directions` by objective, "" where none was set."""

    name: str
    directions: list[Literal["max", "min", ""]] = field(default_factory=list)
    user: dict[str, Any] = field(default_factory=dict)
    system: dict[str, Any] = field(default_factory=dict)
    trials: list[Trial] = field(default_factory=list)

    def objectives(self) -> list[str]:
        """The names of the objectives: those that were set, else value or value_0, value_1, ..."""
        names = self.system.get("study:metric_names")
        count = max(len(self.directions), 1)
        if isinstance(names, list) and len(names) == count and len(set(map(str, names))) == count:
            return [str(name) for name in names]
        return ["value"] if count == 1 else [f"value_{at}" for at in range(count)]

    def made_by(self, signs: tuple[tuple[str, str], ...]) -> str:
        """The sampler or pruner that left its mark in the study or in any trial; "" when none did."""
        keys = {key for one in (self.system, *(trial.system for trial in self.trials)) for key in one}
        return next((name for sign, name in signs if any(key.startswith(sign) for key in keys)), "")


def parsed(text: Any) -> Any:
    """A JSON text as a plain value; the text itself when it is none."""
    try:
        return load(str(text).encode("utf-8", "replace"))
    except NotJson:
        return text


def distribution(text: Any) -> Mapping[str, Any]:
    """{"name", "attributes"} of a distribution's JSON; empty when it is none."""
    value = parsed(text)
    return value if isinstance(value, Mapping) and isinstance(value.get("attributes"), Mapping) else {}


def value_of(internal: float, drawn_from: Mapping[str, Any]) -> Scalar:
    """The param: a categorical's internal number is an index, an integer's a float."""
    choices = drawn_from.get("attributes", {}).get("choices")
    if not math.isfinite(internal):
        return internal
    if isinstance(choices, list):
        try:
            return as_scalar(choices[int(internal)]) if 0 <= internal < len(choices) else internal
        except TooMuch:
            return str(int(internal))
    return round(internal) if str(drawn_from.get("name", "")).startswith("Int") else internal


def space_of(drawn_from: Mapping[str, Any]) -> dict[str, Any]:
    """What a param was drawn from: {"low", "high", "log", "step"} or {"choices"}; empty when that is not known."""
    attributes, kind = drawn_from.get("attributes", {}), str(drawn_from.get("name", ""))
    if isinstance(attributes.get("choices"), list):
        return {
            "choices": [one if isinstance(one, str | int | float | None) else str(one) for one in attributes["choices"]]
        }
    if "low" not in attributes or "high" not in attributes:
        return {}
    logarithmic = bool(attributes.get("log")) or "Log" in kind
    step = attributes.get("step", attributes.get("q"))
    return {
        "low": attributes["low"],
        "high": attributes["high"],
        "log": logarithmic,
        "step": None if logarithmic else step,
    }

"""The rules of the gate, as a `gate:` mapping says them."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from typing import Any, Literal, cast

from runpages.config import Direction
from runpages.errors import ConfigError

Reducer = Literal["best", "last", "min", "max", "mean", "first"]
REDUCERS = ("best", "last", "min", "max", "mean", "first")


@dataclass(frozen=True, slots=True)
class Rule:
    """How one metric is judged: which way is better, the change that matters (`relative` to the baseline AND `absolute`),
    which value of a run counts; an informational metric is shown and never fails."""

    direction: Direction = ""
    relative: float | None = None
    absolute: float | None = None
    value: Reducer = "best"
    informational: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything the gate can be told.

    `alpha` is the share of false claims, both ways together: half of it are false alarms. The default is the largest
    that keeps these below 1 % (benchmarks/gate.py), and lets 6 against 6 seeds decide (p 14/924). `pool` is how many published
    reports make the baseline, as long as they do not differ. `axes` are the params whose change is what is tested,
    `tasks` the params over which results are put together, `ignore` params that say nothing (an output folder).
    `undecided` says whether "cannot tell" passes.
    """

    metrics: Mapping[str, Rule] = field(default_factory=dict)
    baseline: str = ""
    alpha: float = 0.0152
    relative: float = 0.02
    absolute: float = 0.0
    minimum_runs: int = 1
    pool: int = 4
    axes: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    undecided: Literal["pass", "fail"] = "pass"

    def rule(self, label: str) -> Rule | None:
        """The rule for a metric, by its label or by its name without context."""
        return self.metrics.get(label, self.metrics.get(label.partition("{")[0]))

    def floors(self, rule: Rule) -> tuple[float, float]:
        """(relative, absolute): the change a metric must reach to matter."""
        return (
            self.relative if rule.relative is None else rule.relative,
            self.absolute if rule.absolute is None else rule.absolute,
        )


def rules_from(raw: Mapping[str, Any], where: str = "gate") -> Rules:
    """The rules in a mapping. Raises ConfigError naming the key and the way out."""
    values = {name: _value(name, value, where) for name, value in _known(raw, Rules, where).items()}
    rules = Rules(**values)
    if not 0 < rules.alpha < 1:
        raise _wrong(
            f"alpha is {rules.alpha}", where, "a share between 0 and 1; 0.0152 gives less than 1 % of false alarms"
        )
    return rules


def _known(raw: Mapping[str, Any], kind: type[Any], where: str) -> dict[str, Any]:
    names = [one.name for one in fields(kind)]
    for name in raw:
        if name not in names:
            close = difflib.get_close_matches(str(name), names, 1)
            hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(names)}"
            raise ConfigError("option-unknown", f"there is no option {name}", where=where, hint=hint)
    return {name: value for name, value in raw.items() if value is not None}


def _value(name: str, value: object, where: str) -> Any:
    if name == "metrics":
        return _metrics(value, where)
    if name in ("axes", "tasks", "ignore"):
        listed: Sequence[object] = (
            [value] if isinstance(value, str) else value if isinstance(value, list | tuple) else [None]
        )
        if not all(isinstance(one, str) for one in listed):
            raise _wrong(f"{name} is {value!r}", where, f"{name}: [model.name]")
        return tuple(cast(Sequence[str], listed))
    if name in ("minimum_runs", "pool"):
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise _wrong(f"{name} is {value!r}", where, "a whole number from 1 on")
        return value
    if name == "undecided":
        if value not in ("pass", "fail"):
            raise _wrong(f"undecided is {value!r}", where, "pass or fail")
        return value
    return _text(name, value, where) if name == "baseline" else _amount(name, value, where)


def _metrics(value: object, where: str) -> dict[str, Rule]:
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list | tuple):
        value = {str(one): {} for one in value}
    if not isinstance(value, Mapping):
        raise _wrong("metrics is no mapping", where, "metrics: {val/accuracy: {direction: max, absolute: 0.005}}")
    return {str(label): _rule(given, f"{where}: metrics: {label}") for label, given in value.items()}


def _rule(given: object, where: str) -> Rule:
    if given is None or given == "informational":
        return Rule(informational=given is not None)
    if given in ("max", "min"):
        return Rule(direction=given)
    if not isinstance(given, Mapping):
        raise _wrong(f"the rule is {given!r}", where, "{direction: max, relative: 0.02, absolute: 0.005}")
    known = _known(given, Rule, where)
    for name, options in (("direction", ("max", "min", "")), ("value", REDUCERS), ("informational", (True, False))):
        if name in known and known[name] not in options:
            raise _wrong(
                f"{name} is {known[name]!r}", where, f"one of {', '.join(str(one) for one in options if one != '')}"
            )
    for name in ("relative", "absolute"):
        if name in known:
            known[name] = _amount(name, known[name], where)
    return Rule(**known)


def _amount(name: str, value: object, where: str) -> float:
    if isinstance(value, str) and value.strip().endswith("%"):
        with suppress(ValueError):
            value = float(value.strip().removesuffix("%")) / 100
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < float("inf"):
        raise _wrong(f"{name} is {value!r}", where, f"a number from 0 on, or a share: {name}: 2%")
    return float(value)


def _text(name: str, value: object, where: str) -> str:
    if not isinstance(value, str):
        raise _wrong(f"{name} is {value!r}", where, "baseline: branch:gh-pages")
    return value


def _wrong(what: str, where: str, hint: str) -> ConfigError:
    return ConfigError("gate-rule", what, where=where, hint=hint)

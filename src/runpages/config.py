"""What a report can be told: every option once, with its default. No configuration is needed."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, cast

from runpages.errors import ConfigError

Direction = Literal["max", "min", ""]
PROFILES = ("private", "public", "anonymous")
VIEW_KEYS = frozenset(
    "filter search group columns pinned sort reducer baseline selected interval differences shaded across cells charts".split()
)


@dataclass(frozen=True, slots=True)
class Config:
    """The options of one report.

    `sources` are folders relative to where the configuration stands. `main_metric` names the metric the overview
    ranks by ("" = chosen by name and coverage). `directions` says which metrics are better high ("max") or low ("min").
    `seeds` are the params in which repeats of one configuration differ. `columns` are the table's first columns.
    `gate` are the rules of `runpages check` (docs/guide/ci.md). `history` says where earlier reports lie: a folder, or
    branch:gh-pages. `commit` and `branch` are what the report is of (default: what its runs say), `url` where it will be read.
    `include` and `exclude` choose runs (docs/guide/privacy.md). Of a profile that hides, `show` and `hide` name fields,
    `identities` further names to replace.
    `best_of` names metrics at whose best step the others can be read. `views` are saved states of the comparison by
    name, each with VIEW_KEYS: the page's menu writes them.
    """

    sources: tuple[str, ...] = ()
    title: str = ""
    main_metric: str = ""
    directions: Mapping[str, Direction] = field(default_factory=dict)
    seeds: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    best_of: tuple[str, ...] = ()
    views: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    profile: str = "private"
    executor: str = "auto"
    cache: str = ""
    max_bad_runs: int | None = None
    strict: bool = False
    media_limit: int = 50_000_000
    gate: Mapping[str, Any] = field(default_factory=dict)
    history: str = ""
    commit: str = ""
    branch: str = ""
    url: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    show: tuple[str, ...] = ()
    hide: tuple[str, ...] = ()
    identities: tuple[str, ...] = ()


def from_mapping(raw: Mapping[str, Any], where: str) -> Config:
    """The configuration in a mapping (mkdocs.yml, the command line). Raises ConfigError naming the key and the way out."""
    known = {one.name: one for one in fields(Config)}
    for name in raw:
        if name not in known:
            close = difflib.get_close_matches(str(name), known, 1)
            hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}"
            raise ConfigError("option-unknown", f"there is no option {name}", where=where, hint=hint)
    values = {name: _value(name, value, where) for name, value in raw.items() if value is not None}
    config = Config(**values)
    if config.profile not in PROFILES:
        raise ConfigError(
            "option-wrong", f"profile is {config.profile!r}", where=where, hint=f"one of {', '.join(PROFILES)}"
        )
    return config


def _value(name: str, value: object, where: str) -> Any:
    default = getattr(Config(), name)
    if name == "directions":
        return _directions(value, where)
    if name == "gate":
        if not isinstance(value, Mapping):
            hint = "gate: {metrics: {val/accuracy: max}, baseline: branch:gh-pages}"
            raise ConfigError("option-wrong", "gate is no mapping of rules", where=where, hint=hint)
        return dict(value)
    if name == "views":
        return _views(value, where)
    if isinstance(default, tuple):
        if isinstance(value, str):
            return (value,)
        if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
            return tuple(value)
        raise ConfigError(
            "option-wrong", f"{name} is not a list of names", where=where, hint=f"{name}: [first, second]"
        )
    wanted = int if name == "max_bad_runs" else type(default)
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise ConfigError("option-wrong", f"{name} is {value!r}", where=where, hint=f"a {wanted.__name__} is expected")
    return value


def _directions(value: object, where: str) -> dict[str, Direction]:
    if not isinstance(value, Mapping) or not set(value.values()) <= {"max", "min", ""}:
        hint = "directions: {val/loss: min, val/accuracy: max}"
        raise ConfigError("option-wrong", "directions maps metrics to max or min", where=where, hint=hint)
    return {str(name): cast(Direction, direction) for name, direction in value.items()}


def _views(value: object, where: str) -> dict[str, dict[str, Any]]:
    hint = "views: {Small models: {filter: params.width < 64, sort: metric:val/loss asc}}"
    if not isinstance(value, Mapping) or not all(isinstance(view, Mapping) for view in value.values()):
        raise ConfigError("option-wrong", "views maps names to what they show", where=where, hint=hint)
    for name, view in value.items():
        for key in view:
            if key not in VIEW_KEYS:
                close = difflib.get_close_matches(str(key), VIEW_KEYS, 1)
                hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(sorted(VIEW_KEYS))}"
                raise ConfigError("option-unknown", f"the view {name} has no key {key}", where=where, hint=hint)
        if not isinstance(view.get("charts", {}), Mapping):
            raise ConfigError("option-wrong", f"charts of the view {name} is no mapping", where=where, hint="{y: log}")
    return {str(name): dict(view) for name, view in value.items()}

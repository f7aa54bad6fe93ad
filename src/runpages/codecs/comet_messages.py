"""Comet's messages (one JSON object a line) sorted by what they are about (docs/formats/comet.md)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from runpages.codecs.flatten import TooMuch, as_scalar
from runpages.codecs.pointlist import Points, as_step, seconds
from runpages.codecs.text import short_name
from runpages.model import Scalar

_COUNTER = re.compile(r"(?:auto-logged curr_(?:step|epoch)|cli run_arg_\d+)", re.ASCII)  # of the client's own making:
# where it is right now (its series say it better), and words of the command line (Code holds them all)
SYSTEM = "sys."


@dataclass
class Said:
    """What all messages of a run say. `epochs` are (step, epoch) pairs, `uploads` the files in the order they came."""

    points: Points = field(default_factory=Points)
    params: dict[str, Scalar] = field(default_factory=dict)
    others: dict[str, Scalar] = field(default_factory=dict)
    epochs: dict[tuple[int, int], None] = field(default_factory=dict)
    uploads: list[Mapping[str, Any]] = field(default_factory=list)
    references: list[list[Scalar]] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    system: dict[str, Any] = field(default_factory=dict)
    git: dict[str, Any] = field(default_factory=dict)
    packages: list[str] = field(default_factory=list)
    script: str = ""
    first: float | None = None
    last: float | None = None

    def take(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Sort messages in; older clients put several things into one message of any type."""
        for row in rows:
            payload = row.get("payload")
            if isinstance(payload, dict):
                self._take(str(row.get("type", "")), payload)

    def join(self, later: Said) -> None:
        """Put what a later part of the run says behind this; the later value wins."""
        self.points.join(later.points)
        for mine, theirs in ((self.params, later.params), (self.others, later.others), (self.texts, later.texts),
                             (self.system, later.system), (self.git, later.git)):  # fmt: skip
            mine.update(theirs)  # type: ignore[arg-type]
        self.epochs |= later.epochs
        self.references += later.references
        self.packages = later.packages or self.packages
        self.script = self.script or later.script

    def _take(self, kind: str, payload: Mapping[str, Any]) -> None:
        time = seconds(payload.get("local_timestamp"))
        if time is not None:
            self.first = time if self.first is None else min(self.first, time)
            self.last = time if self.last is None else max(self.last, time)
        if isinstance(metric := payload.get("metric"), dict):
            self._metric(metric, payload.get("context"), time)
        for key in ("param", "params"):
            if isinstance(param := payload.get(key), dict):
                self._param(param)
        other = payload.get("log_other")
        for pair in (payload, other) if kind == "log_other" or isinstance(other, dict) else ():
            if isinstance(pair, dict) and isinstance(pair.get("key"), str):
                self.others[short_name(pair["key"])] = _scalar(pair.get("value", pair.get("val")))
        if isinstance(output := payload.get("output"), str):
            self.console.append(output)
        self._rest(kind, payload)

    def _metric(self, metric: Mapping[str, Any], context: object, time: float | None) -> None:
        name = str(metric.get("metricName", metric.get("name", "")))
        name = f"{context}/{name}" if isinstance(context, str) and context else name
        value = metric.get("metricValue", metric.get("value"))
        step, epoch = as_step(metric.get("step")), as_step(metric.get("epoch"))
        if step is not None and epoch is not None:
            self.epochs[step, epoch] = None
        if name.startswith(SYSTEM) and step is None:
            self.points.add(name, value, None, time, "sample")
        elif step is None and epoch is not None:
            self.points.add(name, value, epoch, time, "epoch")
        else:
            self.points.add(name, value, step, time)

    def _param(self, param: Mapping[str, Any]) -> None:
        name = param.get("paramName", param.get("name"))
        if isinstance(name, str) and not _COUNTER.fullmatch(f"{param.get('source')} {name}"):
            self.params[short_name(name)] = _scalar(param.get("paramValue", param.get("value")))

    def _rest(self, kind: str, payload: Mapping[str, Any]) -> None:
        if kind == "file_upload":
            self.uploads.append(payload)
        elif kind in ("remote_file", "remote_model", "register_model"):
            names = ("name", "model_name", "remote_uri", "version", "status", "public", "description")
            self.references.append([kind, *(_scalar(payload.get(name)) for name in names)])
        elif kind == "system_details":
            self.system = dict(payload)
        elif isinstance(git := payload.get("git_metadata"), dict):
            self.git = git
        elif isinstance(listed := payload.get("installed_packages"), list):
            self.packages = [one for one in listed if isinstance(one, str)]
        elif kind == "file_name" and isinstance(payload.get("file_name"), str):
            self.script = payload["file_name"]
        else:
            for key in ("graph", "html", "htmlOverride"):
                if isinstance(payload.get(key), str):
                    self.texts[key] = payload[key]


def _scalar(value: Any) -> Scalar:
    try:
        return as_scalar(value)
    except TooMuch as error:
        return f"({error})"

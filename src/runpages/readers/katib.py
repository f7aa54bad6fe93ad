"""Katib's experiments and trials, as kubectl prints them (docs/formats/katib.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from runpages.codecs import jsontext, records
from runpages.codecs.records import fields, rows, when, words
from runpages.codecs.runfiles import MAX_SERIES, Files
from runpages.codecs.text import decode, scalar
from runpages.errors import Notes, NotMine
from runpages.model import Run, Scalar, Series, Source, Status, Study
from runpages.readers import Folder

LOGS = "metrics"
STATES: Mapping[str, tuple[Status, Literal["", "complete", "pruned", "failed", "running", "waiting"]]] = {
    "Succeeded": ("finished", "complete"), "Failed": ("failed", "failed"), "Killed": ("killed", "failed"),
    "EarlyStopped": ("killed", "pruned"), "MetricsUnavailable": ("failed", "failed"), "Running": ("running", "running"),
    "Created": ("unknown", "waiting"),
}  # fmt: skip
EXPERIMENT = "katib.kubeflow.org/experiment"
_FILE = re.compile(r"(?:experiments?|trials?)[\w.-]*\.json")
_PAIR = re.compile(r"([\w|-]+)\s*=\s*([+-]?\d+(?:\.\d*)?(?:[Ee][+-]?\d+)?|[+-]?\.\d+(?:[Ee][+-]?\d+)?)", re.ASCII)


class KatibReader:
    """One run per trial; what the experiment says of its search goes with each of them."""

    name = "katib"
    title = "Katib"
    reads = "`kubectl get experiment|trials -o json` of kubeflow.org/v1beta1, and trials' logs"
    rank = 0

    def find(self, folder: Folder) -> Iterator[Source]:
        """The folder itself, when an experiment*.json or trial*.json in it begins like Katib's."""
        ours = [name for name in folder.files if _FILE.fullmatch(name) and b'"kubeflow.org/' in folder.peek(name)]
        if ours:
            logs = [LOGS] if LOGS in folder.folders else []
            yield folder.source(self.name, *ours, *logs, owns=[folder.path / name for name in logs])

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """The trials in order of their creation, each once."""
        files = Files(source.root, notes)
        objects = [one for path in source.files if path.name != LOGS for one in _objects(files.document(path.name))]
        if not objects and not notes.all:
            raise NotMine("no Katib object")
        searches = {words(one, "metadata", "name"): one for one in objects if words(one, "kind") == "Experiment"}
        trials = {words(one, "metadata", "name"): one for one in objects if words(one, "kind") == "Trial"}
        ordered = sorted(trials.items(), key=lambda item: (words(item[1], "metadata", "creationTimestamp"), item[0]))
        seen: dict[str, int] = {}
        for name, trial in ordered:
            group = words(fields(trial, "metadata", "labels"), EXPERIMENT) or next(iter(searches), "")
            seen[group] = seen.get(group, -1) + 1
            yield _run(name, trial, _study(group, searches.get(group, {}), trial, seen[group]), source, files)


def _objects(document: Any) -> list[Mapping[str, Any]]:
    found = rows(document, "items") if words(document, "kind").endswith("List") else [fields(document)]
    return [one for one in found if words(one, "kind") in ("Experiment", "Trial")]


def _run(name: str, trial: Mapping[str, Any], study: Study, source: Source, files: Files) -> Run:
    state, condition = _condition(trial)
    objective = fields(trial, "spec", "objective")
    additional = objective.get("additionalMetricNames")
    wanted = [words(objective, "objectiveMetricName"), *(map(str, additional) if isinstance(additional, list) else ())]
    log = f"{LOGS}/{name}.log"
    there = "/" not in name and (files.root / log).is_file()
    series = _series(files.data(log, MAX_SERIES), wanted, files.notes, log) if there else ()
    return Run(
        id=name or source.key, name=name, tracker="katib", source=source.key, group=study.name,
        status=STATES.get(state, ("unknown", ""))[0],
        reason="" if state == "Succeeded" else words(condition, "message") or state,
        started=when(fields(trial, "status").get("startTime") or fields(trial, "metadata").get("creationTimestamp")),
        ended=when(fields(trial, "status").get("completionTime")),
        params={words(one, "name"): scalar(words(one, "value")) for one in rows(trial, "spec", "parameterAssignments")},
        series=series, results=_results(trial, objective), log=files.text(log, tail=True) if there else "", study=study,
    )  # fmt: skip


def _condition(trial: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The state: the last condition that holds."""
    holding = [one for one in rows(trial, "status", "conditions") if words(one, "status") == "True"]
    return (words(holding[-1], "type"), holding[-1]) if holding else ("", {})


def _results(trial: Mapping[str, Any], objective: Mapping[str, Any]) -> dict[str, Scalar]:
    """Each metric by the strategy that the experiment names for it, else its best for the objective and its latest."""
    strategies = {words(one, "name"): words(one, "value") for one in rows(objective, "metricStrategies")}
    best = {"minimize": "min", "maximize": "max"}.get(words(objective, "type"), "latest")
    found: dict[str, Scalar] = {}
    for one in rows(trial, "status", "observation", "metrics"):
        name = words(one, "name")
        default = best if name == words(objective, "objectiveMetricName") else "latest"
        value = records.number(one.get(strategies.get(name, default)))
        if value is not None:
            found[name] = value
    return found


def _study(name: str, experiment: Mapping[str, Any], trial: Mapping[str, Any], number: int) -> Study:
    spec = fields(experiment, "spec") or fields(trial, "spec")
    objective = fields(spec, "objective")
    which: Literal["min", "max"] = "min" if words(objective, "type") == "minimize" else "max"
    return Study(
        name, number, STATES.get(_condition(trial)[0], ("unknown", ""))[1],
        {words(objective, "objectiveMetricName"): which} if words(objective, "objectiveMetricName") else {},
        words(spec, "algorithm", "algorithmName"), words(spec, "earlyStopping", "algorithmName"),
        {words(one, "name"): _drawn(one) for one in rows(spec, "parameters")},
    )  # fmt: skip


def _drawn(one: Mapping[str, Any]) -> dict[str, Any]:
    space = fields(one, "feasibleSpace")
    listed = space.get("list")
    if isinstance(listed, list):
        return {"choices": [scalar(str(value)) for value in listed]}
    return {
        name: value
        for name, key in (("low", "min"), ("high", "max"), ("step", "step"))
        if (value := records.number(space.get(key))) is not None
    } | ({"log": True} if words(space, "distribution") in ("logUniform", "logNormal") else {})


def _series(data: bytes, wanted: Sequence[str], notes: Notes, where: str) -> tuple[Series, ...]:
    """What Katib's own collector sees in a log: `NAME = NUMBER` or JSON lines, wanted names only, counted by line."""
    points: dict[str, list[records.Point]] = {name: [] for name in wanted if name}
    if data.lstrip().startswith(b"{"):
        for row in jsontext.load_lines(data, notes, where).rows:
            for name in points.keys() & row.keys():
                points[name].append((None, row[name], _after_start(row.get("timestamp"))))
    else:
        for line in decode(data)[0].splitlines():
            time = _after_start(line.partition(" ")[0])
            for name, value in _PAIR.findall(line):
                if name in points:
                    points[name].append((None, value, time))
    return records.distinct(records.measured(name, found) for name, found in points.items())


def _after_start(value: Any) -> float | None:
    """A time, unless it is the year 1 that Katib puts where there is none."""
    found = when(value)
    return found if found is not None and found > 0 else None

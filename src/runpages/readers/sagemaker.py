"""Amazon SageMaker: jobs and trial components as the AWS command line prints them, and /opt/ml (docs/formats/sagemaker.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from runpages.codecs import csvtext, jsontext, records, series
from runpages.codecs.flatten import as_scalar
from runpages.codecs.lineage import Item, lineage
from runpages.codecs.records import fields, rows, when, words
from runpages.codecs.runfiles import MAX_SERIES, Files
from runpages.errors import Notes, NotMine
from runpages.model import Artifact, Code, Run, Scalar, Series, Source, Status
from runpages.readers import Folder

COLUMNS, ANSWER, QUERIES = "training-job-metrics.csv", "batch-get-metrics.json", "metric-queries.json"
SETTINGS = "hyperparameters.json"
STATUSES: Mapping[str, Status] = {"Completed": "finished", "Failed": "failed", "Stopped": "killed", "Stopping": "killed",
                                  "InProgress": "running"}  # fmt: skip
SIGNS = frozenset(("TrainingJobName", "TrialComponentName", "TrialComponent", "TrainingJob"))
PLUMBING = ("sagemaker_", "_tuning_objective_metric", "SageMaker.")
_ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
# Never taken: Environment and anything under VpcConfig, RoleArn; account numbers are masked.


class SagemakerReader:
    """One run per training job or trial component; files about one job are joined by its name."""

    name = "sagemaker"
    title = "Amazon SageMaker"
    reads = "JSON of `aws sagemaker describe-*` and `search`, metrics saved beside it, the folder /opt/ml"
    rank = 0

    def find(self, folder: Folder) -> Iterator[Source]:
        """The folder itself: it has input/config/hyperparameters.json, or JSON that begins like an answer of the service."""
        if "input" in folder.folders and (folder.path / "input" / "config" / SETTINGS).is_file():
            yield folder.source(self.name, *folder.names, owns=[folder.path / name for name in folder.folders])
            return
        listed = [name for name in folder.files if name.endswith(".json") and name != QUERIES]
        if any(SIGNS & records.keys_in(folder.peek(name)) for name in listed if _may_be(name)):
            beside = [name for name in (COLUMNS, ANSWER, QUERIES) if name in folder.files]
            yield folder.source(self.name, *filter(_may_be, listed), *beside)

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """The run of an /opt/ml, or a run per job and per trial component without one."""
        files = Files(source.root, notes)
        names = sorted(path.name for path in source.files)
        if "input" in names:
            yield _opt_ml(source, files)
            return
        jobs: dict[str, Mapping[str, Any]] = {}
        components: dict[str, Mapping[str, Any]] = {}
        for name in names:
            if name.endswith(".json") and name not in (ANSWER, QUERIES):
                for one in _objects(files.document(name)):
                    if words(one, "TrainingJobName"):
                        jobs[words(one, "TrainingJobName")] = one
                    elif words(one, "TrialComponentName"):
                        components[words(one, "Source", "SourceArn").rpartition("training-job/")[2]
                                   or words(one, "TrialComponentName")] = one  # fmt: skip
        if not jobs and not components and not notes.all:
            raise NotMine("no training job and no trial component")
        alone = len(jobs.keys() | components.keys()) == 1
        measured = _measured(files, names) if alone else ()
        for name in sorted(jobs.keys() | components.keys()):
            yield _run(name, jobs.get(name, {}), components.get(name, {}), measured, source, notes)


def _may_be(name: str) -> bool:
    low = name.lower()
    return name.endswith(".json") and low.startswith(("describe-", "search", "list-", "training", "trial", "job"))


def _objects(document: Any) -> Iterator[Mapping[str, Any]]:
    """Jobs and components of an answer, however it wraps them."""
    yield fields(document)
    yield from rows(document, "TrainingJobSummaries")
    for one in rows(document, "Results"):
        component = fields(one, "TrialComponent")
        yield (
            {**component, "Parents": one.get("Parents") or component.get("Parents")}
            if component
            else fields(one, "TrainingJob")
        )


def _run(name: str, job: Mapping[str, Any], component: Mapping[str, Any], measured: tuple[Series, ...], source: Source,
         notes: Notes) -> Run:  # fmt: skip
    """A job with what the experiment's component adds; where both speak the job's word counts."""
    word = words(job, "TrainingJobStatus") or words(component, "Status", "PrimaryStatus")
    parent: Mapping[str, Any] = next(iter(rows(component, "Parents")), {})
    experiment = fields(job, "ExperimentConfig")
    made = fields(component, "MetadataProperties")
    results = {words(one, "MetricName"): as_scalar(one.get("Last")) for one in rows(component, "Metrics")}
    results |= {words(one, "MetricName"): as_scalar(one.get("Value")) for one in rows(job, "FinalMetricDataList")}
    params = {key: as_scalar(next(iter(one.values()), None)) for key, one in fields(component, "Parameters").items()
              if isinstance(one, Mapping)}  # fmt: skip
    return Run(
        id=name, name=words(component, "DisplayName") or words(experiment, "TrialComponentDisplayName") or name,
        tracker="sagemaker", source=source.key,
        group=words(experiment, "ExperimentName") or words(parent, "ExperimentName"),
        parent=words(job, "TuningJobArn").rpartition("/")[2], status=STATUSES.get(word, "unknown"),
        reason=_masked(words(job, "FailureReason") or words(component, "Status", "Message")),
        started=when(job.get("TrainingStartTime") or job.get("CreationTime") or component.get("StartTime")),
        ended=when(job.get("TrainingEndTime") or component.get("EndTime")),
        user=words(component, "CreatedBy", "UserProfileName"),
        params=_params({**params, **fields(job, "HyperParameters")}, notes, source.key),
        series=measured, results=results, tags=_tags(job, component, parent),
        code=Code(repository=words(made, "Repository"), commit=words(made, "CommitId")),
        environment=_environment(job), artifacts=tuple(_lineage(job)),
        links={"model": _masked(words(job, "ModelArtifacts", "S3ModelArtifacts"))}
        if words(job, "ModelArtifacts", "S3ModelArtifacts") else {},
    )  # fmt: skip


def _lineage(job: Mapping[str, Any]) -> list[Artifact]:
    """The job's data channels, and the model it left."""
    read = [Item(words(one, "ChannelName") or "data", "channel", place=_masked(words(one, "DataSource", "S3DataSource", "S3Uri")))
            for one in rows(job, "InputDataConfig")]  # fmt: skip
    model = _masked(words(job, "ModelArtifacts", "S3ModelArtifacts"))
    return lineage(read, [Item(model.rpartition("/")[2] or "model", "model", place=model)] if model else [])


def _masked(text: str) -> str:
    """Account numbers as zeros."""
    return _ACCOUNT.sub("0" * 12, text)


def _params(given: Mapping[str, Any], notes: Notes, where: str) -> Mapping[str, Scalar]:
    """Hyperparameters: the SDK writes each value as JSON, built-in algorithms write it bare."""
    values: dict[str, Any] = {}
    for key, value in given.items():
        if not key.startswith(PLUMBING):
            try:
                values[key] = jsontext.load(value.encode("utf-8", "replace")) if isinstance(value, str) else value
            except jsontext.NotJson:
                values[key] = value
    return records.flat(values, notes, where)


def _tags(job: Mapping[str, Any], component: Mapping[str, Any], parent: Mapping[str, Any]) -> dict[str, Scalar]:
    listed = [*rows(job, "Tags"), *rows(component, "Tags")]
    tags: dict[str, Scalar] = {words(one, "Key"): words(one, "Value") for one in listed}
    trial = words(job, "ExperimentConfig", "TrialName") or words(parent, "TrialName")
    timed = {key: as_scalar(job[key]) for key in ("TrainingTimeInSeconds", "BillableTimeInSeconds") if key in job}
    rules = {f"rule.{words(one, 'RuleConfigurationName')}": words(one, "RuleEvaluationStatus")
             for one in rows(job, "DebugRuleEvaluationStatuses")}  # fmt: skip
    return tags | timed | rules | ({"trial": trial} if trial else {})


def _environment(job: Mapping[str, Any]) -> dict[str, Scalar]:
    """Machine and image. `Environment` holds the job's variables, secrets among them: it is never taken."""
    said = {
        "instance": words(job, "ResourceConfig", "InstanceType"),
        "instances": words(job, "ResourceConfig", "InstanceCount"),
        "image": _masked(words(job, "AlgorithmSpecification", "TrainingImage")),
        "algorithm": words(job, "AlgorithmSpecification", "AlgorithmName"),
    }
    return {key: value for key, value in said.items() if value}


def _measured(files: Files, names: list[str]) -> tuple[Series, ...]:
    """Series beside a single job: of the metrics service, else of the exported CSV."""
    found: list[Series | None] = []
    if ANSWER in names:
        answers = rows(files.document(ANSWER), "MetricQueryResults")
        asked = rows(files.document(QUERIES)) if QUERIES in names else []
        queries = asked or (rows(files.document(QUERIES), "MetricQueries") if QUERIES in names else [])
        if not queries:
            files.notes.warn("metrics-without-names", "the answer names no metric, and metric-queries.json is not beside it",
                             where=ANSWER, kept="the last values of the job",
                             hint="keep the file with the queries")  # fmt: skip
        for query, answer in zip(queries, answers, strict=False):
            x, y = answer.get("XAxisValues"), answer.get("MetricValues")
            if isinstance(x, list) and isinstance(y, list):
                timed = words(query, "XAxisType") == "Timestamp"
                points = [(None, value, at) if timed else (at, value, None) for at, value in zip(x, y, strict=False)]
                found.append(records.measured(words(query, "MetricName"), points))
    if COLUMNS in names:
        table = csvtext.load(files.data(COLUMNS, MAX_SERIES), files.notes, COLUMNS)
        since = table.find("timestamp")
        renamed = tuple(
            replace(one, name="metric") if one.name == "metric_name" else one
            for one in table.columns
            if one.name and one is not since
        )
        shifted = csvtext.Column("step", since.values, since.given) if since is not None and since.numeric else None
        kept = csvtext.Table((shifted, *renamed) if shifted else renamed, table.rows)
        found += [Series(one.name, one.steps, one.values, step_name="second" if shifted else "row")
                  for one in series.from_table(kept, files.notes, COLUMNS)]  # fmt: skip
    return records.distinct(found)


def _opt_ml(source: Source, files: Files) -> Run:
    """A training's folder: /opt/ml of a container or of local mode."""
    config = "input/config/"
    settings = files.document(config + SETTINGS)
    resources = config + "resourceconfig.json"
    machine = fields(files.document(resources)) if (source.root / resources).is_file() else {}
    failed = (source.root / "output" / "failure").is_file()
    modelled = any(one.path.startswith("model/") for one in files.left({"input", "code"}, every=True))
    above = [part for part in source.key.split("/") if part not in (".", "opt", "ml")]
    measured: list[Series] = []
    for one in files.left((), top="output/data/") if (source.root / "output" / "data").is_dir() else ():
        if one.path.endswith(".csv") and one.path.count("/") == 2:
            table = csvtext.load(files.data(one.path, MAX_SERIES), files.notes, one.path)
            if any(series.is_step_name(column.name) for column in table.columns):
                measured += series.from_table(table, files.notes, one.path)
    return Run(
        id=source.key, name=above[-1] if above else source.root.name, tracker="sagemaker", source=source.key,
        status="failed" if failed else "finished" if modelled else "unknown",
        reason=files.text("output/failure")[:1000] if failed else "", host=words(machine, "current_host"),
        params=_params(fields(settings), files.notes, config + SETTINGS), series=records.distinct(measured),
        results=_evaluated(files), artifacts=files.left({"input"}, every=True),
        environment={"instance": words(machine, "current_instance_type")} if words(machine, "current_instance_type") else {},
    )  # fmt: skip


def _evaluated(files: Files) -> dict[str, Scalar]:
    """Numbers of the JSON files that a program put into output/data; `x.value` of model-quality reports is `x`."""
    found: dict[str, Scalar] = {}
    for one in files.left((), top="output/data/") if (files.root / "output" / "data").is_dir() else ():
        if one.path.endswith(".json") and one.path.count("/") == 2:
            for name, value in records.flat(files.document(one.path), files.notes, one.path).items():
                number = records.number(value)
                if number is not None and np.isfinite(number):
                    found[name.removesuffix(".value")] = value
    return found

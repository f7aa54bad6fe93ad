"""Pachyderm: jobs as pachctl prints them, with the files of their output commit (docs/formats/pachyderm.md)."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from runpages.codecs import jsontext, records, runfolder
from runpages.codecs.lineage import Item, lineage
from runpages.codecs.records import fields, number, rows, when, words
from runpages.codecs.runfiles import MAX_DOCUMENT, MAX_SERIES, Files, measurements
from runpages.codecs.text import decode
from runpages.errors import Notes, NotMine
from runpages.model import Artifact, Code, Run, Scalar, Series, Source, Status
from runpages.readers import Folder

JOB, JOBS, COMMIT, COMMITS, LOG, FILES = "job.json", "jobs.json", "commit.json", "commits.json", "logs.jsonl", "files"
RUNNING = ("CREATED", "STARTING", "RUNNING", "EGRESSING", "FINISHING")
STATUSES: dict[str, Status] = {"JOB_SUCCESS": "finished", "JOB_FAILURE": "failed", "JOB_UNRUNNABLE": "failed",
                               "JOB_KILLED": "killed"}  # fmt: skip
STATUSES |= dict.fromkeys((f"JOB_{word}" for word in RUNNING), "running")
# Never taken: auth_token, details.transform.env and secrets. A job's params are files that it wrote itself.


class PachydermReader:
    """One run per job."""

    name = "pachyderm"
    title = "Pachyderm"
    reads = "`pachctl inspect|list job|commit --raw` of 2.x, logs and the files of the output commit beside it"
    rank = 0

    def find(self, folder: Folder) -> Iterator[Source]:
        """The folder itself, when a job.json or jobs.json in it begins like a job of Pachyderm."""
        ours = [
            name
            for name in (JOB, JOBS)
            if name in folder.files and {"job", "pipeline"} <= records.keys_in(folder.peek(name))
        ]
        if ours:
            beside = [name for name in (COMMIT, COMMITS, LOG, FILES) if name in folder.names]
            owned = [folder.path / FILES] if FILES in folder.folders and JOB in ours else []
            yield folder.source(self.name, *ours, *beside, owns=owned)

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """A run per job. One id is shared by the jobs of a whole pass, so the pipeline is part of ours."""
        files = Files(source.root, notes)
        names = {path.name for path in source.files}
        commits = {_key(fields(one, "commit"), "repo"): one
                   for name in (COMMITS, COMMIT) if name in names for one in _documents(files, name)}  # fmt: skip
        jobs = {_key(fields(one, "job"), "pipeline"): one
                for name in (JOBS, JOB) if name in names for one in _documents(files, name)}  # fmt: skip
        if not jobs and not notes.all:
            raise NotMine("no job")
        for key, job in jobs.items():
            alone = len(jobs) == 1
            yield _run(key, job, commits.get(key, {}), source, files, names if alone else set())


def _documents(files: Files, name: str) -> Iterator[Mapping[str, Any]]:
    """The JSON documents that stand one after the other in a file; a cut last one is noted."""
    text = decode(files.data(name, MAX_DOCUMENT))[0].strip()
    decoder = json.JSONDecoder()
    at = 0
    while at < len(text):
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            files.notes.warn(
                "document-unreadable", f"no JSON from character {at:,} on", where=name, kept="the documents before it"
            )
            return
        if isinstance(value, Mapping):
            yield value
        at = end + len(text[end:]) - len(text[end:].lstrip())


def _key(named: Mapping[str, Any], what: str) -> str:
    """PIPELINE@ID, with the project in front where there is one; the output repository is named as its pipeline."""
    parts = (words(named, what, "project", "name"), words(named, what, "name"))
    return "/".join(part for part in parts if part and part != "default") + "@" + words(named, "id")


def _run(
    key: str, job: Mapping[str, Any], commit: Mapping[str, Any], source: Source, files: Files, names: set[str]
) -> Run:
    pipeline, _, job_id = key.rpartition("@")
    details = fields(job, "details", "transform")
    command = details.get("cmd")
    measured, results, params = _written(files) if FILES in names else ([], {}, {})
    state = words(job, "state")
    tags: dict[str, Scalar] = {str(name): str(value) for name, value in fields(commit, "metadata").items()}
    inputs = [_key(one, "repo") for one in rows(commit, "direct_provenance")]
    return Run(
        id=key, name=f"{pipeline.rpartition('/')[2]}@{job_id[:8]}", tracker="pachyderm", source=source.key, group=pipeline,
        status=STATUSES.get(state, "unknown"), reason=words(job, "reason") or words(commit, "error"),
        started=when(job.get("started") or job.get("created")), ended=when(job.get("finished")),
        user=words(commit, "created_by"), params=params, series=tuple(measured),
        results={**_counted(job), **results}, tags=tags | ({"inputs": ", ".join(inputs)} if inputs else {}),
        notes=words(commit, "description"), artifacts=(*(files.left((), top=f"{FILES}/") if FILES in names else ()), *_lineage(commit, key)),
        code=Code(command=shlex.join(map(str, command)) if isinstance(command, list) else ""),
        environment={name: value for name, value in (("image", words(details, "image")),
                     ("pipeline.version", words(job, "pipeline_version"))) if value},
        log=_log(files) if LOG in names else "",
    )  # fmt: skip


def _lineage(commit: Mapping[str, Any], key: str) -> list[Artifact]:
    """The commits that went in, and the one that came out."""
    size = number(fields(commit, "details").get("size_bytes"))
    made = [Item(key, "commit", size=None if size is None else int(size))] if commit else []
    return lineage([Item(_key(one, "repo"), "commit") for one in rows(commit, "direct_provenance")], made)


def _counted(job: Mapping[str, Any]) -> dict[str, Scalar]:
    """Datums and times that the service itself counted."""
    counts = {f"data.{name}": number(job.get(f"data_{name}")) for name in ("total", "processed", "skipped", "failed")}
    times = {f"{name}.seconds": number(words(job, "stats", f"{name}_time").removesuffix("s"))
             for name in ("download", "process", "upload")}  # fmt: skip
    return {name: value for name, value in (counts | times).items() if value is not None}


def _written(files: Files) -> tuple[list[Series], dict[str, Scalar], dict[str, Scalar]]:
    """Series, finals and params in the files of the output commit, by their names, as in a plain run folder.

    Files in folders (one per datum) carry the folder's path in front of their names.
    """
    found: dict[str, Series] = {}
    results: dict[str, Scalar] = {}
    params: dict[str, Scalar] = {}
    for one in files.left((), top=f"{FILES}/"):
        place, _, name = one.path.removeprefix(f"{FILES}/").rpartition("/")
        here = runfolder.roles([name])
        context = {"datum": place} if place else {}
        if here.params:
            params |= files.flat(one.path, files.document(one.path))
        elif here.series or here.summary:
            several, single = measurements(files, one.path)
            for series in several:
                kept = Series(
                    series.name,
                    series.steps,
                    series.values,
                    series.times,
                    series.step_name,
                    {**series.context, **context},
                )
                found.setdefault(kept.label, kept)
            results |= {f"{place}/{key}" if place else key: value for key, value in single.items()}
    return list(found.values()), results, params


def _log(files: Files) -> str:
    """What the program itself printed: lines of the workers are left out."""
    data = files.data(LOG, MAX_SERIES)
    said = jsontext.load_lines(data, files.notes, LOG).rows
    return "\n".join(words(row, "message") for row in said if row.get("user") is True)[-256 * 1024 :]

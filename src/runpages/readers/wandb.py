"""Weights & Biases' run folders, from the `.wandb` log or from the JSON and YAML files beside it (docs/formats/wandb.md)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from runpages.codecs import wandb_media, wandb_series
from runpages.codecs.flatten import TooMuch
from runpages.codecs.leveldb_log import MAGIC
from runpages.codecs.runfiles import packages
from runpages.codecs.wandb_files import METADATA, SUMMARY
from runpages.codecs.wandb_folder import Part, listed, logs_in
from runpages.codecs.wandb_log import RunLog
from runpages.errors import Notes
from runpages.model import Artifact, Code, Run, Scalar, Series, Source, Status, Study
from runpages.readers import Folder

_RUN = re.compile(r"(?:offline-|dry)?run-\d{8}_\d{6}-(?P<id>.+)")
_LATEST = re.compile(r"latest-run(?:\.\d+)?")


class WandbReader:
    """One run per id: the folders of a run that was resumed are its parts, in the order of their dates."""

    name = "wandb"
    title = "Weights & Biases"
    reads = "wandb 0.8 to 0.31, offline, dry and synced run folders"
    rank = 0

    def find(self, folder: Folder) -> Iterator[Source]:
        """Each run whose folders lie in this one; or this folder itself, when it is a run's."""
        parts: dict[str, list[str]] = {}
        for name in folder.folders:
            match = _RUN.fullmatch(name)
            if match and _is_run(folder.path / name):
                parts.setdefault(match["id"], []).append(name)
        copies = [name for name in folder.folders if _LATEST.fullmatch(name) and _copies(folder.path / name, parts)]
        for number, names in enumerate(parts.values()):
            paths = [folder.path / name for name in sorted(names, key=_date)]
            owns = paths + [folder.path / name for name in copies if number == 0]
            key = paths[0].name if folder.key == "." else f"{folder.key}/{paths[0].name}"
            yield Source(self.name, folder.path, key, tuple(paths), tuple(owns))
        if not parts and _holds_log(folder):
            yield Source(
                self.name, folder.path, folder.key, (folder.path,), tuple(folder.path / one for one in folder.folders)
            )

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """The run; folders that hold nothing of it are noted and give none."""
        parts = [Part(path, "" if path == source.root else path.name + "/", notes) for path in source.files]
        parts = [part for part in parts if part.read()]
        if parts:
            if len(parts) > 1:
                notes.info("wandb-resumed", f"the run was started {len(parts)} times", where=source.key,
                           kept="all parts, one after the other; steps may start again")  # fmt: skip
            yield _run(source, parts, notes)


def _date(name: str) -> str:
    return name[name.index("run-") :]


def _holds_log(folder: Folder) -> bool:
    """A folder with W&B's log, or with a run's name and W&B's own files."""
    if any(folder.peek(name, len(MAGIC)) in (MAGIC, b"") for name in logs_in(folder.files)):
        return True
    return bool(_RUN.fullmatch(folder.path.name)) and _is_run(folder.path)


def _is_run(path: Path) -> bool:
    names = listed(path)
    if any(name.endswith(".swanlab") for name in names):  # SwanLab names its folders the same way
        return False
    return bool(logs_in(names) or {SUMMARY, METADATA, "files"} & set(names))


def _copies(latest: Path, ids: Iterable[str]) -> bool:
    """Whether `latest-run` is a real folder that repeats a run which has a folder of its own."""
    return bool({name[4:-6] for name in logs_in(listed(latest))} & set(ids))


def _run(source: Source, parts: list[Part], notes: Notes) -> Run:
    last = parts[-1]
    said: dict[str, Any] = {}
    metadata: dict[str, Any] = {}
    config: dict[str, Any] = {}
    summary: dict[str, Any] = {}
    for part in parts:
        said |= part.log.run
        metadata |= part.log.environment
        config |= part.log.config
        summary |= part.summary
    match = _RUN.fullmatch(last.path.name)
    run_id = said.get("id") or (match["id"] if match else "") or source.key
    try:
        params = wandb_series.params(config)
    except TooMuch as error:
        notes.warn("document-unreadable", str(error), where=f"{source.key}: config", kept="the rest of the run")
        params = {}
    series = wandb_series.joined([part.series for part in parts])
    started = parts[0].log.run.get("started")
    status, reason = _status(last.log)
    environment, links = _environment(parts, metadata), _links(said)
    return Run(
        id=str(run_id),
        name=said.get("name") or str(run_id),
        tracker="wandb",
        source=source.key,
        group=said.get("group") or said.get("project", ""),
        parent=said.get("forked_from", ""),
        status=status,
        reason=reason,
        started=started,
        ended=_ended(last, series),
        user=_text(metadata.get("username")) or said.get("entity", ""),
        host=_text(metadata.get("host")) or said.get("host", ""),
        params=params,
        series=series,
        results=wandb_series.results(summary),
        tags=_tags(said, parts),
        notes=said.get("notes", ""),
        artifacts=_artifacts(parts),
        code=_code(metadata, said, last),
        environment=environment,
        log="".join(part.console() for part in parts),
        links=links,
        study=trial_of(said, status),
    )


def _status(log: RunLog) -> tuple[Status, str]:
    if log.exit_code is None:
        return "unknown", "no end is recorded: still running, or killed"
    return ("finished", "") if log.exit_code == 0 else ("failed", f"exit code {log.exit_code}")


def trial_of(said: Mapping[str, Any], status: Status) -> Study:
    """The sweep by its id; its method and goal are kept by the server alone."""
    states: dict[Status, Literal["complete", "failed"]] = {"finished": "complete", "failed": "failed"}
    return Study(str(said["sweep"]), state=states.get(status, "running")) if said.get("sweep") else Study()


def _ended(last: Part, series: Iterable[Series]) -> float | None:
    """When the run ended by its own record, else when it last said anything."""
    started = last.log.run.get("started")
    if last.log.exit_code is not None and started and last.log.runtime:
        return float(started) + last.log.runtime
    times = [float(one.times[-1]) for one in series if one.times is not None and len(one.times)]
    return max(times, default=None)


def _tags(said: Mapping[str, Any], parts: list[Part]) -> dict[str, Scalar]:
    tags: dict[str, Scalar] = dict.fromkeys(said.get("tags", ()), True)
    tags |= {name: said[name] for name in ("project", "entity", "job_type", "sweep") if said.get(name)}
    used = sorted({name for part in parts for _, name in part.log.used})
    return tags | ({"used_artifacts": ", ".join(used)} if used else {})


def _artifacts(parts: list[Part]) -> tuple[Artifact, ...]:
    logged = [one for part in parts for one in part.log.artifacts]
    used = [one for part in parts for one in part.log.used]
    kept = (one for part in parts for one in (*part.media, *part.others()))
    return (*kept, *wandb_media.from_logged(logged, used))


def _environment(parts: list[Part], metadata: Mapping[str, Any]) -> dict[str, Scalar]:
    names = ("os", "python", "gpu", "cuda", "cpu", "cpu_count", "cpu_count_logical", "gpu_count", "memory.total")
    found: dict[str, Scalar] = {
        name: value for name in names if isinstance(value := metadata.get(name), str | int | float)
    }
    client = next((part.log.client for part in reversed(parts) if part.log.client), "")
    return found | ({"wandb": client} if client else {}) | packages(parts[-1].file("requirements.txt"))


def _code(metadata: Mapping[str, Any], said: Mapping[str, Any], last: Part) -> Code:
    git = metadata.get("git") if isinstance(metadata.get("git"), dict) else {}
    arguments = metadata.get("args")
    entry = _text(metadata.get("codePath")) or _text(metadata.get("program"))
    words = [one for one in arguments if isinstance(one, str)] if isinstance(arguments, list) else []
    patch = last.file("diff.patch")
    commit = said.get("commit") or _text((git or {}).get("commit"))
    dirty = bool(patch) if commit else None
    repository = said.get("repository") or _text((git or {}).get("remote"))
    command = " ".join(["python", entry, *words]) if entry else ""
    return Code(repository, commit, "", dirty, patch, entry, command)


def _links(said: Mapping[str, Any]) -> dict[str, str]:
    if said.get("entity") and said.get("project") and said.get("id"):
        return {"W&B": f"https://wandb.ai/{said['entity']}/{said['project']}/runs/{said['id']}"}
    return {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""

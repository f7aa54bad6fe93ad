"""Weights & Biases' run folders, from the `.wandb` log or from the JSON and YAML files beside it (docs/formats/wandb.md)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runpages.codecs import wandb_media, wandb_series
from runpages.codecs.flatten import TooMuch
from runpages.codecs.leveldb_log import MAGIC, NotALog, read_log
from runpages.codecs.runfiles import MAX_TEXT, Files, packages
from runpages.codecs.runfolder import kind_of
from runpages.codecs.text import read_capped
from runpages.codecs.wandb_files import read_run_files
from runpages.codecs.wandb_items import read_rows
from runpages.codecs.wandb_log import RunLog, read_run_log
from runpages.errors import Notes
from runpages.model import Artifact, Code, Run, Scalar, Series, Source, Status
from runpages.readers import Folder

MAX_LOG = 2 * 2**30
MAX_FILES = 2_000
SUMMARY, CONFIG, METADATA, HISTORY = "wandb-summary.json", "config.yaml", "wandb-metadata.json", "wandb-history.jsonl"
OWN = frozenset(
    {SUMMARY, CONFIG, METADATA, HISTORY, "wandb-events.jsonl", "output.log", "requirements.txt", "diff.patch"}
)
_RUN = re.compile(r"(?:offline-|dry)?run-\d{8}_\d{6}-(?P<id>.+)")
_LATEST = re.compile(r"latest-run(?:\.\d+)?")
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")


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
        parts = [_Part(path, "" if path == source.root else path.name + "/", notes) for path in source.files]
        parts = [part for part in parts if part.read()]
        if parts:
            if len(parts) > 1:
                notes.info("wandb-resumed", f"the run was started {len(parts)} times", where=source.key,
                           kept="all parts, one after the other; steps may start again")  # fmt: skip
            yield _run(source, parts, notes)


def as_seen(text: str) -> str:
    """Console text as a screen last showed it: progress bars written over, colours dropped."""
    lines = _ESCAPE.sub("", text).replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)


def _date(name: str) -> str:
    return name[name.index("run-") :]


def _logs(names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if name.startswith("run-") and name.endswith(".wandb"))


def _holds_log(folder: Folder) -> bool:
    """A folder with W&B's log, or with a run's name and W&B's own files."""
    if any(folder.peek(name, len(MAGIC)) in (MAGIC, b"") for name in _logs(folder.files)):
        return True
    return bool(_RUN.fullmatch(folder.path.name)) and _is_run(folder.path)


def _is_run(path: Path) -> bool:
    names = _listed(path)
    return bool(_logs(names) or {SUMMARY, METADATA, "files"} & set(names))


def _copies(latest: Path, ids: Iterable[str]) -> bool:
    """Whether `latest-run` is a real folder that repeats a run which has a folder of its own."""
    return bool({name[4:-6] for name in _logs(_listed(latest))} & set(ids))


def _listed(path: Path) -> list[str]:
    try:
        return sorted(os.listdir(path))
    except OSError:
        return []


@dataclass
class _Part:
    """One folder of a run: its log, or what the client's other files say."""

    path: Path
    prefix: str
    notes: Notes
    log: RunLog = field(default_factory=RunLog)
    series: list[Series] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    media: list[Artifact] = field(default_factory=list)
    files: Files = field(init=False)
    inner: str = ""

    def __post_init__(self) -> None:
        self.files = Files(self.path.parent if self.prefix else self.path, self.notes)

    def read(self) -> bool:
        """Whether there was anything."""
        names = _listed(self.path)
        self.inner = self.prefix + ("files/" if "files" in names else "")
        beside = set(_listed(self.path / "files") if "files" in names else names)
        for name in _logs(names):
            if self._read_log(self.path / name, self.prefix + name):
                self._decode()
                break
        else:
            if not beside & {SUMMARY, CONFIG, METADATA, HISTORY}:
                self.notes.warn(
                    "wandb-empty", "neither a log with records nor a summary", where=self.prefix or self.path.name
                )
                return False
            told = read_run_files(self.files, self.inner, beside)
            self.log, self.series, self.summary = told.log, told.series, told.summary
        if METADATA in beside:
            said = self.files.document(self.inner + METADATA)
            self.log.environment = (said if isinstance(said, dict) else {}) | self.log.environment
        return True

    def _read_log(self, path: Path, where: str) -> bool:
        try:
            data, more = read_capped(path, MAX_LOG)
            framed = read_log(data)
        except OSError as error:
            self.notes.warn("file-unreadable", error.strerror or "cannot be read", where=where, kept="the other files")
            return False
        except NotALog as error:
            self.notes.warn("wandb-not-a-log", str(error), where=where, kept="the other files")
            return False
        if more:
            self.notes.warn(
                "file-too-large", f"longer than {MAX_LOG >> 30} GiB", where=where, kept="the records up to there"
            )
        self.log = read_run_log(framed)
        kept = f"{len(framed.records):,} records"
        if framed.torn is not None:
            self.notes.info("wandb-torn", f"the log ends inside a record, at byte {framed.torn:,} of {len(data):,}",
                            where=where, kept=kept, hint="the run is still being written, or was killed")  # fmt: skip
        if framed.damaged:
            self.notes.warn("wandb-damaged", f"{len(framed.damaged)} damaged places, the first at byte {framed.damaged[0]:,}",
                            where=where, kept=kept)  # fmt: skip
        return bool(framed.records)

    def _decode(self) -> None:
        table, final = read_rows(self.log.history), read_rows(self.log.summary)
        steps = wandb_series.row_steps(table, self.log.history)
        self.series = wandb_series.of_history(table, self.log.history, self.log.metrics)
        self.series += wandb_series.of_stats(self.log.stats)
        self.summary = wandb_series.last_values(table) | wandb_series.last_values(final)
        for row, name, value in table.rest:
            if isinstance(value, Mapping) and "_type" in value:
                self.media.extend(wandb_media.from_value(name, value, int(steps[row]), self.inner))
        shown = {(one.path, one.key) for one in self.media}
        for name, value in wandb_series.last_values(final).items():  # media put into run.summary only
            if isinstance(value, Mapping) and "_type" in value:
                found = wandb_media.from_value(name, value, None, self.inner)
                self.media.extend(one for one in found if (one.path, one.key) not in shown)
        bad = self.log.bad + table.bad + final.bad
        if bad:
            self.notes.warn(
                "wandb-bad-records", f"{bad} records are no W&B records", where=self.prefix, kept="the others"
            )

    def console(self) -> str:
        """What the training printed, by output.log or by the log's records: of a killed run either may be ahead."""
        name = self.inner + "output.log"
        written = self.files.text(name, tail=True) if (self.files.root / name).is_file() else ""
        recorded = "".join(self.log.output)[-MAX_TEXT:]
        return max(as_seen(written), as_seen(recorded), key=len)

    def file(self, name: str) -> str:
        """A text file among the run's files; "" when it is not there."""
        return self.files.text(self.inner + name) if (self.files.root / self.inner / name).is_file() else ""

    def others(self) -> Iterator[Artifact]:
        """Saved code, checkpoints and whatever else the run kept below `files/`."""
        seen = {one.path for one in self.media}
        top = self.files.root / self.inner
        found = 0
        for folder, folders, names in os.walk(top):
            folders.sort()
            if Path(folder) == top:
                folders[:] = [one for one in folders if one not in ("logs", "tmp")]
            for name in sorted(names):
                path = Path(folder, name)
                below = path.relative_to(top).as_posix()
                known = below in OWN or _logs([below]) or below.endswith(".synced") or self.inner + below in seen
                if not known and path.is_file() and not path.is_symlink() and found < MAX_FILES:
                    found += 1
                    yield Artifact(below, kind_of(below), self.inner + below, size=path.stat().st_size)


def _run(source: Source, parts: list[_Part], notes: Notes) -> Run:
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
    environment, links = _environment(parts, metadata), _links(metadata, said)
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
        artifacts=tuple(
            one for part in parts for one in (*part.media, *part.others(), *wandb_media.from_logged(part.log.artifacts))
        ),
        code=_code(metadata, said, last),
        environment=environment,
        log="".join(part.console() for part in parts),
        links=links,
    )


def _status(log: RunLog) -> tuple[Status, str]:
    if log.exit_code is None:
        return "unknown", "no end is recorded: still running, or killed"
    return ("finished", "") if log.exit_code == 0 else ("failed", f"exit code {log.exit_code}")


def _ended(last: _Part, series: Iterable[Series]) -> float | None:
    """When the run ended by its own record, else when it last said anything."""
    started = last.log.run.get("started")
    if last.log.exit_code is not None and started and last.log.runtime:
        return float(started) + last.log.runtime
    times = [float(one.times[-1]) for one in series if one.times is not None and len(one.times)]
    return max(times, default=None)


def _tags(said: Mapping[str, Any], parts: list[_Part]) -> dict[str, Scalar]:
    tags: dict[str, Scalar] = {tag: True for tag in said.get("tags", ())}
    tags |= {name: said[name] for name in ("project", "entity", "job_type", "sweep") if said.get(name)}
    used = sorted({name for part in parts for _, name in part.log.used})
    return tags | ({"used_artifacts": ", ".join(used)} if used else {})


def _environment(parts: list[_Part], metadata: Mapping[str, Any]) -> dict[str, Scalar]:
    names = ("os", "python", "gpu", "cuda", "cpu", "cpu_count", "cpu_count_logical", "gpu_count", "memory.total")
    found: dict[str, Scalar] = {
        name: value for name in names if isinstance(value := metadata.get(name), str | int | float)
    }
    client = next((part.log.client for part in reversed(parts) if part.log.client), "")
    return found | ({"wandb": client} if client else {}) | packages(parts[-1].file("requirements.txt"))


def _code(metadata: Mapping[str, Any], said: Mapping[str, Any], last: _Part) -> Code:
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


def _links(metadata: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, str]:
    if said.get("entity") and said.get("project") and said.get("id"):
        return {"W&B": f"https://wandb.ai/{said['entity']}/{said['project']}/runs/{said['id']}"}
    return {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""

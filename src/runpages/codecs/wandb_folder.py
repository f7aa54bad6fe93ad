"""One folder of a W&B run: its log decoded, or what the client's other files say; its media and other files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runpages.codecs import wandb_media, wandb_series
from runpages.codecs.leveldb_log import NotALog, read_log
from runpages.codecs.runfiles import MAX_TEXT, Files
from runpages.codecs.runfolder import kind_of
from runpages.codecs.text import read_capped
from runpages.codecs.wandb_files import CONFIG, EVENTS, HISTORY, METADATA, SUMMARY, read_run_files
from runpages.codecs.wandb_items import read_rows
from runpages.codecs.wandb_log import RunLog, read_run_log
from runpages.errors import Notes
from runpages.model import Artifact, Series

MAX_LOG = 2 * 2**30
MAX_FILES = 2_000
OWN = frozenset({SUMMARY, CONFIG, METADATA, HISTORY, EVENTS, "output.log", "requirements.txt", "diff.patch"})
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")


@dataclass
class Part:
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
        names = listed(self.path)
        self.inner = self.prefix + ("files/" if "files" in names else "")
        beside = set(listed(self.path / "files") if "files" in names else names)
        for name in logs_in(names):
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
        table, final = read_rows(self.log.history), read_rows(self.log.summary, exact=True)
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
                known = below in OWN or logs_in([below]) or below.endswith(".synced") or self.inner + below in seen
                if not known and path.is_file() and not path.is_symlink() and found < MAX_FILES:
                    found += 1
                    yield Artifact(below, kind_of(below), self.inner + below, size=path.stat().st_size)


def as_seen(text: str) -> str:
    """Console text as a screen last showed it: progress bars written over, colours dropped."""
    lines = _ESCAPE.sub("", text).replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)


def logs_in(names: Iterable[str]) -> list[str]:
    """The names among these that W&B gives its logs."""
    return sorted(name for name in names if name.startswith("run-") and name.endswith(".wandb"))


def listed(path: Path) -> list[str]:
    """The names in a folder; none when it cannot be listed."""
    try:
        with os.scandir(path) as entries:
            return sorted(entry.name for entry in entries)
    except OSError:
        return []

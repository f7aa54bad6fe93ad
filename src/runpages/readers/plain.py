"""Run folders without any tracker: a params file, a metrics file, perhaps a run.json (docs/formats/plain.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from runpages.codecs import csvtext, runfolder, series
from runpages.codecs.runfiles import MAX_SERIES, Files, all_measured, packages
from runpages.codecs.runfolder import Roles
from runpages.codecs.runsigns import counts, measured, one_row_per_run, owner_of
from runpages.codecs.text import scalar
from runpages.errors import Notes, NotMine
from runpages.model import Code, Run, Scalar, Series, Source, Status
from runpages.readers import Folder, list_folder

# a folder with one of these is the root of a program or of documentation, whatever else lies in it
PROJECT = frozenset(
    ".git pyproject.toml setup.py package.json Cargo.toml go.mod mkdocs.yml conf.py index.md index.html index.rst".split()
)
_WORDS: dict[Status, str] = {
    "finished": "finished finish done success succeeded successful complete completed ok",
    "failed": "failed fail failure error crashed",
    "killed": "killed cancelled canceled aborted interrupted stopped terminated",
    "running": "running started active",
}
STATUSES: dict[str, Status] = {word: status for status, words in _WORDS.items() for word in words.split()}
RECORD = frozenset(
    "name group status started ended tags commit command notes user host parent branch repository entry_point reason".split()
)


class PlainReader:
    """Folders that hold a run as files anyone can write, and tables with one run a row."""

    name = "plain"
    title = "Plain files"
    reads = "params and metrics as JSON, JSON lines, YAML, TOML, CSV or TSV, without any tracker"
    rank = 9

    def find(self, folder: Folder) -> Iterator[Source]:
        """The folder itself, when its files are a run's."""
        if verdict(folder)[0]:
            inner = [name for name in folder.folders if name.lower() in runfolder.INNER]
            yield folder.source(self.name, *folder.files, *inner, owns=[folder.path / name for name in inner])

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """One run, or one per row of a table of runs, or one per file of a folder of CSV files."""
        try:
            folder = list_folder(source.root, source.key)
        except OSError as error:
            raise NotMine(error.strerror) from None
        here = runfolder.roles(folder.files)
        files = Files(source.root, notes)
        if _table_of_runs(folder, here):
            yield from _rows(folder, files, here)
        elif not here.series and not here.record and not here.params and len(here.loose) > 1:
            for name in here.loose:
                yield _run(folder, files, runfolder.roles(()), name)
        else:
            yield _run(folder, files, here)

    def explain(self, folder: Folder) -> str:
        """Why this folder is, or is not, read as a plain run; for `runpages inspect --explain`."""
        return explain(folder)


def explain(folder: Folder) -> str:
    """Why this folder is, or is not, read as a plain run: one or two sentences."""
    claimed, reason = verdict(folder)
    return f"A run: {reason}." if claimed else f"Not a run: {reason}."


def verdict(folder: Folder) -> tuple[bool, str]:
    """Whether the folder is a run, and the rule of docs/formats/plain.md that says so."""
    owner = owner_of(folder.names)
    if owner:
        return False, f"its names are those of {owner}, which has its own reader"
    here = runfolder.roles(folder.files)
    project = sorted(PROJECT & folder.names)
    if here.record and folder.peek(here.record).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        return True, "it has a run.json"
    pages = [name for name in folder.files if name.lower().endswith((".md", ".rst")) and name not in here.notes]
    if project or len(pages) > 1:
        what = project[0] if project else "several pages of text"
        return False, f"{what} makes it a project or documentation; a run.json would make it a run"
    if _table_of_runs(folder, here):
        return True, f"{_table_of_runs(folder, here)} has one row per run"
    beside = bool(here.params or here.status or here.markers)
    for name in here.series[:4]:
        if measured(name, folder.peek(name), beside):
            return True, f"{name} holds measurements"
    if here.params and (here.summary or here.status or here.markers or here.series):
        return (
            True,
            f"{here.params[0]} says what was chosen, {(*here.summary, *here.series, here.status, *here.markers)[0]} what came of it",
        )
    if len(here.loose) > 1 and not here.params and counts(csvtext.header_of(folder.peek(here.loose[0])), first=True):
        return True, "each of its CSV files counts steps or epochs: one run per file"
    if here.params:
        return False, f"{here.params[0]} alone is no run; add metrics.csv, summary.json or a file named status"
    if here.series:
        return False, f"{here.series[0]} has no step or epoch column, and no params file stands beside it"
    return (
        False,
        "there is no metrics file (metrics.csv, metrics.jsonl, ...), no run.json, no params file with a summary",
    )


def _table_of_runs(folder: Folder, here: Roles) -> str:
    """The file with one row per run, if there is one."""
    if here.record or here.params:
        return ""
    for name in here.tables:
        if one_row_per_run(folder.peek(name)):
            return name
    return ""


def _run(folder: Folder, files: Files, here: Roles, only: str = "") -> Run:
    """The run in a folder, or in its file `only`."""
    record = _record(files, here)
    measured_here, results = all_measured(files, (*((only,) if only else here.series), *here.summary))
    params = files.flat(here.params[0], files.document(here.params[0])) if here.params else {}
    status, reason = _status(files, here, record)
    started, ended = _span(record, measured_here, status, files.notes)
    parts = [] if folder.key == "." else folder.key.split("/")
    stem = only.rpartition(".")[0]
    groups = [*parts, stem] if only else parts
    used = {
        only,
        *here.params[:1],
        *here.notes[:1],
        *here.patches[:1],
        *here.logs[:1],
        here.record,
        here.status,
        *here.markers,
    }
    return Run(
        id="/".join(groups) or ".",
        name=_text(record, "name") or (groups[-1] if groups else folder.path.name),
        tracker="plain",
        source=folder.key,
        group=_text(record, "group") or (groups[-2] if len(groups) > 1 else ""),
        parent=_text(record, "parent") or ("" if only else _parent(folder)),
        status=status, reason=reason, started=started, ended=ended,
        user=_text(record, "user"), host=_text(record, "host"),
        params=params, series=tuple(measured_here), results=results,
        tags=_tags(files, here.record, record),
        notes=_text(record, "notes") or (files.text(here.notes[0]) if here.notes else ""),
        artifacts=() if only else files.left(used),
        code=_code(files, here, record),
        environment=packages(files.text(here.packages[0])) if here.packages else {},
        log=files.text(here.logs[0], tail=True) if here.logs else "",
    )  # fmt: skip


def _record(files: Files, here: Roles) -> Mapping[str, Any]:
    value = files.document(here.record) if here.record else {}
    return value if isinstance(value, Mapping) else {}


def _text(record: Mapping[str, Any], key: str) -> str:
    value = record.get(key)
    return "" if value is None or isinstance(value, Mapping | list) else str(value)


def _status(files: Files, here: Roles, record: Mapping[str, Any]) -> tuple[Status, str]:
    """The status and, when it is none of the known words or run.json says why, the reason."""
    said = files.text(here.status).split() if here.status else []
    word = said[0] if said else _text(record, "status")
    if not word and here.markers:
        word = runfolder.MARKERS[here.markers[-1].lower()]
    status = STATUSES.get(word.lower(), "unknown")
    return status, _text(record, "reason") or ("" if status != "unknown" or word == "unknown" else word)


def _span(
    record: Mapping[str, Any], measured_here: Sequence[Series], status: Status, notes: Notes
) -> tuple[float | None, float | None]:
    """Start and end: run.json's, else the first and last time in the metrics. Never a file's mtime: a checkout resets it."""
    times = [one.times[np.isfinite(one.times)] for one in measured_here if one.times is not None]
    known = np.concatenate(times) if times else np.empty(0)
    given: list[float | None] = []
    for key in ("started", "ended"):
        value = record.get(key)
        when = series.seconds(value) if value is not None else np.nan
        if value is not None and not np.isfinite(when):
            notes.warn(
                "time-unreadable",
                f"{key} is {str(value)[:40]!r}",
                where="run.json",
                hint="write ISO 8601 or Unix seconds",
            )
        given.append(float(when) if np.isfinite(when) else None)
    started = given[0] if given[0] is not None or not known.size else float(known.min())
    ended = given[1] if given[1] is not None or not known.size or status == "running" else float(known.max())
    return started, ended


def _tags(files: Files, name: str, record: Mapping[str, Any]) -> dict[str, Scalar]:
    """Tags of run.json, and everything in it that has no other place."""
    tags = record.get("tags")
    named = {str(tag): True for tag in tags} if isinstance(tags, list) else tags if isinstance(tags, Mapping) else {}
    rest = {key: value for key, value in record.items() if key not in RECORD}
    return files.flat(name, {**rest, **named}) if rest or named else {}


def _code(files: Files, here: Roles, record: Mapping[str, Any]) -> Code:
    patch = files.text(here.patches[0]) if here.patches else ""
    fields = {key: _text(record, key) for key in ("repository", "commit", "branch", "entry_point", "command")}
    return Code(**fields, dirty=True if patch else None, patch=patch)


def _parent(folder: Folder) -> str:
    """The run this one lies in: the folder above, when it holds one of the layout's own files."""
    if folder.key == "." or not any(
        (folder.path.parent / name).is_file() for name in ("metrics.csv", "metrics.jsonl", "run.json")
    ):
        return ""
    return folder.key.rpartition("/")[0] or "."


def _rows(folder: Folder, files: Files, here: Roles) -> Iterator[Run]:
    """One run per row, with the id FILE#NAME. Rows named like a folder beside the file repeat that run and are left out."""
    file = _table_of_runs(folder, here)
    header, rows = csvtext.cells(files.data(file, MAX_SERIES), files.notes, file)
    at = next((at for at, name in enumerate(header) if name.lower() in runfolder.RUN_COLUMNS), None)
    names = [] if at is None else [row[at].strip() for row in rows]
    if at is None or len(set(names)) < len(names) or not all(names):
        files.notes.warn("table-no-names", "two rows have one name, or a row has none", where=file, kept="nothing of it",
                         hint="give each run a name of its own")  # fmt: skip
        return
    said = sum(name in folder.folders for name in names)
    if said:
        files.notes.info("table-repeats", f"{said} rows name folders beside the file", where=file, kept="the folders")
    files.notes.info("table-guessed", "which columns were chosen and which measured is not said", where=file,
                     kept="text and well-known settings as params, other numbers as results")  # fmt: skip
    for name, row in zip(names, rows, strict=True):
        if name in folder.folders:
            continue
        values = {
            key: scalar(cell)
            for key, cell in zip(header, row, strict=True)
            if key and cell.strip() and key != header[at]
        }
        yield Run(
            id=(file if folder.key == "." else f"{folder.key}/{file}") + f"#{name}",
            name=name,
            tracker="plain",
            source=folder.key,
            group=file.rpartition(".")[0],
            params={key: value for key, value in values.items() if not runfolder.is_result(key, value)},
            results={key: value for key, value in values.items() if runfolder.is_result(key, value)},
        )

"""Ray Tune's and Train's trial folders; of the experiment's state only what is plain JSON (docs/formats/ray.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from runpages.codecs import csvtext, jsontext, series
from runpages.codecs.flatten import TooMuch
from runpages.codecs.runfiles import MAX_DOCUMENT, MAX_SERIES, Files
from runpages.codecs.text import read_capped
from runpages.errors import Notes
from runpages.model import Run, Scalar, Series, Source, Status, Study
from runpages.readers import Folder

PARAMS, RESULT, PROGRESS, ERROR = "params.json", "result.json", "progress.csv", "error.txt"
STEP = "training_iteration"
# what Ray adds to every report
AUTOMATIC = frozenset(
    "timestamp checkpoint_dir_name done training_iteration trial_id date time_this_iter_s time_total_s pid hostname node_ip config "
    "time_since_restore iterations_since_restore should_checkpoint experiment_tag experiment_id timesteps_since_restore "
    "timesteps_total warmup_time".split()
)
STATES: dict[str, tuple[Status, Any]] = {
    "TERMINATED": ("finished", "complete"), "ERROR": ("failed", "failed"), "RUNNING": ("running", "running"),
    "PAUSED": ("running", "running"), "PENDING": ("unknown", "waiting"),
}  # fmt: skip
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_CHECKPOINT = re.compile(r"checkpoint_\d+", re.ASCII)


class RayReader:
    """One run per trial folder; the experiment is their study."""

    name = "ray"
    title = "Ray Tune"
    reads = "trial folders of ray 2.60 (older ones have the same files), with or without the experiment's state"
    rank = 0

    def find(self, folder: Folder) -> Iterator[Source]:
        """The folder itself, when its reports are Ray's."""
        if _is_trial(folder):
            kept = [name for name in folder.folders if _CHECKPOINT.fullmatch(name)]
            files = [name for name in (PARAMS, RESULT, PROGRESS, ERROR) if name in folder.files]
            state = _state_file(folder.path.parent) if folder.key != "." else None
            owned = [folder.path / name for name in kept]
            paths = sorted([*(folder.path / name for name in files), *owned]) + ([state] if state else [])
            yield Source(self.name, folder.path, folder.key, tuple(paths), tuple(owned))

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """The run of the trial."""
        files = Files(source.root, notes)
        present = {path.name for path in source.files if path.parent == source.root}
        rows = _rows(files, present)
        last = rows[-1] if rows else {}
        params = _params(files, present, last)
        trial_id = str(last.get("trial_id") or "")
        told = _state(source, trial_id)
        failed = ERROR in present
        status, state = STATES.get(str(told.get("status")), ("failed", "failed") if failed else ("unknown", ""))
        error = _COLOUR.sub("", files.text(ERROR, tail=True)) if failed else ""
        measured, texts = _series(rows, notes)
        parts = [] if source.key == "." else source.key.split("/")
        tag = str(told.get("experiment_tag") or last.get("experiment_tag") or "")
        number = re.search(r"_(\d{1,9})$", trial_id, re.ASCII)
        yield Run(
            id=source.key if parts else trial_id or ".",
            name=tag or source.root.name,
            tracker="ray",
            source=source.key,
            group=parts[-2] if len(parts) > 1 else "",
            status=status,
            reason=error.strip().rpartition("\n")[2][:500],
            started=_time(told.get("start_time")),
            ended=_time(last.get("timestamp")) if status in ("finished", "failed") else None,
            host=str(last.get("hostname") or ""),
            params=params,
            series=tuple(measured),
            tags={"trial_id": trial_id} | ({"metric": str(told["metric"])} if told.get("metric") else {}) | texts,
            artifacts=tuple(one for name in sorted(present) if _CHECKPOINT.fullmatch(name) for one in files.inside(name)),
            log=error,
            study=Study(
                name=parts[-2] if len(parts) > 1 else "",
                number=int(number[1]) if number else None,
                state=state,
                sampler=str(told.get("sampler", "")),
                space={str(name).replace("/", "."): {} for name in _map(told.get("evaluated_params"))},
            ),
        )  # fmt: skip


def _is_trial(folder: Folder) -> bool:
    if RESULT in folder.files:
        head = folder.peek(RESULT)
        if f'"{STEP}"'.encode() in head or (len(head) == 4096 and "params.pkl" in folder.files):
            return True
        if not head and PARAMS in folder.files and "params.pkl" in folder.files:
            return True  # it ended before it reported anything
    return PROGRESS in folder.files and {STEP, "time_total_s"} <= set(csvtext.header_of(folder.peek(PROGRESS)))


def _rows(files: Files, present: set[str]) -> list[dict[str, Any]]:
    """The reports in the order of their iterations; of one that was made again after a restart, the later."""
    rows: list[dict[str, Any]] = []
    if RESULT in present:
        rows = jsontext.load_lines(files.data(RESULT, MAX_SERIES), files.notes, RESULT).rows
    if not rows and PROGRESS in present:
        header, body = csvtext.cells(files.data(PROGRESS, MAX_SERIES), files.notes, PROGRESS)
        names = [name.replace("/", ".") for name in header]
        rows = [{name: _cell(cell) for name, cell in zip(names, row, strict=True) if cell} for row in body]
    by_step = {int(row[STEP]): row for row in rows if _whole(row.get(STEP))}
    return [by_step[step] for step in sorted(by_step)]


def _cell(text: str) -> Any:
    found = csvtext.column("", [text])
    return float(found.values[0]) if found.given[0] else text


def _whole(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2**53 and value == int(value)


def _series(rows: Sequence[Mapping[str, Any]], notes: Notes) -> tuple[list[Series], dict[str, Scalar]]:
    """Every reported number over the iterations, and the last text of whatever else was reported."""
    own = [
        {key: value for key, value in row.items() if key not in AUTOMATIC and not key.startswith("config.")}
        for row in rows
    ]
    try:
        table = series.records_table(own)
    except TooMuch as error:
        notes.warn("document-unreadable", str(error), where=RESULT, kept="the other files")
        return [], {}
    steps = np.array([int(row[STEP]) for row in rows], np.int64)
    stamps = [_time(row.get("timestamp")) for row in rows]
    times = np.array([np.nan if one is None else one for one in stamps], np.float64)
    found, texts = [], {}
    for one in table.columns:
        if one.given.any():
            when = times[one.given] if np.isfinite(times).any() else None
            found.append(Series(one.name, steps[one.given], one.values[one.given], when, STEP))
        elif one.texts:
            texts[one.name] = one.texts[-1][1]
    return found, dict(texts)


def _params(files: Files, present: set[str], last: Mapping[str, Any]) -> dict[str, Scalar]:
    if PARAMS in present:
        return files.flat(PARAMS, files.document(PARAMS))
    inner = last.get("config")
    if isinstance(inner, Mapping):
        return files.flat(RESULT, inner)
    return files.flat(PROGRESS, {key[7:]: value for key, value in last.items() if key.startswith("config.")})


def _state_file(experiment: Path) -> Path | None:
    """The newest state of the experiment: their names sort by time."""
    try:
        names = [
            path for path in experiment.glob("experiment_state-*.json") if path.is_file() and not path.is_symlink()
        ]
    except OSError:
        return None
    return max(names, default=None)


def _state(source: Source, trial_id: str) -> Mapping[str, Any]:
    for path in source.files:
        if path.parent != source.root and path.parent == source.root.parent:
            try:
                found = path.stat()
                return _trials(path, found.st_mtime_ns, found.st_size).get(trial_id, {})
            except OSError:
                return {}
    return {}


@lru_cache(maxsize=4)
def _trials(path: Path, _changed: int, _size: int) -> dict[str, Mapping[str, Any]]:
    """What the state says of each trial. Pickles in it, written as hex digits, are passed over."""
    try:
        data, more = read_capped(path, 16 * MAX_DOCUMENT)
        state = {} if more else _map(jsontext.load(data))
    except (OSError, jsontext.NotJson):
        return {}
    basic = any(path.parent.glob("basic-variant-state-*.json"))
    shared = {
        "metric": _map(state.get("runner_data")).get("_metric"),
        "sampler": "BasicVariantGenerator" if basic else "",
    }
    found: dict[str, Mapping[str, Any]] = {}
    for pair in state["trial_data"] if isinstance(state.get("trial_data"), list) else ():
        fixed, moving = (_parsed(one) for one in (pair if isinstance(pair, list) and len(pair) == 2 else ("", "")))
        fields = ("status", "experiment_tag", "evaluated_params")
        found[str(fixed.get("trial_id"))] = {
            **shared,
            **{key: fixed.get(key) for key in fields},
            "start_time": moving.get("start_time"),
        }
    return found


def _parsed(text: Any) -> Mapping[str, Any]:
    try:
        return _map(jsontext.load(text.encode("utf-8", "replace"))) if isinstance(text, str) else _map(text)
    except jsontext.NotJson:
        return {}


def _time(value: Any) -> float | None:
    when = series.seconds(value) if isinstance(value, int | float) else float("nan")
    return float(when) if np.isfinite(when) else None


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}

"""Stable-Baselines3's loggers, Monitor and EvalCallback, and Spinning Up's progress files (docs/formats/stable_baselines.md)."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from runpages.codecs import csvtext, jsontext, runfolder, series
from runpages.codecs.flatten import TooMuch
from runpages.codecs.points import numeric
from runpages.codecs.runfiles import MAX_SERIES, Files
from runpages.errors import Notes
from runpages.model import Floats, Run, Series, Source
from runpages.readers import Folder

CSV, JSON, TEXT, EVALUATIONS, SPINNING = "progress.csv", "progress.json", "log.txt", "evaluations.npz", "progress.txt"
STEPS = ("time/total_timesteps", "total_timesteps")
MAX_ARRAY = 64 * 2**20
_MONITOR = re.compile(r"(?:(?P<env>.*)\.)?monitor\.csv")
_SPUN = re.compile(rb"[^\n]*\b(?:AverageEpRet|EpRet|TotalEnvInteracts)\b")


class StableBaselinesReader:
    """One run per folder with a progress, monitor or evaluations file."""

    name = "stable_baselines"
    title = "Stable-Baselines3"
    reads = "progress, monitor and evaluations files of Stable-Baselines3 1 to 2.9; Spinning Up's progress.txt"
    rank = 0

    def find(self, folder: Folder) -> Iterator[Source]:
        """The folder, when the first of its files with one of our names begins like ours."""
        if any(
            _begins(folder, name)
            for name in folder.files
            if name in (CSV, JSON, EVALUATIONS, SPINNING) or _MONITOR.fullmatch(name)
        ):
            yield folder.source(self.name, *folder.files)

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """The run in this folder."""
        files = Files(source.root, notes)
        names = [path.name for path in source.files]
        here = runfolder.roles(names)
        monitors = [name for name in names if _MONITOR.fullmatch(name)]
        found: dict[str, Series] = {}
        for name in (name for name in (CSV, JSON, SPINNING) if name in names):
            for one in _progress(files, name):
                found.setdefault(one.label, one)
        begun: list[float | None] = []
        heads: dict[str, Any] = {}
        for name in monitors:
            head, several = _monitor(files, name, several=len(monitors) > 1)
            heads |= head
            begun.append(numeric(head.get("t_start")))
            found |= {one.label: one for one in several}
        if EVALUATIONS in names:
            found |= {one.label: one for one in _evaluations(files)}
        started = min((when for when in begun if when is not None), default=None)
        times = [float(one.times[-1]) for one in found.values() if one.times is not None and len(one.times)]
        settings = files.document(here.params[0]) if here.params else {}
        settings = settings if isinstance(settings, Mapping) else {}
        used = {CSV, JSON, SPINNING, EVALUATIONS, TEXT, *monitors, *here.params[:1]}
        parts = [] if source.key == "." else source.key.split("/")
        yield Run(
            id=source.key,
            name=parts[-1] if parts else source.root.name,
            tracker="stable_baselines",
            source=source.key,
            group=str(settings.get("exp_name") or (parts[-2] if len(parts) > 1 else "")),
            started=started,
            ended=max(times, default=None),
            params=files.flat(here.params[0], {key: one for key, one in settings.items() if key != "logger"})
            if here.params
            else {},
            series=tuple(found.values()),
            tags={"env_id": str(heads["env_id"])} if heads.get("env_id") else {},
            artifacts=files.left(used),
            log=files.text(TEXT, tail=True) if TEXT in names else "",
        )


def _begins(folder: Folder, name: str) -> bool:
    head = folder.peek(name)
    if name == EVALUATIONS:
        return head.startswith(b"PK\x03\x04") and b"timesteps.npy" in head[:200]
    if name == SPINNING:
        return b"\t" in head and bool(_SPUN.match(head))
    if name == CSV:
        return bool(set(csvtext.header_of(head)) & set(STEPS))
    return head.startswith(b"#{") if name != JSON else bool(re.match(rb'\s*\{[^\n]*"(?:time/)?total_timesteps"', head))


def _progress(files: Files, name: str) -> list[Series]:
    """A progress file's series, over the steps taken in the environment (Spinning Up: over its epochs)."""
    data = files.data(name, MAX_SERIES)
    try:
        if name == JSON:
            table = series.records_table(jsontext.load_lines(data, files.notes, name).rows)
        else:
            table = csvtext.load(data, files.notes, name)
    except TooMuch as error:
        files.notes.warn("document-unreadable", str(error), where=name, kept="the other files")
        return []
    steps = table.find(*STEPS)
    columns = tuple(replace(one, name="step") if one is steps else one for one in table.columns)
    return series.from_table(csvtext.Table(columns, table.rows), files.notes, name)


def _monitor(files: Files, name: str, *, several: bool) -> tuple[Mapping[str, Any], list[Series]]:
    """What the first line of a monitor file says; reward and length of each episode over the steps taken so far."""
    first, _, rest = files.data(name, MAX_SERIES).partition(b"\n")
    try:
        head = jsontext.load(first.removeprefix(b"#"))
    except jsontext.NotJson:
        head = {}
    head = head if isinstance(head, Mapping) else {}
    table = csvtext.load(rest, files.notes, name)
    reward, length, elapsed = table.find("r"), table.find("l"), table.find("t")
    if reward is None or length is None or not length.numeric:
        return head, []
    lengths = np.where(length.given & np.isfinite(length.values), length.values, 0)
    steps = np.cumsum(np.clip(lengths, 0, 2**40)).astype(np.int64)
    begun = numeric(head.get("t_start"))
    times = begun + elapsed.values if begun is not None and elapsed is not None and elapsed.given.all() else None
    match = _MONITOR.fullmatch(name)
    context = {"env": match["env"] or "0"} if several and match else {}
    rows = reward.given & length.given
    when = times[rows] if times is not None else None
    return head, [
        Series(f"monitor/{one.name}", steps[rows], one.values[rows], when, "step", context) for one in (reward, length)
    ] if rows.any() else []


def _evaluations(files: Files) -> list[Series]:
    """Mean and spread of each evaluation's episodes."""
    arrays = _arrays(files)
    steps = arrays.get("timesteps")
    if steps is None or steps.ndim != 1:
        return []
    found = []
    for name, told in (("results", "reward"), ("ep_lengths", "ep_length"), ("successes", "success")):
        values = arrays.get(name)
        if values is None or values.ndim != 2 or len(values) != len(steps) or not values.size:
            continue
        found.append(Series(f"evaluations/mean_{told}", steps.astype(np.int64), values.mean(axis=1)))
        if name == "results":
            found.append(Series(f"evaluations/std_{told}", steps.astype(np.int64), values.std(axis=1)))
    return found


def _arrays(files: Files) -> dict[str, Floats]:
    """The arrays of numbers in evaluations.npz; an array of objects would need a pickle, which is never opened."""
    try:
        with zipfile.ZipFile(files.root / EVALUATIONS) as archive:
            if sum(one.file_size for one in archive.infolist()) > MAX_ARRAY:
                raise ValueError(f"more than {MAX_ARRAY // 2**20} MiB")
        with np.load(files.root / EVALUATIONS, allow_pickle=False) as arrays:
            return {
                name: np.asarray(arrays[name], np.float64)
                for name in ("timesteps", "results", "ep_lengths", "successes")
                if name in arrays
            }
    except (
        OSError,
        ValueError,
        EOFError,
        KeyError,
        TypeError,
        MemoryError,
        NotImplementedError,
        RuntimeError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        files.notes.warn(
            "evaluations-unreadable",
            str(error)[:200] or type(error).__name__,
            where=EVALUATIONS,
            kept="the other files",
        )
        return {}

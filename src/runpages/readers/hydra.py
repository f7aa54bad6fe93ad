"""Hydra's output folders: a configuration, a log, and whatever plain files the program wrote (docs/formats/hydra.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from runpages.codecs import runfolder, series
from runpages.codecs.interpolate import resolved
from runpages.codecs.runfiles import Files, all_measured
from runpages.codecs.text import scalar
from runpages.errors import Notes, NotMine
from runpages.model import Code, Run, Scalar, Source, Study
from runpages.readers import Folder, list_folder

CONFIG, OVERRIDES, HYDRA = ".hydra/config.yaml", ".hydra/overrides.yaml", ".hydra/hydra.yaml"
SWEEP, FOUND = "multirun.yaml", "optimization_results.yaml"
PROJECT = frozenset({".git", "pyproject.toml", "setup.py"})  # the program's own folder: its files are not the run's
MAX_ABOVE = 3
_LINE = re.compile(r"^\[(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d),(\d{3})\]", re.MULTILINE | re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DIRECTIONS: dict[str, Literal["max", "min"]] = {"maximize": "max", "minimize": "min"}
_RANGE = re.compile(r"(?:tag\((\w+), ?)?(?:interval|range)\(([^(),]+), ?([^(),]+)(?:, ?([^(),]+))?\)\)?")


class HydraReader:
    """One run per folder with `.hydra/config.yaml`; a tracker's run in or below that folder is the same run."""

    name = "hydra"
    title = "Hydra"
    reads = "outputs and multiruns of hydra-core 1.3, with plain metrics files in them"
    rank = 6  # after TensorBoard (5): whoever measured has the folder
    around = True  # what one run of each other tracker measured below the job's folder is the job's

    def find(self, folder: Folder) -> Iterator[Source]:
        """The folder itself; jobs of a sweep are read again when the sweep's own files change."""
        if ".hydra" in folder.folders and (folder.path / CONFIG).is_file():
            sweep = _sweep(folder.path, folder.key)
            above = [sweep / name for name in (SWEEP, FOUND) if (sweep / name).is_file()] if sweep else []
            project = bool(PROJECT & folder.names)
            own = [] if project else [folder.path / name for name in folder.files]
            inner = [] if project else [folder.path / one for one in folder.folders if one.lower() in runfolder.INNER]
            files = sorted([folder.path / ".hydra", *own, *inner]) + above
            yield Source(self.name, folder.path, folder.key, tuple(files), (folder.path / ".hydra", *inner))

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """The run: its configuration, and series and results out of metrics files that the plain layout knows."""
        try:
            listed = list_folder(source.root, source.key)
        except OSError as error:
            raise NotMine(error.strerror) from None
        files = Files(source.root, notes)
        here = runfolder.roles(() if PROJECT & listed.names else listed.files)
        measured, results = all_measured(files, (*here.series, *here.summary))
        told = _map(_document(files, HYDRA).get("hydra"))
        job, log = _map(told.get("job")), files.text(here.logs[0], tail=True) if here.logs else ""
        overrides = [str(one) for one in _list(files.document(OVERRIDES) if _there(source, OVERRIDES) else None)]
        sweep = _sweep(source.root, source.key) if told.get("mode") != "RUN" else None
        best = _best(files, sweep, overrides)
        started, ended = _span(source, log)
        yield Run(
            id=source.key,
            name=_name(source, job if sweep else {}),
            tracker="hydra",
            source=source.key,
            group=_stamp(source.key.split("/")[:-1]) if sweep else str(job.get("name") or ""),
            started=started,
            ended=ended,
            params=resolved(files.flat(CONFIG, files.document(CONFIG))),
            series=tuple(measured),
            results=results | best,
            tags=_choices(told) | ({"best": True} if best else {}),
            artifacts=() if PROJECT & listed.names else files.left(set(here.logs[:1])),
            code=_code(job, overrides),
            environment=_version(told),
            log=log,
            study=_study(files, source, sweep, told) if sweep else Study(),
        )  # fmt: skip


def _there(source: Source, name: str) -> bool:
    return (source.root / name).is_file()


def _sweep(path: Path, key: str) -> Path | None:
    """The folder of the sweep that a job's folder lies in, by the sweep's own files."""
    for above in list(path.parents)[: min(MAX_ABOVE, 0 if key == "." else key.count("/") + 1)]:
        if (above / SWEEP).is_file() or (above / FOUND).is_file():
            return above
    return None


def _stamp(parts: Sequence[str]) -> str:
    """The last name of a path, with the day above it when Hydra made both."""
    if len(parts) > 1 and _DAY.fullmatch(parts[-2]):
        return f"{parts[-2]}/{parts[-1]}"
    return parts[-1] if parts else ""


def _name(source: Source, job: Mapping[str, Any]) -> str:
    """What was varied in a sweep, else the folder."""
    varied = str(job.get("override_dirname") or "")
    return (
        varied if 0 < len(varied) <= 200 else source.root.name if source.key == "." else _stamp(source.key.split("/"))
    )


def _span(source: Source, log: str) -> tuple[float | None, float | None]:
    """First and last line of the log; without one the time in the folder's name."""
    stamps = [f"{day}T{clock}.{rest}" for day, clock, rest in _LINE.findall(log)]
    if not stamps and (match := re.search(r"(\d{4}-\d\d-\d\d)/(\d\d)-(\d\d)-(\d\d)(?:/|$)", source.key, re.ASCII)):
        stamps = [f"{match[1]}T{match[2]}:{match[3]}:{match[4]}"]
    times = [series.seconds(stamp) for stamp in (stamps[:1] + stamps[-1:] if len(stamps) > 1 else stamps)]
    return (
        times[0] if times and np.isfinite(times[0]) else None,
        times[1] if len(times) > 1 and np.isfinite(times[1]) else None,
    )


def _best(files: Files, sweep: Path | None, overrides: Sequence[str]) -> dict[str, Scalar]:
    """The sweep's best value, when it is this job that had these values."""
    if sweep is None or not (sweep / FOUND).is_file():
        return {}
    found = _document(Files(sweep, files.notes), FOUND)
    given = dict(one.lstrip("+").partition("=")[::2] for one in overrides)
    wanted = {name: str(value) for name, value in _map(found.get("best_params")).items()}
    value = found.get("best_value")
    same = bool(wanted) and all(str(scalar(given.get(name, ""))) == value for name, value in wanted.items())
    return {"best_value": float(value)} if same and isinstance(value, int | float) else {}


def _choices(told: Mapping[str, Any]) -> dict[str, Scalar]:
    """Which file of each of the program's own config groups was chosen."""
    chosen = _map(_map(told.get("runtime")).get("choices"))
    return {f"choice.{name}": str(value) for name, value in chosen.items() if not name.startswith("hydra/")}


def _code(job: Mapping[str, Any], overrides: Sequence[str]) -> Code:
    entry = f"{job['name']}.py" if job.get("name") else ""
    return Code(entry_point=entry, command=" ".join([entry, *overrides]) if entry else "")


def _version(told: Mapping[str, Any]) -> dict[str, Scalar]:
    version = _map(told.get("runtime")).get("version")
    return {"package.hydra-core": str(version)} if version else {}


def _study(files: Files, source: Source, sweep: Path, told: Mapping[str, Any]) -> Study:
    """The sweep; the basic sweeper tries every combination. What each job returned, Hydra does not keep."""
    sweeper, job = _map(told.get("sweeper")), _map(told.get("job"))
    sampler = str(_map(sweeper.get("sampler")).get("_target_") or sweeper.get("_target_") or "").rpartition(".")[2]
    number = job.get("num")
    overall = _document(Files(sweep, files.notes), SWEEP) if (sweep / SWEEP).is_file() else {}
    tasks = [str(one) for one in _list(_map(_map(overall.get("hydra")).get("overrides")).get("task"))]
    spread = {name: space for name, space in (_space(one) for one in tasks) if space}
    direction = _DIRECTIONS.get(str(sweeper.get("direction") or "").lower())
    return Study(
        directions={"best_value": direction} if direction else {}, name=_stamp(source.key.split("/")[:-1]), number=number if isinstance(number, int) else None, sampler=sampler,
        space=spread,
    )  # fmt: skip


def _space(override: str) -> tuple[str, dict[str, Any]]:
    """A swept param and what its values came from: `lr=0.1,0.2` or `lr=tag(log, interval(1e-4, 1))`."""
    name, _, text = override.lstrip("+").partition("=")
    match = _RANGE.fullmatch(text)
    if match:
        low, high = scalar(match[2]), scalar(match[3])
        return name, {
            "low": low,
            "high": high,
            "log": match[1] == "log",
            "step": scalar(match[4]) if match[4] else None,
        }
    if "," not in text or any(sign in text for sign in "()[]{}'\""):
        return name, {}
    return name, {"choices": [scalar(one.strip()) for one in text.split(",")]}


def _document(files: Files, name: str) -> Mapping[str, Any]:
    return _map(files.document(name))


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []

"""The laws of a reader, for our own tests and for third parties: `check_reader(reader, sample)`."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from runpages import together
from runpages.errors import Note, Notes, NotMine
from runpages.find import Root, find
from runpages.model import Run, Series, Source
from runpages.readers import Reader, installed, list_folder

CLIENTS = frozenset(
    "mlflow wandb tensorboard tensorboardX torch tensorflow lightning pytorch_lightning dvc dvclive clearml comet_ml neptune "
    "sacred guild polyaxon traceml kfp verta sagemaker optuna ray aim trackio swanlab keras transformers ultralytics "
    "stable_baselines3 gymnasium spinup detectron2 mmengine lm_eval pytest_benchmark asv aimrocks".split()
)


def read_all(readers: dict[str, Reader], root: Path) -> tuple[list[Run], list[Note]]:
    """Every run below `root` as these readers see it, in key order, and every note."""
    found = find([Root(root)], readers)
    runs: list[Run] = []
    notes = list(found.notes)
    for source in found.sources:
        here = Notes()
        try:
            runs.extend(together.read(source, readers, here))
        except NotMine:
            here.warn("not-mine", f"{source.reader} gave the folder back", where=source.key)
        notes.extend(here.all)
    return runs, notes


def sources(reader: Reader, sample: Path) -> tuple[Source, ...]:
    """What this reader alone claims in a sample."""
    return find([Root(sample)], {reader.name: reader}).sources


def plain_run(run: Run, *, points: bool = True) -> dict[str, Any]:
    """A run as JSON-able values that compare equal when the runs do (nan equals nan); for goldens."""
    plain: dict[str, Any] = {}
    for field in fields(run):
        value = getattr(run, field.name)
        if field.name == "series":
            plain["series"] = {one.label: _plain_series(one, points) for one in value}
        elif field.name == "artifacts":
            plain["artifacts"] = [_plain_fields(one) for one in value]
        elif field.name == "code":
            plain["code"] = _plain_fields(value)
        elif field.name == "study":
            plain |= {"study": _plain_fields(value)} if value.name or value.state else {}
        else:
            plain[field.name] = _plain(value)
    return plain


def _plain_series(series: Series, points: bool) -> dict[str, Any]:
    if not points and len(series.steps) > 6:
        digest = hashlib.sha256(series.steps.tobytes() + series.values.tobytes())
        if series.times is not None:
            digest.update(series.times.tobytes())
        return {"count": len(series.steps), "last": _plain(float(series.values[-1])), "sha256": digest.hexdigest()[:16]}
    times = None if series.times is None else [round(t, 3) for t in series.times.tolist()]
    values = [_plain(value) for value in series.values.tolist()]
    return {"step_name": series.step_name, "steps": series.steps.tolist(), "values": values, "times": times}


def _plain_fields(value: Any) -> dict[str, Any]:
    return {
        field.name: _plain(getattr(value, field.name))
        for field in fields(value)
        if getattr(value, field.name) not in ("", None)
    }


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not np.isfinite(value):
        return {"inf": "inf", "-inf": "-inf"}.get(str(value), "nan")
    if isinstance(value, bytes):
        return (
            value.decode("utf-8", "replace") if len(value) < 400 else f"sha256:{hashlib.sha256(value).hexdigest()[:16]}"
        )
    if hasattr(value, "items"):
        return {str(key): _plain(one) for key, one in value.items()}
    return value


def law_reading_twice_is_equal(reader: Reader, sample: Path, _: Path) -> None:
    """Two reads of one sample give the same runs and notes."""
    assert _seen(reader, sample) == _seen(reader, sample)


def law_ids_survive_a_moved_root(reader: Reader, sample: Path, scratch: Path) -> None:
    """The same folder elsewhere gives the same ids, and no id holds the place."""
    moved = scratch / "moved"
    shutil.copytree(sample, moved)
    before = [run.id for run in _runs(reader, sample)]
    assert before == [run.id for run in _runs(reader, moved)]
    assert len(set(before)) == len(before), "two runs share an id"
    assert not any(str(sample) in run_id for run_id in before)


def law_the_sample_is_untouched(reader: Reader, sample: Path, scratch: Path) -> None:
    """Reading leaves every byte and every name as it was: no lock, no -wal, no -shm."""
    copy = scratch / "copy"
    shutil.copytree(sample, copy)
    before = tree_hash(copy)
    _runs(reader, copy)
    assert tree_hash(copy) == before


def law_arrays_fit(reader: Reader, sample: Path, _: Path) -> None:
    """Series of one run have distinct labels; arrays have one length and the stated types; params are scalars."""
    for run in _runs(reader, sample):
        labels = [series.label for series in run.series]
        assert len(set(labels)) == len(labels), f"{run.id}: two series share a label"
        for series in run.series:
            assert series.steps.dtype == np.int64
            assert series.values.dtype == np.float64
            assert series.steps.shape == series.values.shape
            assert series.times is None or (
                series.times.dtype == np.float64 and series.times.shape == series.steps.shape
            )
        for mapping in (run.params, run.results, run.tags, run.environment):
            assert all(value is None or isinstance(value, str | int | float) for value in mapping.values())
            assert all(isinstance(key, str) for key in mapping)


def law_damage_is_a_note(reader: Reader, sample: Path, scratch: Path) -> None:
    """Each file cut at half, emptied or overwritten with noise gives notes or nothing, never an exception."""
    copy = scratch / "copy"
    shutil.copytree(sample, copy)
    noise = hashlib.sha512(b"noise").digest() * 40
    claimed = sources(reader, copy)
    for path in sorted(path for path in copy.rglob("*") if path.is_file() and not path.is_symlink()):
        whole = path.read_bytes()
        for damaged in (whole[: len(whole) // 2], b"", noise):
            path.write_bytes(damaged)
            _read_again(reader, claimed, path, copy)
        path.write_bytes(whole)


def _read_again(reader: Reader, claimed: Sequence[Source], changed: Path, top: Path) -> None:
    """Look at the changed file's folder anew and read every source that depends on the file."""
    list(reader.find(list_folder(changed.parent, changed.parent.relative_to(top).as_posix())))
    for source in claimed:
        if any(file == changed or file in changed.parents for file in source.files):
            with contextlib.suppress(NotMine):
                list(reader.read(source, Notes()))


def law_no_client_is_imported(reader: Reader, sample: Path, _: Path) -> None:
    """Reading imports no tracker's client library and no pickle-based format."""
    before = set(sys.modules)
    _runs(reader, sample)
    new = {name.partition(".")[0] for name in set(sys.modules) - before}
    assert not new & CLIENTS


def law_a_sample_has_one_reader(reader: Reader, sample: Path, _: Path) -> None:
    """With every installed reader looking, this sample's folders still go to this reader."""
    everyone = dict(installed().readers)
    everyone[reader.name] = reader
    found = find([Root(sample)], everyone)
    ours = {source.key for source in sources(reader, sample)}
    assert ours <= {source.key for source in found.sources if source.reader == reader.name}


LAWS: tuple[Callable[[Reader, Path, Path], None], ...] = (
    law_reading_twice_is_equal,
    law_ids_survive_a_moved_root,
    law_the_sample_is_untouched,
    law_arrays_fit,
    law_damage_is_a_note,
    law_no_client_is_imported,
    law_a_sample_has_one_reader,
)


def check_reader(reader: Reader, sample: Path, scratch: Path) -> None:
    """Run every law over one sample folder; `scratch` is an empty folder to work in."""
    for law in LAWS:
        room = scratch / law.__name__
        room.mkdir()
        law(reader, sample, room)


def tree_hash(folder: Path) -> str:
    """One hash over every name and byte below a folder."""
    digest = hashlib.sha256()
    for path in _walk(folder):
        digest.update(path.relative_to(folder).as_posix().encode("utf-8", "surrogateescape") + b"\0")
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _walk(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.rglob("*"))


def _runs(reader: Reader, sample: Path) -> list[Run]:
    return read_all({reader.name: reader}, sample)[0]


def _seen(reader: Reader, sample: Path) -> tuple[list[dict[str, Any]], list[Note]]:
    runs, notes = read_all({reader.name: reader}, sample)
    return [plain_run(run) for run in runs], notes

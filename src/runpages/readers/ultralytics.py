"""Ultralytics' and YOLOv5's training folders: args.yaml or opt.yaml with hyp.yaml, results.csv, pictures (docs/formats/ultralytics.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from runpages.codecs import csvtext, series
from runpages.codecs.runfiles import MAX_SERIES, Files
from runpages.errors import Notes
from runpages.model import Artifact, Run, Scalar, Series, Source
from runpages.readers import Folder

ARGS, OPT, HYP, RESULTS = "args.yaml", "opt.yaml", "hyp.yaml", "results.csv"
_TRAINS = re.compile(rb"^mode: train\b", re.MULTILINE)
_BATCH = re.compile(r"(train|val)_batch(\d{1,9})(.*)\.(?:jpg|png)")
# best by what the trainer itself keeps best.pt by: 0.1 mAP50 + 0.9 mAP50-95, or the accuracy of a classifier
_FITNESS = ((("metrics/mAP50(B)", 0.1), ("metrics/mAP50-95(B)", 0.9)), (("metrics/accuracy_top1", 1.0),))


class UltralyticsReader:
    """One run per training folder. Weights are pickles: listed, never opened."""

    name = "ultralytics"
    title = "Ultralytics YOLO"
    reads = "training folders of ultralytics 8 and of YOLOv5 and v7"
    rank = 0

    def find(self, folder: Folder) -> Iterator[Source]:
        """The folder itself, when it has the arguments of a training."""
        new = ARGS in folder.files and _is_train(folder.peek(ARGS, 16_384))
        if new or {OPT, HYP} <= set(folder.files):
            names = [name for name in (ARGS, OPT, HYP, RESULTS) if name in folder.files]
            pictures = [name for name in folder.files if name.lower().endswith((".png", ".jpg"))]
            weights = ["weights"] if "weights" in folder.folders else []
            yield folder.source(self.name, *names, *pictures, *weights, owns=[folder.path / name for name in weights])

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """The run. Its start and end are not recorded."""
        files = Files(source.root, notes)
        present = {path.name for path in source.files}
        params = _params(files, present)
        measured = _series(files) if RESULTS in present else []
        if not measured:
            notes.info("ultralytics-no-epoch", "no epoch was finished: there are no results", where=RESULTS,
                       kept="the arguments")  # fmt: skip
        parts = [] if source.key == "." else source.key.split("/")
        yield Run(
            id=source.key,
            name=parts[-1] if parts else source.root.name,
            tracker="ultralytics",
            source=source.key,
            group=str(params.get("project") or "").rsplit("/", 1)[-1] or (parts[-2] if len(parts) > 1 else ""),
            params=params,
            series=tuple(measured),
            results=_best(measured),
            tags={name: params[name] for name in ("task", "model") if params.get(name)},
            artifacts=tuple(_named(one) for one in files.left({ARGS, OPT, HYP, RESULTS})),
        )


def _is_train(head: bytes) -> bool:
    return _TRAINS.search(head) is not None and b"\ntask: " in b"\n" + head and b"\nmodel: " in b"\n" + head


def _params(files: Files, present: set[str]) -> dict[str, Scalar]:
    merged: dict[str, Any] = {}
    for name in (OPT, HYP, ARGS):
        if name in present:
            merged |= files.flat(name, files.document(name))
    return merged


def _series(files: Files) -> list[Series]:
    """Every column over epochs; of a folder that was trained in twice, the last training."""
    table = csvtext.load(files.data(RESULTS, MAX_SERIES), files.notes, RESULTS)
    epoch = table.find("epoch")
    if epoch is not None and len(epoch.values):
        again = np.flatnonzero((np.diff(epoch.values) < 0) & (epoch.values[1:] == epoch.values[0]))
        if len(again):
            first = int(again[-1]) + 1
            files.notes.warn("ultralytics-trained-twice", f"a second training was written behind the first, from row {first + 2}",
                             where=RESULTS, kept="the last training", hint="give each training a name of its own (exist_ok=False)")  # fmt: skip
            table = _from_row(table, first)
    return series.from_table(
        table, files.notes, RESULTS
    )  # `time`, seconds since the start, is a metric: no clock is recorded


def _from_row(table: csvtext.Table, first: int) -> csvtext.Table:
    columns = (
        replace(one, values=one.values[first:], given=one.given[first:],
                texts=tuple((row - first, text) for row, text in one.texts if row >= first))
        for one in table.columns
    )  # fmt: skip
    return csvtext.Table(tuple(columns), table.rows - first)


def _best(measured: list[Series]) -> dict[str, Scalar]:
    """The epoch whose weights the trainer keeps as best.pt, and its fitness, where its rule is known."""
    by_name = {one.name: one for one in measured}
    for rule in _FITNESS:
        if all(name in by_name for name, _ in rule):
            steps = by_name[rule[0][0]].steps
            if any(len(by_name[name].values) != len(steps) for name, _ in rule):
                return {}
            fitness = sum(weight * np.nan_to_num(by_name[name].values) for name, weight in rule)
            place = int(np.argmax(fitness))
            return {"best_epoch": int(steps[place]), "best_fitness": float(np.asarray(fitness)[place])}
    return {}


def _named(one: Artifact) -> Artifact:
    """A mosaic of a batch under one key for all batches, so that two runs' pictures stand side by side."""
    found = _BATCH.fullmatch(one.path)
    return one if found is None else replace(one, key=f"{found[1]}_batch{found[3]}", step=int(found[2]))

"""Hugging Face Trainer's output folders, and model cards that say how a model did (docs/formats/huggingface.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from runpages.codecs import runfolder, yamltext
from runpages.codecs.flatten import TooMuch, flatten
from runpages.codecs.runfiles import Files
from runpages.codecs.text import scalar, short_name, to_float
from runpages.errors import Notes
from runpages.model import Run, Scalar, Series, Source
from runpages.readers import Folder

STATE, CARD, ARGUMENTS, MODEL = "trainer_state.json", "README.md", "training_args.json", "config.json"
RESULTS = ("all_results.json", "train_results.json", "eval_results.json", "predict_results.json")
SETTINGS = ("num_train_epochs", "train_batch_size", "max_steps", "logging_steps", "eval_steps", "save_steps")
TOLD = ("library_name", "license", "language", "base_model", "datasets", "pipeline_tag")
_CHECKPOINT = re.compile(r"checkpoint-(\d{1,18})", re.ASCII)
_FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_ITEM = re.compile(r"^- (\w+): (.+)$", re.MULTILINE)
_FINAL = re.compile(r'"(?:train_runtime|eval_loss|train_loss)"')


class HuggingfaceReader:
    """One run per output folder; its checkpoints and its event files belong to it."""

    name = "huggingface"
    title = "Hugging Face Trainer"
    reads = "output folders of transformers' Trainer (and TRL, SetFit, sentence-transformers), model cards with results"
    rank = 0

    def find(self, folder: Folder) -> Iterator[Source]:
        """The folder itself, when it or one of its checkpoints has the Trainer's state, or its files hold final results."""
        kept = [one for one in folder.folders if _CHECKPOINT.fullmatch(one) and (folder.path / one / STATE).is_file()]
        final = any(
            name in folder.files and _FINAL.search(folder.peek(name).decode("utf-8", "replace")) for name in RESULTS
        )
        if STATE in folder.files or kept or final or _is_card(folder):
            files = [name for name in (STATE, CARD, ARGUMENTS, MODEL, *RESULTS) if name in folder.files]
            owned = [*kept, *(["runs"] if "runs" in folder.folders and (kept or STATE in folder.files) else [])]
            yield folder.source(self.name, *files, *kept, owns=[folder.path / name for name in owned])

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        """The run, by the state that went furthest."""
        files = Files(source.root, notes)
        present = {path.name for path in source.files}
        kept = sorted(name for name in present if _CHECKPOINT.fullmatch(name))
        state = _furthest(files, [*([STATE] if STATE in present else []), *(f"{name}/{STATE}" for name in kept)])
        measured, results = _series(_list(state.get("log_history")))
        front, body = _card(files.text(CARD)) if CARD in present else ({}, "")
        for name in RESULTS:
            results |= files.flat(name, files.document(name)) if name in present else {}
        if isinstance(state.get("best_metric"), int | float):
            results["best_metric"] = float(state["best_metric"])
        parts = [] if source.key == "." else source.key.split("/")
        yield Run(
            id=source.key,
            name=parts[-1] if parts else source.root.name,
            tracker="huggingface",
            source=source.key,
            group=parts[-2] if len(parts) > 1 else "",
            status="finished" if {STATE, *RESULTS[:2]} & present else "unknown",
            params=_params(files, present, state, body),
            series=tuple(measured),
            results=results | _card_results(front),
            tags=_tags(front),
            notes=body,
            artifacts=(*files.left({STATE, CARD, *RESULTS}), *(one for name in kept for one in files.inside(name))),
        )


def _is_card(folder: Folder) -> bool:
    """Whether a model card beside a model says how it did."""
    head = folder.peek(CARD) if CARD in folder.files else b""
    return (
        head.startswith(b"---")
        and b"\nmodel-index:" in head
        and b"metrics:" in head
        and not runfolder.roles(folder.files).series
    )


def _furthest(files: Files, names: Sequence[str]) -> Mapping[str, Any]:
    """The state with the most steps: a checkpoint holds the history up to it, the folder's own file all of it."""
    states = [state for name in names if isinstance(state := files.document(name), Mapping)]
    return max(states, key=lambda state: _step(state.get("global_step")) or 0, default={})


def _step(value: Any) -> int | None:
    whole = (
        isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2**53 and value == int(value)
    )
    return int(value) if whole else None


def _series(history: Sequence[Any]) -> tuple[list[Series], dict[str, Scalar]]:
    """Every number over the steps (of a step told twice the later), and what the last row of a training sums up."""
    points: dict[str, dict[int, float]] = {}
    results: dict[str, Scalar] = {}
    for row in history:
        step = _step(row.get("step")) if isinstance(row, Mapping) else None
        if step is None:
            continue
        for name, value in row.items():
            if name in ("step", "epoch") or isinstance(value, bool) or not isinstance(value, int | float):
                continue
            if "train_runtime" in row:
                results[str(name)] = to_float(value)
            else:
                points.setdefault(short_name(str(name)), {})[step] = to_float(value)
    return [_one(name, told) for name, told in points.items()], results


def _one(name: str, told: Mapping[int, float]) -> Series:
    steps = sorted(told)
    return Series(name, np.array(steps, np.int64), np.array([told[step] for step in steps], np.float64))


def _params(files: Files, present: set[str], state: Mapping[str, Any], body: str) -> dict[str, Scalar]:
    """The state's few settings, the card's list, `training_args.json` if the user wrote one, and the model's under `model.`."""
    found: dict[str, Scalar] = {
        name: state[name] for name in SETTINGS if isinstance(state.get(name), int | float | str)
    }
    section = body.partition("Training hyperparameters")[2].partition("\n#")[0]
    found |= {match[1]: scalar(match[2].strip()) for match in _ITEM.finditer(section)}
    found |= files.flat(ARGUMENTS, files.document(ARGUMENTS)) if ARGUMENTS in present else {}
    model = files.flat(MODEL, files.document(MODEL)) if MODEL in present else {}
    return found | {f"model.{name}": value for name, value in model.items()}


def _card(text: str) -> tuple[Mapping[str, Any], str]:
    """The front matter and the text below it."""
    match = _FRONT.match(text)
    if not match:
        return {}, text
    try:
        front = yamltext.load(match[1].encode())
    except yamltext.NotYaml:
        return {}, text
    return front if isinstance(front, Mapping) else {}, text[match.end() :]


def _card_results(front: Mapping[str, Any]) -> dict[str, Scalar]:
    """The card's own figures, as `METRIC on DATASET`."""
    found: dict[str, Scalar] = {}
    models = [one for one in _list(front.get("model-index")) if isinstance(one, Mapping)]
    for result in (one for model in models for one in _list(model.get("results")) if isinstance(one, Mapping)):
        dataset = result.get("dataset")
        where = str(dataset.get("name") or dataset.get("type") or "") if isinstance(dataset, Mapping) else ""
        for metric in (one for one in _list(result.get("metrics")) if isinstance(one, Mapping)):
            value, name = metric.get("value"), str(metric.get("name") or metric.get("type") or "metric")
            if isinstance(value, int | float | str):
                found[short_name(f"{name} on {where}" if where else name)] = value
    return found


def _tags(front: Mapping[str, Any]) -> dict[str, Scalar]:
    try:
        told = flatten({name: front[name] for name in TOLD if front.get(name) is not None})
    except TooMuch:
        told = {}
    return told | {str(tag): True for tag in _list(front.get("tags")) if isinstance(tag, str)}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []

"""What the files of a run folder are for, by their names, and what a JSON document in one holds, by its shape."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from runpages.codecs.text import number
from runpages.model import Kind

PARAMS = ("params", "config", "hparams", "args", "hyperparameters", "settings")
SERIES = ("metrics", "history", "log", "train_log", "training", "progress", "results", "scores", "losses")
STRONG = frozenset({"metrics", "history", "train_log", "progress", "losses"})  # said by hardly anything but a run
SUMMARY = ("summary", "results", "final", "scores", "eval", "test_results", "metrics")
WRITTEN = (
    "metrics",
    "summary",
    "results",
    "final",
    "scores",
    "test_results",
)  # said in YAML or TOML by nothing but a run
DOCUMENTS = (".yaml", ".yml", ".toml")
TABLES = ("runs", "results", "experiments", "sweep", "trials")
RUN_COLUMNS = ("run", "name", "id", "trial", "model", "experiment")
NOTES = ("readme.md", "notes.md", "description.md", "notes.txt", "readme.txt")
LOGS = ("stdout.txt", "output.txt", "stderr.txt")
PACKAGES = ("requirements.txt", "pip-freeze.txt", "environment.yml")
MARKERS = {"done": "finished", "failed": "failed"}  # files whose being there is the status
# numeric columns of a table of runs that are chosen rather than measured
CHOSEN = frozenset(
    "lr learning_rate learningrate wd weight_decay momentum seed batch batch_size bs epochs steps layers n_layers depth width "
    "hidden hidden_size dropout alpha beta gamma lambda c temperature warmup max_depth n_estimators k fold".split()
)
INNER = frozenset({"media", "artifacts", "checkpoints", "plots", "images", "figures", "samples", "weights", "models"})
_TABLE_ENDS = (".csv", ".tsv")
_SERIES_ENDS = (*_TABLE_ENDS, ".jsonl", ".ndjson", ".json")
_KINDS: dict[Kind, tuple[str, ...]] = {
    "image": (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".bmp"),
    "audio": (".wav", ".mp3", ".flac", ".ogg"),
    "video": (".mp4", ".webm", ".mov"),
    "html": (".html", ".htm"),
    "text": (".txt", ".log", ".md", ".json", ".jsonl", ".ndjson", ".yaml", ".yml", ".toml", ".patch", ".py", ".sh"),
    "model": (".pt", ".pth", ".ckpt", ".safetensors", ".onnx", ".h5", ".keras", ".pkl", ".joblib", ".npz", ".npy"),
}  # CSV files of a run's making have any shape: they are files, not tables, until someone looks


@dataclass(frozen=True, slots=True)
class Roles:
    """File names by what they are for, each list with the one that wins first."""

    params: tuple[str, ...]
    series: tuple[str, ...]
    summary: tuple[str, ...]
    tables: tuple[str, ...]
    loose: tuple[str, ...]
    notes: tuple[str, ...]
    logs: tuple[str, ...]
    packages: tuple[str, ...]
    patches: tuple[str, ...]
    markers: tuple[str, ...]
    record: str = ""
    status: str = ""


def roles(names: Iterable[str]) -> Roles:
    """The roles of these file names (upper and lower case are one). A `.json` may be series as well as summary."""
    known = {name.lower(): name for name in sorted(names, reverse=True)}

    def there(*wanted: str) -> tuple[str, ...]:
        return tuple(known[name] for name in wanted if name in known)

    params = there(
        *(stem + end for stem in PARAMS for end in (".json", *DOCUMENTS)),
        *("params" + end for end in (".csv", ".tsv", ".jsonl")),
    )
    series = there(*(stem + end for stem in SERIES for end in _SERIES_ENDS), "progress.txt")
    return Roles(
        params=params,
        series=series,
        summary=there(*(stem + ".json" for stem in SUMMARY), *(stem + end for stem in WRITTEN for end in DOCUMENTS)),
        tables=there(*(stem + end for stem in TABLES for end in _TABLE_ENDS)),
        loose=tuple(n for low, n in sorted(known.items()) if low.endswith(_TABLE_ENDS) and n not in (*params, *series)),
        notes=there(*NOTES),
        logs=there(*LOGS) + tuple(n for low, n in sorted(known.items()) if low.endswith(".log")),
        packages=there(*PACKAGES),
        patches=tuple(n for low, n in sorted(known.items()) if low.endswith((".patch", ".diff"))),
        markers=there(*MARKERS),
        record=known.get("run.json", ""),
        status=known.get("status", known.get("status.txt", "")),
    )


def kind_of(name: str) -> Kind:
    """The kind of artifact a file is, by its ending."""
    low = name.lower()
    return next((kind for kind, ends in _KINDS.items() if low.endswith(ends)), "file")


def step_of(name: str) -> tuple[str, int | None]:
    """Sequence name and step of a file called `weights_step12.png` or `samples-epoch-3.png`; else (name, None)."""
    stem = name.rpartition(".")[0] or name
    match = re.fullmatch(r"(.*?)[-_. ]?(?:step|epoch|iter)[-_=]?(\d{1,18})", stem, re.ASCII | re.IGNORECASE)
    return (match[1] or stem, int(match[2])) if match else (stem, None)


def columns_in(value: Any) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """The equally long lists of numbers in a JSON object, and the rest of it; ({}, value) when it is no series.

    {"history": {...}, "epoch": [...]} is opened. More than half of the values must be such lists.
    """
    if not isinstance(value, Mapping):
        return {}, {}
    inner = value.get("history")
    if isinstance(inner, Mapping):
        columns, left = columns_in(inner)
        outer = {key: one for key, one in value.items() if key != "history"}
        epochs = outer.get("epoch")
        if columns and isinstance(epochs, list) and len(epochs) == max(map(len, columns.values())):
            columns = {"epoch": outer.pop("epoch"), **columns}
        return columns, {**outer, **left}
    columns = {str(key): one for key, one in value.items() if _numbers(one)}
    if 2 * len(columns) <= len(value):
        return {}, dict(value)
    return columns, {str(key): one for key, one in value.items() if key not in columns}


def _numbers(value: Any) -> bool:
    if not isinstance(value, list) or not value:
        return False
    return all(
        one is None or (isinstance(one, int | float) and not isinstance(one, bool))
        or (isinstance(one, str) and number(one) is not None)
        for one in value
    )  # fmt: skip


def is_records(value: Any) -> bool:
    """Whether a JSON document is a list of objects, one per step."""
    return isinstance(value, list) and bool(value) and all(isinstance(one, Mapping) for one in value)


def is_result(name: str, value: object) -> bool:
    """Whether a cell of a table of runs was measured: a number in a column not named like a setting."""
    return isinstance(value, int | float) and not isinstance(value, bool) and name.strip().lower() not in CHOSEN

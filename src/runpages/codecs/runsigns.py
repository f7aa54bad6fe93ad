"""By which signs a folder is known to hold a run, or to be another tracker's: names, and how a file begins."""

from __future__ import annotations

import re
from collections.abc import Sequence

from runpages.codecs import csvtext, series
from runpages.codecs.runfolder import RUN_COLUMNS, STRONG
from runpages.codecs.text import decode, number

# folders that another tracker writes, told by names alone: (all of these names, whose folder it is)
FOREIGN: tuple[tuple[frozenset[str], str], ...] = tuple(
    (frozenset(names.split()), owner)
    for names, owner in (
        (".hydra", "Hydra"), ("trainer_state.json", "Hugging Face Trainer"), ("all_results.json", "Hugging Face Trainer"),
        ("result.json params.json", "Ray"), ("args.yaml results.csv", "Ultralytics"), ("opt.yaml hyp.yaml", "YOLOv5"),
        ("meta.yaml", "MLflow"), ("run.json config.json cout.txt", "Sacred"), ("dvc.yaml", "DVC"), (".dvc", "DVC"),
        (".aim", "Aim"), (".guild", "Guild AI"), ("catboost_info", "CatBoost"), ("catboost_training.json", "CatBoost"),
    )
)  # fmt: skip
FOREIGN_PARTS = ((".tfevents.", "TensorBoard"), (".wandb", "Weights & Biases"), (".swanlab", "SwanLab"))


def owner_of(names: frozenset[str]) -> str:
    """The tracker that writes folders with these names in them, or ""."""
    for needed, owner in FOREIGN:
        if needed <= names:
            return owner
    return next((owner for part, owner in FOREIGN_PARTS if any(part in name for name in names)), "")


def counts(header: Sequence[str], *, first: bool = False) -> bool:
    """Whether a header names a step or epoch (in its first cell) and something beside it."""
    return len(header) > 1 and any(series.is_step_name(name) for name in (header[:1] if first else header))


def measured(name: str, head: bytes, beside: bool) -> bool:
    """Whether a file of a series' name begins like one; `beside`: params or a status stand next to it."""
    strong = name.rpartition(".")[0].lower() in STRONG
    if not name.lower().endswith((".json", ".jsonl", ".ndjson")):
        header = csvtext.header_of(head)
        if not header or any(number(cell) is not None for cell in header):
            return beside and not head.strip()
        row = decode(head)[0].split("\n")[1:2]
        numbers = [number(cell) for cell in re.split(r"[,;\t]", row[0])] if row else []
        return counts(header) or ((beside or strong) and any(cell is not None for cell in numbers))
    text = decode(head)[0].lstrip()
    keys = re.findall(r'"([^"\\]{1,80})"\s*:', text)
    counting = any(series.is_step_name(key) for key in keys)
    if name.lower().endswith(".json"):
        listed = re.match(r"\[\s*\{", text) or re.match(r"\{[^\n]*\}\s*\n\s*\{", text)
        lists = re.match(r'\{\s*"[^"]*"\s*:\s*(?:\{\s*"[^"]*"\s*:\s*)?\[\s*["\d-]', text)
        return bool(listed and (counting or beside)) or bool(lists and (counting or beside or strong))
    return (text.startswith("{") and (counting or beside or strong)) or (beside and not text)


def one_row_per_run(head: bytes) -> bool:
    """Whether a table's header names runs and no steps."""
    header = [cell.lower() for cell in csvtext.header_of(head)]
    return bool(set(header) & set(RUN_COLUMNS)) and not any(series.is_step_name(cell) for cell in header)

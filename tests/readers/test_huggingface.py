"""Hugging Face Trainer's folders: the samples, model cards, and what is not a run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from runpages.find import Root, find
from runpages.model import Run
from runpages.readers import installed
from runpages.readers.huggingface import HuggingfaceReader
from runpages.testing import plain_run, read_all

READER = HuggingfaceReader()
CASES = ["digits", "diverged", "killed"]
CARD = """---
library_name: transformers
tags: [digits, !!python/object/apply:os.system x]
model-index:
- name: m
  results:
  - dataset: {name: GLUE MRPC, type: glue}
    metrics:
    - {name: Accuracy, type: accuracy, value: 0.86}
    - {type: f1, value: 0.9}
---

# The model
"""


def read(root: Path) -> tuple[list[Run], list[str]]:
    runs, notes = read_all({"huggingface": READER}, root)
    return runs, [note.slug for note in notes]


@pytest.fixture
def folder(samples: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(samples / "huggingface" / "digits" / "small", tmp_path / "small"))


@pytest.mark.parametrize("case", CASES)
def test_runs_of(case: str, samples: Path, golden: Callable[..., None]) -> None:
    runs, notes = read(samples / "huggingface" / case)
    golden({"runs": [plain_run(run) for run in runs], "notes": notes})


def test_every_number_of_the_history_is_there(folder: Path) -> None:
    (run,), _ = read(folder)
    expected: dict[str, dict[int, float]] = {}
    for row in json.loads((folder / "trainer_state.json").read_text())["log_history"]:
        for name in row.keys() - {"step", "epoch"} if "train_runtime" not in row else ():
            expected.setdefault(name, {})[row["step"]] = row[name]
    assert {one.name: dict(zip(one.steps.tolist(), one.values.tolist(), strict=True)) for one in run.series} == expected


def test_final_figures_are_results(folder: Path) -> None:
    (run,), _ = read(folder)
    assert run.results["eval_accuracy"] == run.results["best_metric"]
    assert "train_runtime" in run.results
    assert not [one.name for one in run.series if one.name == "train_runtime"]


def test_a_killed_training_is_read_from_its_last_checkpoint(samples: Path) -> None:
    (run,), _ = read(samples / "huggingface" / "killed")
    assert run.status == "unknown"
    assert max(one.steps[-1] for one in run.series) == 22


def test_a_loss_that_diverged_stays_so(samples: Path) -> None:
    (run,), _ = read(samples / "huggingface" / "diverged")
    assert any(not np.isfinite(one.values).all() or one.values.max() > 1e6 for one in run.series)


def test_the_cards_list_gives_the_settings(folder: Path) -> None:
    (run,), _ = read(folder)
    assert run.params["learning_rate"] == 0.05
    assert run.params["model.hidden"] == 8
    assert run.tags["digits"] is True


def test_arguments_the_user_wrote_are_params(folder: Path) -> None:
    (folder / "training_args.json").write_text('{"warmup_steps": 7, "learning_rate": 0.5}')
    (run,), _ = read(folder)
    assert (run.params["warmup_steps"], run.params["learning_rate"]) == (7, 0.5)


def test_a_card_with_results_is_a_run_and_no_tag_makes_an_object(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(CARD)
    (run,), _ = read(tmp_path)
    assert run.results == {"Accuracy on GLUE MRPC": 0.86, "f1 on GLUE MRPC": 0.9}
    assert run.notes.strip() == "# The model"
    assert run.tags["digits"] is True


def test_a_card_without_results_is_none(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("---\nlicense: mit\n---\n# A data set\n")
    assert not read(tmp_path)[0]


def test_pickled_arguments_are_never_opened(folder: Path) -> None:
    (folder / "training_args.bin").write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    (run,), notes = read(folder)
    assert "training_args.bin" in [one.path for one in run.artifacts]
    assert not notes


def test_a_state_of_strange_shape_is_no_crash(folder: Path) -> None:
    shutil.rmtree(next(folder.glob("checkpoint-*")))
    for strange in (
        '{"log_history": 3}',
        '{"log_history": [3, {"step": "x"}, {"step": 1e99, "a": 1}], "global_step": []}',
        "[]",
        "{",
    ):
        for path in folder.rglob("trainer_state.json"):
            path.write_text(strange)
        (run,), _ = read(folder)
        assert not run.series


def test_checkpoints_are_no_runs_of_their_own(samples: Path) -> None:
    found = find([Root(samples / "huggingface")], installed().readers)
    assert [source.key for source in found.sources] == ["digits/small", "digits/wide", "diverged", "killed"]
    assert not found.notes

"""lm-evaluation-harness: the samples, old files, damaged ones, and what is not its."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from runpages.model import Run
from runpages.readers import list_folder
from runpages.readers.lm_eval import LmEvalReader
from runpages.testing import plain_run, read_all

READER = LmEvalReader()


def read(root: Path) -> tuple[list[Run], list[str]]:
    runs, notes = read_all({"lm_eval": READER}, root)
    return runs, [note.slug for note in notes]


@pytest.mark.parametrize("case", ["sums", "group"])
def test_runs_of(case: str, samples: Path, golden: Callable[..., None]) -> None:
    runs, notes = read(samples / "lm_eval" / case)
    golden({"runs": [plain_run(run, points=False) for run in runs], "notes": notes})


def test_each_score_stands_beside_its_standard_error(samples: Path) -> None:
    runs, _ = read(samples / "lm_eval")
    for run in runs:
        scores = [name for name in run.results if "_stderr" not in name]
        assert scores
        assert all(
            name.replace("/acc", "/acc_stderr")
            .replace("exact_match", "exact_match_stderr")
            .replace("acc_stderr_norm", "acc_norm_stderr")
            in run.results
            for name in scores
        )


def test_two_filters_of_one_metric_are_two_scores(samples: Path) -> None:
    runs, _ = read(samples / "lm_eval" / "sums")
    assert {"sums_free/exact_match{filter=strict}", "sums_free/exact_match{filter=first-digit}"} <= runs[
        0
    ].results.keys()


def test_the_mean_of_a_tasks_samples_is_its_score(samples: Path) -> None:
    runs, _ = read(samples / "lm_eval" / "sums")
    checked = 0
    for run in runs:
        for table in (one for one in run.artifacts if one.kind == "table"):
            told = json.loads(table.data or b"")
            rows = [dict(zip(told["columns"], row, strict=True)) for row in told["data"]]
            if "sums_choice" in table.name:
                assert sum(row["acc"] for row in rows) / len(rows) == run.results["sums_choice/acc"]
                checked += 1
    assert checked == 2


def test_samples_belong_to_the_run_of_their_time(samples: Path) -> None:
    runs, _ = read(samples / "lm_eval" / "sums")
    assert sorted(len(run.artifacts) for run in runs) == [0, 0, 4, 4]


def test_an_old_file_has_no_filters_and_arguments_as_text(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text(
        json.dumps({
            "results": {"arc": {"acc": 0.5, "acc_stderr": 0.01, "ppl_stderr": "N/A"}}, "versions": {"arc": 0},
            "config": {"model": "hf", "model_args": "pretrained=gpt2,dtype=float", "num_fewshot": 5, "limit": None},
        })
    )  # fmt: skip
    (run,), notes = read(tmp_path)
    assert run.results == {"arc/acc": 0.5, "arc/acc_stderr": 0.01}
    assert run.params == {
        "model": "hf", "model_args.pretrained": "gpt2", "model_args.dtype": "float", "num_fewshot": 5, "version.arc": 0,
    }  # fmt: skip
    assert (run.id, run.name, notes) == ("results", "hf", [])


def test_a_results_file_of_something_else_is_not_claimed(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text('{"accuracy": 0.5}')
    assert not list(READER.find(list_folder(tmp_path, ".")))


def test_results_that_are_no_tasks_are_given_back(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text('{"results": {"a": 1}, "x": [')
    assert read(tmp_path) == ([], ["document-unreadable"])


def test_a_cut_samples_file_keeps_its_whole_lines(samples: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(samples / "lm_eval" / "sums" / "ngram-4", copy)
    file = next(copy.glob("samples_sums_choice*"))
    file.write_bytes(file.read_bytes()[:-30])
    runs, notes = read(copy)
    assert notes == ["json-torn"]
    assert any(len(json.loads(one.data)["data"]) == 11 for run in runs for one in run.artifacts if one.data)

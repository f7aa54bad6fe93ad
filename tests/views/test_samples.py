"""Samples of runs: which rows are the same sample, and what a paired test says of two runs on them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats as oracle
from tests.views.test_media_browser import built, run_at

from runpages.build import open_report
from runpages.config import Config
from runpages.model import Artifact
from runpages.stats.paired import paired
from runpages.views.samples import Group, Samples, aligned, grouped, samples_in
from runpages.views.samples_page import samples_data, verdict


def samples_of(
    run: int, columns: Sequence[str], rows: Sequence[Sequence[Any]], name: str = "predictions"
) -> list[Samples]:
    content = json.dumps({"columns": list(columns), "data": [list(row) for row in rows]})
    return samples_in(run, Artifact(name, "table", ""), content)


def group_of(columns: Sequence[str], *runs: Sequence[Sequence[Any]]) -> Group:
    (group,) = grouped([one for run, rows in enumerate(runs) for one in samples_of(run, columns, rows)])
    return group


def test_rows_meet_by_hash_before_id_before_input() -> None:
    group = group_of(
        ["doc_hash", "doc_id", "prompt", "answer", "acc"],
        [["h1", 0, "p", "a", 1], ["h2", 1, "q", "b", 0]],
        [["h2", 0, "q", "b", 1], ["h1", 1, "p", "c", 0]],  # another order: the ids lie
    )
    assert (group.by, group.known) == ("hash", 2)
    assert aligned(group, 0, "acc").tolist() == [1, 0]
    assert aligned(group, 1, "acc").tolist() == [0, 1]


def test_rows_never_meet_by_their_place() -> None:
    group = group_of(["answer", "question", "score"], [["a", "p", 1], ["b", "q", 0]], [["a", "r", 1], ["b", "s", 0]])
    assert (group.by, group.known) == ("", 0)
    assert list(group.same) == [[-1, -1], [-1, -1]]


def test_an_id_with_another_input_is_another_sample() -> None:
    group = group_of(
        ["id", "question", "answer", "score"],
        [[1, "p", "a", 1], [2, "q", "a", 0], [3, "r", "a", 1]],
        [[1, "p", "b", 0], [2, "else", "b", 1], [3, "r", "b", 1]],
    )
    assert (group.by, group.known, group.unlike) == ("id", 2, 1)


def test_rows_that_share_what_they_are_known_by_are_left_out() -> None:
    group = group_of(
        ["question", "answer", "score"],
        [["p", "a", 1], ["p", "b", 0], ["q", "a", 1]],
        [["p", "a", 1], ["q", "b", 0]],
    )
    assert (group.by, group.known, group.ambiguous) == ("input", 1, 2)


def test_filters_are_sets_of_their_own() -> None:
    rows = [[0, name, "p", "a", 1] for name in ("strict", "flexible")]
    tables = samples_of(0, ["doc_id", "filter", "prompt", "answer", "acc"], rows)
    assert [one.part for one in tables] == ["strict", "flexible"]
    assert [group.key for group in grouped(tables)] == ["predictions, filter flexible", "predictions, filter strict"]


@pytest.mark.parametrize(
    "columns", [["digit", "n"], ["path", "size", "digest"], ["question", "score"], ["answer", "score"], []]
)
def test_a_table_without_answers_to_something_holds_no_samples(columns: list[str]) -> None:
    assert samples_of(0, columns, [["x"] * len(columns)]) == []


def test_scores_are_numbers_truth_values_and_gaps() -> None:
    (one,) = samples_of(
        0, ["id", "output", "right", "f1", "words"], [[1, "a", True, 0.5, "x"], [2, "b", "false", None, 3], [3, "c", None, "nan", 4]]
    )  # fmt: skip
    assert list(one.scores) == ["right", "f1"]
    np.testing.assert_array_equal(one.scores["right"], [1, 0, np.nan])
    np.testing.assert_array_equal(one.scores["f1"], [0.5, np.nan, np.nan])


def test_the_tests_in_the_data_are_those_of_scipy() -> None:
    random = np.random.default_rng(3)
    right = random.random((3, 80)) < np.array([[0.8], [0.6], [0.78]])
    runs = [[[number, "p", "a", int(one)] for number, one in enumerate(row)] for row in right]
    group = group_of(["id", "prompt", "answer", "acc"], *runs)
    data = samples_data([group], Config())
    (made,) = data["sets"]
    places = [one["run"] for one in made["runs"]]
    for key, test in made["tests"].items():
        _, one, other = map(int, key.split("/"))
        a, b = right[places[one]], right[places[other]]
        higher, lower = int((a & ~b).sum()), int((b & ~a).sum())
        n, change, low, high, up, down, p, exact = test
        assert (n, up, down, exact) == (80, higher, lower, True)
        assert change == pytest.approx(a.mean() - b.mean())
        assert low <= change <= high
        assert p == pytest.approx(oracle.binomtest(higher, higher + lower).pvalue, rel=1e-9)
    assert len(made["tests"]) == 3


def test_a_verdict_says_when_it_cannot_tell_and_when_it_is_noise() -> None:
    few = paired(np.array([1.0, 1, 1, 0]), np.array([0.0, 0, 1, 0]))
    assert verdict(few, few.p, "max").startswith("cannot tell: 0 higher, 2 lower of 4")
    even = paired(np.array([1.0, 0] * 10), np.array([0.0, 1] * 10))
    assert verdict(even, even.p, "max").startswith("within noise: 10 higher, 10 lower of 20 shared (p = 1")
    clear = paired(np.ones(20), np.zeros(20))
    assert verdict(clear, clear.p, "max").startswith("worse, more than noise: 0 higher, 20 lower")
    assert "p < 0.001, McNemar's exact test" in verdict(clear, clear.p, "max")


def test_long_texts_and_many_rows_are_cut_and_scores_stay() -> None:
    rows = [[number, "p" * 3000, "a", 1] for number in range(3000)]
    group = group_of(["id", "prompt", "answer", "acc"], rows, rows)
    (made,) = samples_data([group], Config())["sets"]
    assert [len(one["rows"]) for one in made["runs"]] == [2000, 2000]
    assert [one["total"] for one in made["runs"]] == [3000, 3000]
    assert made["tests"]["0/0/1"][0] == 3000


def test_the_choices_of_lm_eval_are_words_and_met_by_hash(samples: Path, tmp_path: Path) -> None:
    report = open_report(Config(sources=(str(samples / "lm_eval/sums"),)), tmp_path)
    groups = {group.key: group for group in report.logged.logged.samples}
    html = report.html("samples")
    report.close()
    assert list(groups) == ["sums_choice", "sums_free, filter first-digit", "sums_free, filter strict"]
    choice = groups["sums_choice"]
    assert (choice.by, choice.known, len(choice.members)) == ("hash", 12, 2)
    path = next((samples / "lm_eval/sums/ngram-4").glob("samples_sums_choice*"))
    raw = [json.loads(line) for line in path.read_text().splitlines()]
    best = next(one for one in choice.members if np.nanmean(one.scores["acc"]) > 0.8)
    for row, given in enumerate(raw):
        likely = [float(one[0]) for one in given["filtered_resps"]]
        assert best.answers[row] == given["doc"]["choices"][likely.index(max(likely))]
        assert best.targets[row] == given["doc"]["sum"]
        assert (best.answers[row] == best.targets[row]) == bool(best.scores["acc"][row])
    assert "matched by their hash" in html
    assert "cannot tell: 0 higher, 4 lower of 12 shared" in html


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of two models on 40 questions, one clearly better, in another order."""
    room = tmp_path_factory.mktemp("answered")
    for name, share in (("strong", 36), ("weak", 12)):
        rows = [
            [f"q{n}", f"What is {n} + 1?", str(n + 1), str(n + 1 if n < share else 0), int(n < share)]
            for n in range(40)
        ]
        folder = run_at(room / "runs" / name, share)
        content = {
            "columns": ["question_id", "question", "expected", "output", "correct"],
            "data": rows if name == "weak" else rows[::-1],
        }
        (folder / "samples.json").write_text(json.dumps(content))
    return built(room / "runs", room)

"""The verdicts: one case for each thing the gate can say."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from tests.gate.conftest import normal, side

from runpages.config import Config
from runpages.errors import ConfigError
from runpages.gate import Result, Side, check, rules_from

ACC = "val/accuracy"


def judged(now: Side, base: Side, **rules: Any) -> Result:
    return check(now, base, rules_from({"metrics": {ACC: {}}, **rules}), Config())


BASE = side({ACC: normal(0.9, 6)})


@pytest.mark.parametrize(
    ("now", "rules", "verdict", "passed"),
    [
        (normal(0.85, 6, seed=1), {}, "regressed", False),
        (normal(0.95, 6, seed=1), {}, "improved", True),
        (normal(0.9, 6, seed=1), {}, "within noise", True),
        (normal(0.85, 4, seed=1), {}, "regressed", False),
        (normal(0.95, 3, seed=1), {}, "improved", True),
        (normal(0.5, 2, seed=1), {}, "cannot tell", True),
        (normal(0.5, 1, seed=1), {}, "cannot tell", True),
        (normal(0.5, 2, seed=1), {"undecided": "fail"}, "cannot tell", False),
        (normal(0.9, 2, seed=1), {"minimum_runs": 3}, "missing", False),
        ([*normal(0.9, 5, seed=1), math.nan], {}, "missing", False),
        ([0.8, 0.84, 0.88, 0.91, 0.9, 0.83], {}, "cannot tell", True),
    ],
)
def test_a_verdict_for_each_case(now: list[float], rules: dict[str, Any], verdict: str, passed: bool) -> None:
    result = judged(side({ACC: now}), BASE, **rules)
    assert (result.verdict, result.passed) == (verdict, passed)


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [
        ({}, "regressed"),
        ({"relative": 0.1}, "within noise"),
        ({"absolute": 0.2}, "within noise"),
        ({"relative": 0.01, "absolute": 0.001}, "regressed"),
        ({"relative": "1%", "absolute": 0.2}, "within noise"),
        ({"direction": "min"}, "improved"),
        ({"informational": True}, "regressed"),
    ],
)
def test_a_change_must_pass_both_floors(rule: dict[str, Any], verdict: str) -> None:
    result = check(side({ACC: normal(0.85, 6, seed=1), "test/f1": normal(0.9, 6, seed=2)}), side({ACC: normal(0.9, 6), "test/f1": normal(0.9, 6)}),
                   rules_from({"metrics": {ACC: rule, "test/f1": {}}}), Config())  # fmt: skip
    row = next(row for row in result.rows if row.metric == ACC)
    assert row.verdict == verdict
    assert result.passed == (verdict != "regressed" or row.informational)


def test_a_metric_that_is_gone_is_no_pass() -> None:
    result = judged(side({"val/loss": normal(0.3, 6)}), BASE)
    assert (result.verdict, result.passed) == ("missing", False)
    assert not judged(BASE, BASE, metrics={"never/logged": "max"}).passed


def test_a_run_that_did_not_finish_has_no_value() -> None:
    now = side({ACC: normal(0.9, 6, seed=1)})
    killed = replace(now, runs=(replace(now.runs[0], status="killed"), *now.runs[1:]))
    result = judged(killed, BASE)
    assert result.verdict == "missing"
    assert "1 of 6 runs" in result.rows[0].note


def test_another_configuration_is_refused_and_named() -> None:
    result = judged(side({ACC: normal(0.9, 6, seed=1)}, params={"lr": 0.2}), BASE)
    assert (result.verdict, result.passed, result.refused) == ("refused", False, ("lr: 0.1 → 0.2",))


def test_a_declared_axis_may_differ_and_an_ignored_param_as_well() -> None:
    other = side({ACC: normal(0.85, 6, seed=1)}, params={"lr": 0.2, "out": "b"})
    assert (
        judged(other, side({ACC: normal(0.9, 6)}, params={"out": "a"}), axes=["lr"], ignore=["out"]).verdict
        == "regressed"
    )


def test_values_of_an_axis_are_never_mixed() -> None:
    fast, slow = (
        side({ACC: normal(0.9, 6, seed=1)}, params={"lr": 0.2}),
        side({ACC: normal(0.8, 6, seed=2)}, params={"lr": 0.3}),
    )
    result = judged(Side((*fast.runs, *slow.runs), "now"), BASE, axes=["lr"])
    assert [(row.name, row.n, row.verdict) for row in result.rows] == [
        ("lr 0.2", 6, "within noise"),
        ("lr 0.3", 6, "regressed"),
    ]


def test_a_configuration_that_is_gone_is_no_pass_and_a_new_one_is_told() -> None:
    two = Side((*BASE.runs, *side({ACC: normal(0.9, 6, seed=3)}, params={"model": "big"}).runs), "two")
    assert judged(BASE, two).verdict == "missing"
    assert judged(two, BASE).passed
    assert judged(two, BASE).new == ("model big",)


def test_cannot_tell_says_how_many_seeds_it_takes() -> None:
    row = judged(side({ACC: [0.8, 0.84, 0.88, 0.91, 0.9, 0.83]}), BASE).rows[0]
    assert row.verdict == "cannot tell"
    assert row.seeds is not None
    assert row.seeds > 6
    assert judged(side({ACC: [0.5, 0.6]}), BASE).rows[0].seeds == 3


def test_methods_by_the_number_of_seeds() -> None:
    methods = [judged(side({ACC: normal(0.9, n, seed=1)}), BASE).rows[0].method for n in (1, 2, 3, 5, 6)]
    assert methods == ["no spread known"] * 2 + ["Welch, few seeds"] * 2 + ["Mann-Whitney"]


def test_tasks_are_put_together() -> None:
    def over(mean: float, seed: int) -> Side:
        some = [side({ACC: normal(mean, 4, seed=seed + at)}, params={"task": task}) for at, task in enumerate("abcd")]
        return Side(tuple(run for one in some for run in one.runs), "tasks")

    result = judged(over(0.85, 10), over(0.9, 20), tasks=["task"])
    assert result.verdict == "regressed"
    whole, *each = result.rows
    assert (whole.method, whole.n, whole.informational) == ("stratified bootstrap", 16, False)
    assert whole.better < 0.1
    assert all(row.informational for row in each)
    assert len(each) == 4


def test_many_metrics_are_held_to_holm() -> None:
    metrics = {f"val/acc{n}": normal(0.9, 6, seed=n) for n in range(10)}
    now = {
        **{name: normal(0.9, 6, seed=50 + n) for n, name in enumerate(metrics)},
        "val/acc0": normal(0.85, 6, seed=99),
    }
    rules = rules_from({"metrics": dict.fromkeys(metrics, "max")})
    rows = check(side(now), side(metrics), rules, Config()).rows
    assert all(row.adjusted >= row.p for row in rows)
    assert rows[0].adjusted == pytest.approx(10 * rows[0].p)


def test_older_reports_join_the_baseline_until_one_differs() -> None:
    reports = tuple(
        side({ACC: normal(mean, 6, seed=seed)}).runs for mean, seed in ((0.9, 1), (0.9, 2), (0.8, 3), (0.9, 4))
    )
    base = Side(reports[0], "branch", reports=reports)
    result = judged(side({ACC: normal(0.9, 6, seed=9)}), base, pool=4)
    assert (result.reports, result.rows[0].m) == (2, 12)


def test_a_report_shown_twice_is_no_evidence_of_its_own() -> None:
    base = Side(BASE.runs, "branch", reports=(BASE.runs, BASE.runs, BASE.runs))
    assert judged(side({ACC: normal(0.9, 6, seed=9)}), base).rows[0].m == 6


def test_without_rules_the_held_out_metric_decides_and_others_are_shown() -> None:
    now = side({"train/loss": normal(0.5, 6), ACC: normal(0.9, 6)})
    rows = check(now, now, rules_from({}), Config()).rows
    assert [(row.metric, row.informational) for row in rows] == [(ACC, False), ("train/loss", True)]


@pytest.mark.parametrize(
    ("raw", "slug"),
    [
        ({"metric": {}}, "option-unknown"),
        ({"metrics": {ACC: {"floor": 1}}}, "option-unknown"),
        ({"metrics": {ACC: {"relative": -1}}}, "gate-rule"),
        ({"metrics": {ACC: 7}}, "gate-rule"),
        ({"alpha": 2}, "gate-rule"),
        ({"minimum_runs": 0}, "gate-rule"),
        ({"axes": [1]}, "gate-rule"),
        ({"undecided": "maybe"}, "gate-rule"),
    ],
)
def test_wrong_rules_are_named(raw: dict[str, Any], slug: str) -> None:
    with pytest.raises(ConfigError) as error:
        rules_from(raw)
    assert error.value.note.slug == slug
    assert error.value.note.hint


def test_a_metric_without_a_direction_must_be_given_one() -> None:
    both = side({"foo": normal(1, 6)})
    with pytest.raises(ConfigError, match="which way is better"):
        check(both, both, rules_from({"metrics": ["foo"]}), Config())
    assert check(both, both, rules_from({"metrics": {"foo": "min"}}), Config()).passed

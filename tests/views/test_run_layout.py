"""TensorBoard's custom scalar layouts become sections of charts on a run's page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from runpages.model import Artifact, Run
from runpages.readers.tensorboard import TensorboardReader
from runpages.testing import read_all
from runpages.views.run_layout import sectioned


def laid_out(*sections: dict[str, Any]) -> Run:
    data = json.dumps({"sections": sections}).encode()
    return Run("a", "a", "tensorboard", "a", artifacts=(Artifact("custom scalars", "file", "", data=data),))


def charts(*names: str) -> list[dict[str, Any]]:
    return [{"metric": name} for name in names]


def names(found: list[dict[str, Any]]) -> list[str]:
    return [one["metric"] for one in found]


def test_a_custom_scalar_layout_of_torch_makes_sections_of_charts(samples: Path) -> None:
    runs, _ = read_all({"tensorboard": TensorboardReader()}, samples / "tensorboard" / "torch")
    run = next(run for run in runs if run.id == "everything")
    found, left = sectioned(charts(*(one.label for one in run.series)), run)
    assert [(one["title"], names(one["charts"])) for one in found] == [
        ("Losses", ["loss/train", "loss/val"]),
        ("Accuracy", ["accuracy/mean", "accuracy/low", "accuracy/high"]),
    ]
    assert "not always finite" in names(left)
    assert len(left) + 5 == len(run.series)


def test_a_run_without_a_layout_has_its_charts_as_they_were() -> None:
    assert sectioned(charts("a", "b"), Run("a", "a", "tensorboard", "a")) == ([], charts("a", "b"))


def test_a_chart_stands_in_the_first_section_that_names_it() -> None:
    run = laid_out(
        {"title": "all", "charts": [{"tags": ["loss/.*"]}]}, {"title": "one", "charts": [{"tags": ["loss/a"]}]}
    )
    found, left = sectioned(charts("loss/a", "loss/b{subset=train}", "xloss/a"), run)
    assert [(one["title"], names(one["charts"])) for one in found] == [("all", ["loss/a", "loss/b{subset=train}"])]
    assert names(left) == ["xloss/a"]


@pytest.mark.parametrize("tag", ["(a+)+$", "(?:a|a)*b", "a{1,99999}", "[a-z]+", "x" * 9_000, ".*.*.*a", "\\d+"])
def test_an_expression_that_could_run_away_names_nothing(tag: str) -> None:
    found, left = sectioned(charts("a" * 40), laid_out({"title": "t", "charts": [{"tags": [tag]}]}))
    assert (found, len(left)) == ([], 1)


@pytest.mark.parametrize("sections", [[3], [{"charts": 4}], [{"title": [], "charts": [{"tags": ["a"]}]}], [None]])
def test_a_layout_of_strange_shape_is_no_crash(sections: list[Any]) -> None:
    found, left = sectioned(charts("a"), laid_out(*sections))
    assert len(found) + len(left) == 1


def test_a_tag_that_is_escaped_is_the_name_itself() -> None:
    run = laid_out({"title": "t", "charts": [{"tags": [re.escape("acc (top-1).x")]}]})
    assert names(sectioned(charts("acc (top-1).x"), run)[0][0]["charts"]) == ["acc (top-1).x"]

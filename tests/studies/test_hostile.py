"""Searches made of odd values and hostile names: pages without a traceback, without markup of theirs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runpages.build import Report, open_report
from runpages.config import Config

HOSTILE = '"><script>alert(1)</script>'
ODD = [0, -1, 1e-300, 1e300, 10**400, "inf", "nan", None, True, HOSTILE, "ünï\ud83d", 3]


@pytest.fixture
def report(tmp_path: Path) -> Report:
    for number, odd in enumerate(ODD):
        folder = tmp_path / "search" / f"run-{number}"
        folder.mkdir(parents=True)
        params = {"lr": 10.0**-number, "odd": odd, "width": number % 3, HOSTILE: number, "constant": 1}
        (folder / "config.json").write_text(json.dumps(params))
        values = ["nan", "inf"] if number == 3 else [str(0.5 + number / 100), str(0.6 + number / 100)]
        (folder / "metrics.csv").write_text("step,val/accuracy\n" + "".join(f"{i},{v}\n" for i, v in enumerate(values)))
    return open_report(Config(sources=(str(tmp_path),), cache=str(tmp_path / "cache")), tmp_path)


def test_a_group_of_odd_values_is_a_study_with_a_page(report: Report) -> None:
    (slug,) = report.searches.studies
    html = report.searches.html(slug)
    assert "12 trials" in html
    assert "<script" not in html
    assert "alert(1)" in html
    assert report.searches.script(slug)


def test_a_param_that_never_changes_is_no_param_of_the_search(report: Report) -> None:
    (study,) = report.searches.studies.values()
    assert {one.name for one in study.params} >= {"lr", "width"}
    assert "constant" not in {one.name for one in study.params}
    assert next(one for one in study.params if one.name == "lr").log


def test_a_page_found_again_is_the_page_that_was_made_and_keeps_its_pictures(tmp_path: Path) -> None:
    def built(lr: str = "0.5") -> tuple[str, str, set[str]]:
        (tmp_path / "runs" / "search" / "run-0" / "params.json").write_text(json.dumps({"lr": float(lr), "width": 3}))
        report = open_report(Config(sources=("runs",), cache="cache"), tmp_path)
        (slug,) = report.searches.studies
        told = report.searches.html(slug), report.searches.script(slug)
        report.remembered.forget_the_rest()
        report.close()
        return *told, {path.name for path in (tmp_path / "cache" / "made").iterdir()}

    for number in range(12):
        folder = tmp_path / "runs" / "search" / f"run-{number}"
        folder.mkdir(parents=True)
        (folder / "params.json").write_text(json.dumps({"lr": 0.1 * (number + 1), "width": number % 3}))
        (folder / "metrics.csv").write_text(f"step,val/accuracy\n0,0.1\n1,0.{number + 20}\n")
    first, again = built(), built()
    assert first == again
    assert len([name for name in first[2] if name.startswith("figure")]) > 2
    other = built("0.25")
    assert other[0] != first[0]
    assert {name for name in first[2] if name.startswith("study")} != {
        name for name in other[2] if name.startswith("study")
    }

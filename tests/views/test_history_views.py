"""A metric over reports: levels and steps in words, tables and pictures."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from runpages.history import Cell, Entry
from runpages.pages.feed import atom, badge
from runpages.pages.render import render
from runpages.views.history import changes_view, history_view, metric_view, tracks

LABEL = "val/accuracy"


def reports(count: int = 20, step: int = 12, name: str = "lr 0.1") -> list[Entry]:
    """Reports of 6 seeds each, worse from report `step` on."""
    random = np.random.default_rng(4)
    entries = []
    for place in range(count):
        values = random.normal(0.9 if place < step else 0.85, 0.005, 6)
        cell = Cell("k", name, {LABEL: tuple(float(f"{value:.6f}") for value in values)})
        entries.append(
            Entry(
                "Digits",
                f"2026-01-{place + 1:02}T08:00:00Z",
                f"{place:040x}"[::-1],
                "main",
                "1",
                6,
                LABEL,
                {LABEL: "max"},
                (cell,),
                path=f"main/{place}",
            )
        )
    return entries


def test_the_synthetic_step_is_found_and_its_commits_are_named(golden: Callable[..., None]) -> None:
    entries = reports()
    (one,) = tracks(entries, LABEL)
    assert one.steps == (12,)
    view = metric_view(entries, LABEL, "https://lab.example/report")
    (step,) = view["tracks"][0]["steps"]
    assert (step["place"], step["better"], step["up"]) == (13, False, False)
    assert step["commits"] == f"{entries[11].commit[:12]}..{entries[12].commit[:12]}"
    view["tracks"][0].pop("svg")
    golden(view)


def test_the_page_shows_bands_steps_and_links_to_earlier_reports() -> None:
    view = metric_view(reports(), LABEL, "https://lab.example/report")
    html = render("history_metric", **view)
    assert html.count("<svg") == 1
    assert "https://lab.example/report/main/3/index.html" in html
    assert html.count("<strong>step</strong>") == 1
    assert "history.jsonl" in render("history", **history_view(reports(), ""))


def test_without_an_address_nothing_is_linked() -> None:
    assert "main/3" not in render("history", **history_view(reports(), "javascript:alert(1)"))


def test_what_changed_is_told_apart_from_noise() -> None:
    same, worse = changes_view(reports(5, step=9)), changes_view(reports(5, step=4))
    assert "within noise" in same[0]["text"]
    assert (worse[0]["tone"], "worse, more than noise" in worse[0]["text"]) == ("worse", True)
    assert changes_view(reports(1)) == []


def test_a_name_is_only_text_in_pages_feeds_and_badges() -> None:
    entries = reports(3, name="</text><script>alert(1)</script>\x00")
    for html in (
        render("history", **history_view(entries, "")),
        render("history_metric", **metric_view(entries, LABEL, "")),
    ):
        assert "<script" not in html
    assert b"<script" not in atom(entries, "<script>", "")
    assert "<script" not in badge("<script>", '"><script>\ud800', "#000")


def test_reports_without_a_lasting_configuration_show_their_best() -> None:
    entries = [
        Entry(
            "t",
            f"2026-01-0{n}T00:00:00Z",
            "",
            "",
            "1",
            2,
            "loss",
            {"loss": "min"},
            (Cell(f"a{n}", "a", {"loss": (0.5, 0.7)}), Cell(f"b{n}", "b", {"loss": (0.4,)})),
        )
        for n in (1, 2)
    ]
    (one,) = tracks(entries, "loss")
    assert (one.name, [float(sample[0]) for sample in one.samples]) == ("best of each report", [0.4, 0.4])

"""What the gate hands to machines and to pull requests: right, small enough, and harmless whatever a run is called."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.gate.conftest import normal, side

from runpages.config import Config
from runpages.errors import ConfigError
from runpages.gate import Result, check, rules_from
from runpages.gate.markdown import COMMENT_CHARACTERS, SUMMARY_BYTES, bars, comment, escaped, site_link, summary
from runpages.gate.outputs import from_json, junit, openmetrics, to_json, workflow_commands

HOSTILE = [
    "@maintainer", "#1", "GH-12", "owner/repo#7", "!5", "$3", "%milestone", "~label", "&epic", ":rocket:", "a|b", "`x`", "**b**",
    "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "![x](https://evil.example/p.png)", "https://evil.example", "www.evil.example",
    "a\n::error::x", "%0A::set-output name=a::b", "\u202egnp", "<!-- runpages -->", "</details>", "me@evil.example", "/close", "- [ ] x", "\x1b[31m", "\ud800",
]  # fmt: skip


def result() -> Result:
    now = side(
        {
            "val/accuracy": normal(0.85, 6, seed=1),
            "val/f1": [0.5, 0.6],
            "test/loss": normal(0.3, 6),
            "train/loss": normal(0.2, 6),
        }
    )
    base = side(
        {
            name: normal(0.9 if "acc" in name else 0.3, 6)
            for name in ("val/accuracy", "val/f1", "test/loss", "train/loss")
        }
    )
    rules = {"val/accuracy": {}, "val/f1": {}, "test/loss": {}, "train/loss": "informational"}
    found = check(now, base, rules_from({"metrics": rules}), Config())
    return replace(
        found, baseline="branch:gh-pages, latest, 3f2a91c", baseline_commit="3f2a91c", commit="abcdef0123456789"
    )


def many(count: int) -> Result:
    row = result().rows[0]
    return replace(result(), rows=tuple(replace(row, metric=f"val/m{n}", name=f"lr {n}") for n in range(count)))


def test_the_markdown_as_people_get_it(golden: Callable[..., None]) -> None:
    golden(summary(result(), url="https://lab.example/report", title="Digits").split("\n"))


def test_the_verdict_comes_first() -> None:
    assert summary(result()).startswith("## ✗ Not a pass") or summary(result()).startswith(
        "## ▼ Regressed: val/accuracy"
    )


@pytest.mark.parametrize("words", HOSTILE)
def test_nothing_a_run_says_becomes_anything(words: str) -> None:
    row = replace(result().rows[0], metric=words, name=words, note=words)
    hostile = replace(result(), rows=(row, row), baseline=words, refused=(words,), new=(words,), commit=words)
    for text in (summary(hostile, title=words), comment(hostile, title=words)):
        plain = re.sub(r"</?(details|summary|sub)>", "", text)
        html = MarkdownIt("commonmark", {"html": True, "linkify": False}).enable("table").render(plain)
        assert not re.search(r"<(?!/?(h2|p|ul|li|table|thead|tbody|tr|th|td|strong)\b)", html), html
        seen = ElementTree.fromstring(f"<x>{html}</x>").itertext()  # noqa: S314  # our own
        shown = "".join(seen)
        assert not re.search(r"[@#!~&%$]\w|GH-\d|://|www\.|:\w+:|\x1b|\u202e", re.sub(r"\d+ %", "", shown)), shown
        assert not [line for line in text.split("\n") if re.match(r"\s*(/|::|- \[)", line)]


@given(st.text(max_size=200))
def test_any_text_stays_one_cell_of_text(words: str) -> None:
    html = MarkdownIt().enable("table").render(f"| a | b |\n| - | - |\n| {escaped(words)} | end |\n")
    assert html.count("<td") == 2
    assert not re.search(r"<(?!/?(table|thead|tbody|tr|th|td)\b)", html)


@pytest.mark.parametrize("count", [10, 1_000, 10_000])
def test_the_markdown_stays_below_the_hosts_limits(count: int) -> None:
    big = many(count)
    assert len(summary(big, url="https://lab.example/r/").encode()) <= SUMMARY_BYTES
    assert len(comment(big, url="https://lab.example/r/")) <= COMMENT_CHARACTERS


def test_what_is_left_out_is_counted_and_linked() -> None:
    text = comment(many(10_000), url="https://lab.example/r/")
    assert re.search(r"\n\d+ sections left out here\. \[The full report\]\(https://lab\.example/r/\)\.\n$", text)
    assert text.count("| --- |") > 1  # whole tables, none cut in the middle
    assert all(line.endswith("|") for line in text.split("\n") if line.startswith("|"))


def test_sparklines_share_a_scale() -> None:
    assert bars([0.0, 1.0], [0.5]) == ("▁█", "▅")
    assert bars([], [1.0, 1.0]) == ("", "▄▄")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://a b", "file:///etc", "https://x)](https://evil.example", ""]
)
def test_only_an_address_becomes_a_link(url: str) -> None:
    assert site_link(url) == ""
    assert "](" not in summary(result(), url=url)


def test_annotations_are_at_most_eight_and_say_how_many_more() -> None:
    lines = workflow_commands(many(30))
    assert len(lines) == 8
    assert lines[-1] == "::error title=runpages check::and 23 more"
    assert len(workflow_commands(many(8))) == 8
    assert workflow_commands(replace(many(1), rows=())) == ["::error title=Not comparable::there is nothing to compare"]


@pytest.mark.parametrize("words", HOSTILE)
def test_an_annotation_is_one_line(words: str) -> None:
    hostile = replace(result(), rows=(replace(result().rows[0], metric=words, note=words),), refused=(words,))
    for line in workflow_commands(hostile):
        assert re.fullmatch(r"::(error|warning) title=[^:,\r\n]*::[^\r\n]*", line)
        assert "%0A::" not in line or "%250A" in line or "\n" in words


def test_junit_has_a_test_for_each_judged_metric() -> None:
    suite = ElementTree.fromstring(junit(result()))  # noqa: S314  # our own
    assert {name: suite.get(name) for name in ("tests", "failures", "skipped")} == {
        "tests": "3",
        "failures": "2",
        "skipped": "0",
    } or suite.get("tests") == "3"
    assert [case.get("name") for case in suite] == ["val/accuracy", "val/f1", "test/loss"]
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert "regressed" in str(failure.get("message"))


@pytest.mark.parametrize("words", HOSTILE)
def test_junit_and_openmetrics_are_well_formed_for_any_name(words: str) -> None:
    hostile = replace(
        result(), rows=(replace(result().rows[0], metric=words, name=words, note=words),), refused=(words,)
    )
    ElementTree.fromstring(junit(hostile))  # noqa: S314
    lines = openmetrics(hostile).split("\n")
    assert lines[-2:] == ["# EOF", ""]
    label = r'"(?:[^"\\\n]|\\["\\n])*"'
    for line in lines[:-2]:
        assert re.fullmatch(
            rf"# (TYPE|HELP) \w+ .+|\w+(\{{metric={label},configuration={label}\}})? (NaN|[+-]Inf|-?[\d.e+-]+)", line
        ), line


def test_a_result_survives_its_json() -> None:
    assert to_json(from_json(to_json(result()).encode(), "x")) == to_json(result())
    assert json.loads(to_json(result()))["exit_code"] == 3


def wrong(**changes: Any) -> bytes:
    return json.dumps({**json.loads(to_json(result())), **changes}).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{",
        b"[" * 100_000,
        wrong(format=2),
        wrong(verdict="great"),
        wrong(rows=[{}]),
        wrong(rows="x"),
        wrong(alpha="x"),
        wrong(refused=3),
    ],
)
def test_a_result_from_a_stranger_is_checked(content: bytes) -> None:
    with pytest.raises(ConfigError) as error:
        from_json(content, "artifact/gate.json")
    assert error.value.note.slug == "check-broken"

"""Runs side by side: every difference is one of the runs' own, and Markdown stays text."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from itertools import combinations
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from runpages.build import Report, open_report
from runpages.cli import main
from runpages.cli.side_by_side import as_markdown, as_text, lines
from runpages.config import Config
from runpages.errors import ConfigError
from runpages.views.diff import diff_view, find_runs, telling
from runpages.views.diff_pairs import diff_page
from runpages.views.table import ranked


@pytest.fixture(scope="module")
def report(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    """The real runs without a tracker."""
    opened = open_report(Config(sources=(str(samples / "plain"),)), tmp_path_factory.mktemp("report"))
    yield opened
    opened.close()


def test_params_that_differ_are_those_of_the_runs(report: Report) -> None:
    numbers = find_runs(report.runs, ["lr-0.003/seed-0", "lr-0.3/seed-1"])
    one, other = (report.runs.run(number).params for number in numbers)
    view = diff_view(report.runs, numbers, Config())
    assert (
        {row["name"] for row in view["params"]}
        == {name for name in one if one[name] != other[name]}
        == {"seed", "optimizer.lr"}
    )
    assert view["params_same"] == len(one) - 2


def test_deltas_are_differences_of_the_best_values(report: Report) -> None:
    numbers = find_runs(report.runs, ["lr-0.003/seed-0", "lr-0.3/seed-1"])
    rows = {row["name"]: row for row in diff_view(report.runs, numbers, Config())["metrics"]}
    loss = [float(report.runs.run(number).series[0].values.min()) for number in numbers]
    assert report.runs.run(numbers[0]).series[0].label == "train/loss"
    assert rows["train/loss"]["full"] == loss
    assert float(rows["train/loss"]["deltas"][1]["text"].replace("−", "-")) == pytest.approx(
        loss[1] - loss[0], rel=1e-3
    )
    assert rows["train/loss"]["deltas"][1]["better"] is (loss[1] < loss[0])
    assert rows["val/accuracy"]["deltas"][0] is None


def test_a_run_compared_with_itself_differs_in_nothing(report: Report) -> None:
    for member in report.runs.members:
        view = diff_view(report.runs, [member.number, member.number], Config())
        assert not any(view[key] for key in ("facts", "params", "results", "packages", "environment"))
        assert not any(patch["lines"] for patch in view["patches"])
        assert all(row["deltas"][1] is None or row["deltas"][1]["better"] is None for row in view["metrics"])


def test_a_name_that_says_nothing_or_too_much_is_refused(report: Report) -> None:
    with pytest.raises(ConfigError, match="no run"):
        find_runs(report.runs, ["nothing-like-it"])
    with pytest.raises(ConfigError, match="the name of"):
        find_runs(report.runs, ["digits-sweep"])
    assert find_runs(report.runs, [report.runs.members[3].key]) == [3]


def test_markdown_of_the_most_awkward_runs_is_only_tables_and_text(report: Report) -> None:
    awkward = [member.number for member in report.runs.members if "awkward" in member.id]
    assert len(awkward) >= 3
    markdown = "\n".join(as_markdown(diff_view(report.runs, awkward, Config())))
    html = MarkdownIt("commonmark").enable("table").render(markdown)
    assert set(re.findall(r"<([a-z0-9]+)", html)) <= {"table", "thead", "tbody", "tr", "th", "td", "p", "pre", "code"}
    assert "\n".join(as_text(diff_view(report.runs, awkward, Config())))


def test_nothing_a_run_says_steers_the_terminal(report: Report) -> None:
    view = diff_view(report.runs, [0, 1], Config())
    view["params"].append({"name": "a\x1b]0;title\x07", "values": ["\x1b[2J\x9b31m", "\u202e\ud800"]})
    view["patches"][0]["lines"] = ["+\x1b[31mred\rover", "```"]
    for how in ("text", "markdown", "json"):
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202e\ud800]", "".join(lines(view, how)))


def test_the_command_takes_names_or_folders(samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    plain = samples / "plain" / "digits-sweep"
    by_name = CliRunner().invoke(main, ["compare", "lr-0.003/seed-0", "lr-0.3/seed-1", "-s", str(plain), "--json"])
    assert by_name.exit_code == 0, by_name.output
    by_folder = CliRunner().invoke(
        main, ["compare", str(plain / "lr-0.003" / "seed-0"), str(plain / "lr-0.3" / "seed-1"), "--json"]
    )
    assert by_folder.exit_code == 0, by_folder.output
    names = [[row["name"] for row in json.loads(out.output)["metrics"]] for out in (by_name, by_folder)]
    assert names[0] == names[1] == ["train/loss", "val/loss", "val/accuracy"]
    assert CliRunner().invoke(main, ["compare", "alone", "-s", str(plain)]).exit_code == 2


VALUES = st.lists(st.lists(st.integers(0, 2), min_size=4, max_size=4), min_size=1, max_size=5)


@given(VALUES)
def test_the_set_that_tells_runs_apart_is_the_smallest(values: list[list[int]]) -> None:
    kinds = {f"p{at}": [some.index(one) for one in some] for at, some in enumerate(values) if len(set(some)) > 1}
    found = telling([{"name": name, "kinds": some} for name, some in kinds.items()], 4)

    def told(names: Collection[str]) -> int:
        return len({tuple(kinds[name][run] for name in names) for run in range(4)})

    goal = told(kinds)
    assert told(found["names"]) == goal
    assert found["apart"] is (goal == 4)
    for size in range(len(found["names"])):
        assert all(told(names) < goal for names in combinations(kinds, size))


def test_files_of_settings_are_compared_without_their_secrets(tmp_path: Path) -> None:
    for name, rate in (("a", "0.1"), ("b", "0.2")):
        run = tmp_path / name
        run.mkdir()
        (run / "metrics.csv").write_text("step,loss\n0,1\n1,0.5\n")
        (run / "extra.yaml").write_text(f"deep:\n  rate: {rate}\napi_key: hf_{'aB3dE5gH' * 4}ij\n")
    opened = open_report(Config(sources=(str(tmp_path),)), tmp_path)
    view = opened.diff([0, 1])
    opened.close()
    lines = [line for one in view["files"] for line in one["lines"]]
    assert {"-  rate: 0.1", "+  rate: 0.2"} <= set(lines)
    assert "aB3dE5gH" not in json.dumps(view)


def test_the_pairs_that_are_offered_are_the_best_against_what_it_is_measured_by(report: Report) -> None:
    view = diff_page(report.data, report.of_runs.relations, {"baseline": "run:plain/digits-sweep/lr-0.003/seed-0"})
    ranks = ranked(report.data)
    refs = [report.of_runs.relations.ref(number)["page"] for number in ranks]
    words = [one["words"] for one in view["pairs"]]
    assert "the best run and the best that was set up otherwise" in words
    for one in view["pairs"]:
        if one["words"].startswith("the best run"):
            assert one["here"]["page"] == refs[0]
            assert one["there"]["page"] != refs[0]
        keys = re.findall(r"[0-9a-f]{8}", one["url"])
        assert len(set(keys)) == 2
        assert set(keys) <= set(report.data["runs"]["key"])
    assert len({frozenset((one["here"]["page"], one["there"]["page"])) for one in view["pairs"]}) == len(view["pairs"])

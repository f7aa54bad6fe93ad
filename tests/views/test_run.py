"""The page of a run: its numbers are those of the run, and nothing of what a run says is ever more than text."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runpages.build import Report, open_report
from runpages.config import Config
from runpages.frames import RunSet
from runpages.media import MediaShelf
from runpages.model import Artifact, Code, Run, Series, Source
from runpages.pages.prose import prose
from runpages.runpage import RunPages, shelf
from runpages.store import Packed, Store, pack
from runpages.views import text
from runpages.views.columns import Drawn, runs_data
from runpages.views.run_code import commit_url, patch_view, web
from runpages.views.run_facts import ordinal
from runpages.views.run_figures import figure_view
from runpages.views.run_params import flat
from runpages.views.run_tables import table_view
from runpages.views.run_text import log_view, plain_line

SAMPLES = ("mlflow/filestore", "tensorboard/torch", "plain")


@pytest.fixture(scope="module", params=SAMPLES)
def report(request: pytest.FixtureRequest, samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    """A report over the real runs of one tracker."""
    opened = open_report(Config(sources=(str(samples / request.param),)), tmp_path_factory.mktemp("report"))
    yield opened
    opened.close()


def shelf_at(site: Path) -> MediaShelf:
    return shelf(site, 50_000_000, Counter())


def views(report: Report, site: Path) -> Iterator[tuple[Run, dict[str, Any]]]:
    on = shelf_at(site)
    for number, run in report.runs.runs():
        yield run, report.of_runs.view(number, on)


def exact(cell: list[str]) -> float:
    """The number a cell stands for: what it shows in full."""
    return float((cell[1] or cell[0]).replace("−", "-"))


def expected(series: Series, direction: str) -> dict[str, float]:
    """last, best, min, max, mean, first out of the raw values."""
    values = series.values
    real = values[~np.isnan(values)]
    with np.errstate(invalid="ignore"):
        least, most, mean = (float(real.min()), float(real.max()), float(real.mean())) if real.size else (math.nan,) * 3
    best = {"max": most, "min": least, "": math.nan}[direction]
    return {"last": float(values[-1]), "best": best, "min": least, "max": most, "mean": mean, "first": float(values[0])}


def test_every_number_of_the_metrics_table_is_that_of_the_raw_series(report: Report, tmp_path: Path) -> None:
    seen = 0
    for run, view in views(report, tmp_path):
        series = {one.label: one for one in run.series}
        rows = [row for section in view["metrics"]["sections"] for row in section["rows"]] + view["metrics"]["system"]
        assert {row["label"] for row in rows} == set(series)
        for row in rows:
            own = series[row["label"]]
            for name, cell in zip(("last", "best", "min", "max", "mean", "first"), row["cells"], strict=True):
                wanted = expected(own, row["direction"])[name]
                if name == "best" and not row["direction"]:
                    assert cell == ["", ""]
                elif name == "mean":
                    assert exact(cell) == pytest.approx(wanted, rel=1e-12, nan_ok=True)
                else:
                    assert exact(cell) == wanted or (math.isnan(wanted) and cell[0] == "nan")
            assert row["count"] == text.count(len(own.values))
            bad = [
                f"{n} {word}"
                for n, word in ((int(np.isnan(own.values).sum()), "nan"), (int(np.isinf(own.values).sum()), "inf"))
                if n
            ]
            assert row["bad"] == ", ".join(bad)
            best = expected(own, row["direction"])["best"]
            if not math.isnan(best):
                at = own.steps == int(row["step"].replace(",", ""))
                assert best in own.values[at]
            seen += 1
    assert seen == sum(len(member.head.stats) for member in report.runs.members) > 20


def test_the_rank_counts_the_runs_of_the_group_that_are_better(report: Report, tmp_path: Path) -> None:
    checked = 0
    for run, view in views(report, tmp_path):
        for figure in view["figures"]:
            if not figure["rank"]:
                continue
            which = report.of_runs.relations.columns[figure["label"]]["direction"]
            reached = []
            for member in report.runs.members:
                stat = member.head.stats.get(figure["label"])
                if stat is not None and member.head.run.group == run.group:
                    reached.append(stat.max if which == "max" else stat.min)
            reached = [value for value in reached if not math.isnan(value)]
            mine = float(figure["full"])
            better = sum(value > mine if which == "max" else value < mine for value in reached)
            assert figure["rank"].startswith(f"{ordinal(better + 1)} of {len(reached)}")
            checked += 1
    assert checked >= 5


def test_params_that_differ_within_the_group_come_first(report: Report, tmp_path: Path) -> None:
    for run, view in views(report, tmp_path):
        siblings = [m.head.run.params for m in report.runs.members if m.head.run.group == run.group]
        differing, same = view["params"]["differing"], flat(view["params"]["same"])
        assert sorted(row["path"] for row in [*differing, *same]) == sorted(run.params)
        for rows, differs in ((differing, True), (same, False)):
            for row in rows:
                values = {repr(one[row["path"]]) if row["path"] in one else "missing" for one in siblings}
                assert (len(values) > 1) is differs


def test_every_artifact_is_listed_and_every_link_of_a_page_leads_to_a_file(report: Report, tmp_path: Path) -> None:
    on = shelf_at(tmp_path)
    copied = 0
    for number, run in report.runs.runs():
        view = report.of_runs.view(number, on)
        assert [file["name"] for file in view["files"]] == [
            a.name for a in run.artifacts if a.kind not in ("histogram", "curve")
        ]
        assert all(bool(file["url"]) != bool(file["why"]) for file in view["files"])
        html = report.of_runs.html(number, on)
        urls = set(re.findall(r'(?:href|src)="\.\./(media/[^"]+)"', html))
        assert all((tmp_path / url).is_file() for url in urls)
        assert {file["url"] for file in view["files"] if file["url"]} <= urls
        copied += len(urls)
    assert copied


def test_a_page_has_one_first_heading_and_every_fragment_has_its_place(report: Report, tmp_path: Path) -> None:
    on = shelf_at(tmp_path)
    for number in range(len(report.runs)):
        html = report.of_runs.html(number, on)
        assert html.count("<h1>") == 1
        ids = re.findall(r'\bid="([^"]+)"', html)
        assert len(ids) == len(set(ids))
        assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)


def test_a_page_of_a_real_run_stays_small(report: Report, tmp_path: Path) -> None:
    on = shelf_at(tmp_path)
    assert max(len(report.of_runs.html(number, on).encode()) for number in range(len(report.runs))) < 60_000


def test_remembered_pages_are_the_pages_made_anew(report: Report, tmp_path: Path) -> None:
    made = [(path, title, body) for path, title, body in report.of_runs.pages(shelf_at(tmp_path), report.remembered)]
    again = [(path, title, body) for path, title, body in report.of_runs.pages(shelf_at(tmp_path), report.remembered)]
    assert again == made
    assert [body for _, _, body in made] == [
        report.of_runs.html(number, shelf_at(tmp_path)) for number in range(len(report.runs))
    ]


@pytest.mark.parametrize(
    ("sample", "name"),
    [("mlflow/filestore", "media"), ("tensorboard/torch", "everything"), ("plain/full", "MLP on digits")],
)
def test_view_of(sample: str, name: str, samples: Path, tmp_path: Path, golden: Callable[..., None]) -> None:
    report = open_report(Config(sources=(str(samples / sample),)), tmp_path)
    number = next(
        m.number for m in report.runs.members if name in (m.head.run.name, m.head.run.name.rpartition("/")[2])
    )
    view = report.of_runs.view(number, shelf_at(tmp_path / "site"))
    report.close()
    golden(
        json.loads(
            json.dumps(view, default=str),
            object_hook=lambda one: {**one, "svg": f"{len(one['svg']) > 500}"} if "svg" in one else one,
        )
    )


# ------------------------------------------------------------------ hostile runs

PAYLOADS = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href=javascript:alert(1)>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "![x](https://example.org/x.png)",
    "<javascript:alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "${alert(1)}",
    "<!-- --><b onmouseover=alert(1)>b</b>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\u202egnp.exe",
    "javascript:alert(1)",
    "//example.org/x",
    "https://user:secret@example.org/",
    'https://example.org/" onclick="alert(1)',
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</pre></article><script>alert(1)</script>",
    "<style>*{display:none}</style>",
    "<base href=https://example.org/>",
    "<meta http-equiv=refresh content=0;url=https://example.org>",
    "<form action=https://example.org><input></form>",
    "<object data=x></object><embed src=x>",
    "RUNPAGES-BODY RUNPAGES-TITLE",
    "\ud800 half a character \x00\x1b[31mred",
    "<math><mtext></mtext><mglyph><style></math><img src onerror=alert(1)>",
]
TAGS = set(
    "article header p a span h1 h2 h3 h4 h5 h6 b strong em s del code pre ul ol li dl dt dd nav section div details summary figure figcaption img "
    "audio video iframe table caption thead tbody tr th td svg g path text label input button i br hr blockquote sup sub".split()
)


class Live(HTMLParser):
    """What a browser would make of a page: everything that is not allowed is kept in `found`."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.found.append(f"<{tag}>")
        given = dict(attrs)
        self.found += [
            name
            for name in given
            if name.startswith("on") or name in ("style", "srcdoc", "action", "formaction", "http-equiv")
        ]
        for name in ("href", "src", "xlink:href", "data", "poster"):
            value = given.get(name)
            if value is not None and not re.match(
                r"\.\./[a-z]|#[a-z]|https?://[^/@]+/|https?://[^/@]+$|mailto:", value
            ):
                self.found.append(f"{tag} {name}={value}")
        if tag in ("img", "audio", "video", "iframe") and not (given["src"] or "").startswith("../media/"):
            self.found.append(f"{tag} {given['src']}")
        if tag == "iframe" and given.get("sandbox", "x") not in (None, ""):
            self.found.append("a frame that may do something")


def hostile(payload: str) -> Run:
    """A run that says the payload wherever a run can say something."""
    page = f"<!doctype html><script>alert(1)</script>{payload}".encode("utf-8", "replace")
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script><text>{"x"}</text></svg>'.encode()
    table = json.dumps({"columns": [payload, "n"], "data": [[payload, 1], [{payload: payload}, 2.5]]}).encode()
    plotly = json.dumps(
        {"data": [{"name": payload, "x": [payload], "y": [payload]}], "layout": {"title": {"text": payload}}}
    ).encode()
    vega = json.dumps(
        {
            "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
            "title": payload,
            "data": {"values": [{payload: payload}]},
        }
    ).encode()
    curve = json.dumps({"x": [0, 1], "y": [0, 1], "x_name": payload, "y_name": payload}).encode()
    histogram = json.dumps({"edges": [0, 1, 2], "counts": [1, 2]}).encode()
    kinds: list[tuple[Any, bytes]] = [
        ("html", page),
        ("image", svg),
        ("image", page),
        ("table", table),
        ("figure", plotly),
        ("figure", vega),
    ]
    kinds += [
        ("curve", curve),
        ("histogram", histogram),
        ("text", payload.encode("utf-8", "replace")),
        ("audio", b"RIFF\0\0\0\0WAVE"),
        ("video", page),
    ]
    steps = np.arange(3)
    return Run(
        id=f"run {payload}",
        name=payload,
        tracker="plain",
        source=payload,
        group=payload,
        status="failed",
        reason=payload,
        started=0.0,
        user=payload,
        host=payload,
        params={payload: payload, "other": payload},
        series=tuple(Series(f"{payload}{n}/loss", steps, np.array([1.0, np.nan, 0.5])) for n in range(8)),
        results={payload: payload},
        tags={payload: payload},
        notes=f"# {payload}\n\n{payload}\n\n> {payload}\n\n`{payload}`\n\n| a |\n| - |\n| {payload} |\n",
        artifacts=tuple(
            Artifact(payload, kind, payload, key=payload * (n % 2), step=n, data=data, caption=payload, digest=payload)
            for n, (kind, data) in enumerate(kinds)
        ),
        code=Code(payload, payload, payload, True, f"--- {payload}\n+{payload}\n@@ {payload}\n", payload, payload),
        environment={payload: payload, f"package.{payload}": payload},
        log=f"{payload}\n\x1b]8;;https://example.org\x07{payload}\n",
        links={payload: payload, "web": payload},
    )


def pages_of(runs: list[Run], folder: Path) -> tuple[Store, RunPages]:
    store = Store(folder / "store.sqlite")
    source = Source("plain", folder, ".", (folder,))
    store.put(source, "stamp", Packed(tuple(pack(run) for run in runs), (), {}))
    members = RunSet(store, store.load([source]))
    lines = members.lines()
    config = Config()
    data = runs_data(
        members, config, Drawn(dict.fromkeys(lines, "curves/aa"), [f"runs/{m.slug}.html" for m in members.members])
    )
    return store, RunPages(members, data, lines, {}, config)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_a_run_says_is_live_on_its_page(payload: str, tmp_path: Path) -> None:
    store, pages = pages_of([hostile(payload), hostile("quiet")], tmp_path)
    on = shelf_at(tmp_path / "site")
    for number in range(2):
        live = Live()
        live.feed(pages.html(number, on))
        assert live.found == []
    store.close()
    for path in (tmp_path / "site" / "media").iterdir():
        content = path.read_bytes()
        if path.suffix == ".svg":
            assert b"alert" not in content
        if path.suffix == ".html":
            assert content.startswith(
                b'<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy"'
            )


def test_the_payload_is_there_to_be_read(tmp_path: Path) -> None:
    store, pages = pages_of([hostile("<b>bold</b>")], tmp_path)
    html = pages.html(0, shelf_at(tmp_path / "site"))
    store.close()
    assert html.count("&lt;b&gt;bold&lt;/b&gt;") > 30


def test_a_missing_file_is_listed_with_the_reason(tmp_path: Path) -> None:
    artifacts = (
        Artifact("gone.png", "image", "gone.png", size=5),
        Artifact("up", "text", "../../etc/passwd"),
        Artifact("net.pt", "model", "net.pt", size=9),
    )
    store, pages = pages_of([Run("a", "a", "plain", "a", artifacts=artifacts)], tmp_path)
    view = pages.view(0, shelf_at(tmp_path / "site"))
    store.close()
    assert [file["why"] for file in view["files"]] == [
        "the file is gone",
        "its path leads out of the run's folder",
        "models stay where they are",
    ]
    assert not (tmp_path / "site" / "media").exists()


# ------------------------------------------------------------------ texts


def test_a_progress_line_is_what_the_terminal_showed_last() -> None:
    assert plain_line("  0%\r 50%\r\x1b[32m100%\x1b[0m done\r") == "100% done"
    assert plain_line("\x1b]0;title\x07a\tb\x00\u202ec") == "a    bc"
    assert len(plain_line("x" * 10_000)) == 1_001


def test_a_long_log_shows_its_ends_with_their_numbers() -> None:
    view = log_view("".join(f"line {n}\n" for n in range(1, 5001)))
    assert view is not None
    assert (view["total"], view["left_out"]) == (5000, 4600)
    for part in view["parts"]:
        assert all(line == f"line {part['first'] + at}" for at, line in enumerate(part["lines"]))
    assert view["parts"][-1]["lines"][-1] == "line 5000"
    assert log_view(" \n ") is None


def test_a_patch_knows_what_each_line_does() -> None:
    view = patch_view("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n same\n")
    assert view is not None
    assert [line["does"] for line in view["parts"][0]["lines"]] == ["file", "file", "file", "hunk", "del", "add", ""]
    assert (view["files"], view["added"], view["deleted"], view["parts"][0]["name"]) == (1, 1, 1, "x")


@pytest.mark.parametrize(
    ("repository", "url"),
    [
        ("https://github.com/ana/digits.git", "https://github.com/ana/digits/commit/"),
        ("git@gitlab.com:lab/sub/digits.git", "https://gitlab.com/lab/sub/digits/-/commit/"),
        ("https://ana@bitbucket.org/ana/digits", "https://bitbucket.org/ana/digits/commits/"),
        ("https://example.org/ana/digits.git", ""),
        ("javascript:alert(1)", ""),
        ("https://github.com.example.org/a/b", ""),
        ("/home/ana/project", ""),
    ],
)
def test_a_commit_is_linked_where_its_forge_is_known(repository: str, url: str) -> None:
    commit = "5521b6fc9dde6d1f741a43a77509560972649334"
    assert commit_url(Code(repository, commit)) == (url + commit if url else "")
    assert commit_url(Code(repository, "not a commit")) == ""


def test_only_addresses_of_the_web_without_a_password_are_links() -> None:
    assert web("https://example.org/a?b=c")
    for bad in (
        "javascript:alert(1)",
        "https://ana:secret@example.org/",
        "file:///etc/passwd",
        'https://a.org/" onclick=',
        "//example.org",
        "https://a.org/ b",
    ):
        assert not web(bad)


def test_notes_are_markdown_without_html() -> None:
    assert "<strong>two</strong>" in prose("one **two**\n\n| a | b |\n| - | - |\n| 1 | 2 |")
    assert "<table>" in prose("| a | b |\n| - | - |\n| 1 | 2 |")
    assert prose("x" * 100_000).endswith("<p>The rest is cut here.</p>")
    assert 'href="https://example.org"' in prose("[x](https://example.org)")
    assert len(prose("> " * 5000 + "deep")) < 20_000


def test_a_table_is_cut_and_says_so() -> None:
    view = table_view(json.dumps({"columns": [str(n) for n in range(30)], "data": [list(range(30))] * 80}), "t.json")
    assert view is not None
    assert (len(view["rows"]), len(view["rows"][0]), view["total_rows"], view["total_columns"], view["cut"]) == (
        50,
        20,
        80,
        30,
        True,
    )
    assert [row[0]["text"] for row in (table_view("a;b\n1;2\n3;4\n", "t.csv") or {})["rows"]] == ["1", "3"]
    assert table_view("[[[", "t.json") is None
    assert table_view("one word", "t.csv") is None


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        "{}",
        '{"data": 1}',
        '{"data": [1]}',
        '{"columns": 1, "data": []}',
        '{"$schema": "vega", "data": {"values": [1]}}',
        "nul",
        "[" * 100_000,
    ],
)
def test_a_broken_figure_is_no_failure(content: str) -> None:
    view = figure_view(content)
    assert view is None or view["table"] is None
    table_view(content, "t.json")


def test_a_confusion_matrix_is_a_matrix_of_its_own_numbers(samples: Path, tmp_path: Path) -> None:
    report = open_report(Config(sources=(str(samples / "dvc" / "dvclive"),)), tmp_path)
    number = next(member.number for member in report.runs.members if member.id.endswith("wide"))
    artifact = next(one for one in report.runs.run(number).artifacts if one.name == "Confusion Matrix")
    rows = json.loads(artifact.data or b"")["data"]["values"]
    view = next(
        one
        for one in report.of_runs.view(number, shelf_at(tmp_path / "site"))["charted"]
        if one["title"] == "Confusion Matrix"
    )
    report.close()
    matrix = view["matrix"]
    assert len(rows) == len(matrix["columns"]) * len(matrix["rows"]) == 100
    cells = {
        (name, column): cell[0]
        for name, row in matrix["rows"]
        for column, cell in zip(matrix["columns"], row, strict=True)
    }
    assert cells == {(row["predicted"], row["actual"]): str(row["count"]) for row in rows}
    most = max(rows, key=lambda row: row["count"])
    assert max(cell[1] for _, row in matrix["rows"] for cell in row) == 8
    assert cells[most["predicted"], most["actual"]] == str(most["count"])


def test_a_lone_line_of_plotly_is_drawn_and_every_point_is_in_the_table() -> None:
    view = figure_view(
        json.dumps(
            {"data": [{"type": "scatter", "x": [2, 1, 3], "y": [0.5, 0.25, 1.0]}], "layout": {"title": {"text": "t"}}}
        )
    )
    assert view is not None
    assert (view["title"], len(view["table"]["rows"])) == ("t", 3)
    assert view["svg"].startswith("<svg")
    assert (figure_view(json.dumps({"data": [{"x": ["a"], "y": [1]}]})) or {})["svg"] == ""


@pytest.mark.parametrize(
    "number", ["1e400", "-1e400", "NaN", "1" * 400, "true", "null", '"a"', "[]", "{}", "1e-320", "1.7e308"]
)
def test_a_number_beyond_numbers_is_no_failure(number: str, tmp_path: Path) -> None:
    rect = '{"$schema": "vega-lite", "mark": "rect", "data": {"values": [{"x": 1, "y": 2, "z": %s}, {"x": 2, "y": 2, "z": 1}]}, "encoding": {"x": {"field": "x"}, "y": {"field": "y"}, "color": {"field": "z"}}}'
    line = '{"data": [{"x": [1, 2], "y": [%s, -1.7e308]}]}'
    table = '{"columns": ["a"], "data": [[%s], [1]]}'
    assert figure_view(rect % number)
    assert figure_view(line % number)
    assert table_view(table % number, "t.json")
    data = [
        ('{"x": [0, 1], "y": [%s, 1]}', "curve"),
        ('{"edges": [0, %s, 2], "counts": [1, 1]}', "histogram"),
        ('{"edges": [0, 1, 2], "counts": [1, %s]}', "histogram"),
    ]
    kinds: list[tuple[str, Any]] = list(data)
    artifacts = tuple(
        Artifact(str(n), kind, "", key=str(n), step=0, data=(form % number).encode())
        for n, (form, kind) in enumerate(kinds)
    )
    series = (Series("loss", np.array([-(2**62), 2**62]), np.array([-1.7e308, 1.7e308])),)
    store, pages = pages_of([Run("a", "a", "plain", "a", artifacts=artifacts, series=series)], tmp_path)
    assert "NaN" not in pages.html(0, shelf_at(tmp_path / "site")).replace("nan", "")
    store.close()

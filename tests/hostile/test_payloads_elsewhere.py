"""The sixty payloads in what leaves the report: history, feed, badge, comment, JUnit, locked page, one file, exports, terminal."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from playwright.sync_api import Page, expect
from tests.hostile.cases import plain_run
from tests.hostile.conftest import LIVE, looked_at
from tests.hostile.payloads import PAYLOADS

from runpages.history import Cell, Entry
from runpages.lock import lock
from runpages.pages.feed import atom, badge
from runpages.publish import publish

RUNPAGES = [sys.executable, "-m", "runpages"]
ATOM = "{http://www.w3.org/2005/Atom}"
# what turns a terminal's title, colours, cursor or clipboard into the sender's
ESCAPES = [
    "\x1b[31mred",
    "\x1b]0;title\x07",
    "\x9b2J",
    "a\rb",
    "\x1b]52;c;eA==\x07",
    "\x08\x08x",
    "\u202egnp.exe",
    "\x1b[?1049h",
]
FORMULAS = [
    "=1+1",
    "@SUM(A1)",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "\t=1",
    '=HYPERLINK("//evil.example")',
]


@pytest.fixture(scope="module")
def judged(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the verdict on the report of payloads against an earlier one of the same: JUnit and Markdown."""
    room = tmp_path_factory.mktemp("judged")
    command = [*RUNPAGES, "check", str(site), "--baseline", str(site), "--junit", "gate.xml", "--json", "gate.json"]
    done = subprocess.run([*command, "--annotations", "github"], cwd=room, capture_output=True, text=True)
    assert done.returncode in (0, 3), done.stderr
    (room / "said.txt").write_text(done.stdout)
    command = [*RUNPAGES, "summary", "--check", "gate.json", "--title", PAYLOADS[0], "-o", "comment.md"]
    subprocess.run(command, cwd=room, check=True)
    return room


@pytest.mark.browser
def test_no_payload_is_live_in_the_history(site: Path, tmp_path: Path, watched_page: tuple[Page, list[str]]) -> None:
    page, said = watched_page
    command = [*RUNPAGES, "build", str(site.parent / "runs"), "-q", "-o", "site", "--title", PAYLOADS[0]]
    subprocess.run([*command, "--history", str(site.parent), "--commit", "b" * 40], cwd=tmp_path, check=True)
    pages = sorted((tmp_path / "site").glob("history*.html")) + sorted((tmp_path / "site" / "history").glob("*.html"))
    assert pages
    for path in pages[:70]:
        said.clear()
        page.goto(path.as_uri())
        looked_at(page, said, path.name)


@pytest.mark.browser
def test_no_payload_is_live_in_an_embedded_chart(site: Path, watched_page: tuple[Page, list[str]]) -> None:
    page, said = watched_page
    pages = sorted((site / "embed").glob("*.html"))
    assert pages
    for path in pages:
        said.clear()
        page.goto(path.as_uri())
        page.wait_for_load_state()
        assert page.evaluate(LIVE) == [], path.name
        assert said == [], path.name


@pytest.mark.browser
@pytest.mark.parametrize("form", ["one file", "locked"])
def test_no_payload_is_live_in_one_file(
    site: Path, tmp_path: Path, watched_page: tuple[Page, list[str]], form: str
) -> None:
    page, said = watched_page
    said.clear()
    file = tmp_path / "index.html"
    if form == "locked":
        page.goto(file.as_uri() + lock(site, tmp_path, "a passphrase of some length", iterations=1000).fragment)
    else:
        publish(site, str(file))
        page.goto(file.as_uri())
    for name in ("Overview", "Compare", "Notes"):
        if name != "Overview":
            page.locator(f"a:has-text('{name}')").first.click()
        expect(page).to_have_title(re.compile(name))
        looked_at(page, said, name)


@pytest.mark.browser
def test_no_payload_is_live_in_a_badge_or_the_feed(tmp_path: Path, watched_page: tuple[Page, list[str]]) -> None:
    page, said = watched_page
    entries = [
        Entry(
            one, "2026-01-01T08:00:00Z", one, one, one, 1, one, {one: "max"}, (Cell(one, one, {one: (0.1,)}),), path=one
        )
        for one in PAYLOADS
    ]
    names = {f"badge-{number:02}.svg": badge(one, one, "#5a6470").encode() for number, one in enumerate(PAYLOADS)}
    names["feed.xml"] = atom(entries, PAYLOADS[0], "https://lab.example/")
    for name, content in names.items():
        (tmp_path / name).write_bytes(content)
        root = ElementTree.fromstring(content)  # noqa: S314 - our own
        tags = {one.tag.rpartition("}")[2] for one in root.iter()}
        assert tags <= set("svg clipPath rect g text feed title id updated author name entry link summary".split()), (
            name
        )
        assert all(one.get("href", "https:").startswith(("https:", "index.html")) for one in root.iter(f"{ATOM}link"))
        said.clear()
        page.goto((tmp_path / name).as_uri())
        assert name == "feed.xml" or page.evaluate(LIVE) == [], name  # its links are of our own host, looked at above
        assert said == [], name


@pytest.mark.browser
def test_no_payload_is_live_in_a_comment_even_where_html_is_taken(
    judged: Path, watched_page: tuple[Page, list[str]]
) -> None:
    page, said = watched_page
    said.clear()
    page.goto("about:blank")
    comment = (judged / "comment.md").read_text()
    page.set_content(MarkdownIt("commonmark", {"html": True}).enable("table").render(comment))
    assert page.evaluate(LIVE) == []
    assert page.locator("script, img, iframe, style, form, svg, input").count() == 0
    assert all(link.startswith(("http", "#")) for link in page.locator("a").evaluate_all("all => all.map(a => a.href)"))
    assert not re.search(r"(?<![\w`\\])@\w", comment), "nobody is called"
    assert said == []


def test_no_payload_is_live_in_junit_or_in_what_a_job_prints(judged: Path) -> None:
    root = ElementTree.fromstring((judged / "gate.xml").read_bytes())  # noqa: S314 - our own
    assert {one.tag for one in root.iter()} <= set("testsuites testsuite testcase failure error skipped properties property system-out".split())  # fmt: skip
    for line in (judged / "said.txt").read_text().splitlines():
        assert not line.startswith("::") or re.match(r"::(notice|warning|error|group|endgroup)( |::)", line), line


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs whose names, params, tags and metrics are escapes of a terminal, formulas of a spreadsheet and commands of TeX."""
    room = tmp_path_factory.mktemp("odd")
    for number, text in enumerate([*ESCAPES, *FORMULAS, "\\input{/etc/passwd}", "\\write18{id}", "$x$ & 5 % _ # {~^"]):
        plain_run(
            room / "runs" / f"{number:02}", record={"name": text, "group": text, "tags": {"t": text}, "reason": text},
            params={"p": text, "lr": number / 10}, metrics="step,loss\n0,1\n1,oops\n", files={"x.json": b"{"},
        )  # fmt: skip
    return room


def ran(room: Path, *arguments: str) -> str:
    done = subprocess.run([*RUNPAGES, *arguments], cwd=room, capture_output=True)
    assert done.returncode == 0, done.stderr
    return (done.stdout + done.stderr).decode()


@pytest.mark.parametrize(
    "command", ["inspect runs --explain", "compare runs", "audit runs", "check runs --baseline runs"]
)
def test_nothing_that_a_run_says_steers_the_terminal(odd: Path, command: str) -> None:
    done = subprocess.run([*RUNPAGES, *command.split()], cwd=odd, capture_output=True)
    said = (done.stdout + done.stderr).decode()
    assert "Traceback" not in said
    assert re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", said) == []


def test_no_cell_of_an_export_is_a_formula_or_a_command(odd: Path) -> None:
    import csv
    import io

    for row in csv.reader(io.StringIO(ran(odd, "export", "runs", "--format", "csv"))):
        for cell in row:
            number = re.fullmatch(r"[-+]?[0-9.e+-]+", cell)
            assert number or not cell.startswith(("=", "@", "+", "-", "\t", "\r")), cell
    tex = ran(odd, "export", "runs", "--format", "latex")
    assert not re.search(r"\\(input|write)", tex)
    assert "\\textbackslash" in tex

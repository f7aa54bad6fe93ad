"""The demo report in a real browser: from disk, in both looks, at both widths, without JavaScript, below a path of a host."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser
PAGES = ("index.html", "compare.html", "notes.html", "run")


@pytest.fixture(scope="session")
def pages(demo: Path) -> dict[str, Path]:
    """One page of each kind; the run is one with charts, pictures, tables and a log."""
    found = {name: demo / name for name in PAGES if name != "run"}
    texts = {path: path.read_text(encoding="utf-8") for path in (demo / "runs").glob("*.html")}
    weight = {path: len(text) for path, text in texts.items() if "rp-chart" in text and "rp-steps" in text}
    return found | {"run": max(weight, key=lambda path: weight[path])}


@pytest.mark.parametrize(("width", "dark"), [(1400, False), (360, True)], ids=["wide-light", "phone-dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious_and_nothing_sticks_out(
    name: str,
    width: int,
    dark: bool,
    pages: dict[str, Path],
    visit: Callable[..., Page],
    serious: Callable[[Page], list[str]],
) -> None:
    page = visit(pages[name], width=width, dark=dark)
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", PAGES)
def test_without_javascript_the_numbers_are_there(
    name: str, pages: dict[str, Path], visit: Callable[..., Page]
) -> None:
    page = visit(pages[name], js=False, width=1000)
    assert page.locator("h1").first.is_visible()
    if name == "compare.html":
        assert page.locator("table tbody tr").count() >= 40
        assert page.locator("figure svg").first.is_visible()
    if name == "index.html":
        assert page.locator("table").first.is_visible()
        assert page.locator("figure svg").first.is_visible()


def test_a_filter_counts_and_its_address_shows_the_same(pages: dict[str, Path], visit: Callable[..., Page]) -> None:
    page = visit(pages["compare.html"])
    page.locator("#rp-filter").fill("val/accuracy > 0.95")
    expect(page.locator(".rp-count")).to_contain_text(" of ")
    count = page.locator(".rp-count").inner_text()
    again = visit(pages["compare.html"], page.evaluate("location.hash"))
    expect(again.locator(".rp-count")).to_have_text(count)
    assert again.locator("#rp-filter").input_value() == "val/accuracy > 0.95"


def test_selecting_a_run_draws_its_curve(pages: dict[str, Path], visit: Callable[..., Page]) -> None:
    page = visit(pages["compare.html"])
    page.wait_for_function(
        "() => runpages.charts.of(document.querySelector('figure.rp-chart[data-curve]'))?.lines.length === 10"
    )
    page.locator("tbody tr input[type=checkbox]").first.click()
    page.wait_for_function(
        "() => runpages.charts.of(document.querySelector('figure.rp-chart[data-curve]')).lines.length === 9"
    )
    assert "sel=" in page.evaluate("location.hash")


def test_the_switch_turns_the_look_and_remembers(pages: dict[str, Path], visit: Callable[..., Page]) -> None:
    page = visit(pages["index.html"])
    colour = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(colour)
    page.get_by_title("Switch to dark colours").click()
    page.wait_for_function(f"() => {colour} !== '{light}'")
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert page.evaluate(colour) != light


def test_search_finds_a_run_by_a_part_of_its_name(pages: dict[str, Path], visit: Callable[..., Page]) -> None:
    page = visit(pages["index.html"])
    page.keyboard.press("/")
    page.keyboard.type("lr-0.3/seed-1")
    page.locator("#rp-search-list li").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/*.html")
    assert "seed-1" in page.locator("h1").inner_text()


class _Below(SimpleHTTPRequestHandler):
    """The site below /group/project/, and its 404 page for every other address, as a pages host does."""

    def do_GET(self) -> None:
        if not self.path.startswith("/group/project/"):
            self.send_error(404)
            return
        self.path = self.path.removeprefix("/group/project")
        if Path(self.translate_path(self.path)).exists():
            super().do_GET()
            return
        body = (Path(self.directory) / "404.html").read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def host(demo: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Below, directory=str(demo)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/group/project"
    server.shutdown()
    server.server_close()


def test_below_a_path_every_page_opens_and_nothing_leaves_it(
    host: str, browser: Browser, pages: dict[str, Path]
) -> None:
    page = browser.new_page()
    asked: list[str] = []
    failed: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("response", lambda response: failed.append(response.url) if response.status >= 400 else None)
    for name in ("index.html", "compare.html", f"runs/{pages['run'].name}"):
        page.goto(f"{host}/{name}")
        page.wait_for_selector("html[data-ready]")
        page.locator("figure.rp-chart[data-curve]").first.scroll_into_view_if_needed()
        page.wait_for_selector("figure.rp-chart[data-curve] canvas")
    assert [url for url in asked if not url.startswith((host, "data:", "blob:"))] == []
    assert failed == []
    page.close()


def test_an_unknown_address_leads_back_to_the_report(host: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{host}/runs/long/gone.html")
    page.get_by_role("link", name="Open the report").click()
    page.wait_for_url(f"{host}/index.html")
    page.close()

"""More than thirty programs in what runs log to be looked at: neither page nor network is reached, tried in a real browser."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, Request
from tests.hostile.cases import plain_run
from tests.hostile.conftest import LIVE
from tests.hostile.media_payloads import PAYLOADS

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of two runs with all of these files, and one run per file."""
    room = tmp_path_factory.mktemp("media-payloads")
    for number in (0, 1):
        files = {name: content.encode() for name, content in PAYLOADS}
        plain_run(room / "runs" / f"all-{number}", params={"lr": number}, metrics="step,loss\n0,1\n1,2\n", files=files)
    for number, (name, content) in enumerate(PAYLOADS):
        plain_run(
            room / "runs" / f"one-{number:02}",
            params={"lr": number},
            metrics="step,loss\n0,1\n1,2\n",
            files={name: content.encode()},
        )
    subprocess.run([sys.executable, "-m", "runpages", "build", "runs", "-q"], cwd=room, check=True)
    return room / "site"


def dismissing(said: list[str]) -> Callable[[Dialog], None]:
    """What notes and closes a dialog."""

    def dismissed(dialog: Dialog) -> None:
        said.append(f"dialog {dialog.message}")
        dialog.dismiss()

    return dismissed


def listen(page: Page, said: list[str]) -> None:
    """Note every request that left the browser: one that its policy stopped is told of as well, as failed by "csp"."""

    def ended(request: Request) -> None:
        if not request.url.startswith(("file:", "data:", "blob:")) and request.failure != "csp":
            said.append(request.url)

    page.on("requestfinished", ended)
    page.on("requestfailed", ended)


def test_there_are_more_than_thirty() -> None:
    assert len({content for _, content in PAYLOADS}) >= 30


def test_no_program_in_what_is_looked_at_reaches_page_or_network(site: Path, browser: Browser) -> None:
    said: list[str] = []
    context = browser.new_context(viewport={"width": 1400, "height": 4000})
    page = context.new_page()
    page.on("dialog", dismissing(said))
    listen(page, said)
    page.on("pageerror", lambda error: said.append(str(error)))
    context.on("page", lambda other: said.append(f"a page was opened: {other.url}"))
    pages = [
        site / "media.html",
        site / "evaluation.html",
        site / "samples.html",
        *sorted((site / "runs").glob("*.html")),
    ]
    assert len(pages) > len(PAYLOADS)
    for path in pages:
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready]")
        for box in page.locator("iframe").all():
            box.scroll_into_view_if_needed()
        for frame in page.frames[1:]:
            frame.wait_for_load_state()
            assert frame.evaluate("() => document.readyState") == "complete", path.name
        assert page.url.startswith(path.as_uri()), path.name
        assert page.evaluate(LIVE) == [], path.name
        assert said == [], path.name
    context.close()
    assert said == []


def test_files_opened_by_themselves_reach_nothing_either(site: Path, browser: Browser) -> None:
    """A reader may open a file of a run in a tab of its own: its own policy holds there too."""
    said: list[str] = []
    context = browser.new_context()
    page = context.new_page()
    page.on("dialog", dismissing(said))
    listen(page, said)
    opened = [path for path in sorted((site / "media").iterdir()) if path.suffix in (".html", ".svg")]
    assert len(opened) > 12
    for path in opened:
        page.goto(path.as_uri())
        page.wait_for_load_state()
        assert page.url == path.as_uri()
        assert said == [], path.read_text(errors="replace")[:2000]
    context.close()
    assert said == []


def test_the_words_of_a_payload_are_there_to_be_read(site: Path, browser: Browser) -> None:
    page = browser.new_page()
    for name in ("evaluation.html", "samples.html"):
        page.goto((site / name).as_uri())
        page.wait_for_selector("html[data-ready]")
        assert "<img src=x onerror=alert(1)>" in page.locator("article.rp-mediapage").inner_text()
    page.close()

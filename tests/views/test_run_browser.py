"""The page of a run in a real browser, from file://: what moves works, what is hostile stays still."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser
EVIL = "<!doctype html><title>t</title><h1>of the run</h1><script>parent.document.title='owned';alert(1)</script><img src=https://example.org/x.png onerror=alert(1)>"


@pytest.fixture(scope="module")
def built(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of one real run with pictures over steps, and of the same run with hostile files among its own."""
    room = tmp_path_factory.mktemp("run")
    for name in ("good", "evil"):
        shutil.copytree(samples / "plain" / "full" / "digits-mlp", room / "runs" / name)
    evil = room / "runs" / "evil"
    (evil / "media" / "page.html").write_text(EVIL)
    (evil / "media" / "cat.png").write_text(EVIL)
    (evil / "media" / "drawn.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
    )
    (evil / "notes.md").write_text(f"{EVIL}\n\n[x](javascript:alert(1))\n")
    (evil / "train.log").write_text("".join(f"epoch {n} {EVIL}\n" for n in range(900)))
    subprocess.run([sys.executable, "-m", "runpages", "build", "runs", "--quiet"], cwd=room, check=True)
    return room / "site"


@pytest.fixture
def opened(browser: Browser, built: Path) -> Iterator[Any]:
    """`opened(run)`: its page, ready. Afterwards: no word on the console, no window, nothing asked for beyond the disk."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    said: list[str] = []
    asked: list[Any] = []

    def dismissed(dialog: Any) -> None:
        said.append(dialog.message)
        dialog.dismiss()

    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", dismissed)
    page.on("request", lambda request: asked.append(request))

    def go(name: str) -> Any:
        page.goto(f"{built.as_uri()}/runs/{name}.html")
        page.wait_for_selector("html[data-ready]")
        return page

    yield go
    out = [(request.url, request.failure) for request in asked if not request.url.startswith(("file:", "data:"))]
    context.close()
    assert not [words for words in said if "sandbox" not in words.lower() and "Content Security Policy" not in words]
    assert not [url for url, failure in out if failure != "csp"]  # stopped by the page's policy before it left


def test_pictures_over_steps_follow_the_arrow_keys(opened: Any) -> None:
    page = opened("good")
    steps = page.locator(".rp-steps")
    assert steps.locator("figure:visible").count() == 1
    assert steps.locator("figure:visible").get_attribute("data-step") == "11"
    steps.locator("input").focus()
    page.keyboard.press("ArrowLeft")
    assert steps.locator("figure:visible").get_attribute("data-step") == "5"
    assert steps.locator("input").get_attribute("aria-valuetext") == "step 5 (1 of 2)"
    assert steps.locator("figure:visible img").evaluate(
        "async (img) => { await img.decode(); return img.naturalWidth > 0 }"
    )


def test_the_log_is_searched_and_leads_to_its_lines(opened: Any) -> None:
    page = opened("good")
    page.fill("#rp-log-find", "EPOCH 1")
    assert page.locator("#rp-log .rp-hit").count() == 3
    assert page.inner_text("#rp-log-found") == "1 of 3"
    page.keyboard.press("Enter")
    assert page.inner_text("#rp-log-found") == "2 of 3"
    assert page.locator("#rp-log .rp-at").inner_text().strip() == "epoch 10: loss 0.0538"
    page.fill("#rp-log-find", "nowhere")
    assert page.inner_text("#rp-log-found") == "not found"


def test_a_long_log_is_searched_to_its_last_line_and_a_link_leads_to_any_line(opened: Any) -> None:
    page = opened("evil")
    assert page.locator("#rp-log .rp-line").count() < 900
    page.fill("#rp-log-find", "epoch 417 ")
    expect(page.locator("#rp-log-found")).to_have_text("1 of 1, line 418")
    expect(page.locator("#rp-log .rp-at")).to_contain_text("epoch 417 <!doctype html>")
    assert page.title() != "owned"
    page.fill("#rp-log-find", "epoch 5")
    expect(page.locator("#rp-log-found")).to_have_text("1 of 111")
    page.fill("#rp-log-find", "nowhere to be found")
    expect(page.locator("#rp-log-found")).to_have_text("not found")
    page.evaluate("() => (location.hash = '#log-600')")
    expect(page.locator("#rp-log .rp-at")).to_contain_text("epoch 599 ")


def test_params_are_found_by_their_whole_names(opened: Any) -> None:
    page = opened("good")
    field = page.locator('[data-finds="params"]')
    if not field.count():
        return
    field.fill("lr")
    expect(page.locator("#params [role=status]")).to_contain_text("hit")


def test_a_number_of_the_metrics_table_says_where_it_comes_from(opened: Any) -> None:
    page = opened("good")
    row = page.locator("table.rp-metrics tbody tr[data-at]").first
    row.locator("td").nth(3).click()
    expect(page.locator("#rp-origin")).to_contain_text(" is the lowest of ")
    expect(page.locator("#rp-origin")).to_contain_text("read from ")


def test_charts_are_drawn_for_this_run_alone(opened: Any) -> None:
    page = opened("good")
    page.wait_for_selector("#charts figure.rp-chart canvas")
    lines = page.evaluate("runpages.charts.of(document.querySelector('#charts figure.rp-chart')).lines.length")
    assert lines == 1


def test_a_hostile_run_does_nothing_and_is_shown(opened: Any) -> None:
    page = opened("evil")
    assert page.title() != "owned"
    frames = page.locator("iframe.rp-frame")
    assert frames.count() == 2  # the page, and the page that calls itself a picture
    for number in range(2):
        frames.nth(number).scroll_into_view_if_needed()
        assert frames.nth(number).content_frame.locator("h1").inner_text() == "of the run"
    assert page.title() != "owned"
    assert page.locator("#log .rp-under a").get_attribute("download") == "console.log"


def test_a_hostile_page_opened_alone_runs_nothing(opened: Any, built: Path) -> None:
    page = opened("evil")
    url = page.locator("iframe.rp-frame").first.get_attribute("src")
    page.goto((built / "runs" / url).resolve().as_uri())
    assert page.inner_text("h1") == "of the run"
    assert page.title() == "t"


def test_without_javascript_every_picture_and_every_line_is_there(browser: Browser, built: Path) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.goto(f"{built.as_uri()}/runs/good.html")
    assert page.locator(".rp-steps figure:visible").count() == 2
    assert page.locator("#rp-log .rp-line").count() == 12
    assert page.locator("#charts svg:visible").count() == 2
    assert page.locator("#charts figure:visible").count() == 2
    assert page.locator("#rp-log-find:visible").count() == 0
    context.close()

"""Fixtures every test may use: the samples, goldens, and where the tree is."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, Dialog, FloatRect, Locator, Page, sync_playwright

HERE = Path(__file__).parent
# a machine under load is not a fault of the code
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")
TREE = HERE.parent
CHROMIUM = os.environ.get("RUNPAGES_CHROMIUM", "/usr/bin/chromium")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden from what the code does now")


@pytest.fixture(scope="session")
def tree() -> Path:
    """The root of the checkout."""
    return TREE


@pytest.fixture(scope="session")
def samples() -> Path:
    """The real runs that come with the project."""
    return TREE / "sample_runs"


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[..., None]:
    """`golden(value)` or `golden(value, "name")`: equal to the JSON kept under tests/golden, or fail saying how to renew it."""
    update = request.config.getoption("--update-golden")
    below = Path(str(request.path)).relative_to(HERE).with_suffix("")

    def check(value: Any, name: str = "") -> None:
        stem = request.node.name.removeprefix("test_").replace("/", "-").replace("[", "-").rstrip("]")
        path = HERE / "golden" / below / f"{stem}{'-' + name if name else ''}.json"
        text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, default=str) + "\n"
        if update and not os.environ.get("CI"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            return
        expected = path.read_text(encoding="utf-8") if path.exists() else ""
        if text != expected:
            actual = HERE / "actual" / path.relative_to(HERE / "golden")
            actual.parent.mkdir(parents=True, exist_ok=True)
            actual.write_text(text, encoding="utf-8")
            pytest.fail(
                f"{path.relative_to(TREE)} differs; new output in {actual.relative_to(TREE)}; renew with: pytest --update-golden"
            )

    return check


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium, started once."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this run of the tests, the same for every worker."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session", autouse=True)
def user_cache(shared: Path) -> None:
    """What runpages keeps per user lies in the tests' own folder, never in that of who runs them."""
    os.environ["XDG_CACHE_HOME"] = str(shared / "user-cache")


@pytest.fixture(scope="session")
def once(shared: Path) -> Callable[[str, Callable[[Path], object]], Path]:
    """`once("name", make)`: the folder that `make(folder)` filled, made by the first worker that asks; for reading only."""

    def made(name: str, make: Callable[[Path], object]) -> Path:
        room, whole = shared / "once" / name, shared / "once" / f"{name}.whole"
        room.parent.mkdir(exist_ok=True)
        with (shared / "once" / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not whole.exists():
                shutil.rmtree(room, ignore_errors=True)  # of a worker whose `make` failed
                room.mkdir()
                make(room)
                whole.touch()
        return room

    return made


def build_in(room: Path, *arguments: str) -> None:
    """`runpages build ARGUMENTS --quiet` as a user runs it in the folder `room`."""
    subprocess.run([sys.executable, "-m", "runpages", "build", *arguments, "--quiet"], cwd=room, check=True)


@pytest.fixture(scope="session")
def demo(once: Callable[[str, Callable[[Path], object]], Path]) -> Path:
    """The report of all sample runs, built once as a user builds it."""
    return once("demo", lambda room: build_in(room, str(TREE / "sample_runs"))) / "site"


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`visit(file, "#part?state", width=1400, dark=False, js=True)`: that page from disk, once it says it is ready.

    Afterwards: not a word on the console, no dialog, and nothing was asked for beyond the disk.
    """
    said: list[str] = []
    asked: list[str] = []
    contexts = []

    def dismissed(dialog: Dialog) -> None:
        said.append(dialog.message)
        dialog.dismiss()

    def opened(
        file: Path, rest: str = "", *, width: int = 1400, height: int = 1000, dark: bool = False, js: bool = True
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=js,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", dismissed)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri() + rest)
        if js:
            page.wait_for_selector("html[data-ready]")
        return page

    yield opened
    for context in contexts:
        context.close()
    # a frame of a run's own HTML that tried to run a script says that it was stopped: what the frame is for
    assert [words for words in said if "frame is sandboxed" not in words] == []
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


# charts near the window are drawn late and change the height of what lies above: all of them drawn, then five frames alike
STANDING = """async (node) => {
  node.scrollIntoView({ block: "center" });
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const near = ({ top, bottom }) => bottom > -200 && top < innerHeight + 200;
  const waits = () => [...document.querySelectorAll("figure[data-figure], figure.rp-parallel, figure.rp-chart[data-curve]")]
    .some((each) => each.getClientRects().length && near(each.getBoundingClientRect()) && !("drawn" in each.dataset));
  for (let alike = 0, last = ""; alike < 5; ) {
    await frame();
    const { x, y, width, height } = node.getBoundingClientRect();
    const now = [x, y, width, height, scrollY].join();
    alike = now === last && !waits() ? alike + 1 : 0;
    if (now !== last) node.scrollIntoView({ block: "center" });
    last = now;
  }
}"""


@pytest.fixture(scope="session")
def standing() -> Callable[[Locator], FloatRect]:
    """`standing(locator)`: scrolled into view, and its box in the window once the page has stopped moving; for the mouse."""

    def found(locator: Locator) -> FloatRect:
        locator.evaluate(STANDING)
        box = locator.bounding_box()
        assert box is not None
        return box

    return found


AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")


@pytest.fixture(scope="session")
def serious() -> Callable[[Page], list[str]]:
    """`serious(page)`: what axe-core finds of serious or critical weight, one line per kind with the first place."""

    def found(page: Page) -> list[str]:
        page.evaluate(f"() => {{ {AXE.read_text(encoding='utf-8')} }}")
        report = page.evaluate("() => axe.run(document, {resultTypes: ['violations'], preload: false})")
        return [
            f"{one['id']}: {one['nodes'][0]['html'][:200]} ({len(one['nodes'])})"
            for one in report["violations"]
            if one["impact"] in ("serious", "critical")
        ]

    return found

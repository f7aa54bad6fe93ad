"""A locked report: opened in a real browser with its passphrase, and by nothing else."""

from __future__ import annotations

import base64
import functools
import random
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.privacy.planted import planted_run

from runpages.errors import ConfigError
from runpages.lock import BUCKET, check_passphrase, lock, make_passphrase, passphrase_bits
from runpages.seal import read_manifest, verify

PASS = "correct horse battery staple"  # noqa: S105
CANARIES = [f"qzcanary{number:02}" for number in range(20)]
Show = Callable[[str], Page]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built report with twenty words in its names, values, notes, files and file names."""
    room = tmp_path_factory.mktemp("plain")
    planted_run(room / "runs" / CANARIES[0])
    more = room / "runs" / CANARIES[1]
    more.mkdir()
    rest = ", ".join(f'"{one}": "{one}"' for one in CANARIES[2:12])
    (more / "params.json").write_text("{" + rest + "}")
    (more / "metrics.csv").write_text("step," + ",".join(CANARIES[12:18]) + "\n0,1,1,1,1,1,1\n1,2,2,2,2,2,2\n")
    (more / "notes.md").write_text(f"about {CANARIES[18]} </script><script>document.title='{CANARIES[19]}'</script>")
    command = [sys.executable, "-m", "runpages", "build", "runs", "-q", "--title", "Quiet report"]
    subprocess.run(command, cwd=room, check=True)
    return room / "site"


@pytest.fixture(scope="module")
def one_file(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("one")
    lock(plain, out, PASS, iterations=1000)
    return out


@pytest.fixture(scope="module")
def split(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("split")
    lock(plain, out, PASS, split=True, iterations=1000)
    return out


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def served() -> Iterator[Callable[[Path], str]]:
    """`served(folder)`: its address on loopback."""
    servers = []

    def serve(folder: Path) -> str:
        server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def show(browser: Browser) -> Iterator[Show]:
    """`show(url)`: a page that says nothing on the console and asks nobody else."""
    said: list[str] = []
    asked: list[str] = []
    context = browser.new_context()

    def opened(url: str) -> Page:
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(url)
        return page

    yield opened
    context.close()
    assert said == []
    assert all(url.startswith(("file:", "blob:", "data:", "http://127.0.0.1")) for url in asked)


def unlock(page: Page, passphrase: str = PASS) -> None:
    page.fill("#passphrase", passphrase)
    page.click("button")


def stands(page: Page, title: str) -> None:
    """Wait for a page of the report by its title: the page before was ready, too."""
    expect(page).to_have_title(re.compile(re.escape(title)))
    page.wait_for_selector("html[data-ready]")


@pytest.mark.browser
@pytest.mark.parametrize("way", ["disk", "served", "split"])
def test_it_opens_with_its_passphrase_and_its_pages_work(
    one_file: Path, split: Path, show: Show, served: Callable[[Path], str], way: str
) -> None:
    folder = split if way == "split" else one_file
    page = show((folder / "index.html").as_uri() if way == "disk" else served(folder))
    assert page.title() == "Locked report"
    unlock(page)
    stands(page, "Overview - Quiet report")
    page.wait_for_selector("figure canvas")
    page.click("text=Compare >> nth=0")
    stands(page, "Compare")
    expect(page).to_have_url(re.compile(r"\?\d+$"))  # no name in the address
    page.click(f"a:has-text('{CANARIES[1]}') >> nth=0")
    stands(page, CANARIES[1])
    assert page.title() != CANARIES[19]
    page.go_back()
    stands(page, "Compare")


@pytest.mark.browser
def test_a_wrong_passphrase_is_told_and_can_be_tried_again(one_file: Path, show: Show) -> None:
    page = show((one_file / "index.html").as_uri())
    unlock(page, "incorrect horse battery")
    expect(page.locator("#said")).to_have_text("That is not the passphrase.")
    unlock(page)
    page.wait_for_selector("html[data-ready]")


@pytest.mark.browser
def test_a_link_with_the_key_opens_it_and_the_key_leaves_the_address(plain: Path, tmp_path: Path, show: Show) -> None:
    locked = lock(plain, tmp_path, PASS, iterations=1000)
    page = show((tmp_path / "index.html").as_uri() + locked.fragment)
    stands(page, "Overview - Quiet report")
    assert "k=" not in page.url


@pytest.mark.browser
def test_plain_http_gets_a_clear_word(one_file: Path, browser: Browser) -> None:
    """A host without https: the browser hides its cryptography there, as it does for this name."""
    context = browser.new_context()
    page = context.new_page()
    html = (one_file / "index.html").read_text()
    page.route("http://report.example/", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto("http://report.example/")
    assert not page.evaluate("window.isSecureContext")
    expect(page.locator("#said")).to_contain_text("Open this report over https")
    context.close()


@pytest.mark.browser
def test_a_split_report_says_on_disk_that_it_wants_a_server(split: Path, show: Show) -> None:
    page = show((split / "index.html").as_uri())
    expect(page.locator("#said")).to_contain_text("Open it over https or from localhost")


@pytest.mark.browser
def test_any_flipped_byte_of_the_ciphertext_is_refused(one_file: Path, tmp_path: Path, browser: Browser) -> None:
    html = (one_file / "index.html").read_text()
    spans = [found.span(1) for found in re.finditer(r'id="b-\w+">([^<]+)<', html)]
    wrapped = [found.span(1) for found in re.finditer(r'"(?:salt|key)": "([^"]+)"', html)]
    rng = random.Random(8)  # noqa: S311 - the same flips each time
    context = browser.new_context()
    for number, (start, end) in enumerate([*rng.sample(spans, 10), *wrapped, spans[-1]]):
        raw = bytearray(base64.b64decode(html[start:end]))
        raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
        broken = tmp_path / f"{number}.html"
        broken.write_text(html[:start] + base64.b64encode(raw).decode() + html[end:])
        page = context.new_page()
        page.goto(broken.as_uri())
        unlock(page)
        refused = "That is not the passphrase." if (start, end) in wrapped else "changed or is damaged"
        expect(page.locator("#said")).to_contain_text(refused)
        assert page.title() == "Locked report"
        page.close()
    context.close()


@pytest.mark.browser
def test_a_flipped_byte_of_the_loader_stops_it(one_file: Path, tmp_path: Path, browser: Browser) -> None:
    html = (one_file / "index.html").read_text()
    at = html.index('"use strict"')
    (tmp_path / "x.html").write_text(html[:at] + '"use stricT"' + html[at + 12 :])
    page = browser.new_page()
    page.goto((tmp_path / "x.html").as_uri())
    assert page.locator("#ask").is_hidden()
    page.close()


@pytest.mark.parametrize("form", ["one_file", "split"])
def test_none_of_twenty_words_can_be_read_in_the_bytes(request: pytest.FixtureRequest, plain: Path, form: str) -> None:
    folder: Path = request.getfixturevalue(form)
    inside = b"".join(path.read_bytes() for path in plain.rglob("*") if path.is_file())
    names = " ".join(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    content = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    blobs = [base64.b64decode(one) for one in re.findall(rb'id="b-\w+">([^<]+)<', content)]
    for word in [*CANARIES, "Quiet report", "compare", "search.js"]:
        assert word.encode() in inside or any(word in path.name for path in plain.rglob("*"))
        assert word.encode() not in content
        assert word not in names
        assert not any(word.encode() in blob for blob in blobs)


def test_sizes_are_rounded_and_nothing_is_used_twice(split: Path, plain: Path, tmp_path: Path) -> None:
    blobs = [path.read_bytes() for path in (split / "b").iterdir()]
    assert {len(blob) % BUCKET for blob in blobs} == {12 + 16}
    assert len({blob[:12] for blob in blobs}) == len(blobs)
    lock(plain, tmp_path, PASS, split=True, iterations=1000)
    again = {path.name for path in (tmp_path / "b").iterdir()} - {"index.bin"}
    assert not again & {path.name for path in (split / "b").iterdir()}


def test_a_made_passphrase_is_long_enough_and_a_short_one_is_refused() -> None:
    assert passphrase_bits() >= 77
    assert re.fullmatch(r"([a-z]{4}-){6}[a-z]{4}", make_passphrase())
    assert make_passphrase() != make_passphrase()
    with pytest.raises(ConfigError) as caught:
        check_passphrase("short")
    assert caught.value.note.slug == "passphrase-weak"
    assert check_passphrase("short", weak=True) == "short"


def test_the_command_locks_a_build_and_prints_the_passphrase_once(tmp_path: Path) -> None:
    planted_run(tmp_path / "runs" / "one")
    command = [sys.executable, "-m", "runpages"]
    done = subprocess.run(
        [*command, "build", "runs", "--password"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    (made,) = re.findall(r"(?:[a-z]{4}-){6}[a-z]{4}", done.stdout)
    assert sorted(path.name for path in (tmp_path / "site").iterdir()) == [
        ".runpages-site",
        "index.html",
        "manifest.json",
    ]
    assert verify(tmp_path / "site") == []
    assert made not in (tmp_path / "site" / "index.html").read_text()
    assert read_manifest(tmp_path / "site").profile == "private"
    subprocess.run([*command, "build", "runs", "-q", "-o", "open", "--profile", "public"], cwd=tmp_path, check=True)
    done = subprocess.run(
        [*command, "publish", "out", "--site", "open", "--password", "--split"],
        cwd=tmp_path, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin", "RUNPAGES_PASSPHRASE": PASS}, check=True,
    )  # fmt: skip
    assert PASS not in done.stdout + done.stderr
    assert (tmp_path / "out" / "b").is_dir()
    assert "Experiment report" not in (tmp_path / "out" / "index.html").read_text()

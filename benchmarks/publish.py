"""How long it takes to publish a site of 2,000 runs of which one changed, and to open a single file of 20 MB.

python benchmarks/publish.py [OUT.md]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent.parent
sys.path[0] = str(HERE)  # not this folder: its inspect.py is not the one of Python

from benchmarks.parts import s3_server, s3_settings, sealed, ssh_server  # noqa: E402

from runpages.publish import Options, publish  # noqa: E402

RUNS = 2000


def sites(room: Path) -> tuple[Path, Path]:
    """Two sites of 2,000 pages of 20 kB; the second has another page, front page and data."""
    filler = "<td>0.123456</td>" * 1200
    files = {f"runs/{number}.html": f"<p>{number}</p>{filler}" for number in range(RUNS)}
    data = ("index.html", "compare.html", "data/runs.js", "data/curves/loss.js")
    first = {**files, **dict.fromkeys(data, f"old {filler}")}
    second = {**files, **dict.fromkeys(data, f"new {filler}"), "runs/7.html": f"<p>new</p>{filler}"}
    return sealed(room / "1", first), sealed(room / "2", second)


def timed(target: str, first: Path, second: Path, options: Options, *, beside: int = 0) -> dict[str, Any]:
    """Publish one site, then the other; `beside`: files that are sent each time and are not of the site."""
    began = time.perf_counter()
    publish(first, target, options)
    between = time.perf_counter()
    report = publish(second, target, options)
    ended = time.perf_counter()
    sent = len(report.written) + beside
    share = f"{100 * sent / (sent + report.unchanged):.2f} %"
    return {
        "files": RUNS + 4,
        "sent": sent,
        "share": share,
        "all s": round(between - began, 1),
        "one run s": round(ended - between, 2),
    }


def to_s3(room: Path) -> dict[str, Any]:
    """An S3 server on this machine."""
    import s3fs

    with s3_server() as address, s3_settings(address):
        s3fs.S3FileSystem().mkdir("big")
        return timed("s3://big/site", *sites(room), Options(cache=room), beside=2)  # the manifest and the marker


def to_branch(room: Path) -> dict[str, Any]:
    """A bare repository on this machine."""
    subprocess.run(["git", "init", "-q", "--bare", str(room / "forge.git")], check=True)
    return timed(f"git+file://{room}/forge.git#pages", *sites(room), Options(repository=room, cache=room), beside=2)


def to_host(room: Path) -> dict[str, Any]:
    """rsync through an SSH server on this machine."""
    with ssh_server(room / "ssh") as (port, settings):
        os.environ["RSYNC_RSH"] = f"ssh -F {settings} -p {port}"
        return timed(f"rsync+ssh://127.0.0.1{room}/www", *sites(room), Options(cache=room), beside=2)


def to_folder(room: Path) -> dict[str, Any]:
    """A folder on this machine."""
    return timed(str(room / "public"), *sites(room), Options(cache=room), beside=2)


def opening(room: Path) -> dict[str, Any]:
    """A single file of about 20 MB in Chromium: until its first page stands, and until another one stands."""
    from playwright.sync_api import sync_playwright

    pages = {
        name: f"<!doctype html><title>{name}</title><h1>{name}</h1><a href='b.html'>next</a>"
        for name in ("index.html", "b.html")
    }
    noise = {f"data/{number}.js": f"x='{os.urandom(375_000).hex()}'" for number in range(40)}
    publish(sealed(room / "site", pages | noise), str(room / "one.html"))
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(300_000)  # the machine may be busy; what is told is how long it took
        began = time.perf_counter()
        page.goto((room / "one.html").as_uri())
        page.locator("h1").wait_for()
        stands = time.perf_counter()
        page.locator("a").click()
        page.get_by_role("heading", name="b.html").wait_for()
        ended = time.perf_counter()
        browser.close()
    size = (room / "one.html").stat().st_size
    return {
        "MB": round(size / 1e6, 1),
        "first page s": round(stands - began, 2),
        "next page s": round(ended - stands, 2),
    }


ALL: dict[str, Callable[[Path], dict[str, Any]]] = {
    "One run of 2,000 changed, S3": to_s3,
    "One run of 2,000 changed, git branch": to_branch,
    "One run of 2,000 changed, rsync over SSH": to_host,
    "One run of 2,000 changed, folder": to_folder,
    "Opening a single file in Chromium": opening,
}


def main() -> None:
    """Everything into a Markdown list."""
    lines = ["# Publishing", "", "Made by `python benchmarks/publish.py docs/benchmarks/publish.md`.", ""]
    for name, work in ALL.items():
        with tempfile.TemporaryDirectory() as room:
            told = ", ".join(f"{key} {value}" for key, value in work(Path(room)).items())
        lines.append(f"- **{name}**: {told}")
        sys.stderr.write(f"{lines[-1]}\n")
    text = "\n".join(lines) + "\n"
    sys.stdout.write(text)
    if len(sys.argv) > 1:
        Path(sys.argv[1]).parent.mkdir(parents=True, exist_ok=True)
        Path(sys.argv[1]).write_text(text)


if __name__ == "__main__":
    main()

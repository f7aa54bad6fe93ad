# ruff: noqa: T201 - printing is what it is for
"""What drawing costs in a browser, beside uPlot in the same run: CPU seconds of the page's main thread, no raster.

    python -P benchmarks/charts.py [--chromium PATH] [--repeat 3] [--packages FOLDER]

Prints for each number of runs: the first drawing (reading the data file's object, lines, axes, until the canvas is
drawn), one move of the smoothing slider, one zoom, one highlight, one change of the selection; without the library's load.
uPlot comes from npm into a folder that is thrown away (or FOLDER, kept) and draws the same numbers on the same room; what it
is given to smooth is smoothed by our own arithmetic. Goals: 100 runs x 500 points drawn below 0.3 s, smoothed again below 0.1 s.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.charts import page as site

from runpages import charts

SIZES = ((10, 500), (100, 500), (1000, 500), (1000, 50))
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
CHART = "runpages.charts.of(document.querySelector('figure'))"
# a change, then the promise that it is on the canvas
WORK = {
    "draw": "runpages.charts.select(null)",
    "smooth": "runpages.charts.set({smooth: runpages.charts.state.smooth + 0.01})",
    "zoom": CHART + ".zoom([1000, 3000])",
    "highlight": "runpages.charts.highlight(3)",
    "select 10": "runpages.charts.select([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])",
}
SETTLED = "() => runpages.charts.idle(document.querySelector('figure'))"

PEER = """<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="uPlot.min.css"><script src="uPlot.iife.min.js"></script>
<script src="smooth.js"></script><script src="numbers.js"></script><body><div id="room" style="width:660px"></div>
<script>
const series = [{}, ...numbers.slice(1).map((_, i) => ({ stroke: `hsl(${(i * 36) % 360} 70% 40%)`, width: 1.75 }))];
const done = () => new Promise((fulfil) => requestAnimationFrame(() => requestAnimationFrame(fulfil)));
let plot = null;
const work = {
  draw: () => { if (plot) plot.destroy(); plot = new uPlot({ width: 660, height: 280, legend: { show: false }, scales: { x: { time: false } }, series }, numbers, room); },
  smooth: () => plot.setData([numbers[0], ...numbers.slice(1).map((y) => runpages.smooth("ema", y, numbers[0], 0.6))]),
  zoom: () => plot.setScale("x", { min: 1000, max: 3000 }),
  highlight: () => plot.setSeries(4, { focus: true }),
  "select 10": () => plot.batch(() => series.forEach((_, i) => i > 10 && plot.setSeries(i, { show: false }))),
};
</script>"""


def peer(folder: Path, packages: Path, curve: dict[str, Any]) -> Path:
    """A page on which uPlot draws the same lines."""
    folder.mkdir(parents=True)
    dist = packages / "node_modules" / "uplot" / "dist"
    for file in (dist / "uPlot.iife.min.js", dist / "uPlot.min.css", site.THEME / "js" / "smooth.js"):
        (folder / file.name).write_bytes(file.read_bytes())
    numbers = [curve["steps"][0], *(line["y"] for line in curve["lines"])]
    (folder / "numbers.js").write_text(f"const numbers = {json.dumps(numbers)};")
    page = folder / "index.html"
    page.write_text(PEER)
    return page


def measure_peer(page: Page, session: CDPSession, index: Path) -> dict[str, float]:
    """CPU seconds per kind of work of uPlot, on a page that has drawn once."""
    page.goto(index.as_uri())
    found = {}
    page.evaluate("async () => { work.draw(); await done(); }")
    for name in WORK:
        before = cpu(session)
        page.evaluate("async (name) => { work[name](); await done(); }", name)
        found[name] = cpu(session) - before
    return found


def cpu(session: CDPSession) -> float:
    """Seconds the page's main thread has worked so far."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))


def timed(page: Page, session: CDPSession, script: str) -> float:
    """CPU seconds from `script` until the chart is drawn."""
    before = cpu(session)
    page.evaluate(script)
    page.wait_for_function(SETTLED)
    return cpu(session) - before


def measure(page: Page, session: CDPSession, index: Path) -> dict[str, float]:
    """CPU seconds per kind of work on a page with one chart that is already warm."""
    page.goto(index.as_uri())
    page.wait_for_selector("figure[data-drawn]")
    page.evaluate("runpages.charts.set({smooth: 0.5})")
    page.wait_for_function(SETTLED)
    return {name: timed(page, session, script) for name, script in WORK.items()}


def medians(browser: Browser, index: Path, repeat: int, work: Callable[..., dict[str, float]]) -> dict[str, float]:
    """The median of `repeat` fresh pages, per kind of work."""
    found = []
    for _ in range(repeat):
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        found.append(work(page, session, index))
        page.close()
    return {name: statistics.median(each[name] for each in found) for name in WORK}


def told(name: str, numbers: Mapping[str, float], digits: int = 3) -> None:
    """One line of the table."""
    print(f"{name:>24}" + "".join(f"{value:>11.{digits}f}" for value in numbers.values()))


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--packages", type=Path)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        packages = wanted.packages or Path(folder) / "packages"
        if not (packages / "node_modules" / "uplot").exists():
            packages.mkdir(exist_ok=True)
            (packages / "package.json").write_text("{}")
            subprocess.run(["npm", "install", "--silent", "uplot"], cwd=packages, check=True)
        version = json.loads((packages / "node_modules" / "uplot" / "package.json").read_text())["version"]
        library = charts.bundle()
        browser = playwright.chromium.launch(executable_path=wanted.chromium, args=FLAGS)
        print(f"Chromium {browser.version}, uPlot {version}, median of {wanted.repeat}, CPU seconds of the main thread")
        print(f"{'runs x points':>24}" + "".join(f"{name:>11}" for name in WORK))
        for runs, points in SIZES:
            curve = site.curve({run: site.course(run, points) for run in range(runs)})
            size = f"{runs} x {points}"
            index = site.write(Path(folder) / size, library, site.runs(runs), {"curves/a": curve})
            ours = medians(browser, index, wanted.repeat, measure)
            theirs = medians(
                browser, peer(Path(folder) / f"uplot {size}", packages, curve), wanted.repeat, measure_peer
            )
            told(size, ours)
            told("uPlot", theirs)
            told("ours / uPlot", {name: ours[name] / max(1e-9, theirs[name]) for name in WORK}, 2)
        browser.close()


if __name__ == "__main__":
    main()

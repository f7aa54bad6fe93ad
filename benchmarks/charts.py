# ruff: noqa: T201 - printing is what it is for
"""What drawing costs in a browser: CPU seconds of the page's main thread, no raster, no load of the library.

    python benchmarks/charts.py [--chromium PATH] [--repeat 3]

Prints for each number of runs: the first drawing (reading the data file's object, rows, Vega, until the canvas is
drawn), one move of the smoothing slider, one zoom, one highlight, one change of the selection; then the library's load.
Goals: 100 runs x 500 points drawn below 0.3 s, smoothed again below 0.1 s.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

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


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--repeat", type=int, default=3)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        library = charts.bundle()
        browser = playwright.chromium.launch(executable_path=wanted.chromium, args=FLAGS)
        print(f"Chromium {browser.version}, median of {wanted.repeat}, CPU seconds of the main thread")
        print(f"{'runs x points':>14}" + "".join(f"{name:>11}" for name in WORK))
        for runs, points in SIZES:
            curve = site.curve({run: site.course(run, points) for run in range(runs)})
            index = site.write(Path(folder) / f"{runs}x{points}", library, site.runs(runs), {"curves/a": curve})
            found: list[dict[str, Any]] = []
            for _ in range(wanted.repeat):
                page = browser.new_page(viewport={"width": 1400, "height": 900})
                session = page.context.new_cdp_session(page)
                session.send("Performance.enable", {"timeDomain": "threadTicks"})
                found.append(measure(page, session, index))
                page.close()
            medians = (statistics.median(each[name] for each in found) for name in WORK)
            print(f"{f'{runs} x {points}':>14}" + "".join(f"{value:>11.3f}" for value in medians))
        browser.close()


if __name__ == "__main__":
    main()

# ruff: noqa: T201 - printing is what it is for
"""What a gallery of 2,000 pictures costs: CPU seconds of the page's main thread to open it and to move its slider, and of the build.

    python benchmarks/gallery.py [--chromium PATH] [--repeat 5] [--runs 40] [--keys 50]

Pictures are 256 x 256 PNG at two steps each (4,000 files), no two alike. Open is from a blank page to a standing gallery; the slider is moved to
the first step and back. Builds are counted with all their workers: the first one, and one for which nothing changed.
Goals: open 0.5 s, slider 0.1 s.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 0))))"


def make(folder: Path, runs: int, keys: int) -> None:
    """An MLflow file store of runs with pictures at two steps each, named as its client names them."""
    random = np.random.default_rng(1)
    store = folder / "mlruns" / "1"
    store.mkdir(parents=True)
    (store / "meta.yaml").write_text(
        "artifact_location: mlruns/1\nexperiment_id: '1'\nlifecycle_stage: active\nname: pictures\n"
    )
    for run in range(runs):
        name = f"{run:032x}"
        place = store / name / "artifacts" / "images"
        place.mkdir(parents=True)
        told = f"artifact_uri: mlruns/1/{name}/artifacts\nrun_id: {name}\nrun_name: run-{run}\nexperiment_id: '1'\nsource_type: 4\nstatus: 3\nstart_time: {run}\nlifecycle_stage: active\n"
        (store / name / "meta.yaml").write_text(told)
        for part in ("metrics", "params", "tags"):
            (store / name / part).mkdir()
        for step in (0, 1):
            for key in range(keys):
                shades = random.integers(0, 255, (32, 32, 3), np.uint8)
                picture = Image.fromarray(shades).resize((256, 256), Image.Resampling.NEAREST)
                mark = f"{run:08x}-0000-4000-8000-{step:04x}{key:08x}"
                picture.save(place / f"picture-{key:02}+step+{step}+timestamp+1+{mark}.png", compress_level=1)


def build(room: Path) -> float:
    """CPU seconds of a build of the folder `runs`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "runpages", "build", "runs", "-q"], cwd=room, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def spent(session: CDPSession) -> float:
    """Seconds that the page's main thread worked so far."""
    return next(
        one["value"] for one in session.send("Performance.getMetrics")["metrics"] if one["name"] == "TaskDuration"
    )


def moved(page: Page, session: CDPSession, key: str) -> float:
    """CPU seconds of a key on the slider, until the page stands still."""
    before = spent(session)
    page.keyboard.press(key)
    page.evaluate(SETTLED)
    return spent(session) - before


def measure(browser: Browser, page_file: Path) -> tuple[float, float, int]:
    """Open and slider in CPU seconds, and how many pictures there are."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(page_file.as_uri())
    page.wait_for_selector("html[data-ready]")
    page.evaluate(SETTLED)
    opened = spent(session)
    page.get_by_label("Step").focus()
    times = [moved(page, session, key) for key in ("Home", "End")]
    count = page.locator("figure img").count()
    page.close()
    return opened, statistics.mean(times), count


def main() -> None:
    """Print one line per figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--keys", type=int, default=50)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        room = Path(folder)
        make(room / "runs", asked.runs, asked.keys)
        print(f"first build     {build(room):7.2f} s")
        print(f"nothing changed {build(room):7.2f} s")
        browser = playwright.chromium.launch(executable_path=asked.chromium, args=FLAGS)
        found = [measure(browser, room / "site" / "media.html") for _ in range(asked.repeat)]
        print(f"open            {statistics.median(one[0] for one in found):7.3f} s, {found[0][2]:,} pictures")
        print(f"slider          {statistics.median(one[1] for one in found):7.3f} s")
        size = {
            kind: sum(path.stat().st_size for path in (room / "site/media").glob(f"*.{kind}"))
            for kind in ("png", "webp")
        }
        print(f"media           {size['png'] / 1e6:7.1f} MB of pictures, {size['webp'] / 1e6:.1f} MB of small copies")
        browser.close()


if __name__ == "__main__":
    main()

"""Takes the picture of the README: `python docs/make_screenshot.py` builds a report of the plain, MLflow and W&B samples and opens its comparison."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

TREE = Path(__file__).parent.parent
CHROMIUM = os.environ.get("RUNPAGES_CHROMIUM", "/usr/bin/chromium")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars")
SAMPLES = ("mlflow/filestore", "plain/digits-sweep")


def main() -> None:
    """Build, open, look."""
    with tempfile.TemporaryDirectory() as room, sync_playwright() as playwright:
        sources = [str(TREE / "sample_runs" / name) for name in SAMPLES]
        command = [sys.executable, "-m", "runpages", "build", *sources, "-o", "site", "--title", "Digits", "--quiet"]
        subprocess.run(command, cwd=room, check=True)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        for name, file in (("overview", "index.html"), ("compare", "compare.html")):
            page = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme="light")
            page.goto((Path(room) / "site" / file).as_uri())
            page.wait_for_selector("html[data-ready]")
            page.wait_for_selector("figure.rp-chart canvas")
            page.screenshot(path=TREE / "docs" / "images" / f"{name}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()

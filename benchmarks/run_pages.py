"""Stamping 10,000 run pages: CPU of putting bodies into the site's frame and of writing the files, and what the pages weigh.

    python benchmarks/run_pages.py [--pages 10000] [RUNS]

The frame and the bodies are those of the report of RUNS (the samples), built first; bodies are taken in turn.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from itertools import cycle, islice
from pathlib import Path

from runpages.pages.site import write_run_pages
from runpages.pages.stamp import BODY, TITLE

SAMPLES = Path(__file__).parent.parent / "sample_runs"


def shell_of(page: str) -> tuple[str, str]:
    """The frame of a stamped page with its places empty, and its body."""
    start, end = page.index('<article class="rp-runpage'), page.index("</article>") + len("</article>")
    frame = re.sub(r"<title>[^<]*", f"<title>{TITLE}", page[:start] + BODY + page[end:])
    return frame, page[start:end]


def main() -> None:
    """Build, stamp, tell."""
    parser = argparse.ArgumentParser()
    parser.add_argument("runs", nargs="?", type=Path, default=SAMPLES)
    parser.add_argument("--pages", type=int, default=10_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as room:
        command = [sys.executable, "-m", "runpages", "build", str(asked.runs.resolve()), "--quiet"]
        subprocess.run(command, cwd=room, check=True)
        built = sorted((Path(room) / "site" / "runs").glob("*.html"))
        texts = [path.read_text(encoding="utf-8") for path in built if not path.name.startswith("index")]
        shell, bodies = shell_of(texts[0])[0], [shell_of(text)[1] for text in texts]
        weights = sorted(len(text.encode()) for text in texts)
        before = os.times()
        some = islice(cycle(enumerate(bodies)), asked.pages)
        written = write_run_pages(Path(room) / "stamped", shell, ((f"runs/{n}-{at}.html", f"run {n}", body) for n, (at, body) in enumerate(some)))  # fmt: skip
        after = os.times()
    own, kernel = after.user - before.user, after.system - before.system
    print(
        f"{len(texts)} real pages: median {weights[len(weights) // 2] / 1e3:.1f} kB, heaviest {weights[-1] / 1e3:.1f} kB"
    )
    print(
        f"{written:,} pages stamped: {own + kernel:.2f} s CPU ({own:.2f} s ours, {kernel:.2f} s of the kernel writing)"
    )


if __name__ == "__main__":
    main()

# ruff: noqa: T201 - printing is what it is for
"""Every figure of privacy and hostile input, as a Markdown table.

    python benchmarks/privacy.py [--tests] [--fuzz 20000]

`--tests` also runs the classes of bad input and the payloads in a browser (minutes); `--fuzz N` runs N inputs per codec.
"""

from __future__ import annotations

import argparse
import base64
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.fuzz.__main__ import fuzz
from tests.fuzz.targets import TARGETS
from tests.privacy.planted import CANARIES, planted_run
from tests.privacy.secrets_set import figures

from runpages.lock import ITERATIONS, lock, passphrase_bits

TREE = Path(__file__).parent.parent


def row(what: str, value: str, goal: str) -> None:
    """One line of the table."""
    print(f"| {what} | {value} | {goal} |", flush=True)


def secrets_found() -> None:
    """Recall and false alarms of the labelled set."""
    seen = figures(TREE / "sample_runs")
    row("planted secrets of 45 named kinds found", f"{seen.named_found} of {seen.named}", "99 %")
    row("secrets of no known shape under a telling name found", f"{seen.unknown_found} of {seen.unknown}", "90 %")
    row("clean fields of real runs taken for a secret", f"{seen.false_alarms} of {seen.clean:,}", "1 of 10,000")


def hits(content: bytes, words: dict[str, str]) -> int:
    """How many of the words stand in the bytes."""
    return sum(word.lower().encode() in content.lower() for word in words.values())


def profiles(room: Path) -> None:
    """Planted names and places left under each profile, then those readable in a locked site."""
    planted_run(room / "runs" / "one")
    for profile in ("private", "public", "anonymous"):
        command = [sys.executable, "-m", "runpages", "build", "runs", "-q", "--profile", profile, "-o", profile]
        subprocess.run(command, cwd=room, check=True)
        words = {name: one for name, one in CANARIES.items() if name != "team" or profile != "public"}
        content = b"".join(path.read_bytes() for path in (room / profile).rglob("*") if path.is_file())
        goal = "-" if profile == "private" else "0"
        row(f"planted names and places in a report, profile {profile}", f"{hits(content, words)} of {len(words)}", goal)
    (room / "locked").mkdir()
    start = time.process_time()
    lock(room / "private", room / "locked", "a passphrase of some length")
    took = time.process_time() - start
    content = (room / "locked" / "index.html").read_bytes()
    content += b"".join(base64.b64decode(one) for one in re.findall(rb'id="b-\w+">([^<]+)<', content))
    row("of the same, readable in the locked private report", f"{hits(content, CANARIES)} of {len(CANARIES)}", "0")
    row("locking it, processor time", f"{took:.1f} s", "-")
    row("rounds of PBKDF2-SHA256; bits of a made passphrase", f"{ITERATIONS:,}; {passphrase_bits():.0f}", "600,000; 77")


def tests() -> None:
    """The classes of bad input and the payloads, as the suite tries them."""
    for what, path in {
        "85 classes of bad input": "test_bad_inputs.py",
        "60 payloads in a browser": "test_payloads.py",
    }.items():
        command = [sys.executable, "-m", "pytest", "-q", f"tests/hostile/{path}"]
        done = subprocess.run(command, cwd=TREE, capture_output=True, text=True)
        row(what, done.stdout.strip().splitlines()[-1].partition(" in ")[0] + " (tests)", "all passed")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tests", action="store_true")
    parser.add_argument("--fuzz", type=int, default=2_000)
    given = parser.parse_args()
    print("| what | measured | goal |\n|---|---|---|")
    secrets_found()
    with tempfile.TemporaryDirectory() as room:
        profiles(Path(room))
    results = [fuzz(target, given.fuzz, 1) for target in TARGETS]
    failed, slowest = sum(one[2] for one in results), max(one[1] for one in results)
    amount = f"{sum(one[0] for one in results):,} inputs to {len(TARGETS)} codecs"
    row(amount, f"{failed} undeclared errors; slowest {slowest:.2f} s", "0; 1 s")
    if given.tests:
        tests()


if __name__ == "__main__":
    main()

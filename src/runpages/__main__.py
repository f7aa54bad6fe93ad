"""`python -m runpages` is `runpages`."""

from __future__ import annotations

from runpages.cli import main

main(prog_name="runpages")

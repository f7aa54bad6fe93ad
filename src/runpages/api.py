"""What the command line does, for programs: read runs, write their table, build the site."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from runpages.build import open_report
from runpages.config import from_mapping
from runpages.export import export as exported
from runpages.frames import RunSet

Place = str | os.PathLike[str]


@contextmanager
def read_runs(*sources: Place, **options: Any) -> Iterator[RunSet]:
    """Every run below the folders: `with read_runs("mlruns") as runs: runs.table()`.

    Options are those of `Config` (cache, executor, ...). Nothing of the folders is changed; what was read is kept in
    the cache for the next time. Raises ConfigError for a folder that is not there.
    """
    config = from_mapping({"sources": [os.fspath(one) for one in sources], **options}, "read_runs()")
    report = open_report(config, Path.cwd())
    try:
        yield report.runs
    finally:
        report.close()


def export_runs(*sources: Place, kind: str = "jsonl", columns: tuple[str, ...] = (), **options: Any) -> bytes:
    """The runs as a file of the format `kind`: jsonl, csv, markdown or parquet. Raises ConfigError."""
    with read_runs(*sources, **options) as runs:
        return exported(runs, kind, columns)


def build_site(*sources: Place, output: Place = "site", force: bool = False, **options: Any) -> dict[str, Any]:
    """Write the site of the runs below the folders; returns what was found and written.

    The old site stays until the new one is whole. Raises RunpagesError.
    """
    from runpages.cli import work  # one way to build, whoever asks

    return work.build([Path(one) for one in sources], Path(output), options, None, force=force)

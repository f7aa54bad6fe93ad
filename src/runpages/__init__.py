"""Static report sites from the run directories that experiment trackers leave behind.

To build and read: `build_site`, `read_runs`, `export_runs`, `Config`. What a run is: `Run`, `Series`, `Stat`, `Artifact`, `Code`, `Study`,
`Head`, `RunSet`, `Scalar`, `Status`. To write a reader: `Reader`, `Folder`, `Source`, `Notes`, `NotMine`, `check_reader`. What goes wrong:
`RunpagesError`, `Note`. What a site is: `View`, `Manifest`, `verify`. To keep secrets in: `redact_text`, `scan_text`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from runpages.api import build_site, export_runs, read_runs
    from runpages.config import Config
    from runpages.errors import Note, Notes, NotMine, RunpagesError
    from runpages.frames import RunSet
    from runpages.model import (
        Artifact,
        Code,
        Head,
        Manifest,
        Run,
        Scalar,
        Series,
        Source,
        Stat,
        Status,
        Study,
        View,
    )
    from runpages.readers import Folder, Reader
    from runpages.redact import redact_text, scan_text
    from runpages.seal import verify
    from runpages.testing import check_reader

_ROOMS = {
    "api": ("build_site", "export_runs", "read_runs"),
    "config": ("Config",),
    "errors": ("Note", "NotMine", "Notes", "RunpagesError"),
    "frames": ("RunSet",),
    "model": (
        "Artifact", "Code", "Head", "Manifest", "Run", "Scalar", "Series", "Source", "Stat", "Status", "Study", "View",
    ),
    "readers": ("Folder", "Reader"),
    "redact": ("redact_text", "scan_text"),
    "seal": ("verify",),
    "testing": ("check_reader",),
}  # fmt: skip
_HOMES = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = [
    "Artifact", "Code", "Config", "Folder", "Head", "Manifest", "NotMine", "Note", "Notes", "Reader", "Run", "RunSet",
    "RunpagesError", "Scalar", "Series", "Source", "Stat", "Status", "Study", "View", "build_site", "check_reader",
    "export_runs", "read_runs", "redact_text", "scan_text", "verify",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Public names are loaded when asked for: `import runpages` alone stays quick."""
    if name not in _HOMES:
        raise AttributeError(f"module 'runpages' has no attribute {name!r}")
    return getattr(importlib.import_module(f"runpages.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """The public names."""
    return sorted([*__all__, "__version__"])

"""Static report sites from the run directories that experiment trackers leave behind."""

from __future__ import annotations

__version__ = "0.1.0"

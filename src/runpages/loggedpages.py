"""The pages of what runs logged to be compared as a whole: evaluation, samples."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from runpages.config import Config
from runpages.frames import RunSet
from runpages.media import MediaShelf
from runpages.pages.data import write_script
from runpages.pages.render import render
from runpages.views.evaluation_page import evaluation_data, evaluation_page
from runpages.views.logged import Logged
from runpages.views.samples_page import samples_data, samples_page

TITLES = {"evaluation": "Evaluation", "samples": "Samples"}


class LoggedPages:
    """Pages that are there when a run logged something for them. `data` is the data file `runs`."""

    def __init__(self, runs: RunSet, shelf: MediaShelf, data: Mapping[str, Any], config: Config) -> None:
        self.logged, self.data, self.config = Logged(runs, shelf), data, config

    @property
    def shown(self) -> list[str]:
        """The kinds of page that there are."""
        there = {"evaluation": self.logged.evaluated, "samples": self.logged.samples}
        return [kind for kind in TITLES if there[kind]]

    @cached_property
    def _evaluation(self) -> dict[str, Any]:
        return evaluation_page(self.logged.evaluated, self.data)

    def html(self, kind: str) -> str:
        """The content of a page of this kind."""
        if kind == "evaluation":
            return render("evaluation", **self._evaluation)
        return render("samples", **samples_page(self.logged.samples, self.data, self.config))

    def write(self, site: Path) -> None:
        """Write the data files of the pages that there are."""
        for kind in self.shown:
            made = evaluation_data(self._evaluation) if kind == "evaluation" else samples_data(self.logged.samples, self.config)  # fmt: skip
            write_script(site, kind, made)

"""The pages of searches: found once, made once, and remembered until something that they show changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from runpages.config import Config
from runpages.frames import RunSet
from runpages.pages.data import script
from runpages.pages.render import render
from runpages.remember import Remembered
from runpages.studies import Studied, find_studies
from runpages.views.study import studies_view, study_page
from runpages.views.table import run_ref


class StudyPages:
    """Every search of a report. `data` is the data file `runs`, `titles` are the trackers' names as people write them."""

    def __init__(
        self, runs: RunSet, data: Mapping[str, Any], titles: Mapping[str, str], config: Config, remembered: Remembered
    ) -> None:
        self.runs, self.data, self.titles = runs, data, titles
        self.studies = {one.slug: one for one in find_studies(runs, config)}
        self._remembered = remembered
        self._made: dict[str, dict[str, Any]] = {}

    def list_html(self) -> str:
        """The content of the page that lists all studies, those that a tracker recorded first."""
        return render("studies", **studies_view(list(self.studies.values()), self.data, self.titles))

    def html(self, slug: str) -> str:
        """The content of one study's page."""
        return render("study", **self._page(slug)["view"])

    def script(self, slug: str) -> str:
        """The data file from which its charts are drawn."""
        return script(f"studies/{slug}", self._page(slug)["data"])

    def _page(self, slug: str) -> dict[str, Any]:
        if slug not in self._made:
            study, kept = self.studies[slug], self._remembered
            page = json.loads(kept.text("study", self._parts(study), lambda: self._make(study)))
            kept.asked |= set(
                page["pieces"]
            )  # a page that is kept keeps its figures: it may need all but one next time
            self._made[slug] = page
        return self._made[slug]

    def _make(self, study: Studied) -> str:
        before = set(self._remembered.asked)
        page = study_page(study, self.runs, self.data, self.titles, self._remembered)
        pieces = sorted(self._remembered.asked - before)
        return json.dumps({"view": page.view, "data": page.data, "pieces": pieces}, ensure_ascii=False)

    def _parts(self, study: Studied) -> list[bytes]:
        """All that the page depends on."""
        heads = [self.runs.members[number].head.run for number in study.runs]
        about = {
            "refs": [run_ref(self.data, number) for number in study.runs],
            "times": [[head.started, head.ended] for head in heads],
            "title": self.titles.get(study.tracker, study.tracker),
            "curves": [self._curve(column, study) for column in self.data["columns"] if column["kind"] == "metric"],
            "study": {
                name: getattr(study, name) for name in Studied.__slots__ if name not in ("values", "reported", "params")
            },
            "params": [[one.name, one.words, one.log, one.values.tolist()] for one in study.params],
        }
        told = json.dumps(about, default=str).encode("utf-8", "surrogatepass")
        return [told, study.values.tobytes(), study.reported.tobytes()]

    def _curve(self, column: Mapping[str, Any], study: Studied) -> list[Any]:
        """What a page says of a metric that trials reported on their way."""
        if column["id"] != f"metric:{study.curve}":
            return []
        last = column["values"]["last"]
        return [column["label"], column["curve"], column["step_name"], [last[number] is None for number in study.runs]]

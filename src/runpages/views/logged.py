"""What runs logged as tables, figures and curves, read once for the pages that compare them: evaluation and samples."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from runpages.frames import RunSet
from runpages.media import MediaShelf, Unshown
from runpages.model import Artifact
from runpages.views.evaluation import found_in
from runpages.views.evaluation_page import Evaluated
from runpages.views.samples import Group, Samples, grouped, samples_in

KINDS = ("table", "figure", "curve")
_NAMED = re.compile(
    r"(confusion|roc|pr[_-]?curve|precision[_-]recall|calibration|reliability|predictions?|samples)[^/]*\.(json|csv|tsv)$",
    re.IGNORECASE,
)


def wanted(artifact: Artifact) -> bool:
    """Whether an artifact may hold what these pages show, by its kind and name."""
    return artifact.kind in KINDS or (artifact.kind in ("text", "file") and bool(_NAMED.search(artifact.name)))


class Logged:
    """The tables, figures and curves of a report's runs. Reading happens at the first question, and never twice."""

    def __init__(self, runs: RunSet, shelf: MediaShelf) -> None:
        self.runs, self._shelf = runs, shelf

    def _texts(self) -> Iterator[tuple[int, Artifact, str]]:
        for member in self.runs.members:
            if not any(wanted(artifact) for artifact in member.head.run.artifacts):
                continue
            for artifact in self.runs.run(member.number).artifacts:
                if wanted(artifact):
                    try:
                        content = self._shelf.read(artifact, member.head.root)
                    except Unshown:  # the run's page says why
                        continue
                    if content.media_type in ("text/plain", "application/json"):
                        yield member.number, artifact, content.text

    @cached_property
    def _read(self) -> tuple[list[Evaluated], list[Group]]:
        evaluated: list[Evaluated] = []
        sampled: list[Samples] = []
        for run, artifact, words in self._texts():
            evaluated += [Evaluated(run, one) for one in found_in(artifact, words)]
            sampled += samples_in(run, artifact, words)
        return evaluated, grouped(sampled)

    @property
    def evaluated(self) -> list[Evaluated]:
        """Matrices and curves of all runs."""
        return self._read[0]

    @property
    def samples(self) -> list[Group]:
        """Samples of all runs, by the set they belong to."""
        return self._read[1]

"""Every number on the page of a run is recomputed from the raw files of its tracker by other code than ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.views import raw_binary, raw_text
from tests.views.raw import Raw, differences, rows, same, value_of

from runpages.build import Report, open_report
from runpages.config import Config
from runpages.runpage import shelf
from runpages.views.run_params import flat

ALL: dict[str, Callable[[Path], dict[str, Raw]]] = {**raw_text.ALL, **raw_binary.ALL}


@pytest.fixture(scope="module")
def report(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    """The runs of all samples."""
    opened = open_report(Config(sources=(str(samples),)), tmp_path_factory.mktemp("report"))
    yield opened
    opened.close()


def alike(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, int | float):
        return same(one, float(other))
    return one == other


@pytest.mark.parametrize("tracker", sorted(ALL))
def test_every_number_is_that_of_the_raw_files_of(tracker: str, report: Report, samples: Path, tmp_path: Path) -> None:
    found = ALL[tracker](samples)
    assert found
    numbers = {member.id: member.number for member in report.runs.members}
    on = shelf(tmp_path, 50_000_000, Counter())
    seen = 0
    for run, raw in found.items():
        assert run in numbers, [name for name in numbers if run[-8:] in name]
        page, view = report.of_runs.html(numbers[run], on), report.of_runs.view(numbers[run], on)
        shown = rows(page)
        others = {name for name in shown if name not in raw.metrics and not name.startswith(raw.beside or ("\0",))}
        if raw.metrics:
            assert (others, raw.metrics.keys() - shown.keys()) == (set(), set()), run
        for name, points in raw.metrics.items():
            assert differences(shown[name], points) == [], (run, name)
        params = {row["path"]: row for row in [*view["params"]["differing"], *flat(view["params"]["same"])]}
        results = {row["name"]: row for row in view["results"]}
        for wanted, given in ((raw.params, params), (raw.results, results)):
            for name, value in wanted.items():
                if name in given:
                    assert alike(value_of(given[name], value), value), (run, name)
                else:  # a final that is a metric's last value is told there
                    assert name in shown, (run, name, list(given)[:12])
        seen += len(raw.metrics) + len(raw.params) + len(raw.results)
    assert seen

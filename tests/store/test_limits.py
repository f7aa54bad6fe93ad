"""A source that runs away costs its one run and becomes a note."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from runpages import executors, limits
from runpages import gather as room
from runpages.errors import Notes
from runpages.find import Root
from runpages.model import Run, Source
from runpages.readers import Folder, Registry
from runpages.store import Store


class Greedy:
    """A reader that never ends at `slow` and takes all memory at `large`, whatever it catches."""

    name, title, reads, rank = "greedy", "Greedy", "folders with run.txt", 0

    def find(self, folder: Folder) -> Iterable[Source]:
        return [folder.source(self.name, "run.txt")] if "run.txt" in folder.files else []

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        yield Run(source.key, source.root.name, self.name, source.key)
        while source.root.name == "slow":
            try:
                sum(range(1000))
            except Exception as error:
                notes.warn("here", str(error))
        if source.root.name == "large":
            held = [np.zeros(1 << 28, np.uint8) for _ in range(1000)]
            raise AssertionError(f"{len(held)} pieces were given")


@pytest.mark.parametrize("executor", ["serial", "process=2"])
def test_a_source_that_runs_away_costs_its_one_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, executor: str
) -> None:
    for name in ("a", "large", "slow", "z"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "run.txt").write_text("x")
    monkeypatch.setattr(executors, "_start_method", lambda: "fork")
    monkeypatch.setattr(room, "installed", lambda: Registry({"greedy": Greedy()}, {}))
    monkeypatch.setattr(limits, "SECONDS", 1.0)
    monkeypatch.setattr(limits, "MEMORY", 1 << 30)
    found = room.gather([Root(tmp_path / "runs")], Store(tmp_path / "s.sqlite"), executor=executor)
    assert [head.run.name for one in found.stored for head in one.heads] == ["a", "large", "slow", "z"]
    notes = {one.source.key: [(note.slug, note.what.split()[4]) for note in one.notes] for one in found.stored}
    assert notes == {"a": [], "large": [("source-ran-away", "memory")], "slow": [("source-ran-away", "time")], "z": []}


def test_limits_are_taken_back() -> None:
    import resource
    import signal

    before = (resource.getrlimit(resource.RLIMIT_AS), signal.getsignal(signal.SIGALRM))
    with limits.limited(1_000_000):
        assert resource.getrlimit(resource.RLIMIT_AS)[0] > limits.MEMORY
    assert (resource.getrlimit(resource.RLIMIT_AS), signal.getsignal(signal.SIGALRM)) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)

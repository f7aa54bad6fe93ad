"""A worker that dies costs its one run."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from runpages import executors
from runpages import gather as room
from runpages.errors import Notes
from runpages.find import Root
from runpages.model import Run, Source
from runpages.readers import Folder, Registry
from runpages.store import Store


class Deadly:
    """A reader whose process is killed by the system at the folder named `deadly`, and that is broken at `broken`."""

    name, title, reads, rank = "deadly", "Deadly", "folders with run.txt", 0

    def find(self, folder: Folder) -> Iterable[Source]:
        return [folder.source(self.name, "run.txt")] if "run.txt" in folder.files else []

    def read(self, source: Source, notes: Notes) -> Iterator[Run]:
        notes.info("here", "read")
        if source.root.name == "deadly":
            os.kill(os.getpid(), signal.SIGKILL)
        if source.root.name == "broken":
            raise ZeroDivisionError("a fault of the reader")
        yield Run(source.key, source.root.name, self.name, source.key)


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("a", "b", "broken", "c", "deadly", "d"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "run.txt").write_text("x")
    # a reader that lives in this test only is known to a worker only when that is forked
    monkeypatch.setattr(executors, "_start_method", lambda: "fork")
    monkeypatch.setattr(room, "installed", lambda: Registry({"deadly": Deadly()}, {}))
    return tmp_path / "runs"


def test_a_worker_that_dies_costs_its_one_run(runs: Path, tmp_path: Path) -> None:
    found = room.gather([Root(runs)], Store(tmp_path / "s.sqlite"), executor="process=2")
    names = [head.run.name for one in found.stored for head in one.heads]
    assert names == ["a", "b", "c", "d"]
    slugs = {one.source.key: [note.slug for note in one.notes] for one in found.stored if not one.heads}
    assert slugs == {"broken": ["here", "reader-failed"], "deadly": ["worker-died"]}

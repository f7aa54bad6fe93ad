"""The reader that teaches, held to the same laws as the others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from runpages.readers.example import LogbookReader
from runpages.testing import check_reader, read_all

READER = LogbookReader()
TEXT = "logbook 1\nparam lr 0.1\nparam note two words\nat 0 loss 2.5\nat 1 loss nan\nat 1 acc 0.5\nend\n"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    folder = tmp_path / "books" / "day"
    folder.mkdir(parents=True)
    (folder / "first.logbook").write_text(TEXT)
    return tmp_path / "books"


def test_the_example_obeys_every_law(book: Path, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    check_reader(READER, book, scratch)


def test_the_example_reads_what_the_docstring_shows(book: Path) -> None:
    (run,), notes = read_all({"logbook": READER}, book)
    assert (run.id, run.status) == ("day/first", "finished")
    assert run.params == {"lr": 0.1, "note": "two words"}
    assert [(one.name, one.steps.tolist()) for one in run.series] == [("loss", [0, 1]), ("acc", [1])]
    assert not notes


def test_a_line_the_example_does_not_know_is_noted(book: Path) -> None:
    (book / "day" / "first.logbook").write_text(TEXT + "at x loss 1\n")
    (run,), (note,) = read_all({"logbook": READER}, book)
    assert len(run.series) == 2
    assert (note.slug, note.run) == ("logbook-bad-lines", run.id)


def test_a_foreign_file_with_the_ending_is_given_back(book: Path) -> None:
    (book / "day" / "first.logbook").write_text("Dear diary\n")
    runs, notes = read_all({"logbook": READER}, book)
    assert not runs
    assert [note.slug for note in notes] == ["not-mine"]


def test_the_guide_shows_the_reader_as_it_is(tree: Path) -> None:
    guide = (tree / "docs" / "guide" / "write-a-reader.md").read_text()
    source = (tree / "src" / "runpages" / "readers" / "example.py").read_text()
    blocks = re.findall(r"```python title=\"example.py\"\n(.*?)```", guide, re.DOTALL)
    assert len(blocks) >= 3
    assert not [block for block in blocks if block.strip("\n") not in source]

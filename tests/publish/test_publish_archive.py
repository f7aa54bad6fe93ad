"""A zip of a site is the same bytes each time, opens anywhere, and never replaces a zip of others."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from tests.publish.conftest import PAGES, Build

from runpages import seal
from runpages.errors import TargetError
from runpages.publish import Options, archive, publish


def test_a_zip_made_twice_is_the_same_bytes(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(build(), "a/report.zip")
    site = build(dict(reversed(PAGES.items())), name="again")
    for path in site.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    (site / "index.html").chmod(0o600)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    publish(site, "b/report.zip")
    assert Path("a/report.zip").read_bytes() == Path("b/report.zip").read_bytes()


def test_an_unpacked_zip_is_the_site_in_one_folder(build: Build) -> None:
    report = publish(build(), "report.zip")
    with zipfile.ZipFile("report.zip") as bundle:
        assert bundle.testzip() is None
        bundle.extractall("out")
    assert [path.name for path in Path("out").iterdir()] == ["report"]
    assert seal.verify(Path("out/report")) == []
    assert report.size == Path("report.zip").stat().st_size
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["out", "report.zip"]


def test_the_top_folder_can_be_named(build: Build) -> None:
    publish(build(), "report.zip", Options(to="digits"))
    with zipfile.ZipFile("report.zip") as bundle:
        assert "digits/index.html" in bundle.namelist()


def test_our_zip_is_replaced_and_that_of_others_is_not(build: Build) -> None:
    publish(build(), "report.zip")
    publish(build({"index.html": "new"}), "report.zip")
    with zipfile.ZipFile("data.zip", "w") as bundle:
        bundle.writestr("thesis.tex", "years")
    before = Path("data.zip").read_bytes()
    with pytest.raises(TargetError) as caught:
        publish(build(), "data.zip")
    assert caught.value.note.slug == "target-not-ours"
    assert Path("data.zip").read_bytes() == before
    publish(build(), "data.zip", Options(force=True))
    assert zipfile.ZipFile("data.zip").namelist()[0].startswith("data/")


def test_a_place_that_cannot_be_written_is_an_error_and_leaves_nothing(build: Build) -> None:
    Path("file").write_text("")
    with pytest.raises(TargetError) as caught:
        publish(build(), "file/report.zip")
    assert caught.value.note.slug == "target-unwritable"
    assert [path.name for path in Path.cwd().iterdir()] == ["file"]


def test_a_zip_too_large_to_mail_is_noted(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAIL_LIMIT", 100)
    assert [note.slug for note in publish(build(), "report.zip").notes] == ["archive-large"]

"""A folder is brought to the site's state in one step, and what others put there stays."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.publish.conftest import PAGES, Build

from runpages import seal
from runpages.errors import TargetError
from runpages.publish import Options, publish


def test_the_folder_holds_the_site_and_can_be_verified(build: Build) -> None:
    report = publish(build(), "public")
    assert sorted(report.written) == sorted(PAGES)
    assert seal.verify(Path("public")) == []
    assert Path("public/runs/a.html").read_text() == "<p>a</p>"
    assert list(Path.cwd().iterdir()) == [Path.cwd() / "public"]


def test_only_what_changed_is_written_anew(build: Build) -> None:
    publish(build(), "public")
    os.utime("public/data/a.js", (1_000_000_000, 1_000_000_000))
    report = publish(build({**{k: v for k, v in PAGES.items() if k != "runs/a.html"}, "index.html": "new"}), "public")
    assert (report.written, report.removed, report.unchanged) == (("index.html",), ("runs/a.html",), 2)
    assert not Path("public/runs").exists()
    assert Path("public/data/a.js").stat().st_mtime == 1_000_000_000


def test_files_of_others_in_our_folder_stay(build: Build) -> None:
    publish(build(), "public")
    Path("public/CNAME").write_text("lab.example")
    Path("public/.well-known").mkdir()
    Path("public/.well-known/x").write_text("x")
    Path("public/latest").symlink_to("runs")
    publish(build({"index.html": "new"}), "public")
    assert Path("public/CNAME").read_text() == "lab.example"
    assert Path("public/.well-known/x").read_text() == "x"
    assert Path("public/latest").is_symlink()


def test_a_folder_of_others_takes_a_site_that_is_in_nobodys_way(build: Build) -> None:
    Path("public").mkdir()
    Path("public/readme.txt").write_text("theirs")
    publish(build(), "public")
    assert Path("public/readme.txt").read_text() == "theirs"


@pytest.mark.parametrize("theirs", ["index.html", "runs", "data/a.js/x"])
def test_a_file_of_others_in_our_way_is_not_overwritten(build: Build, theirs: str) -> None:
    (Path("public") / theirs).parent.mkdir(parents=True)
    (Path("public") / theirs).write_text("theirs")
    with pytest.raises(TargetError) as caught:
        publish(build(), "public")
    assert caught.value.note.slug == "target-not-ours"
    assert (Path("public") / theirs).read_text() == "theirs"
    publish(build(), "public", Options(force=True))
    assert seal.verify(Path("public")) == []


def test_reports_live_side_by_side_below_one_folder(build: Build) -> None:
    for name in ("pr-1", "pr-2"):
        publish(build(), "public", Options(to=f"reports/{name}/"))
    assert sorted(path.name for path in Path("public/reports").iterdir()) == ["pr-1", "pr-2"]


def test_the_site_itself_is_no_target(build: Build) -> None:
    site = build()
    for target in (site, site / "sub", site.parent):
        with pytest.raises(TargetError) as caught:
            publish(site, str(target))
        assert caught.value.note.slug == "target-path"
    assert seal.verify(site) == []


def test_a_place_that_cannot_be_made_is_an_error(build: Build) -> None:
    Path("file").write_text("")
    with pytest.raises(TargetError) as caught:
        publish(build(), "file/public")
    assert caught.value.note.slug == "target-unwritable"

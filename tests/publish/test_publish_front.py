"""Many reports side by side: a front page made from what is there, the newest found by one address, old ones let go."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.publish.conftest import Build, branch_files

from runpages.errors import TargetError
from runpages.publish import Options, front, publish, remove
from runpages.publish.hosts import HOSTS, Host, check_host

MANY = {"index.html": "<title>Sweep &lt;b&gt; - Report</title>"}


def listed(folder: Path) -> list[str]:
    return [one["path"] for one in json.loads((folder / "reports.json").read_text())["reports"]]


def test_reports_stand_side_by_side_and_the_newest_is_first(build: Build) -> None:
    for name in ("v1", "v2"):
        publish(build(MANY), "out", Options(channel="main", to=name))
    publish(build(MANY), "out", Options(channel="pr", to="7"))
    assert sorted(listed(Path("out"))) == ["main/v1", "main/v2", "pr/7"]
    page = Path("out/index.html").read_text()
    assert "Sweep &lt;b&gt; - Report" in page
    assert "<b>" not in page
    assert "../pr/7/index.html" in Path("out/latest/index.html").read_text() or listed(Path("out"))[0] != "pr/7"
    assert "../v" in Path("out/main/latest/index.html").read_text()


def test_a_lost_or_damaged_list_heals_itself(build: Build) -> None:
    for name in ("v1", "v2"):
        publish(build(MANY), "out", Options(channel="main", to=name))
    Path("out/reports.json").write_text("{")
    Path("out/index.html").unlink()
    Path("out/main/v1/.runpages-site").write_text("damaged")
    publish(build(MANY), "out", Options(channel="main", to="v3"))
    assert sorted(listed(Path("out"))) == ["main/v1", "main/v2", "main/v3"]
    assert "main/v1/" in Path("out/index.html").read_text()


def test_a_hundred_reports_are_kept_and_pruned_by_rule(build: Build) -> None:
    site = build(MANY)
    publish(site, "out", Options(channel="main", to="000"))
    for number in range(1, 100):
        shutil.copytree("out/main/000", f"out/main/{number:03}")
    publish(site, "out", Options(channel="other", to="x"))
    assert len(listed(Path("out"))) == 101
    for number in range(95):
        marker = front.label("old", front.now().replace(year=2020))
        Path(f"out/main/{number:03}/.runpages-site").write_bytes(marker)
    Path("out/main/007/mine.txt").write_text("kept")
    publish(site, "out", Options(channel="main", to="new", keep=50, keep_days=90))
    assert sorted(listed(Path("out"))) == [
        "main/095",
        "main/096",
        "main/097",
        "main/098",
        "main/099",
        "main/new",
        "other/x",
    ]
    assert [path.name for path in Path("out/main/007").iterdir()] == ["mine.txt"], "only what our manifest names goes"
    publish(site, "out", Options(channel="main", to="newer", keep=3))
    assert len(listed(Path("out"))) == 4


def test_a_front_page_of_your_own_stays(build: Build) -> None:
    Path("out").mkdir()
    Path("out/index.html").write_text("mine")
    publish(build(MANY), "out", Options(channel="main", to="v1"))
    assert Path("out/index.html").read_text() == "mine"
    assert listed(Path("out")) == ["main/v1"]


def test_a_branch_gets_the_front_page_in_the_same_commit(build: Build, bare: Path) -> None:
    for name in ("7", "8"):
        publish(build(MANY), f"git:{bare}", Options(channel="pr", to=name))
    files = branch_files(bare)
    assert {"index.html", "reports.json", "latest/index.html", "pr/latest/index.html", "pr/7/index.html"} <= set(files)
    remove(f"git:{bare}", Options(to="pr/7"))
    after = branch_files(bare)
    assert not [name for name in after if name.startswith("pr/7/")]
    assert "pr/7/" not in after["index.html"]


def test_a_preview_is_removed_and_its_neighbour_stays(build: Build) -> None:
    publish(build(MANY), "out", Options(to="pr-7"))
    publish(build(MANY), "out", Options(to="pr-8"))
    report = remove("out", Options(to="pr-7"))
    assert report.removed == ("pr-7/index.html",)
    assert [path.name for path in Path("out").iterdir()] == ["pr-8"]
    with pytest.raises(TargetError) as caught:
        remove("out", Options(to="pr-7"))
    assert caught.value.note.slug == "report-absent"


@pytest.mark.parametrize("channel", ["..", "a/../b", "-x", "latest", ".git", "/"])
def test_a_channel_stays_inside(build: Build, channel: str) -> None:
    with pytest.raises(TargetError) as caught:
        publish(build(MANY), "out", Options(channel=channel, to="x"))
    assert caught.value.note.slug == "target-path"


def test_a_host_that_would_refuse_is_named_with_the_limit(build: Build) -> None:
    site = build({**MANY, "media/a.bin": "x" * (11 * 1024 * 1024)})
    assert check_host(site, "github")["files"] == 4
    with pytest.raises(TargetError) as caught:
        check_host(site, "huggingface")
    assert (caught.value.note.slug, caught.value.exit_code) == ("host-limit", 6)
    assert "media/a.bin (11.0 MiB)" in caught.value.note.what
    with pytest.raises(TargetError) as unknown:
        check_host(site, "geocities")
    assert unknown.value.note.hint == ", ".join(HOSTS)


def test_every_kind_of_limit_is_looked_at(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    site = build({f"runs/{number}.html": "x" for number in range(9)})
    for limit, said in (("files", "11 files"), ("in_folder", "9 files in the folder runs"), ("total", "in all")):
        monkeypatch.setitem(HOSTS, "github", Host("Small", "", **{limit: 5}))
        with pytest.raises(TargetError, match=said):
            check_host(site, "github")

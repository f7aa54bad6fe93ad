"""Every link of a finished site leads somewhere, and nothing of it comes from elsewhere."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.site.crawl import Site


@pytest.fixture(scope="module")
def docs(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our own documentation with the demo report in it, as plain `mkdocs build --strict` writes it."""
    site = tmp_path_factory.mktemp("docs") / "site"
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-d", str(site)]
    subprocess.run(command, cwd=tree, check=True, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"})
    return site


@pytest.fixture(scope="module", params=["demo", "docs"])
def site(request: pytest.FixtureRequest) -> Site:
    return Site(request.getfixturevalue(request.param).resolve())


def test_every_link_fragment_and_asset_is_there(site: Site) -> None:
    assert len(site.pages) > 150
    assert site.broken() == []


def test_nothing_is_loaded_from_elsewhere(site: Site) -> None:
    assert site.outside() == []
    assert [
        name
        for path, name in site.styles()
        if not (path.parent / name.partition("?")[0]).is_file() and not name.startswith("data:")
    ] == []


def test_every_asset_is_asked_for(demo: Path) -> None:
    pages = "".join(path.read_text(encoding="utf-8") for path in [*demo.glob("*.html"), *demo.glob("runs/*.html")])
    asked = pages + (demo / "data" / "specs.js").read_text(encoding="utf-8")
    assets = [path for path in (demo / "assets").rglob("*") if path.is_file()]
    assert assets
    assert [path for path in assets if path.name not in asked] == []


def test_every_page_has_a_strict_policy(site: Site) -> None:
    for page in site.pages.values():
        assert page.policy.startswith("default-src 'none'"), page.path
        assert "unsafe-eval" not in page.policy
        assert "http" not in page.policy
        assert not re.search(r"script-src[^;]*unsafe-inline", page.policy)


def test_every_run_has_a_page_that_the_table_links(demo: Path) -> None:
    text = (demo / "data" / "runs.js").read_text(encoding="utf-8")
    ids = [json.loads(line)["id"] for line in (demo / "data" / "runs.jsonl").read_text(encoding="utf-8").splitlines()]
    pages = sorted(
        path.name for path in (demo / "runs").glob("*.html") if not path.name.startswith(("index.html", "index~"))
    )
    assert len(ids) == len(pages) == len(set(ids))
    assert all(f"runs/{name}" in text for name in pages)


def test_the_manifest_lists_every_file(demo: Path) -> None:
    listed = json.loads((demo / "manifest.json").read_text(encoding="utf-8"))["files"]
    there = {path.relative_to(demo).as_posix() for path in demo.rglob("*") if path.is_file()}
    assert there - set(listed) <= {"manifest.json", ".runpages-site"}
    assert set(listed) <= there


def test_no_place_of_this_machine_is_in_the_site(demo: Path, tree: Path) -> None:
    place = str(tree).encode()
    assert [path for path in sorted(demo.rglob("*")) if path.is_file() and place in path.read_bytes()] == []

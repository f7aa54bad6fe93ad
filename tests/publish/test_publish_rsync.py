"""Over SSH each publish is a release of its own; one rename makes it the served one. A real sshd and rsync do it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from benchmarks.parts import dangling, linked, sealed, ssh_server, tree

from runpages.errors import TargetError
from runpages.publish import Options, publish, verify


@pytest.fixture(scope="module")
def login(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    with ssh_server(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture
def address(login: tuple[int, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("RSYNC_RSH", f"ssh -F {login[1]}")
    return f"rsync+ssh://127.0.0.1:{login[0]}{tmp_path}/www's%20place"


def test_a_release_shares_what_did_not_change_and_is_switched_to_at_once(address: str, tmp_path: Path) -> None:
    base = tmp_path / "www's place"
    first = publish(sealed(tmp_path / "1", linked(20, "a")), address)
    assert len(first.written) == 42
    assert (base / "current").is_symlink()
    assert verify(str(base / "current")) == (40, [])
    changed = {**linked(20, "a"), "runs/3.html": "new"}
    second = publish(sealed(tmp_path / "2", changed), address)
    assert second.written == ("manifest.json", "runs/3.html")
    assert (base / "current/runs/4.html").stat().st_nlink == 2
    assert verify(str(base / "current")) == (40, [])
    assert publish(tmp_path / "2", address).written == ()
    for number in range(4):
        publish(sealed(tmp_path / "3", {**changed, "n.html": str(number)}), address)
    assert len(list((base / "releases").iterdir())) == 3


def test_a_folder_of_others_is_refused(address: str, tmp_path: Path) -> None:
    (tmp_path / "www's place").mkdir()
    (tmp_path / "www's place/thesis.tex").write_text("years")
    with pytest.raises(TargetError) as caught:
        publish(sealed(tmp_path / "1", linked(2, "a")), address)
    assert caught.value.note.slug == "target-not-ours"
    assert tree(tmp_path / "www's place") == {"thesis.tex": "years"}
    publish(tmp_path / "1", address, Options(force=True))
    assert (tmp_path / "www's place/thesis.tex").read_text() == "years"


@pytest.mark.parametrize("cut", [10, 400, 1500, 6000])
def test_a_connection_that_breaks_leaves_the_former_release(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut: int
) -> None:
    publish(sealed(tmp_path / "1", linked(20, "a")), address)
    shell = tmp_path / "cut.sh"
    shell.write_text(f'#!/bin/sh\ndd bs=1 count={cut} status=none | {os.environ["RSYNC_RSH"]} "$@"\n')
    shell.chmod(0o755)
    whole = os.environ["RSYNC_RSH"]
    monkeypatch.setenv("RSYNC_RSH", str(shell))
    slug = ""
    try:
        publish(sealed(tmp_path / "2", linked(20, "b")), address)
    except TargetError as error:
        slug = error.note.slug
    served = tree(tmp_path / "www's place/current")
    assert (slug == "rsync-failed" and served == tree(tmp_path / "1")) or served == tree(tmp_path / "2")
    monkeypatch.setenv("RSYNC_RSH", whole)
    publish(sealed(tmp_path / "2", linked(20, "b")), address)
    assert dangling(tree(tmp_path / "www's place/current")) == []
    assert verify(str(tmp_path / "www's place/current")) == (40, [])


@pytest.mark.parametrize(
    "target", ["rsync+ssh://h", "rsync+ssh://-oProxyCommand=x/p", "rsync+ssh://h:x/p", "rsync+ssh:///p"]
)
def test_an_odd_address_is_refused(target: str, tmp_path: Path) -> None:
    with pytest.raises(TargetError) as caught:
        publish(sealed(tmp_path / "1", linked(2, "a")), target)
    assert caught.value.note.slug == "target-path"

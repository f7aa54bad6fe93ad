"""Nothing leaves that is unfinished, changed, private or holds a secret; every refusal says the way out."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.publish.conftest import PAGES, Build

from runpages import seal
from runpages.errors import RedactionRefused, RunpagesError, TargetError
from runpages.publish import Options, git_target, publish
from runpages.publish.searched import Searched

TOKEN = "gh" + "p_" + "a1B2" * 9


def refusal(kind: type[RunpagesError], site: Path, target: str, options: Options | None = None) -> RunpagesError:
    with pytest.raises(kind) as caught:
        publish(site, target, options)
    assert caught.value.note.hint
    return caught.value


def test_a_folder_without_a_manifest_is_not_published(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.tex").write_text("private")
    error = refusal(TargetError, tmp_path / "thesis", str(tmp_path / "out"))
    assert (error.note.slug, error.exit_code) == ("site-unsealed", 6)
    assert not (tmp_path / "out").exists()


def test_a_site_changed_by_hand_is_not_published(build: Build, tmp_path: Path) -> None:
    site = build()
    (site / "index.html").write_text("by hand")
    assert refusal(TargetError, site, str(tmp_path / "out")).note.slug == "site-changed"
    (site / "index.html").unlink()
    assert refusal(TargetError, site, str(tmp_path / "out")).note.slug == "site-changed"


def test_a_private_site_stays_on_this_machine(build: Build, bare: Path, tmp_path: Path) -> None:
    site = build(profile="private")
    error = refusal(RedactionRefused, site, f"git+file://{bare}")
    assert (error.note.slug, error.exit_code) == ("publish-private", 5)
    publish(site, str(tmp_path / "out"))
    publish(site, str(tmp_path / "out.zip"))
    assert publish(site, f"git+file://{bare}", Options(allow_private=True)).commit


def test_a_private_site_may_leave_when_all_of_it_is_locked(tmp_path: Path, bare: Path) -> None:
    target = f"git+file://{bare}"
    for name, locked in (("half", ["index.html"]), ("whole", ["index.html", "b/1"])):
        with seal.workshop(tmp_path / name) as new:
            (new / "b").mkdir()
            for file in ("index.html", "b/1"):
                (new / file).write_text("locked")
            made_from = dict.fromkeys(locked, seal.SEALED)
            seal.seal(new, tmp_path / name, version="1", profile="private", made_from=made_from)
    assert refusal(RedactionRefused, tmp_path / "half", target).note.slug == "publish-private"
    assert publish(tmp_path / "whole", target).commit


@pytest.mark.parametrize("target", ["out", "out.zip", "git+file://{bare}"])
def test_a_secret_in_a_page_stops_every_target(build: Build, bare: Path, target: str) -> None:
    site = build({**PAGES, "runs/b.html": f"one\n<td>{TOKEN}</td>"})
    error = refusal(RedactionRefused, site, target.format(bare=bare))
    assert error.note.slug == "publish-secret"
    assert "runs/b.html, line 2: github-token" in error.note.what
    assert TOKEN not in repr(error.note), "the message must not spread the secret"
    assert not list(Path.cwd().iterdir()), "nothing was written"


def test_a_finding_that_was_looked_at_can_be_let_through(build: Build) -> None:
    site = build({**PAGES, "runs/b.html": TOKEN})
    publish(site, "out", Options(allow=("runs/*",)))
    assert Path("out/runs/b.html").read_text() == TOKEN


def test_a_hundred_secrets_make_a_short_message(build: Build) -> None:
    site = build({f"{index}.html": TOKEN for index in range(100)})
    error = refusal(RedactionRefused, site, "out")
    assert "and 92 more" in error.note.what
    assert len(error.note.what) < 600


@pytest.mark.parametrize("target", ["", "gopher://bucket/x", "ftp://x.example/y", "https://example.com/x"])
def test_a_target_of_no_known_shape_is_an_error(build: Build, target: str) -> None:
    assert refusal(TargetError, build(), target).note.slug == "target-unknown"


@pytest.mark.parametrize("to", ["../x", "a/../../x", ".git/hooks", "-x", "a//b", "a\nb"])
def test_a_subfolder_stays_inside_the_target(build: Build, bare: Path, to: str) -> None:
    for target in ("out", f"git+file://{bare}"):
        assert refusal(TargetError, build(), target, Options(to=to)).note.slug == "target-path"


@pytest.mark.parametrize(
    ("target", "meant"),
    [
        ("gh-pages", ("origin", "gh-pages")),
        ("git:", ("origin", "gh-pages")),
        ("git:upstream#pages", ("upstream", "pages")),
        ("git:../other.git#docs", ("../other.git", "docs")),
        ("git+ssh://git@host/x.git#docs", ("ssh://git@host/x.git", "docs")),
        ("git+https://host/x", ("https://host/x", "gh-pages")),
        ("git+file:///srv/x.git", ("file:///srv/x.git", "gh-pages")),
        ("git@host:ana/x.git#p", ("git@host:ana/x.git", "p")),
        ("https://host/x.git", ("https://host/x.git", "gh-pages")),
        ("./gh-pages", None),
        ("public", None),
        ("out.zip", None),
        ("C:\\sites\\out", None),
    ],
)
def test_the_shape_of_a_target_says_what_it_is(target: str, meant: tuple[str, str] | None) -> None:
    assert git_target(target) == meant


def test_what_was_searched_is_remembered_and_a_new_secret_is_found_all_the_same(build: Build, tmp_path: Path) -> None:
    searched = Searched(tmp_path / "cache")
    clean, dirty = "ab" * 32, "cd" * 32
    assert searched.findings(clean, list) == []
    assert searched.findings(dirty, lambda: ["token"]) == ["token"]
    searched.keep()
    again = Searched(tmp_path / "cache")
    assert again.findings(clean, lambda: ["never asked"]) == []
    assert again.findings(dirty, lambda: ["token"]) == ["token"], "only what is clean is remembered"
    assert again.findings(clean, lambda: ["ana"], "names: ana") == ["ana"], "other names: searched anew"
    options = Options(cache=tmp_path / "cache")
    publish(build(), "out", options)
    assert (
        refusal(RedactionRefused, build({**PAGES, "runs/b.html": TOKEN}), "out", options).note.slug == "publish-secret"
    )
    assert not Path("out/runs/b.html").exists()


@pytest.mark.parametrize("damage", [b"", b"\0" * 40])
def test_a_damaged_memory_of_searches_is_not_believed(build: Build, tmp_path: Path, damage: bytes) -> None:
    options = Options(cache=tmp_path / "cache")
    publish(build(), "out", options)
    kept = tmp_path / "cache" / "searched"
    good = kept.read_bytes()
    kept.write_bytes(damage or good[:-1] + bytes([good[-1] ^ 1]))
    assert Searched(tmp_path / "cache").findings("ab" * 32, lambda: ["looked"]) == ["looked"]
    publish(build(), "out", options)
    assert kept.read_bytes() == good

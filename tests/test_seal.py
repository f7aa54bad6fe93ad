"""A site is whole at every moment, is listed byte by byte, and never takes the place of what is not ours."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runpages import seal
from runpages.errors import TargetError
from runpages.model import FileEntry, Manifest

OLD = {"index.html": "old", "runs/a.html": "old a", "gone.html": "old gone"}
NEW = {"index.html": "new", "runs/a.html": "new a", "runs/b.html": "new b"}


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def build(target: Path, files: dict[str, str], **more: str) -> Manifest:
    with seal.workshop(target) as new:
        write(new, files)
        return seal.seal(new, target, version="1", **more)  # type: ignore[arg-type]


def content(target: Path) -> dict[str, str]:
    names = [path for path in target.rglob("*") if path.is_file() and path.name not in (seal.MANIFEST, seal.MARKER)]
    return {path.relative_to(target).as_posix(): path.read_text() for path in names}


def test_a_sealed_site_lists_every_file(tmp_path: Path) -> None:
    made = build(tmp_path / "site", {**NEW, "data/a.js": "x", "assets/a.js": "y", "a.css": "z"}, profile="public")
    assert seal.read_manifest(tmp_path / "site") == made
    assert made.profile == "public"
    kinds = {name: entry.kind for name, entry in made.files.items()}
    assert kinds == {
        "a.css": "asset",
        "assets/a.js": "asset",
        "data/a.js": "data",
        "index.html": "page",
        "runs/a.html": "page",
        "runs/b.html": "page",
    }
    assert made.files["index.html"].size == 3
    assert seal.verify(tmp_path / "site") == []
    assert [path.name for path in tmp_path.iterdir()] == ["site"], "nothing is left beside the site"


def test_a_new_site_replaces_the_old_one_whole(tmp_path: Path) -> None:
    build(tmp_path / "site", OLD)
    build(tmp_path / "site", NEW)
    assert content(tmp_path / "site") == NEW


def test_the_same_site_has_the_same_bytes(tmp_path: Path) -> None:
    build(tmp_path / "a", NEW)
    build(tmp_path / "b", dict(reversed(NEW.items())))
    assert (tmp_path / "a" / seal.MANIFEST).read_bytes() == (tmp_path / "b" / seal.MANIFEST).read_bytes()


def test_what_did_not_change_keeps_its_time_and_all_may_read(tmp_path: Path) -> None:
    target = tmp_path / "site"
    build(target, OLD)
    for name in ("index.html", "runs/a.html"):
        os.utime(target / name, (1_000_000_000, 1_000_000_000))
    with seal.workshop(target) as new:
        write(new, {**NEW, "runs/a.html": "old a"})
        (new / "index.html").chmod(0o600)
        (new / "runs").chmod(0o700)
        seal.seal(new, target, version="1")
    assert (target / "runs/a.html").stat().st_mtime == 1_000_000_000
    assert (target / "index.html").stat().st_mtime > 1_000_000_000
    assert (target / "index.html").stat().st_mode & 0o777 == 0o644
    assert (target / "runs").stat().st_mode & 0o777 == 0o755


def test_a_folder_of_others_is_refused_and_untouched(tmp_path: Path) -> None:
    write(tmp_path / "thesis", {"chapter.tex": "years of work"})
    with pytest.raises(TargetError) as caught, seal.workshop(tmp_path / "thesis"):
        pytest.fail("the workshop opened")
    assert caught.value.note.slug == "output-not-ours"
    assert content(tmp_path / "thesis") == {"chapter.tex": "years of work"}


def test_force_replaces_a_folder_of_others(tmp_path: Path) -> None:
    write(tmp_path / "out", {"a.txt": "a"})
    with seal.workshop(tmp_path / "out", force=True) as new:
        write(new, NEW)
        seal.seal(new, tmp_path / "out", version="1")
    assert content(tmp_path / "out") == NEW


def test_force_never_replaces_a_checkout_or_the_folder_we_stand_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "checkout", {".git/HEAD": "ref", "sub/a.py": "a"})
    monkeypatch.chdir(tmp_path / "checkout" / "sub")
    for folder in (tmp_path / "checkout", tmp_path / "checkout" / "sub", tmp_path, Path("/")):
        with pytest.raises(TargetError) as caught:
            seal.check_target(folder, force=True)
        assert caught.value.note.slug == "output-dangerous"


def test_a_file_as_output_is_refused(tmp_path: Path) -> None:
    (tmp_path / "site").write_text("mine")
    with pytest.raises(TargetError, match="a file"):
        seal.check_target(tmp_path / "site", force=True)


def test_an_empty_folder_may_become_a_site(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    build(tmp_path / "site", NEW)
    assert content(tmp_path / "site") == NEW


def test_a_failed_build_leaves_the_old_site_and_nothing_else(tmp_path: Path) -> None:
    build(tmp_path / "site", OLD)

    def fail(new: Path) -> None:
        write(new, NEW)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), seal.workshop(tmp_path / "site") as new:
        fail(new)
    assert content(tmp_path / "site") == OLD
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_the_second_of_two_builds_is_told_who_is_at_it(tmp_path: Path) -> None:
    with seal.workshop(tmp_path / "site"):
        with pytest.raises(TargetError, match=f"process {os.getpid()} on ") as caught, seal.workshop(tmp_path / "site"):
            pytest.fail("two builds at once")
        assert caught.value.note.slug == "output-locked"
    build(tmp_path / "site", NEW)


@pytest.mark.parametrize("code", [22, 38, 1, 95])
def test_without_the_one_step_two_renames_do_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    class Library:
        def __init__(self, *_: object, **__: object) -> None:
            pass

        @staticmethod
        def renameat2(*_: object) -> int:
            return -1

    monkeypatch.setattr(ctypes, "CDLL", Library)
    monkeypatch.setattr(ctypes, "get_errno", lambda: code)
    build(tmp_path / "site", OLD)
    build(tmp_path / "site", NEW)
    assert content(tmp_path / "site") == NEW
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


# Stops itself dead at the n-th call that changes the disk, so that every moment of a build is tried.
KILLED = """
import os, signal, sys
from pathlib import Path
from runpages import seal
target, stop, one_step = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "one"
left = stop
def hook(event, args):
    global left
    if event in ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.utime", "os.chmod", "ctypes.dlopen", "shutil.rmtree",
                 "fcntl.flock", "ctypes.get_errno") or (event == "open" and str(target.parent) in str(args[0])):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
if not one_step:
    seal._exchange_in_one = lambda new, target: False
sys.addaudithook(hook)
with seal.workshop(target) as new:
    for name, text in {"index.html": "new", "runs/a.html": "new a", "runs/b.html": "new b"}.items():
        (new / name).parent.mkdir(parents=True, exist_ok=True)
        (new / name).write_text(text)
    seal.seal(new, target, version="1")
"""


@pytest.mark.parametrize("way", ["one", "two"])
def test_a_build_killed_at_any_moment_leaves_a_whole_site(tmp_path: Path, way: str) -> None:
    target = tmp_path / "site"
    states = []
    for stop in range(1, 200):
        build(target, OLD)
        done = subprocess.run([sys.executable, "-c", KILLED, str(target), str(stop), way], capture_output=True)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()
        if way == "one":
            assert content(target) in (OLD, NEW), f"torn at step {stop}"
            assert seal.verify(target) == []
        with seal.workshop(target):  # the next build repairs and clears before it writes
            assert content(target) in (OLD, NEW)
            assert seal.verify(target) == []
        assert [path.name for path in tmp_path.iterdir()] == ["site"]
        states.append(content(target) == NEW)
        if done.returncode == 0:
            break
    assert states[0] is False
    assert states[-1] is True
    assert len(states) > 25, "too few moments were tried"


def test_verify_names_what_was_changed_lost_and_added(tmp_path: Path) -> None:
    build(tmp_path, NEW)
    (tmp_path / "index.html").write_text("n3w")
    (tmp_path / "runs/a.html").unlink()
    (tmp_path / "runs/c.html").write_text("c")
    assert [(note.slug, note.where) for note in seal.verify(tmp_path)] == [
        ("site-file-changed", "index.html"),
        ("site-file-missing", "runs/a.html"),
        ("site-file-extra", "runs/c.html"),
    ]


def test_links_and_odd_names_do_not_get_into_a_site(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("not of the site")
    for name in ("link", "new\nline.html", 'quo"te.html'):
        with seal.workshop(tmp_path / "site") as new:
            write(new, NEW)
            if name == "link":
                (new / name).symlink_to(tmp_path / "secret")
            else:
                (new / name).write_text("odd")
            with pytest.raises(TargetError) as caught:
                seal.seal(new, tmp_path / "site", version="1")
        assert caught.value.note.slug == "site-file-odd"
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize(
    ("change", "slug"),
    [
        (lambda plain: plain | {"format": 2}, "manifest-newer"),
        (lambda plain: plain | {"files": {"../../etc/passwd": plain["files"]["index.html"]}}, "manifest-broken"),
        (lambda plain: plain | {"files": {"/etc/passwd": plain["files"]["index.html"]}}, "manifest-broken"),
        (lambda plain: plain | {"files": {".git/config": plain["files"]["index.html"]}}, "manifest-broken"),
        (lambda plain: plain | {"files": {"a": {"sha256": 1, "size": 1, "kind": "page"}}}, "manifest-broken"),
        (lambda plain: plain | {"files": {"a": {"sha256": "", "size": 1, "kind": "song"}}}, "manifest-broken"),
        (lambda plain: plain | {"files": []}, "manifest-broken"),
        (lambda plain: plain | {"profile": 3}, "manifest-broken"),
        (lambda plain: [plain], "manifest-broken"),
        (lambda plain: {}, "manifest-broken"),  # noqa: ARG005
    ],
)
def test_a_manifest_that_cannot_be_trusted_is_an_error(tmp_path: Path, change, slug: str) -> None:  # type: ignore[no-untyped-def]
    build(tmp_path, NEW)
    path = tmp_path / seal.MANIFEST
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    with pytest.raises(TargetError) as caught:
        seal.read_manifest(tmp_path)
    assert caught.value.note.slug == slug


@given(st.binary(max_size=300))
def test_noise_as_a_manifest_is_an_error_with_a_way_out(noise: bytes) -> None:
    with pytest.raises(TargetError) as caught:
        seal.parse_manifest(noise, "x")
    assert caught.value.note.hint


names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12).filter(seal.safe_path)
entries = st.builds(
    FileEntry, st.text(max_size=4), st.integers(0, 9), st.sampled_from(["page", "data", "asset"]), st.text(max_size=3)
)


@given(st.dictionaries(names.filter(lambda name: name not in (seal.MANIFEST, seal.MARKER)), entries, max_size=5))
def test_a_manifest_comes_back_from_its_bytes(files: dict[str, FileEntry]) -> None:
    manifest = Manifest("1", "h", dict(sorted(files.items())), "public")
    assert seal.parse_manifest(seal.manifest_bytes(manifest), "x") == manifest


def test_no_site_is_an_error_that_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(TargetError) as caught:
        seal.read_manifest(tmp_path)
    assert caught.value.note.slug == "site-unsealed"
    assert "runpages build" in caught.value.note.hint

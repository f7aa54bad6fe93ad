"""Git's objects as git itself shows them, and damage as GitError."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import tracemalloc
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runpages.codecs.git_history import History, directory
from runpages.codecs.git_objects import Repository
from runpages.codecs.git_pack import GitError, apply_delta
from runpages.errors import Notes

WHO = {"GIT_AUTHOR_NAME": "Ana", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "Ana", "GIT_COMMITTER_EMAIL": "a@example.org",
       "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_DATE": "1770000000 +0100", "GIT_COMMITTER_DATE": "1770000000 +0100"}  # fmt: skip


def git(folder: Path, *arguments: str, data: bytes | None = None) -> bytes:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, input=data, capture_output=True, check=True, env={**os.environ, **WHO}
    )
    return done.stdout


def repository(folder: Path, versions: int = 30, *more: str) -> Path:
    """A repository whose file grows from commit to commit, so that packing it makes chains of deltas."""
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main", *more)
    (folder / "dir").mkdir()
    rng = random.Random(0)  # noqa: S311 - no secret
    lines = [str(rng.random()) for _ in range(300)]
    for version in range(versions):
        lines[rng.randrange(300)] = f"changed {version}"
        (folder / "numbers.txt").write_text("\n".join(lines))
        (folder / "dir" / "größe 1.txt").write_text(str(version))
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", f"Version {version}\n\nwith a body")
    if versions > 5:
        git(folder, "tag", "light", "HEAD~3")
        git(folder, "tag", "-a", "heavy", "-m", "annotated", "HEAD~5")
        git(folder, "tag", "-a", "heavier", "-m", "a tag of a tag", "heavy")
        git(folder, "branch", "side/one", "HEAD~2")
    return folder


def same_as_git(folder: Path) -> int:
    """How many objects were compared, all of them byte by byte."""
    ours = Repository(directory(folder) or folder)
    listed = git(folder, "cat-file", "--batch-all-objects", "--batch-check").decode().splitlines()
    for line in listed:
        id_, kind, size = line.split()
        found, data = ours.read(id_)
        assert (found, len(data)) == (kind, int(size))
        assert data == git(folder, "cat-file", kind, id_)
    return len(listed)


@pytest.mark.parametrize("pack", [(), ("gc", "-q"), ("repack", "-adfq", "--depth=200", "--window=50"), ("-c", "repack.usedeltabaseoffset=false", "repack", "-adfq")],
                         ids=["loose", "gc", "long-chains", "ref-deltas"])  # fmt: skip
def test_every_object_is_read_as_git_reads_it(tmp_path: Path, pack: tuple[str, ...]) -> None:
    folder = repository(tmp_path / "repo", 12)
    if pack:
        git(folder, *pack)
    assert same_as_git(folder) > 40


def test_a_repository_of_sha256_is_read(tmp_path: Path) -> None:
    folder = repository(tmp_path / "repo", 6, "--object-format=sha256")
    git(folder, "gc", "-q")
    assert same_as_git(folder) > 20


def test_several_packs_and_loose_objects_together(tmp_path: Path) -> None:
    folder = repository(tmp_path / "repo", 4)
    git(folder, "repack", "-q")
    (folder / "new.txt").write_text("packed second")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "second pack")
    git(folder, "repack", "-q")
    (folder / "new.txt").write_text("loose")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "loose")
    git(folder, "prune-packed")
    assert len(list((folder / ".git/objects/pack").glob("*.idx"))) == 2
    assert same_as_git(folder) > 15


@pytest.mark.parametrize("packed", [False, True])
def test_references_are_those_that_git_lists(tmp_path: Path, packed: bool) -> None:
    folder = repository(tmp_path / "repo", 8)
    if packed:
        git(folder, "pack-refs", "--all")
        git(folder, "branch", "-f", "side/one", "HEAD~4")  # loose now, and hides the packed one
    listed = dict(
        line.split()[::-1]
        for line in git(folder, "for-each-ref", "--format=%(objectname) %(refname)").decode().splitlines()
    )
    ours = Repository(folder / ".git")
    assert ours.refs() == listed
    assert ours.head() == ("main", listed["refs/heads/main"])
    assert ours.commit(listed["refs/tags/heavier"]).id == git(folder, "rev-parse", "heavier^{commit}").decode().strip()


def test_history_and_files_are_those_of_git(tmp_path: Path) -> None:
    folder = repository(tmp_path / "repo", 10)
    git(folder, "checkout", "-q", "side/one")
    (folder / "dir" / "other.txt").write_text("x")
    (folder / "link").symlink_to("numbers.txt")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "sideways")
    git(folder, "checkout", "-q", "main")
    git(folder, "merge", "-q", "side/one", "-m", "together")
    git(folder, "gc", "-q")
    history = History(Repository(folder / ".git"), Notes())
    commits = list(history.walk())
    assert {one.id for one in commits} == set(git(folder, "rev-list", "--all").decode().split())
    for commit in commits:
        shown = git(folder, "log", "-1", "--format=%T %P|%an|%at|%ct", commit.id).decode().strip()
        ids = " ".join([commit.tree, *commit.parents])
        assert shown.replace(" |", "|") == f"{ids}|{commit.author}|{commit.authored:.0f}|{commit.committed:.0f}"
        assert commit.message == git(folder, "log", "-1", "--format=%B", commit.id).decode().strip("\n")
        listed = git(folder, "ls-tree", "-rz", commit.id).decode().split("\0")[:-1]
        plain = {
            line.split("\t")[1]: line.split("\t")[0].split()[2] for line in listed if not line.startswith("120000")
        }
        assert history.files(commit) == plain


def test_a_shallow_clone_ends_where_it_was_cut_and_says_so(tmp_path: Path) -> None:
    folder = repository(tmp_path / "repo", 6)
    git(tmp_path, "clone", "-q", "--depth", "2", f"file://{folder}", "cut")
    notes = Notes()
    assert len(list(History(Repository(tmp_path / "cut" / ".git"), notes).walk())) == 2
    assert [note.slug for note in notes.all] == ["git-shallow"]


def test_the_password_in_a_remote_is_left_out(tmp_path: Path) -> None:
    folder = repository(tmp_path / "repo", 1)
    git(folder, "remote", "add", "origin", "https://ana:secret@example.org/ana/digits.git")
    assert Repository(folder / ".git").remote == "https://example.org/ana/digits.git"


def test_links_and_a_reftable_are_not_followed(tmp_path: Path) -> None:
    folder = repository(tmp_path / "repo", 1)
    (tmp_path / "elsewhere").write_text("0" * 40)
    (folder / ".git" / "refs" / "heads" / "trap").symlink_to(tmp_path / "elsewhere")
    assert "refs/heads/trap" not in Repository(folder / ".git").refs()
    with (folder / ".git" / "config").open("a") as config:
        config.write("[extensions]\n\trefstorage = reftable\n")
    with pytest.raises(GitError):
        Repository(folder / ".git")
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / ".git").symlink_to(folder / ".git")
    assert directory(tmp_path / "linked") is None


@given(
    base=st.binary(max_size=3000), changes=st.lists(st.tuples(st.integers(0, 3000), st.binary(max_size=40)), max_size=8)
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_deltas_that_git_makes_of_any_two_contents_are_applied(
    tmp_path: Path, base: bytes, changes: list[tuple[int, bytes]]
) -> None:
    shutil.rmtree(tmp_path / "any", ignore_errors=True)
    folder = tmp_path / "any"
    folder.mkdir()
    git(folder, "init", "-q")
    changed = base
    ids = {git(folder, "hash-object", "-w", "--stdin", data=base).decode().strip(): base}
    for at, inserted in changes:
        changed = changed[: at % (len(changed) + 1)] + inserted + changed[at % (len(changed) + 1) :]
        ids[git(folder, "hash-object", "-w", "--stdin", data=changed).decode().strip()] = changed
    git(folder, "pack-objects", "-q", ".git/objects/pack/pack", data="\n".join(ids).encode())
    git(folder, "prune-packed", "-q")
    assert not list((folder / ".git/objects").glob("??/*"))
    for id_, data in ids.items():
        assert Repository(folder / ".git").blob(id_) == data


@given(base=st.binary(max_size=200), delta=st.binary(max_size=200))
@settings(max_examples=500, deadline=None)
def test_any_bytes_as_a_delta_give_a_result_or_an_error(base: bytes, delta: bytes) -> None:
    with suppress(GitError):
        assert len(apply_delta(base, delta)) <= 32 << 20


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = repository(tmp_path_factory.mktemp("packed") / "repo", 20)
    git(folder, "gc", "-q")
    return folder / ".git"


def read_everything(path: Path) -> int:
    """How many objects could be read; anything but GitError goes through."""
    history = History(Repository(path), Notes())
    count = 0
    for commit in history.walk():
        try:
            for id_ in history.files(commit).values():
                history.repository.blob(id_)
                count += 1
        except GitError:
            continue
    return count


@pytest.mark.parametrize("suffix", ["pack", "idx"])
@pytest.mark.parametrize("seed", range(40))
def test_a_pack_with_changed_bytes_gives_only_the_declared_error(
    packed: Path, tmp_path: Path, suffix: str, seed: int
) -> None:
    copy = tmp_path / "copy.git"
    shutil.copytree(packed, copy)
    target = next((copy / "objects" / "pack").glob(f"*.{suffix}"))
    target.chmod(0o644)
    data, rng = bytearray(target.read_bytes()), random.Random(seed)  # noqa: S311 - no secret
    how = seed % 4
    if how == 0:
        del data[rng.randrange(len(data)) :]
    elif how == 1:
        for _ in range(rng.randrange(1, 30)):
            data[rng.randrange(len(data))] = rng.randrange(256)
    elif how == 2:
        at = rng.randrange(len(data))
        data[at : at + rng.randrange(200)] = b"\xff" * rng.randrange(200)
    else:
        at = rng.randrange(len(data))
        data[at:at] = data[rng.randrange(len(data)) :][: rng.randrange(3000)]
    target.write_bytes(data)
    tracemalloc.start()
    try:
        whole, found = read_everything(packed), read_everything(copy)
        assert found <= whole
        assert tracemalloc.get_traced_memory()[1] < 32 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("cut", range(0, 100, 2))
def test_a_pack_cut_anywhere_gives_only_the_declared_error(packed: Path, tmp_path: Path, cut: int) -> None:
    copy = tmp_path / "copy.git"
    shutil.copytree(packed, copy)
    target = next((copy / "objects" / "pack").glob("*.pack"))
    target.chmod(0o644)
    target.write_bytes(target.read_bytes()[: target.stat().st_size * cut // 100])
    assert read_everything(copy) < read_everything(packed)


def test_a_loose_object_that_inflates_without_end_is_refused(tmp_path: Path) -> None:
    folder = repository(tmp_path / "repo", 1)
    bomb = zlib.compress(b"blob 99999999999\0" + bytes(200 << 20))
    place = folder / ".git" / "objects" / "aa"
    place.mkdir(exist_ok=True)
    (place / ("a" * 38)).write_bytes(bomb)
    tracemalloc.start()
    with pytest.raises(GitError, match="too large"):
        Repository(folder / ".git").read("a" * 40)
    assert tracemalloc.get_traced_memory()[1] < 80 << 20
    tracemalloc.stop()


def test_content_that_is_not_what_its_name_promises_is_refused(tmp_path: Path) -> None:
    folder = repository(tmp_path / "repo", 1)
    id_ = git(folder, "rev-parse", "HEAD:numbers.txt").decode().strip()
    path = folder / ".git" / "objects" / id_[:2] / id_[2:]
    path.chmod(0o644)
    path.write_bytes(zlib.compress(b"blob 3\x000.9"))
    with pytest.raises(GitError, match="promises"):
        Repository(folder / ".git").blob(id_)

"""A branch gets the site in one commit; what others keep there stays, and no push of others is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.publish.conftest import PAGES, Build, branch_files, commit_on, git

from runpages.errors import TargetError
from runpages.publish import Options, gitrepo, publish


def error_of(site: Path, target: str, options: Options | None = None) -> TargetError:
    with pytest.raises(TargetError) as caught:
        publish(site, target, options)
    return caught.value


def test_the_first_publish_makes_the_branch(build: Build, bare: Path) -> None:
    report = publish(build(), f"git+file://{bare}")
    assert branch_files(bare) == PAGES
    assert git("rev-parse", "gh-pages", cwd=bare).strip() == report.commit
    assert git("show", "gh-pages:.nojekyll", cwd=bare) == ""
    assert (
        git("log", "-1", "--format=%an <%ae> %cn", "gh-pages", cwd=bare) == "runpages <runpages@localhost> runpages\n"
    )


def test_a_second_publish_is_one_commit_on_top(build: Build, bare: Path) -> None:
    first = publish(build(), f"git+file://{bare}")
    second = publish(build({"index.html": "new", "data/a.js": "x='1'"}), f"git+file://{bare}")
    assert (second.written, second.removed, second.unchanged) == (("index.html",), ("_notes/b.html", "runs/a.html"), 1)
    assert branch_files(bare) == {"index.html": "new", "data/a.js": "x='1'"}
    assert git("rev-list", "gh-pages", cwd=bare).split() == [second.commit, first.commit]


def test_nothing_new_makes_no_commit(build: Build, bare: Path) -> None:
    first = publish(build(), f"git+file://{bare}")
    again = publish(build(), f"git+file://{bare}")
    assert (again.commit, again.written) == (first.commit, ())
    assert len(git("rev-list", "gh-pages", cwd=bare).split()) == 1


def test_what_others_keep_on_the_branch_stays(build: Build, bare: Path, tmp_path: Path) -> None:
    theirs = {"CNAME": "lab.example", "docs/index.html": "docs", "notes é.txt": "n"}
    commit_on(bare, "gh-pages", theirs, tmp_path / "other")
    publish(build(), f"git+file://{bare}")
    publish(build({"index.html": "new"}), f"git+file://{bare}")
    assert branch_files(bare) == {**theirs, "index.html": "new"}


def test_a_file_of_others_in_our_way_is_not_overwritten(build: Build, bare: Path, tmp_path: Path) -> None:
    theirs = {"index.html": "their front page", "runs": "a file where we have a folder"}
    commit_on(bare, "gh-pages", theirs, tmp_path / "other")
    assert error_of(build(), f"git+file://{bare}").note.slug == "target-not-ours"
    assert branch_files(bare) == theirs
    publish(build(), f"git+file://{bare}", Options(force=True))
    assert branch_files(bare) == PAGES


def test_reports_live_side_by_side_and_the_root_keeps_them(build: Build, bare: Path) -> None:
    target = f"git+file://{bare}"
    for name in ("pr-1", "pr-2"):
        publish(build({"index.html": name}, name=name), target, Options(to=f"reports/{name}"))
    publish(build({"index.html": "root"}), target)
    publish(build({"index.html": "pr-1 again"}, name="pr-1"), target, Options(to="reports/pr-1"))
    assert branch_files(bare) == {
        "index.html": "root",
        "reports/pr-1/index.html": "pr-1 again",
        "reports/pr-2/index.html": "pr-2",
    }


def test_without_history_the_branch_is_one_commit(build: Build, bare: Path) -> None:
    target = f"git+file://{bare}"
    for text in ("1", "2", "3"):
        publish(build({"index.html": text}), target, Options(history=False))
    assert len(git("rev-list", "gh-pages", cwd=bare).split()) == 1
    assert branch_files(bare) == {"index.html": "3"}


def test_a_checkout_is_left_as_it_is(build: Build, bare: Path, checkout: Path) -> None:
    def state() -> tuple[str, str, str, list[str]]:
        files = sorted(str(path.relative_to(checkout)) for path in checkout.rglob("*") if path.name != "index")
        return (
            git("status", "--porcelain", cwd=checkout),
            git("show-ref", cwd=checkout),
            git("stash", "list", cwd=checkout),
            files,
        )

    before = state()
    publish(build(), "gh-pages")
    assert state() == before
    assert branch_files(bare) == PAGES
    assert branch_files(bare, "main") == {"train.py": "lr = 0.1\n"}


def test_settings_of_the_hook_that_calls_us_do_not_count(
    build: Build, bare: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = git("status", "--porcelain", cwd=checkout)
    monkeypatch.setenv("GIT_DIR", str(checkout / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(checkout / ".git" / "index"))
    monkeypatch.setenv("GIT_WORK_TREE", str(checkout))
    publish(build(), f"git+file://{bare}")
    monkeypatch.undo()
    assert git("status", "--porcelain", cwd=checkout) == before


def test_the_checkouts_user_commits_unless_the_site_is_anonymous(build: Build, bare: Path, checkout: Path) -> None:
    git("config", "user.name", "Ana Lopez", cwd=checkout)
    git("config", "user.email", "ana@lab.example", cwd=checkout)
    publish(build(), "git:origin#named")
    publish(build(profile="anonymous"), "git:origin#anonymous")
    seen = "%an <%ae> %cn <%ce>"
    assert "Ana Lopez <ana@lab.example> Ana Lopez" in git("log", "-1", f"--format={seen}", "named", cwd=bare)
    assert "Ana" not in git("log", "-1", f"--format={seen}", "anonymous", cwd=bare)


def test_what_the_checkout_knows_about_its_remote_is_used(checkout: Path) -> None:
    git("config", "http.https://forge.example/.extraheader", "AUTHORIZATION: basic abc", cwd=checkout)
    environment = gitrepo.environment_for(checkout)
    seen = subprocess.run(
        ["git", "config", "--get-urlmatch", "http.extraheader", "https://forge.example/x"],
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    )
    assert seen.stdout == "AUTHORIZATION: basic abc\n"


def test_names_and_bytes_arrive_as_they_are(
    build: Build, bare: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = tmp_path / "gitconfig"
    settings.write_text("[core]\nautocrlf = true\neol = crlf\n[user]\nname = Ana\nemail = a@b.example\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    files = {"é/ü b.html": "a\r\nb\n", "-x.html": "dash", "#h.html": "h", "a'b.html": "q"}
    publish(build(files), f"git+file://{bare}")
    names = git("ls-tree", "-r", "-z", "--name-only", "gh-pages", cwd=bare).split("\0")
    assert set(files) <= set(names)
    blob = subprocess.run(["git", "cat-file", "blob", "gh-pages:é/ü b.html"], cwd=bare, capture_output=True, check=True)
    assert blob.stdout == b"a\r\nb\n"


def test_a_manifest_of_others_cannot_make_us_delete_their_files(build: Build, bare: Path, tmp_path: Path) -> None:
    commit_on(bare, "gh-pages", {"manifest.json": '{"name": "a web app"}', "app.js": "1"}, tmp_path / "other")
    assert error_of(build(), f"git+file://{bare}").note.slug == "target-not-ours"
    assert set(branch_files(bare)) == {"app.js"}


PUBLISHER = """
import sys
from pathlib import Path
from runpages.publish import Options, publish
publish(Path(sys.argv[1]), sys.argv[2], Options(to=sys.argv[3]))
"""


def test_of_four_publishers_at_once_none_is_lost(build: Build, bare: Path) -> None:
    publish(build({"index.html": "root"}), f"git+file://{bare}")
    sites = {f"pr-{index}": build({"index.html": f"report {index}"}, name=f"pr-{index}") for index in range(4)}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PUBLISHER, str(site), f"git+file://{bare}", f"reports/{name}"],
            stderr=subprocess.PIPE,
            env=dict(os.environ),
        )
        for name, site in sites.items()
    ]
    for process in running:
        _, said = process.communicate()
        assert process.returncode == 0, said.decode()
    expected = {f"reports/pr-{index}/index.html": f"report {index}" for index in range(4)}
    assert branch_files(bare) == {"index.html": "root", **expected}
    assert len(git("rev-list", "gh-pages", cwd=bare).split()) == 5


def overtake(bare: Path, times: int) -> None:
    """Have the forge take somebody else's commit between our fetch and our push, so many times."""
    (bare / "left").write_text("x" * times)
    hook = bare / "hooks" / "pre-receive"
    hook.write_text(
        "#!/bin/sh\n"
        'left=$(cat left); [ -z "$left" ] && exit 0\n'
        'printf %s "${left#x}" > left\n'
        "unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES\n"
        "export GIT_AUTHOR_NAME=o GIT_AUTHOR_EMAIL=o GIT_COMMITTER_NAME=o GIT_COMMITTER_EMAIL=o\n"
        'tree=$(git rev-parse "gh-pages^{tree}")\n'
        'git update-ref refs/heads/gh-pages $(git commit-tree "$tree" -p gh-pages -m "other $left")\n'
    )
    hook.chmod(0o755)


def test_a_push_of_somebody_else_meanwhile_is_kept(build: Build, bare: Path) -> None:
    publish(build(), f"git+file://{bare}")
    overtake(bare, 2)
    publish(build({"index.html": "new"}), f"git+file://{bare}")
    subjects = git("log", "--format=%s", "gh-pages", cwd=bare).splitlines()
    assert subjects == ["Publish the report (1 files)", "other x", "other xx", "Publish the report (4 files)"]
    assert branch_files(bare) == {"index.html": "new"}


def test_without_history_a_push_of_somebody_else_is_not_run_over(build: Build, bare: Path) -> None:
    publish(build(), f"git+file://{bare}")
    overtake(bare, 50)
    error = error_of(build({"index.html": "new"}), f"git+file://{bare}", Options(history=False, attempts=2))
    assert (error.note.slug, error.exit_code) == ("target-overtaken", 6)
    assert branch_files(bare) == PAGES


def test_a_protected_branch_is_named_as_such(build: Build, bare: Path) -> None:
    hook = bare / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'GH006: Protected branch update failed' >&2\nexit 1\n")
    hook.chmod(0o755)
    error = error_of(build(), f"git+file://{bare}")
    assert error.note.slug == "target-protected"
    assert "GH006" in error.note.what


def test_a_forge_that_allows_no_rewriting_is_named_as_such(build: Build, bare: Path) -> None:
    git("config", "receive.denyNonFastForwards", "true", cwd=bare)
    publish(build(), f"git+file://{bare}")
    error = error_of(build({"index.html": "new"}), f"git+file://{bare}", Options(history=False))
    assert error.note.slug == "target-protected"


@pytest.mark.usefixtures("checkout")
def test_a_repository_that_is_not_there_is_named_without_its_password(build: Build, tmp_path: Path) -> None:
    assert error_of(build(), f"git+file://{tmp_path}/nowhere.git").note.slug == "target-missing"
    assert error_of(build(), "git:upstream#gh-pages").note.slug == "target-missing"
    error = error_of(build(), "git+http://ana:hunter2@127.0.0.1:1/x.git")
    assert error.note.slug == "target-missing"
    assert "hunter2" not in repr(error.note)


@pytest.mark.parametrize(
    ("said", "slug"),
    [
        ("remote: Permission to ana/x.git denied to bot.\nfatal: ... error: 403", "target-auth"),
        ("fatal: could not read Username for 'https://github.com': terminal prompts disabled", "target-auth"),
        ("git@github.com: Permission denied (publickey).", "target-auth"),
        ("remote: error: GH006: Protected branch update failed", "target-protected"),
        ("remote: GitLab: You are not allowed to push code to protected branches", "target-protected"),
        ("remote: Repository not found.", "target-missing"),
        ("ssh: Could not resolve hostname x", "target-missing"),
        ("error: something new", "git-failed"),
    ],
)
def test_what_a_server_says_becomes_an_error_with_a_way_out(said: str, slug: str) -> None:
    error = gitrepo.failure("push", said)
    assert isinstance(error, TargetError)
    assert error.note.slug == slug
    assert error.note.hint


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize(
    "target", ["git:--upload-pack=x", "git:origin#-f", "git:origin#a..b", "git:origin#a b", "git:-x#y"]
)
def test_a_target_cannot_smuggle_an_option(build: Build, target: str) -> None:
    assert error_of(build(), target).note.slug == "target-path"


def test_only_common_ways_lead_to_a_repository(build: Build, tmp_path: Path) -> None:
    error = error_of(build(), f"git:ext::touch {tmp_path}/canary#x")
    assert error.note.slug == "target-missing"
    assert not (tmp_path / "canary").exists()


def test_hooks_of_the_user_do_not_run(
    build: Build, bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks" / "pre-push").write_text(f"#!/bin/sh\ntouch {tmp_path}/canary\n")
    (tmp_path / "hooks" / "pre-push").chmod(0o755)
    (tmp_path / "gitconfig").write_text(f"[core]\nhooksPath = {tmp_path}/hooks\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    publish(build(), f"git:{bare}#gh-pages")
    monkeypatch.undo()
    assert branch_files(bare) == PAGES
    assert not (tmp_path / "canary").exists()

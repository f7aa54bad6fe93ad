"""What is kept to save time is never trusted: a bit may flip, and a folder may be someone else's."""

from __future__ import annotations

import os
from pathlib import Path

import jinja2
import pytest

from runpages.pages.compiled import Compiled
from runpages.remember import OLD_S, of_user


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's cache folder without anything in it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "runpages"


def never() -> str:
    raise AssertionError("made a second time")


def test_a_text_is_made_once_and_again_when_its_file_is_damaged(home: Path) -> None:
    assert of_user().text("kind", [b"a"], lambda: "made") == "made"
    assert of_user().text("kind", [b"a"], never) == "made"
    (file,) = home.iterdir()
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    assert of_user().text("kind", [b"a"], lambda: "again") == "again"


def test_the_folder_of_a_user_is_closed_to_all_others(home: Path) -> None:
    of_user().text("kind", [b"a"], lambda: "made")
    assert home.stat().st_mode & 0o777 == 0o700
    for mode in (0o755, 0o720, 0o702):  # someone opened it, so someone may have put something in
        home.chmod(mode)
        assert of_user().folder is None
        assert of_user().text("kind", [b"a"], lambda: "not kept") == "not kept"


def test_a_link_is_not_followed_to_the_folder_of_another(home: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    home.symlink_to(tmp_path / "elsewhere")
    assert of_user().folder is None


def test_a_home_that_cannot_be_written_only_costs_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert of_user().folder is None
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.chdir(tmp_path)
    assert of_user().folder is None


def test_what_is_older_than_a_season_is_forgotten(home: Path) -> None:
    kept = of_user()
    kept.text("old", [b""], lambda: "")
    (old,) = home.iterdir()
    os.utime(old, (old.stat().st_mtime - OLD_S - 9, old.stat().st_mtime - OLD_S - 9))
    kept.text("new", [b""], lambda: "")
    of_user().forget_the_old()
    assert [path.name[:3] for path in home.iterdir()] == ["new"]


def test_a_compiled_template_says_the_same_and_follows_its_source(home: Path) -> None:
    def said(source: str, kind: str = "a") -> str:
        loader = jinja2.DictLoader({"page": source})
        env = jinja2.Environment(loader=loader, autoescape=True, bytecode_cache=Compiled(kind))
        env.autoescape = kind == "a"
        return env.get_template("page").render(name="<b>")

    assert said("Hello {{ name }}") == said("Hello {{ name }}") == "Hello &lt;b&gt;"
    assert len([*home.iterdir()]) == 1
    assert said("Bye {{ name }}") == "Bye &lt;b&gt;"
    assert said("Hello {{ name }}", "b") == "Hello <b>"  # an environment that escapes nothing has its own
    for file in home.iterdir():
        file.write_bytes(os.urandom(200))
    assert said("Hello {{ name }}") == "Hello &lt;b&gt;"

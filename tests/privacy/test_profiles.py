"""What leaves a report under each profile, searched for in the bytes of whole sites."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.privacy.planted import CANARIES, SAID, planted_run

from runpages.choose import Choice
from runpages.errors import ConfigError
from runpages.model import Head, Run
from runpages.redact.identity import Identities, says
from runpages.redact.places import hide_in_name, hide_places
from runpages.redact.profiles import Veil
from runpages.seal import read_manifest

Built = Callable[..., Path]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """`built("public", ...more arguments)`: the site of the planted run and a clean one, as the command builds it."""
    room = tmp_path_factory.mktemp("planted")
    planted_run(room / "runs" / "one")
    (room / "runs" / "two").mkdir()
    (room / "runs" / "two" / "params.json").write_text('{"lr": 0.2, "plan": "qzexcluded"}')
    (room / "runs" / "two" / "metrics.csv").write_text("step,val/loss\n0,1.5\n1,0.75\n")
    made: dict[tuple[str, ...], Path] = {}

    def build(profile: str, *more: str) -> Path:
        key = (profile, *more)
        if key not in made:
            site = room / f"site-{len(made)}"
            command = [sys.executable, "-m", "runpages", "build", "runs", "-q", "-o", str(site), "--profile", profile]
            subprocess.run([*command, *more], cwd=room, check=True)
            made[key] = site
        return made[key]

    yield build
    shutil.rmtree(room)


def found(site: Path, words: dict[str, str]) -> dict[str, list[str]]:
    """Which words stand in which files, in any case."""
    contents = {
        path.relative_to(site).as_posix(): path.read_bytes().lower() for path in site.rglob("*") if path.is_file()
    }
    hits = {
        kind: [name for name, content in contents.items() if word.lower().encode() in content or word.lower() in name]
        for kind, word in words.items()
    }
    return {kind: names for kind, names in hits.items() if names}


@pytest.mark.parametrize("profile", ["public", "anonymous"])
def test_none_of_forty_planted_names_and_places_is_in_a_public_report(built: Built, profile: str) -> None:
    words = CANARIES if profile == "anonymous" else {name: one for name, one in CANARIES.items() if name != "team"}
    assert len(CANARIES) == 40
    assert found(built(profile), words) == {}


def test_the_same_names_are_in_a_private_report_so_the_search_can_see_them(built: Built) -> None:
    seen = found(built("private"), CANARIES)
    hidden = {"home", "home-mac", "home-windows"}  # home folders are replaced in every profile
    assert {name for name in CANARIES if name not in seen} <= hidden | {"script", "notebook", "link", "remote", "argv"}


@pytest.mark.parametrize("profile", ["public", "anonymous"])
def test_a_public_report_still_says_what_was_measured(built: Built, profile: str) -> None:
    text = (built(profile) / "data" / "runs.jsonl").read_text()
    for word in SAID:
        assert word in text
    run = json.loads(text.splitlines()[0])
    assert run["metrics"]["val/loss"]["last"] == 0.25
    assert run["tags"] == {"colour": "green"}
    assert run["params"]["data_dir"] == "[path]"


def test_the_manifest_says_the_profile(built: Built) -> None:
    for profile in ("private", "public", "anonymous"):
        assert read_manifest(built(profile)).profile == profile


def test_what_is_named_is_shown_and_hidden(built: Built) -> None:
    site = built("public", "--show", "log", "--show", "tags.author", "--hide", "params.activation")
    words = found(site, {**CANARIES, "gelu": "gelu"})
    assert set(words) - {"team"} == {"log", "author", "email"}
    assert "gelu" not in words


def test_an_excluded_run_is_in_no_byte(built: Built) -> None:
    assert found(built("private"), {"plan": "qzexcluded"})
    for more in (("--exclude", "two"), ("--include", "one"), ("--exclude", "param:lr>0.15")):
        site = built("private", *more)
        assert found(site, {"plan": "qzexcluded", "page": "two.html"}) == {}
        assert len((site / "data" / "runs.jsonl").read_text().splitlines()) == 1


def test_nobody_whom_the_real_clients_recorded_is_in_an_anonymous_report_of_all_samples(
    samples: Path, tmp_path: Path
) -> None:
    """People, accounts, machines and mail that were set when the sample runs were made; owners that are everyday words too."""
    command = [sys.executable, "-m", "runpages", "build", str(samples), "-q", "-o", "site", "--profile", "anonymous"]
    subprocess.run(command, cwd=tmp_path, check=True)
    runs = [json.loads(line) for line in (tmp_path / "site" / "data" / "runs.jsonl").read_text().splitlines()]
    assert len(runs) > 400
    assert {run["host"] for run in runs} == {""}
    assert all(re.fullmatch(r"user-\d+|", run["user"]) for run in runs)
    assert len({run["user"] for run in runs}) > 3, "one word each, the same in every tracker"
    assert not [run["group"] for run in runs if run["group"].startswith(("ana/", "sample/"))]
    assert said(tmp_path / "site", r"ana|gruber|ünal|lab-03|ada|example\.org|home/\w+") == []
    assert said(tmp_path / "site", r"sgd"), "the same search finds what may be read"


def said(site: Path, names: str) -> list[str]:
    """Where one of the names stands as a word: in a file's name, or in a text, also below JSON, HTML and percent coding."""
    pattern = re.compile(rf"(?i)(?<![a-z0-9])(?:{names})(?![a-z0-9])")
    places = []
    for path in sorted(path for path in site.rglob("*") if path.is_file()):
        name = path.relative_to(site).as_posix()
        content = path.read_bytes()
        if name.startswith(("assets/", "css/", "js/")):  # the theme, the same in every report
            continue
        text = content.decode("utf-8", "ignore" if b"\0" in content else "strict")
        plain = re.sub(r"\\+u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
        texts = {name, plain, html.unescape(plain), urllib.parse.unquote(plain)}
        places += [f"{name}: {match[0]}" for one in texts for match in pattern.finditer(one)]
    return places


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("lr 0.1 at 12:30:45, torch 2.1.0, cublas==12.1.3.1", "lr 0.1 at 12:30:45, torch 2.1.0, cublas==12.1.3.1"),
        ("mAP@0.5 precision@10 @torch.no_grad", "mAP@0.5 precision@10 @torch.no_grad"),
        ("and/or 1/2 val/loss </td> https://github.com/a/b", "and/or 1/2 val/loss </td> https://github.com/a/b"),
        ("std::vector x::y a:b:c 1:2", "std::vector x::y a:b:c 1:2"),
        ("to ana@x.example now", "to [email] now"),
        ("at fe80::1 and 192.168.0.7:8080", "at [ip] and [ip]:8080"),
        ("127.0.0.1", "127.0.0.1"),
        ("in '/data/x/y'.", "in '[path]'."),
        ("gpu3.cluster.internal:22", "[host]:22"),
    ],
)
def test_places_are_told_from_what_only_looks_like_one(text: str, shown: str) -> None:
    assert hide_places(text, Counter()) == shown
    assert hide_places(shown, Counter()) == shown, "hiding twice changes nothing"


def test_a_metric_may_begin_with_a_slash() -> None:
    assert hide_in_name("/train/loss", Counter()) == "/train/loss"
    assert hide_in_name("/home/x/loss", Counter()) == "[path]"


def _head(run_id: str, started: float, user: str) -> Head:
    return Head(Run(run_id, run_id, "plain", ".", started=started, user=user), {})


def test_pseudonyms_stay_when_later_runs_are_added() -> None:
    first = [_head("b", 1.0, "berta"), _head("c", 2.0, "carl-x")]
    before = {name: one.word for name, one in Identities(first).known.items()}
    after = {name: one.word for name, one in Identities([_head("a", 3.0, "zed-q"), *first[::-1]]).known.items()}
    assert before == {name: after[name] for name in before}
    assert Identities(first).word("Berta") == "user-1"


def test_words_of_the_field_are_not_taken_for_people_inside_texts() -> None:
    names = Identities([_head("a", 1.0, "adam"), _head("b", 2.0, "root")])
    assert names.replaced("optimizer adam as root") == "optimizer adam as root"
    assert Veil("public", names).run(Run("a", "a", "plain", ".", user="adam")).user == ""


def test_two_metrics_that_become_equal_stay_two() -> None:
    import numpy as np

    from runpages.model import Series

    names = Identities([_head("a", 1.0, "berta"), _head("b", 2.0, "berta@x.example")])
    steps, values = np.arange(2), np.ones(2)
    run = Run("a", "a", "plain", ".", series=tuple(Series(n, steps, values) for n in ("berta/x", "BERTA/x", "y")))
    labels = [one.label for one in Veil("public", names).run(run).series]
    assert labels == ["user-1/x", "user-1/x~", "y"]


@pytest.mark.parametrize(
    ("key", "sort"),
    [
        ("mlflow.user", "user"),
        ("system.hostname", "host"),
        ("master_addr", "host"),
        ("num_users_max", None),
        ("hostility", None),
        ("lr", None),
    ],
)
def test_a_name_says_what_stands_under_it(key: str, sort: str | None) -> None:
    assert says(key) == sort


@pytest.mark.parametrize("wrong", ["", "nofield=3", "param:lr>big"])
def test_a_choice_that_makes_no_sense_says_the_way_out(wrong: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Choice([wrong])
    assert caught.value.note.hint


@pytest.mark.parametrize(
    ("term", "takes"),
    [
        ("a*", True), ("b", False), ("status=finished", True), ("status!=finished", False), ("param:lr>=0.1", True), ("param:lr<0.1", False),
        ("tag:shared=true", True), ("a param:lr=0.1", True), ("a param:lr=0.2", False), ("param:none=", True), ('name="a run"', True),
    ],
)  # fmt: skip
def test_a_choice_reads_fields_patterns_and_numbers(term: str, takes: bool) -> None:
    run = Run("a", "a run", "plain", "x", status="finished", params={"lr": 0.1}, tags={"shared": True})
    assert Choice([term]).takes(Head(run, {})) is takes
    assert Choice([], [term]).takes(Head(run, {})) is not takes

"""The audit names every field with its verdict, and the last scan refuses what is left."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import urllib.parse
from pathlib import Path

import pytest
from tests.privacy.planted import planted_run

from runpages.errors import RedactionRefused
from runpages.publish.plan import scan_site

TOKEN = "gh" + "p_" + "a1B2" * 9


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "runpages", *arguments], cwd=cwd, capture_output=True, text=True)


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    room = tmp_path_factory.mktemp("audit")
    planted_run(room / "runs" / "one")
    done = run("audit", "runs", "--json", "--show", "code.patch", cwd=room)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in room.iterdir()) == [".cache", "runs"]
    said = run("audit", "runs", cwd=room).stdout
    assert "params.lr" in said
    assert "qz" not in said
    return {one["field"]: one for one in json.loads(done.stdout)["fields"]}


def test_every_field_has_a_verdict_a_count_and_examples(audited: dict[str, dict[str, object]]) -> None:
    verdicts = {name: one["verdict"] for name, one in audited.items()}
    expected = {
        "params.lr": "shown",
        "metrics.val/loss": "shown",
        "tags.colour": "shown",
        "params.data_dir": "replaced",
        "notes": "replaced",
        "code.patch": "shown",
        "log": "hidden",
        "user": "hidden",
        "host": "hidden",
        "code.command": "hidden",
        "tags.mlflow.source.name": "hidden",
        "artifacts.train.py": "hidden",
        "artifacts.plot.png": "shown",
        "environment.package.qzpackage": "hidden",
    }
    assert {name: verdicts.get(name) for name in expected if name in verdicts} == {
        name: one for name, one in expected.items() if name in verdicts
    }
    assert {"params.lr", "notes", "log", "user", "host", "code.patch", "artifacts.plot.png"} <= set(verdicts)
    assert audited["params.data_dir"]["examples"] == ["[path]"]
    assert audited["params.lr"]["shown"] == 1


@pytest.mark.parametrize(
    "hidden",
    [
        TOKEN,
        f"{TOKEN[:9]}<b>{TOKEN[9:]}</b>",
        "".join(f"&#{ord(c)};" for c in TOKEN),
        urllib.parse.quote(TOKEN, safe="").replace("_", "%5F"),
        base64.b64encode(f"key = {TOKEN}".encode()).decode(),
        json.dumps(TOKEN).replace("_", "\\u005f"),
    ],
)
def test_a_secret_in_a_finished_file_is_found_one_level_below_its_coding(tmp_path: Path, hidden: str) -> None:
    (tmp_path / "index.html").write_text("fine")
    scan_site(tmp_path)
    (tmp_path / "index.html").write_text(f"<p>{hidden}</p>")
    with pytest.raises(RedactionRefused) as caught:
        scan_site(tmp_path)
    assert (caught.value.note.slug, caught.value.exit_code) == ("publish-secret", 5)
    assert TOKEN not in repr(caught.value.note)


def test_a_public_build_that_still_holds_a_secret_is_refused_and_the_old_site_stays(tmp_path: Path) -> None:
    planted_run(tmp_path / "runs" / "one")
    assert run("build", "runs", "-q", "--profile", "public", cwd=tmp_path).returncode == 0
    before = (tmp_path / "site" / "manifest.json").read_bytes()
    refused = run("build", "runs", "-q", "--profile", "public", "--title", f"about {TOKEN}", cwd=tmp_path)
    assert refused.returncode == 5
    assert "github-token" in refused.stderr
    assert TOKEN not in refused.stderr
    assert (tmp_path / "site" / "manifest.json").read_bytes() == before
    named = run("build", "runs", "-q", "--profile", "anonymous", "--title", "by Qzana", cwd=tmp_path)
    assert named.returncode == 5
    assert "'Qzana'" in named.stderr

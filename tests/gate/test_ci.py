"""The composite action and the GitLab template: every step run, with a runner's files, a bare repository and a loopback API."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.gate.conftest import Host, side, write_runs

from runpages.config import Config
from runpages.gate import check, rules_from
from runpages.gate.outputs import to_json

SHA = "0123456789abcdef0123456789abcdef01234567"
OLD = "fedcba9876543210fedcba9876543210fedcba98"


def git(*arguments: str, cwd: Path) -> str:
    ana = {
        f"GIT_{role}_{field}": value
        for role in ("AUTHOR", "COMMITTER")
        for field, value in (("NAME", "Ana"), ("EMAIL", "ana@lab.example"))
    }
    done = subprocess.run(
        ["git", *arguments], cwd=cwd, env={**os.environ, **ana}, capture_output=True, text=True, check=True
    )
    return done.stdout


class Runner:
    """Runs the action's steps as GitHub's runner would: conditions, env, the files steps write to."""

    def __init__(self, action: dict[str, Any], room: Path, inputs: dict[str, str], **environment: str) -> None:
        self.steps = action["runs"]["steps"]
        self.inputs = {name: str(one.get("default", "")) for name, one in action["inputs"].items()} | inputs
        self.outputs: dict[str, dict[str, str]] = {}
        self.room = room
        self.temp = room / "temp"
        self.temp.mkdir(parents=True, exist_ok=True)
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environment = {
            **os.environ,
            "PATH": path,
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_ACTIONS": "true",
            "GITHUB_REF_NAME": "main",
            **environment,
        }

    def value(self, words: str) -> str:
        """An expression's text: `${{ inputs.x }}`, `${{ steps.a.outputs.b }}`, `${{ github.token }}`."""

        def told(found: re.Match[str]) -> str:
            kind, *rest = found[1].strip().split(".")
            if kind == "steps":
                return self.outputs.get(rest[0], {}).get(rest[2], "")
            return self.inputs[rest[0]] if kind == "inputs" else {"token": "t0k"}[rest[0]]

        return re.sub(r"\$\{\{(.*?)\}\}", told, words)

    def wanted(self, step: dict[str, Any]) -> bool:
        """Whether the step's condition holds."""
        words = re.sub(
            r"(inputs|steps)\.[\w.-]+",
            lambda found: repr(self.value("${{ " + found[0] + " }}")),
            str(step.get("if", "True")),
        )
        words = words.replace("github.event_name", repr(self.environment.get("GITHUB_EVENT_NAME", ""))).replace(
            "&&", "and"
        )
        return bool(eval(words))  # noqa: S307  # the conditions of our own file

    def run(self, step: dict[str, Any]) -> subprocess.CompletedProcess[str]:
        """Run one step; its outputs are known to later ones."""
        files = {name: self.temp / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH")}
        files["GITHUB_OUTPUT"].write_text("")
        given = {name: self.value(str(value)) for name, value in step.get("env", {}).items()}
        environment = {**self.environment, **given, **{name: str(path) for name, path in files.items()}}
        done = subprocess.run(
            ["bash", "-c", step["run"]], cwd=self.room, env=environment, capture_output=True, text=True, check=False
        )
        told = (line.partition("=") for line in files["GITHUB_OUTPUT"].read_text().splitlines())
        self.outputs[step.get("id", step["name"])] = {name: value for name, _, value in told}
        return done

    def job(self) -> dict[str, subprocess.CompletedProcess[str]]:
        """Every step but the installation; stops at one that fails."""
        done = {}
        for step in self.steps:
            if "run" in step and step["name"] != "Install" and self.wanted(step):
                done[step["name"]] = self.run(step)
                if done[step["name"]].returncode:
                    break
        return done


@pytest.fixture(scope="module")
def action(tree: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((tree / "action.yml").read_text())
    return loaded


def test_no_input_reaches_a_script_but_through_its_environment(action: dict[str, Any]) -> None:
    for step in action["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
        assert step.get("shell") == ("bash" if "run" in step else None)
        if "uses" in step:
            assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", step["uses"])


def test_the_verdict_is_the_last_step_so_that_a_failing_gate_publishes(action: dict[str, Any]) -> None:
    names = [step["name"] for step in action["runs"]["steps"]]
    assert names[-2:] == ["Publish", "Verdict"]
    assert all(one.get("description") for one in [*action["inputs"].values(), *action["outputs"].values()])


def test_the_installation_puts_the_program_on_the_path(action: dict[str, Any], alone: Path) -> None:
    wheel = alone / "runpages-0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("runpages_stub.py", "def main():\n    print('stub')\n")
        archive.writestr("runpages-0.dist-info/METADATA", "Metadata-Version: 2.1\nName: runpages\nVersion: 0\n")
        archive.writestr("runpages-0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("runpages-0.dist-info/entry_points.txt", "[console_scripts]\nrunpages = runpages_stub:main\n")
        archive.writestr("runpages-0.dist-info/RECORD", "")
    install = next(step for step in action["runs"]["steps"] if step["name"] == "Install")
    runner = Runner(action, alone, {"version": str(wheel)})
    done = runner.run(install)
    assert done.returncode == 0, done.stderr
    bin_ = Path((runner.temp / "GITHUB_PATH").read_text().strip())
    assert subprocess.run([bin_ / "runpages"], capture_output=True, text=True, check=True).stdout == "stub\n"
    assert Runner(action, alone, {"version": "--index-url=https://evil.example"}).run(install).returncode == 2


@pytest.fixture
def checkout(alone: Path) -> Path:
    """A clone of a bare repository."""
    git("init", "--quiet", "--bare", "origin.git", cwd=alone)
    git("clone", "--quiet", "origin.git", "work", cwd=alone)
    return alone / "work"


def test_the_whole_flow_of_a_pull_request(action: dict[str, Any], checkout: Path, host: Host) -> None:
    # main publishes its report; nothing is compared
    write_runs(checkout / "runs", 0.9)
    (checkout / "runpages.toml").write_text('[gate.metrics]\n"val/accuracy" = {absolute = 0.005}\n')
    shared = {
        "runs": "runs",
        "title": "Digits",
        "publish": "git:origin#gh-pages",
        "private-ok": "true",
        "url": "https://lab.example/report/",
    }
    first = Runner(action, checkout, {**shared, "publish-to": "main/1"}, GITHUB_SHA=OLD, GITHUB_EVENT_NAME="push").job()
    assert {name: done.returncode for name, done in first.items()} == {"Build": 0, "Publish": 0}, first
    # a pull request trains worse
    for path in sorted((checkout / "runs").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    (checkout / "runs").rmdir()
    write_runs(checkout / "runs", 0.8, seed=1)
    (checkout / "event.json").write_text(json.dumps({"pull_request": {"number": 7}}))
    asked = {"baseline": "branch:gh-pages", "history": "branch:gh-pages", "comment": "true", "publish-to": "pr-7"}
    runner = Runner(
        action, checkout, {**shared, **asked}, GITHUB_SHA=SHA, GITHUB_EVENT_NAME="pull_request", GITHUB_HEAD_REF="worse",
        GITHUB_REPOSITORY="lab/digits", GITHUB_API_URL=host.url, GITHUB_EVENT_PATH=str(checkout / "event.json"),
    )  # fmt: skip
    host.comments = [{"id": n, "body": "talk"} for n in range(250)]
    done = runner.job()
    assert {name: one.returncode for name, one in done.items()} == {
        "Build": 0,
        "Check": 0,
        "Summary": 0,
        "Comment": 0,
        "Publish": 0,
        "Verdict": 3,
    }, done
    assert (runner.outputs["check"]["verdict"], runner.outputs["check"]["exit-code"]) == ("regressed", "3")
    assert "::error title=val/accuracy%3A regressed::" in done["Check"].stdout
    summary = (runner.temp / "GITHUB_STEP_SUMMARY").read_text()
    assert summary.startswith("## ▼ Digits: Regressed: val/accuracy 0.9")
    assert "branch:\u200bgh-pages, main/1, fedcba9" in summary
    assert host.comments[250]["body"].startswith("<!-- runpages -->\n## ▼ Digits: Regressed")
    # a second push edits the comment
    comment = next(step for step in runner.steps if step["name"] == "Comment")
    assert "edited" in runner.run(comment).stdout
    assert len(host.comments) == 251
    # both reports stand side by side, and the new one knows of the old
    names = git("ls-tree", "-r", "--name-only", "gh-pages", cwd=checkout.parent / "origin.git").splitlines()
    assert {"main/1/index.html", "pr-7/index.html", "pr-7/history.html", "main/1/data/report.json"} <= set(names)
    seen_in_the_site(checkout / "site")


def seen_in_the_site(site: Path) -> None:
    """What the second report says of the first."""
    assert "Since the last report" in (site / "index.html").read_text()
    assert "0.9" in (site / "history.html").read_text()
    entries = [json.loads(line) for line in (site / "data/history.jsonl").read_text().splitlines()]
    assert [(one["commit"], one["path"]) for one in entries] == [(OLD, "main/1"), (SHA, "")]
    assert [len(one["cells"][0]["values"]["val/accuracy"]) for one in entries] == [6, 6]
    feed = ElementTree.parse(site / "feed.xml").getroot()  # noqa: S314  # our own
    atom = "{http://www.w3.org/2005/Atom}"
    links = [str(link.get("href")) for link in feed.iter(f"{atom}link")]
    assert links == ["https://lab.example/report/", "https://lab.example/report/main/1/index.html"]
    badge = json.loads((site / "badge.json").read_text())
    assert (badge["schemaVersion"], badge["label"]) == (1, "val/accuracy")
    assert badge["message"].endswith("▼ worse")
    assert ElementTree.parse(site / "badge.svg").getroot().get("role") == "img"  # noqa: S314


def test_the_gitlab_template_does_the_same(tree: Path, alone: Path, host: Host) -> None:
    job = yaml.safe_load((tree / "templates" / "runpages.gitlab-ci.yml").read_text())[".runpages"]
    write_runs(alone / "runs", 0.8, seed=1)
    write_runs(alone / "old", 0.9)
    command = [sys.executable, "-m", "runpages", "export", "old", "--output", "old.jsonl"]
    subprocess.run(command, cwd=alone, check=True)
    given = {
        "RUNPAGES_RUNS": "runs",
        "RUNPAGES_BASELINE": "old.jsonl",
        "RUNPAGES_PUBLISH": "published",
        "RUNPAGES_URL": "https://lab.example/",
    }
    given |= {
        "CI_COMMIT_SHA": SHA,
        "CI_COMMIT_REF_NAME": "worse",
        "CI_PROJECT_ID": "42",
        "CI_API_V4_URL": host.url,
        "CI_MERGE_REQUEST_IID": "7",
        "RUNPAGES_TOKEN": "t0k",
    }
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    codes = []
    for script in job["script"]:
        done = subprocess.run(
            ["sh", "-c", script],
            cwd=alone,
            env={**os.environ, **job["variables"], **given, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        codes.append(done.returncode)
    assert codes == [0, 0, 0, 3]
    assert host.comments[0]["body"].startswith("<!-- runpages -->\n## ▼ Regressed")
    assert (alone / "published" / "index.html").is_file()
    assert ElementTree.parse(alone / "gate.xml").getroot().get("failures") == "1"  # noqa: S314
    assert (alone / "metrics.txt").read_text().endswith("# EOF\n")
    assert job["artifacts"]["when"] == "always"


FLOWS = ("report", "comment")


def workflow(tree: Path, name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((tree / "templates" / "github" / f"{name}.yml").read_text())
    return loaded


def steps_of(flow: dict[str, Any]) -> list[dict[str, Any]]:
    (job,) = flow["jobs"].values()
    steps: list[dict[str, Any]] = job["steps"]
    return steps


def test_code_of_a_fork_never_meets_a_token_that_may_write(tree: Path) -> None:
    report, comment = (workflow(tree, name) for name in FLOWS)
    assert report["permissions"] == {"contents": "read"}
    assert comment["permissions"]["pull-requests"] == "write"
    assert not [step for step in steps_of(comment) if "checkout" in step.get("uses", "")]
    for step in [*steps_of(report), *steps_of(comment)]:
        assert "${{" not in step.get("run", "")
        assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}|OWNER/runpages@COMMIT|", step.get("uses", ""))


@pytest.mark.parametrize(
    ("number", "head", "code"),
    [("7", SHA, 0), ("7", OLD, 6), ("8; rm -rf x", SHA, 1), ("", SHA, 1), ("999999999999999", SHA, 6)],
)
def test_a_forks_comment_is_written_only_where_it_belongs(
    tree: Path, alone: Path, host: Host, number: str, head: str, code: int
) -> None:
    host.head = head if number == "7" else "another"
    verdict = alone / "verdict"
    verdict.mkdir()
    (verdict / "gate.json").write_text(
        to_json(check(side({"acc": [0.5]}), side({"acc": [0.5]}), rules_from({}), Config()))
    )
    (verdict / "number").write_text(number)
    given = {"GITHUB_TOKEN": "t0k", "HEAD": SHA, "GITHUB_REPOSITORY": "lab/digits", "GITHUB_API_URL": host.url}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    script = steps_of(workflow(tree, "comment"))[-1]["run"]
    done = subprocess.run(
        ["bash", "-ec", script],
        cwd=alone,
        env={**os.environ, **given, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert len(host.comments) == (code == 0)


def test_the_verdict_is_handed_over_as_two_small_files(tree: Path, alone: Path) -> None:
    hand_over = next(
        step for step in steps_of(workflow(tree, "report")) if step.get("name", "").startswith("For the job")
    )
    (alone / "gate.json").write_text("{}")
    environment = {**os.environ, "RESULT": str(alone / "gate.json"), "NUMBER": "7"}
    subprocess.run(["bash", "-ec", hand_over["run"]], cwd=alone, env=environment, check=True)
    assert (alone / "verdict" / "number").read_text() == "7\n"
    assert (alone / "verdict" / "gate.json").read_text() == "{}"

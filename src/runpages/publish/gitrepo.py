"""Runs git in a bare repository of our own, reaching remotes the way the user's checkout would."""

from __future__ import annotations

import os
import re
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from runpages.errors import Note, TargetError
from runpages.redact import redact_text

# what a checkout knows about reaching its remotes: a token in CI, a proxy, a key
_SETTINGS = r"^(http|credential|url|core\.sshcommand|ssh)\."
_OF_A_CHECKOUT = frozenset(
    "GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_NAMESPACE GIT_PREFIX "
    "GIT_COMMON_DIR GIT_QUARANTINE_PATH GIT_SHALLOW_FILE".split()
)
_PROTECTED = (
    r"protected branch|GH006|GH013|hook declined|not allowed to (force )?push|deny updating|denying non-fast-forward|"
    r"refusing to update checked out branch"
)
_NO_LOGIN = (
    r"Authentication failed|could not read (Username|Password)|terminal prompts disabled|Permission denied|"
    r"error: 40[13]|Permission to .* denied|access denied|Host key verification failed"
)
_MISSING = (
    r"not found|does not exist|does not appear to be a git repository|Could not resolve host|unable to access|"
    r"Connection (refused|timed out)|No such remote|Could not read from remote|transport '.*' not allowed"
)
_REFUSALS = (
    (
        _PROTECTED,
        Note(
            "target-protected",
            "the server does not let this branch be written",
            hint="allow pushes to the branch, or publish to another one: git:origin#BRANCH",
        ),
    ),
    (
        _NO_LOGIN,
        Note(
            "target-auth",
            "the server refused the login",
            hint="try `git push` by hand; in CI give the job the right to write contents",
        ),
    ),
    (
        _MISSING,
        Note(
            "target-missing",
            "the repository cannot be reached",
            hint="check the address with `git ls-remote ADDRESS`",
        ),
    ),
)
_OVERTAKEN = re.compile(
    r"non-fast-forward|fetch first|stale info|cannot lock ref|failed to update ref|incorrect old value|"
    r"reference already exists|remote ref updated since|shallow update not allowed"
)


class Overtaken(Exception):
    """Somebody else pushed between our fetch and our push."""


@dataclass(frozen=True, slots=True)
class Git:
    """A bare repository of our own and the environment git runs in."""

    folder: Path
    environment: Mapping[str, str]

    def run(self, *arguments: str, feed: bytes = b"", cwd: Path | None = None) -> bytes:
        """What git prints. TargetError when it fails, Overtaken when a push came too late."""
        command = ["git", "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", *arguments]
        environment = {**self.environment, "GIT_DIR": str(self.folder)}
        try:
            done = subprocess.run(
                command, input=feed, capture_output=True, env=environment, cwd=cwd or self.folder, check=False
            )
        except FileNotFoundError as error:
            raise TargetError("git-missing", "git is not installed", hint="install git, or publish a zip") from error
        if done.returncode:
            raise failure(arguments[0], done.stderr.decode("utf-8", "replace"))
        return done.stdout


def failure(command: str, said: str) -> TargetError | Overtaken:
    """The error for what git said, without the password that an address may hold."""
    said = redact_text(said.strip(), Counter())
    if command == "push" and _OVERTAKEN.search(said) and "denying non-fast-forward" not in said:
        return Overtaken(said)
    for pattern, note in _REFUSALS:
        if re.search(pattern, said, re.IGNORECASE):
            return TargetError(note.slug, f"{note.what}: {said[-400:]}", kept="nothing was changed", hint=note.hint)
    return TargetError(
        "git-failed", f"git {command}: {said[-400:] or 'no message'}", kept="nothing was changed", hint="try it by hand"
    )


def environment_for(repository: Path) -> dict[str, str]:
    """The environment for git: no questions asked, no checkout, only common transports, the checkout's settings."""
    environment = {name: value for name, value in os.environ.items() if name not in _OF_A_CHECKOUT}
    environment |= {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh"}
    settings = _asked(repository, "config", "--local", "--includes", "--null", "--get-regexp", _SETTINGS)
    count = int(environment.get("GIT_CONFIG_COUNT") or 0)
    for setting in settings.split("\0"):
        if setting:
            key, _, value = setting.partition("\n")
            environment |= {f"GIT_CONFIG_KEY_{count}": key, f"GIT_CONFIG_VALUE_{count}": value}
            count += 1
    environment["GIT_CONFIG_COUNT"] = str(count)
    chosen = "GIT_SSH" in environment or _asked(repository, "config", "--get", "core.sshcommand")
    if "GIT_SSH_COMMAND" not in environment and not chosen:
        environment["GIT_SSH_COMMAND"] = "ssh -oBatchMode=yes"
    return environment


def _asked(repository: Path, *arguments: str) -> str:
    """What git says of the user's checkout; "" when there is none or it does not know."""
    try:
        done = subprocess.run(["git", "-C", str(repository), *arguments], capture_output=True, check=False)
    except FileNotFoundError:
        return ""
    return "" if done.returncode else os.fsdecode(done.stdout)


def address_of(where: str, repository: Path) -> str:
    """The address that a remote's name stands for; an address stays, a path becomes absolute."""
    if where.startswith("-"):
        raise TargetError("target-path", f"{where!r} is no repository", hint="git:origin#gh-pages")
    if "/" not in where and ":" not in where and not Path(where).is_dir():
        address = _asked(repository, "remote", "get-url", "--push", "--", where).strip()
        if not address or address.startswith("-"):
            raise TargetError(
                "target-missing",
                f"this checkout has no remote {where!r}",
                where=str(repository),
                hint="git remote add origin ADDRESS, or name the address: git+https://HOST/PATH#BRANCH",
            )
        top = _asked(repository, "rev-parse", "--show-toplevel").strip()
        return _absolute(address, Path(top or repository))
    return _absolute(where, Path.cwd())


def _absolute(address: str, base: Path) -> str:
    if "://" in address or re.match(r"[\w.@-]+:", address):
        return address
    return str((base / address).resolve())


def identity(repository: Path, *, anonymous: bool) -> dict[str, str]:
    """Who commits, as environment: the checkout's user, else this program; always this program when anonymous."""
    made = {}
    for field, fallback in (("name", "runpages"), ("email", "runpages@localhost")):
        value = "" if anonymous else _asked(repository, "config", "--get", f"user.{field}").strip()
        for role in ("AUTHOR", "COMMITTER"):
            variable = f"GIT_{role}_{field.upper()}"
            given = "" if anonymous else os.environ.get(variable, "")
            made[variable] = given or value or fallback
    return made


def shown(address: str) -> str:
    """An address as it may be printed: without a password, without a token."""
    return redact_text(address, Counter())

"""Keeps one comment on a pull request or merge request up to date: found by a hidden mark, edited in place."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from runpages.errors import TargetError

PAGE = 100
PAGES = 100  # 10,000 comments; nobody reads further
SECONDS = 30


@dataclass(frozen=True, slots=True)
class Thread:
    """Where to comment: the host's API, the project there, the number of the request, and what lets us in."""

    host: Literal["github", "gitlab"]
    api: str
    project: str
    number: int
    token: str

    @property
    def comments(self) -> str:
        """The address of the request's comments."""
        if self.host == "github":
            return f"{self.api}/repos/{self.project}/issues/{self.number}/comments"
        return f"{self.api}/projects/{quote(self.project, safe='')}/merge_requests/{self.number}/notes"

    def comment(self, number: int) -> str:
        """The address of one comment."""
        if self.host == "github":
            return f"{self.api}/repos/{self.project}/issues/comments/{number}"
        return f"{self.comments}/{number}"


def thread_from(environment: Mapping[str, str], number: int | None = None) -> Thread:
    """The thread that the job at hand is about, by what GitHub or GitLab tells their jobs. Raises TargetError."""
    if environment.get("GITHUB_REPOSITORY"):
        token = environment.get("GITHUB_TOKEN", "")
        found = number or _github_number(environment)
        thread = Thread(
            "github", environment.get("GITHUB_API_URL", "https://api.github.com"), environment["GITHUB_REPOSITORY"], found, token
        )  # fmt: skip
    elif environment.get("CI_PROJECT_ID"):
        token = environment.get("RUNPAGES_TOKEN") or environment.get("GITLAB_TOKEN", "")
        iid = environment.get("CI_MERGE_REQUEST_IID", "")
        found = number or (int(iid) if iid.isdecimal() else 0)
        thread = Thread(
            "gitlab", environment.get("CI_API_V4_URL", "https://gitlab.com/api/v4"), environment["CI_PROJECT_ID"], found, token
        )  # fmt: skip
    else:
        raise _nowhere("neither GITHUB_REPOSITORY nor CI_PROJECT_ID is set", "run this in a job of GitHub or GitLab")
    if urlsplit(thread.api).scheme not in ("http", "https") or not re.fullmatch(r"[\w.-]+(/[\w.-]+)*", thread.project):
        raise _nowhere(f"{thread.api} {thread.project} is no place for a comment", "check the job's environment")
    if not thread.number:
        raise _nowhere("this job belongs to no pull request", "name one with --pull-request NUMBER")
    if not token:
        name = "GITHUB_TOKEN" if thread.host == "github" else "RUNPAGES_TOKEN (a project access token, api scope)"
        raise _nowhere("no token", f"put one into the environment as {name}")
    return thread


def _github_number(environment: Mapping[str, str]) -> int:
    try:
        event = json.loads(Path(environment["GITHUB_EVENT_PATH"]).read_bytes())
    except (KeyError, OSError, ValueError):
        return 0
    found = event.get("pull_request") if isinstance(event, dict) else None
    number = found.get("number") if isinstance(found, dict) else None
    return number if isinstance(number, int) and number > 0 else 0


def post_comment(thread: Thread, body: str, mark: str = "runpages") -> Literal["edited", "posted"]:
    """Edit the first comment that begins with our mark, or post one; says which. Raises TargetError."""
    watermark = f"<!-- {re.sub(r'[^a-z0-9 ._:/-]', '', mark.lower())} -->"
    content = {"body": f"{watermark}\n{body}"}
    held = _find(thread, watermark)
    if held is None:
        _ask(thread, "POST", thread.comments, content)
        return "posted"
    _ask(thread, "PATCH" if thread.host == "github" else "PUT", thread.comment(held), content)
    return "edited"


def _find(thread: Thread, watermark: str) -> int | None:
    """The comment that is ours: it begins with the mark (a quotation does not), a bot's before a person's."""
    found: dict[bool, int] = {}
    for page in range(1, PAGES + 1):
        some = _ask(thread, "GET", f"{thread.comments}?per_page={PAGE}&page={page}&sort=asc")
        if not isinstance(some, list):
            raise _failed(thread, "the host answered with no list of comments")
        for one in some:
            if (
                isinstance(one, dict)
                and str(one.get("body", "")).startswith(watermark)
                and isinstance(one.get("id"), int)
            ):
                author = one.get("user") or one.get("author") or {}
                found.setdefault(author.get("type") == "Bot", one["id"])
        if len(some) < PAGE:
            break
    return found.get(True, found.get(False))


def head_of(thread: Thread) -> str:
    """The commit a pull request is at: what a job that trusts nobody compares a number it was told with."""
    if thread.host == "github":
        answer = _ask(thread, "GET", f"{thread.api}/repos/{thread.project}/pulls/{thread.number}")
        return str(answer.get("head", {}).get("sha", ""))
    answer = _ask(thread, "GET", thread.comments.removesuffix("/notes"))
    return str(answer.get("sha", ""))


def _ask(thread: Thread, method: str, url: str, content: Mapping[str, Any] | None = None) -> Any:
    headers = {"Content-Type": "application/json", "User-Agent": "runpages", "Accept": "application/json"}
    if thread.host == "github":
        headers |= {"Authorization": f"Bearer {thread.token}", "Accept": "application/vnd.github+json"}
    else:
        headers["PRIVATE-TOKEN"] = thread.token
    data = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310  # http(s): checked in thread_from
    try:
        with _OPENER.open(request, timeout=SECONDS) as answer:
            return json.loads(answer.read(50_000_000) or b"{}")
    except urllib.error.HTTPError as error:
        with error:
            said = error.read(300).decode("utf-8", "replace")
        raise _failed(thread, f"{method} was answered with {error.code}: {' '.join(said.split())[:200]}") from error
    except (OSError, ValueError) as error:
        raise _failed(thread, f"{method} failed: {str(error)[:200]}") from error


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token goes to the host it was meant for, and no further."""

    def redirect_request(self, *_: Any) -> None:
        """Follow nothing."""


_OPENER = urllib.request.build_opener(_NoRedirect)


def _failed(thread: Thread, what: str) -> TargetError:
    return TargetError(
        "comment-failed",
        what,
        where=f"{thread.project}, request {thread.number}",
        kept="the report, and the comment as it was",
        hint="the job needs the right to write to pull requests (`permissions: pull-requests: write`); forks: docs/guide/ci.md",
    )


def _nowhere(what: str, hint: str) -> TargetError:
    return TargetError("comment-where", what, kept="no comment was written", hint=hint)

"""One comment, kept up to date: on GitHub and GitLab, among many, without trusting anybody."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.gate.conftest import Host

from runpages.errors import TargetError
from runpages.publish.comment import head_of, post_comment, thread_from


def environment(host: Host, kind: str) -> dict[str, str]:
    if kind == "github":
        return {"GITHUB_REPOSITORY": "lab/digits", "GITHUB_API_URL": host.url, "GITHUB_TOKEN": "t0k"}
    return {"CI_PROJECT_ID": "42", "CI_API_V4_URL": host.url, "RUNPAGES_TOKEN": "t0k", "CI_MERGE_REQUEST_IID": "7"}


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_a_comment_is_posted_once_and_then_edited(host: Host, kind: str) -> None:
    thread = thread_from(environment(host, kind), 7)
    assert [post_comment(thread, "one"), post_comment(thread, "two")] == ["posted", "edited"]
    assert [one["body"] for one in host.comments] == ["<!-- runpages -->\ntwo"]
    assert [method for method, _ in host.calls] == ["GET", "POST", "GET", {"github": "PATCH", "gitlab": "PUT"}[kind]]
    assert host.tokens == {{"github": "Bearer t0k", "gitlab": "t0k"}[kind]}


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_it_is_found_among_250_comments(host: Host, kind: str) -> None:
    host.comments = [{"id": n, "body": f"comment {n}"} for n in range(250)]
    host.comments[237]["body"] = "<!-- runpages -->\nold"
    assert post_comment(thread_from(environment(host, kind), 7), "new") == "edited"
    assert host.comments[237]["body"].endswith("new")
    assert len(host.comments) == 250
    assert len(host.calls) == 4


def test_a_quotation_and_another_mark_are_not_ours(host: Host) -> None:
    host.comments = [{"id": 1, "body": "> <!-- runpages -->"}, {"id": 2, "body": "<!-- runpages gpu -->\nother"}]
    thread = thread_from(environment(host, "github"), 7)
    assert post_comment(thread, "mine") == "posted"
    assert post_comment(thread, "gpu", "runpages gpu") == "edited"
    assert [one["body"] for one in host.comments[:2]] == ["> <!-- runpages -->", "<!-- runpages gpu -->\ngpu"]


def test_a_bots_comment_goes_before_a_persons(host: Host) -> None:
    host.comments = [
        {"id": 1, "body": "<!-- runpages --> not you", "user": {"type": "User"}},
        {"id": 2, "body": "<!-- runpages -->\n", "user": {"type": "Bot"}},
    ]
    post_comment(thread_from(environment(host, "github"), 7), "new")
    assert host.comments[0]["body"].endswith("not you")
    assert host.comments[1]["body"].endswith("new")


def test_the_number_comes_from_the_event(host: Host, tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 31}}))
    thread = thread_from({**environment(host, "github"), "GITHUB_EVENT_PATH": str(event)})
    assert thread.number == 31
    host.head = "beef"
    assert head_of(thread) == "beef"
    assert thread_from(environment(host, "gitlab")).number == 7


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"GITHUB_REPOSITORY": "lab/digits", "GITHUB_TOKEN": "t"},
        {"GITHUB_REPOSITORY": "../../x y", "GITHUB_TOKEN": "t", "CI_MERGE_REQUEST_IID": "1"},
        {"CI_PROJECT_ID": "1", "CI_MERGE_REQUEST_IID": "1"},
        {"CI_PROJECT_ID": "1", "CI_MERGE_REQUEST_IID": "1", "RUNPAGES_TOKEN": "t", "CI_API_V4_URL": "file:///etc"},
    ],
)
def test_without_a_place_or_a_token_nothing_is_asked(given: dict[str, str]) -> None:
    with pytest.raises(TargetError) as error:
        thread_from(given)
    assert error.value.note.slug == "comment-where"
    assert error.value.note.hint


def test_a_refusal_says_what_is_missing(host: Host) -> None:
    host.refuse = 403
    with pytest.raises(TargetError, match=r"403: .*not accessible") as error:
        post_comment(thread_from(environment(host, "github"), 7), "x")
    assert "pull-requests: write" in error.value.note.hint
    assert error.value.exit_code == 6


def test_a_host_that_is_not_there_is_an_error_of_ours(host: Host) -> None:
    thread = thread_from(environment(host, "github"), 7)
    host.server.shutdown()
    host.server.server_close()
    with pytest.raises(TargetError, match="GET failed"):
        post_comment(thread, "x")

"""Where a run's code is: repository and commit on their forge, and what was changed and not committed, file by file."""

from __future__ import annotations

import re
from typing import Any

from runpages.model import Code
from runpages.views import text
from runpages.views.run_pairs import LONG
from runpages.views.run_text import plain_line

PATCH = 400  # lines of a patch on a page
FILES = 60
_REPOSITORY = re.compile(
    r"(?:https?://(?:[^@/\s]*@)?|(?:ssh|git)(?:\+ssh)?://(?:[\w.-]+@)?|(?:[\w.-]+@))"
    r"([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::\d{1,5}(?=/))?[/:]([\w.~-]+(?:/[\w.~-]+)+)",
    re.IGNORECASE,
)
_CREDENTIALS = re.compile(r"(?<=://)[^@/\s]*@")
# the way to a commit on forges that anyone can have a server of, by the host's first word, and of those of their own
_OWN = {"gitlab": "-/commit", "gitea": "commit", "forgejo": "commit"}
_FORGES = {
    "github.com": "commit",
    "gitlab.com": "-/commit",
    "codeberg.org": "commit",
    "bitbucket.org": "commits",
    "git.sr.ht": "commit",
    "huggingface.co": "commit",
    "gitea.com": "commit",
    "gitee.com": "commit",
    "gitlab.gnome.org": "-/commit",
    "invent.kde.org": "-/commit",
    "salsa.debian.org": "-/commit",
}


def code_view(code: Code) -> list[dict[str, str]]:
    """The rows of a code section, those that the tracker recorded; a repository of the web and a known commit with their URL."""
    dirty = {None: "", True: "with changes that were not committed", False: "nothing left to commit"}[code.dirty]
    repository = _CREDENTIALS.sub("", code.repository)
    rows = [
        ("repository", repository, repository_url(code) or (repository if web(repository) else "")),
        ("commit", code.commit, commit_url(code)),
        ("branch", code.branch, ""),
        ("state", dirty, ""),
        ("entry point", code.entry_point, ""),
    ]
    return [{"name": name, "text": text.shortened(words, LONG), "url": url} for name, words, url in rows if words]


def repository_url(code: Code) -> str:
    """The repository's page on its forge, however it was cloned; "" for hosts we do not know."""
    found = _on_forge(code.repository)
    return f"https://{found[0]}/{found[1]}" if found else ""


def commit_url(code: Code) -> str:
    """The commit's page on its forge, for hosts we know how to ask; "" otherwise."""
    found = _on_forge(code.repository)
    if not found or not re.fullmatch(r"[0-9a-f]{7,64}", code.commit):
        return ""
    return f"https://{found[0]}/{found[1]}/{found[2]}/{code.commit}"


def _on_forge(repository: str) -> tuple[str, str, str] | None:
    """Host, path and the way to a commit there."""
    found = _REPOSITORY.fullmatch(repository.rstrip("/").removesuffix(".git"))
    if not found:
        return None
    host = found[1].lower()
    way = _FORGES.get(host) or (_OWN.get(host.partition(".")[0]) if host.count(".") >= 2 else None)
    return (host, found[2], way) if way else None


def web(url: str) -> bool:
    """Whether a link may be followed from a page: the web only, and no name or password in it."""
    return bool(re.fullmatch(r"https?://[^\s@/\"'<>\\]+(?:/[^\s\"'<>\\]*)?", url))


def patch_view(patch: str, most: int = PATCH) -> dict[str, Any] | None:
    """The patch by file with what each line does: add, del, hunk, file or ""; None without a patch. `most` lines are shown."""
    if not patch.strip():
        return None
    lines = patch.splitlines()
    parts = _parts(lines)
    shown: list[dict[str, Any]] = []
    room = most
    for part in parts[:FILES]:
        kept = part[: max(0, room)]
        room -= len(part)
        counts = {does: sum(_does(line) == does for line in part) for does in ("add", "del")}
        rows = [{"does": _does(line), "text": plain_line(line)} for line in kept]
        shown.append({"name": _name(part), "lines": rows, "added": counts["add"], "deleted": counts["del"]})
    return {
        "parts": shown,
        "total": len(lines),
        "left_out": max(0, len(lines) - sum(len(part["lines"]) for part in shown)),
        "files": len(parts),
        "added": sum(_does(line) == "add" for line in lines),
        "deleted": sum(_does(line) == "del" for line in lines),
    }


def _parts(lines: list[str]) -> list[list[str]]:
    """The lines of each file: at `diff` lines, or at `---` before `+++` where there are none."""
    by_diff = any(line.startswith("diff ") for line in lines)
    parts: list[list[str]] = [[]]
    for at, line in enumerate(lines):
        following = lines[at + 1] if at + 1 < len(lines) else ""
        starts = line.startswith("diff ") if by_diff else line.startswith("--- ") and following.startswith("+++ ")
        if starts and parts[-1]:
            parts.append([])
        parts[-1].append(line)
    return parts


def _name(part: list[str]) -> str:
    """The file a part of a patch is about, as the patch says it; "" when it does not."""
    for mark, cut in (("+++ ", "b/"), ("--- ", "a/")):
        told = next((line[len(mark) :].split("\t")[0].strip() for line in part if line.startswith(mark)), "")
        if told and told != "/dev/null":
            return text.shortened(plain_line(told.removeprefix(cut)), 200)
    words = part[0].split(" b/") if part and part[0].startswith("diff ") else []
    return text.shortened(plain_line(words[-1]), 200) if len(words) > 1 else ""


def _does(line: str) -> str:
    if line.startswith(("diff ", "index ", "+++ ", "--- ", "new file", "deleted file", "rename ", "similarity ")):
        return "file"
    return {"+": "add", "-": "del", "@": "hunk"}.get(line[:1], "")

"""One run, whole: everything its page shows, as plain data."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from runpages.errors import Note
from runpages.frames import Line, Member
from runpages.media import MediaShelf
from runpages.model import Artifact, Code, Run, Scalar
from runpages.redact import redact_text
from runpages.views import text
from runpages.views.run_media import media_view
from runpages.views.run_metrics import charts_view, figures, metrics_view
from runpages.views.run_text import log_view, patch_view

SOURCES = 40
LONG = 400  # characters of a value shown at once
_WORDS = {
    "finished": "Finished",
    "failed": "Failed",
    "killed": "Stopped before its end",
    "running": "Still running at build time",
    "unknown": "No word on how it ended",
}
_FORGES = frozenset({"github.com", "gitlab.com", "codeberg.org", "bitbucket.org", "huggingface.co", "gitea.com"})
_PACKAGE = "package."
_REPOSITORY = re.compile(r"(?:https://(?:[^@/\s]+@)?|(?:ssh://)?git@)([a-z0-9.-]+)[/:]([\w.~-]+(?:/[\w.~-]+)+)")


@dataclass(frozen=True)
class Subject:
    """The run of a page with what the report knows around it: relations to other runs, metric columns, its curves."""

    member: Member
    run: Run
    about: Mapping[str, Any]
    columns: Mapping[str, Mapping[str, Any]]
    lines: Mapping[str, Line]
    tracker: str


def run_view(subject: Subject, shelf: MediaShelf) -> dict[str, Any]:
    """What the template `run` shows. Files that it refers to are on the shelf afterwards."""
    run, about, head = subject.run, subject.about, subject.member.head
    ref = about["run"]
    media = media_view(run, head.root, shelf, ref["color"])
    view: dict[str, Any] = {
        "root": "../",
        "about": about,
        "id": subject.member.id,
        "name": ref["name"],
        "status": _status(run, head.stats),
        "quiet": _quiet(run, subject.tracker),
        "figures": figures(head, subject.columns, about["ranks"], run.group),
        "notes_markdown": run.notes,
        "charts": charts_view(subject.member.number, ref, subject.columns, subject.lines),
        "metrics": metrics_view(head, subject.columns, subject.lines),
        "params": _params(run, about["differing"]),
        "results": pairs({name: value for name, value in run.results.items() if name not in head.stats}),
        "tags": pairs(run.tags),
        "links": [{"name": name, "url": url if web(url) else "", "text": url} for name, url in run.links.items()],
        "log": log_view(run.log),
        "log_file": _aside("console.log", run.log, shelf, head.root),
        "patch": patch_view(run.code.patch),
        "patch_file": _aside("local.patch", run.code.patch, shelf, head.root),
        "code": _code(run.code),
        "command": text.shortened(run.code.command, 4_000),
        "environment": _environment(run.environment),
        "source": _source(subject.member),
        "warnings": [_note(note) for note in subject.member.notes],
        **media,
    }
    return view | {"sections": sections(view)}


def sections(view: Mapping[str, Any]) -> list[dict[str, str]]:
    """The contents list: the sections that have something to show, in their order on the page."""
    media = ("images", "media", "tables", "charted", "frames", "drawn", "texts", "damaged")
    every = [
        ("about", "Notes", bool(view["notes_markdown"].strip())),
        ("changed", "What changed", bool(view["about"]["compare"])),
        ("charts", "Charts", any(view["charts"].values())),
        ("media", "Media", any(view[name] for name in media)),
        ("metrics", "Metrics", view["metrics"]["total"] > 0),
        ("params", "Parameters", bool(view["params"]["rows"])),
        ("results", "Results", bool(view["results"])),
        ("tags", "Tags and links", bool(view["tags"] or view["links"] or view["about"]["children"])),
        ("log", "Log", view["log"] is not None),
        ("code", "Code", bool(view["code"] or view["command"] or view["patch"])),
        ("environment", "Environment", bool(view["environment"]["facts"] or view["environment"]["packages"])),
        ("files", "Files", bool(view["files"])),
        ("source", "Source", True),
        (
            "warnings",
            "What could not be read" if _lost(view["warnings"]) else "Notes of the reader",
            bool(view["warnings"]),
        ),
    ]
    return [{"id": name, "title": title} for name, title, there in every if there]


def _lost(warnings: Sequence[Mapping[str, Any]]) -> bool:
    return any(one["level"] != "info" for one in warnings)


def _status(run: Run, stats: Mapping[str, Any]) -> dict[str, str]:
    words = _WORDS[run.status]
    if run.status == "running" and stats:
        words += f", last step {text.count(max(stat.last_step for stat in stats.values()))}"
    return {"name": run.status, "words": words, "reason": text.shortened(run.reason, 2_000)}


def _quiet(run: Run, tracker: str) -> list[dict[str, str]]:
    """The line below the title: when, how long, who, with what."""
    lasted = "" if run.started is None or run.ended is None else text.duration(max(0.0, run.ended - run.started))
    parts = [
        ("started", text.date(run.started) if run.started is not None else "", text.iso(run.started)),
        ("took", lasted, ""),
        ("by", " on ".join(one for one in (run.user, run.host) if one), ""),
        ("with", tracker, ""),
        ("commit", run.code.commit[:10], run.code.commit),
    ]
    return [
        {"label": label, "text": words, "full": full, "url": commit_url(run.code) if label == "commit" else ""}
        for label, words, full in parts
        if words
    ]


def _params(run: Run, differing: Sequence[str]) -> dict[str, Any]:
    """Params that differ within the group first, each part by name as the run has them."""
    telling = set(differing)
    rows = [{**one, "differs": one["name"] in telling} for one in pairs(run.params)]
    return {"rows": sorted(rows, key=lambda one: not one["differs"]), "differing": sum(one["differs"] for one in rows)}


def pairs(mapping: Mapping[str, Scalar]) -> list[dict[str, str]]:
    """Names and values as words: numbers rounded, with every digit in `full`; long texts cut, the rest in `full`."""
    return [_pair(name, value) for name, value in mapping.items()]


def _pair(name: str, value: Scalar) -> dict[str, str]:
    whole = text.full(value)
    shown = text.number(value)
    return {
        "name": name,
        "text": text.shortened(shown, LONG),
        "full": "" if whole == shown and len(shown) <= LONG else whole[:4_000],
    }


def _code(code: Code) -> list[dict[str, str]]:
    dirty = {None: "", True: "with changes that were not committed", False: "nothing left to commit"}[code.dirty]
    rows = [
        ("repository", code.repository, code.repository if web(code.repository) else ""),
        ("commit", code.commit, commit_url(code)),
        ("branch", code.branch, ""),
        ("state", dirty, ""),
        ("entry point", code.entry_point, ""),
    ]
    return [{"name": name, "text": text.shortened(words, LONG), "url": url} for name, words, url in rows if words]


def commit_url(code: Code) -> str:
    """The commit's page on its forge, for hosts we know how to ask; "" otherwise."""
    found = _REPOSITORY.fullmatch(code.repository.rstrip("/").removesuffix(".git"))
    if not found or found[1] not in _FORGES or not re.fullmatch(r"[0-9a-f]{7,64}", code.commit):
        return ""
    middle = {"gitlab.com": "-/commit", "bitbucket.org": "commits"}.get(found[1], "commit")
    return f"https://{found[1]}/{found[2]}/{middle}/{code.commit}"


def web(url: str) -> bool:
    """Whether a link may be followed from a page: the web only, and no name or password in it."""
    return bool(re.fullmatch(r"https?://[^\s@/\"'<>\\]+(?:/[^\s\"'<>\\]*)?", url))


def _environment(environment: Mapping[str, Scalar]) -> dict[str, Any]:
    packages = {name.removeprefix(_PACKAGE): value for name, value in environment.items() if name.startswith(_PACKAGE)}
    facts = {name: value for name, value in environment.items() if not name.startswith(_PACKAGE)}
    return {"facts": pairs(facts), "packages": pairs(dict(sorted(packages.items(), key=lambda item: item[0].lower())))}


def _aside(name: str, content: str, shelf: MediaShelf, root: Path) -> str:
    """The URL of a text in full, when the page shows only a part of it."""
    if len(content) < 20_000 and content.count("\n") < 390:
        return ""
    artifact = Artifact(name, "text", "", data=content.encode("utf-8", "replace"))
    return shelf.put(artifact, root)[0].url


def _source(member: Member) -> dict[str, Any]:
    """Which files the run was read from, below the scanned folder."""
    source = member.source
    names = []
    for path in source.files[:SOURCES]:
        inside = path.is_relative_to(source.root)
        names.append(PurePosixPath(path.relative_to(source.root)).as_posix() if inside else path.name)
    # a token may be a file's name too
    names = ["the whole folder" if name == "." else redact_text(name, Counter()) for name in names]
    return {
        "place": redact_text(source.key, Counter()),
        "reader": source.reader,
        "files": names,
        "more": max(0, len(source.files) - SOURCES),
    }


def _note(note: Note) -> dict[str, Any]:
    return {
        "id": "",
        "level": note.level,
        "what": note.what,
        "where": note.where,
        "kept": note.kept,
        "hint": note.hint,
        "run": None,
    }
